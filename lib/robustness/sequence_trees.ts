import { join } from "node:path";
import { CorruptPictures } from "../data/corrupt_pictures.ts";
import { fingerprint } from "../data/dataset.ts";
import { cannotRead, DataError, some } from "../data/error.ts";
import { openNpy } from "../data/npy.ts";
import { type ClassFiles, foldersIn, listTree } from "../data/picture_tree.ts";
import type { Picture } from "../data/pixels.ts";
import { drawView, planView } from "../data/view.ts";
import { agreement } from "./class_pictures.ts";
import { tellClasses, type TreeOptions, viewWords } from "./corruption_trees.ts";
import { folderTimes } from "./folder_times.ts";
import { joined } from "./made_pictures.ts";
import { readBlocks } from "./made_record.ts";
import { sequenceFile, sequenceNamesAt } from "./sequence_files.ts";
import type { SequenceSource } from "./source.ts";
import { isNoise, sequenceNames } from "./suites.ts";
import { openVideoDecoder, type VideoDecoder } from "./video_frames.ts";

/** What a video is in. */
const VIDEOS = { kind: ".mp4 or .npy video", pattern: /\.(mp4|npy)$/i };
/** No video of the benchmark is nearly as long. */
const MOST_FRAMES = 1000;

/** The videos of one sequence. */
interface Videos {
  name: string;
  path: string;
  files: ClassFiles;
  /** Of each. */
  frames: number;
  corrupt: CorruptPictures;
}

/**
 * Opens ImageNet-P's layout, `<sequence>/<class>/<video>.mp4`, or what `layermix corrupt p --images`
 * writes, with `.npy` for each video. MP4 needs the program ffmpeg. All videos of a sequence must have
 * as many frames as the first one.
 *
 * @throws {DataError} when the folder cannot be read, holds no sequence, or other classes, when there
 * is no ffmpeg where it is needed, or the first video of a sequence cannot be read
 */
export async function openSequenceTrees(
  folder: string,
  difficulty: number,
  options: TreeOptions & { workers?: number },
): Promise<SequenceSource> {
  const all = [...sequenceNames.test, ...sequenceNames.validation];
  const { severities: [own], pictures } = await readBlocks(folder, [1]);
  const there = await foldersIn(folder, "a folder (--imagenet-p-dir)");
  const names = all.filter((name) => there.includes(sequenceFile(name, difficulty, own!)));
  if (names.length === 0) {
    const found = there.length ? some(there, 3) : "none";
    throw cannotRead(folder, `folders such as ${all[0]}`, `${found}; is it the right folder?`);
  }
  const reader = new VideoReader(options);
  let stamp = "";
  const sequences: Videos[] = [], missing = new Set<string>(), unknown = new Set<string>();
  for (const name of names) {
    const path = join(folder, sequenceFile(name, difficulty, own!));
    const agreed = agreement(path, await foldersIn(path, "a folder of classes"), options.classes);
    agreed.missing.forEach((one) => missing.add(one));
    agreed.unknown.forEach((one) => unknown.add(one));
    const files = await listTree(path, { classes: agreed.known, files: VIDEOS });
    const frames = await reader.count(join(path, files.names.at(0)));
    const step = isNoise(name) ? 1 : difficulty;
    if (frames <= step) {
      throw cannotRead(join(path, files.names.at(0)), `more than ${step} frames`, `${frames}`);
    }
    const corrupt = new CorruptPictures(path, files.labels.length);
    sequences.push({ name, path, files, frames, corrupt });
    stamp += await folderTimes(path, agreed.known);
  }
  tellClasses(folder, options, [...missing], [...unknown]);
  const told = sequences.map(({ name, frames, files }) => [name, frames, files.fingerprint]);
  return {
    description: {
      from: folder,
      pictures: `${pictures}, ${viewWords(options.view)}`,
      found: sequences.map(({ name, frames, files: { labels: { length: videos } } }) => {
        return { name, videos, frames };
      }),
      unknown_files: there.filter((name) => !sequenceNamesAt(own!).includes(name)),
      ...(missing.size ? { missing_classes: [...missing].sort() } : {}),
      ...(unknown.size ? { unknown_classes: [...unknown].sort() } : {}),
      fingerprint: fingerprint(
        new TextEncoder().encode(JSON.stringify([difficulty, pictures, told])),
      ),
    },
    stamp,
    async read(name, first, count, unreadable) {
      const { path, files, frames, corrupt } = sequences.find((one) => one.name === name)!;
      const numbers = Array.from({ length: count }, (_, i) => first + i);
      const videos = await reader.readAll(
        numbers.map((number) => join(path, files.names.at(number))),
        frames,
      );
      return joined(videos.map((video, i) => {
        if (!(video instanceof DataError)) return video;
        const picture = { name: files.names.at(numbers[i]!), reason: video.message };
        corrupt.add(numbers[i]!, picture);
        unreadable?.(picture);
        return new Uint8Array(0);
      }));
    },
    close: () => Promise.resolve(),
  };
}

