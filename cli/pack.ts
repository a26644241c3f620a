import { Command } from "@commander-js/extra-typings";
import { readClassList } from "../lib/data/class_list.ts";
import { type PackResult, writePack } from "../lib/data/pack/write_pack.ts";
import { openPictureTree } from "../lib/data/picture_tree.ts";
import { listenForInterrupts } from "./interrupt.ts";
import { integer } from "./options.ts";
import { formatSeconds, type Progress, progress } from "./progress.ts";

const example = `
Examples:
  layermix pack imagenet/train train.pack --classes imagenet-200
  layermix pack imagenet/val val.pack --classes imagenet-200 --size 256

The folder has one folder for each class with its pictures (JPEG, PNG, WebP) in it. A pack is about
260 kB a picture, and is read eleven times as fast as JPEG files are.`;

/** How many unreadable files are named. */
const SHOWN = 3;

/** `layermix pack`: a folder of pictures as one file that is read fast. */
export function pack() {
  return new Command("pack")
    .description("Pack a folder of pictures by class into one file, decoded and resized.")
    .argument("<folder>", "holds a folder for each class")
    .argument("<out>", "the file to write; nothing may be there")
    .option("--classes <list>", "imagenet-200, or a file with a class's folder on each line")
    .option("--size <pixels>", "of the shorter side", integer(8, 1024), 256)
    .option("--workers <n>", "threads; by default one for each processor", integer(1, 256))
    .option("--quiet", "print nothing but errors")
    .option("--json", "print progress and what was made as JSON")
    .addHelpText("after", example)
    .action(async (folder, out, { classes, size, workers, quiet, json }) => {
      const interrupt = new AbortController();
      const stopListening = listenForInterrupts(interrupt, "removing what was written");
      const began = performance.now();
      let bar: Progress | undefined;
      try {
        const list = classes === undefined ? undefined : await readClassList(classes);
        const source = await openPictureTree(folder, { classes: list });
        const result = await writePack(source, out, {
          ...{ size, workers: workers ?? navigator.hardwareConcurrency, signal: interrupt.signal },
          progress(done, skipped) {
            bar ??= progress({ total: source.count, unit: "pictures", quiet, json });
            bar.update(done, skipped > 0 ? { skipped: String(skipped) } : {});
          },
        });
        bar?.finish();
        const seconds = (performance.now() - began) / 1000;
        if (json) console.log(JSON.stringify({ out, ...described(result), seconds }));
        else if (!quiet) console.log(conclude(out, result, seconds));
      } catch (error) {
        if (!interrupt.signal.aborted) throw error;
        bar?.finish();
        console.error("stopped; nothing was written");
        Deno.exitCode = 130;
      } finally {
        bar?.finish();
        stopListening();
      }
    });
}

function described({ header, bytes, skipped }: PackResult) {
  const { size, count, classes, fingerprint } = header;
  return { pictures: count, classes: classes.length, size, bytes, fingerprint, skipped };
}

function conclude(out: string, { header, bytes, skipped }: PackResult, seconds: number): string {
  const { count, classes } = header;
  const made = `${count} pictures of ${classes.length} classes in ${out}, ` +
    `${(bytes / 1e6).toFixed(1)} MB, ${formatSeconds(seconds)}`;
  if (skipped.length === 0) return made;
  const shown = skipped.slice(0, SHOWN).map(({ name }) => name).join(", ");
  const files = skipped.length === 1
    ? "1 file left out that holds"
    : `${skipped.length} files left out that hold`;
  return `${made}; ${files} no readable picture: ${shown}` + (skipped.length > SHOWN ? ", …" : "");
}
