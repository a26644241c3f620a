import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { CheckpointError } from "../checkpoint/error.ts";
import { imagenet1k, imagenet200 } from "../data/class_list.ts";

/** What says which classes a network of large pictures has. */
export interface ClassesOptions {
  /** Names of the folders of all classes, in the order of the network's outputs. */
  classes?: readonly string[];
  /** How many classes the network must have. */
  numClasses?: number;
}

/**
 * The names of a network's classes in the order of its outputs: as its file says; else as the options
 * do; else the folders of the test set, where there are as many; else those of ImageNet-1k or of
 * ImageNet-R, where the network has 1000 or 200.
 *
 * @param there folders of the test set, in order
 * @throws {CheckpointError} when none of them fits, or the file was trained on small pictures
 */
export function networkClasses(
  { file, header, tensors }: Checkpoint,
  { classes, numClasses }: ClassesOptions,
  there: readonly string[],
): readonly string[] {
  if (header && header.dataset !== "imagenet") {
    throw new CheckpointError(
      `Cannot evaluate ${file}: it was trained on ${header.dataset}; use layermix evaluate cifar`,
    );
  }
  const outputs = header?.classes.length ?? tensors.get("fc.weight")?.shape[0];
  const expect = (count: number, flag: string) => {
    if (outputs === undefined || outputs === count) return;
    throw new CheckpointError(
      `Cannot evaluate ${file}: expected a network of ${count} classes, as ${flag} says, but ` +
        `found ${outputs}`,
    );
  };
  if (classes) expect(classes.length, "--classes");
  if (numClasses) expect(numClasses, "--num-classes");
  if (header) {
    const other = classes?.find((name) => !header.classes.includes(name));
    if (other === undefined) return header.classes;
    throw new CheckpointError(
      `Cannot evaluate ${file}: expected the classes of --classes but found none named ${other}`,
    );
  }
  if (classes) return classes;
  const lists = [there, imagenet1k, imagenet200];
  const known = lists.find(({ length }) => length === (outputs ?? numClasses));
  if (known) return known;
  throw new CheckpointError(
    `Cannot evaluate ${file}: it has ${outputs} classes, but does not name them; give --classes`,
  );
}