/** Reads videos as a network sees them, several at a time. */
class VideoReader {
  #decoder?: Promise<VideoDecoder>;

  constructor(private readonly options: Pick<TreeOptions, "view"> & { workers?: number }) {}

  /** How many frames a video has. */
  async count(path: string): Promise<number> {
    let frames = 0;
    for await (const _ of this.#frames(path)) frames++;
    return frames;
  }

  /** Bytes r, g, b (frames × size × size × 3) of each video, or why it cannot be read. */
  async readAll(paths: readonly string[], frames: number): Promise<(Uint8Array | DataError)[]> {
    const { workers = navigator.hardwareConcurrency } = this.options;
    const videos: (Uint8Array | DataError)[] = [];
    let next = 0;
    await Promise.all(Array.from({ length: workers }, async () => {
      while (next < paths.length) {
        const place = next++;
        videos[place] = await this.#read(paths[place]!, frames).catch((error) => {
          if (error instanceof DataError) return error;
          throw error;
        });
      }
    }));
    return videos;
  }

  async #read(path: string, frames: number): Promise<Uint8Array> {
    const { view } = this.options, pixels = view.size * view.size;
    const rgb = new Uint8Array(3 * frames * pixels), rgba = new Uint8Array(4 * pixels);
    let frame = 0;
    for await (const { width, height, rgba: data } of this.#frames(path)) {
      if (frame === frames) throw cannotRead(path, `${frames} frames`, "more");
      const picture = { width, height, channels: 4, data } as const;
      drawView(picture, planView(view, picture, 0, 0), rgba);
      const start = 3 * frame++ * pixels;
      for (let i = 0; i < 3 * pixels; i++) rgb[start + i] = rgba[4 * Math.floor(i / 3) + i % 3]!;
    }
    if (frame < frames) throw cannotRead(path, `${frames} frames`, `${frame}`);
    return rgb;
  }

  async *#frames(path: string): AsyncGenerator<Picture, void> {
    if (/\.npy$/i.test(path)) return yield* npyFrames(path);
    const decoder = await (this.#decoder ??= openVideoDecoder());
    let count = 0;
    for await (const picture of decoder.frames(path)) {
      if (++count > MOST_FRAMES) throw cannotRead(path, `at most ${MOST_FRAMES} frames`, "more");
      yield picture;
    }
  }
}

async function* npyFrames(path: string): AsyncGenerator<Picture, void> {
  const file = await openNpy(path, { types: ["|u1"], shape: [null, null, null, 3] });
  try {
    const [frames, height, width] = file.shape as [number, number, number];
    if (frames > MOST_FRAMES) throw cannotRead(path, `at most ${MOST_FRAMES} frames`, `${frames}`);
    for (let frame = 0; frame < frames; frame++) {
      const rgb = await file.read(frame, 1);
      const rgba = new Uint8Array(rgb.length / 3 * 4).fill(255);
      for (let i = 0; i < rgb.length; i++) rgba[i + Math.floor(i / 3)] = rgb[i]!;
      yield { width, height, rgba };
    }
  } finally {
    await file.close();
  }
}
