import { CorruptPictures } from "../data/corrupt_pictures.ts";
import { listFiles } from "../data/picture_folder.ts";
import type { EvaluationView } from "../data/view.ts";
import type { ClassPictures } from "./class_pictures.ts";
import { namesDigest, viewWords } from "./corruption_trees.ts";
import { joined, type Originals } from "./made_pictures.ts";

/**
 * The pictures of a folder or pack, to be corrupted when they are read: after resizing and cropping,
 * and with the random numbers that `layermix corrupt --images` takes for the same folder, of which
 * every picture keeps its place among all files.
 */
export async function streamedOriginals(
  { source, numbers, count, labels, fingerprint }: ClassPictures,
  view: EvaluationView,
): Promise<Originals> {
  const { resize, size } = view;
  const places = source.shared.kind === "tree" ? await placesIn(source.path) : undefined;
  const numberOf = (i: number) => numbers?.[i] ?? i;
  const corrupt = new CorruptPictures(source.path, source.count);
  return {
    ...{ count, labels, fingerprint, width: size, height: size, view: viewWords(view) },
    names: namesDigest({ count, name: (i) => source.name(numberOf(i)) }),
    pictures: { source: source.shared, resize, crop: size },
    async make(pool, spec, first, some, unreadable) {
      const replies = await Promise.all(Array.from({ length: some }, async (_, i) => {
        const number = numberOf(first + i), name = source.name(number);
        const index = places?.get(name) ?? number;
        return { number, name, ...await pool.run({ ...spec, number, index }) };
      }));
      return joined(replies.map(({ number, name, bytes, unreadable: reason }) => {
        if (reason === undefined) return bytes!;
        corrupt.add(number, { name, reason });
        unreadable?.({ name, reason });
        // Of a video nothing, since one that is black all the time would not flip.
        return new Uint8Array(pool.makesFrames ? 0 : 3 * size * size);
      }));
    },
  };
}

/** The place of each file, by its path, among all files below a folder. */
async function placesIn(folder: string): Promise<Map<string, number>> {
  const { files } = await listFiles(folder);
  return new Map(files.map((name, place) => [name, place]));
}
