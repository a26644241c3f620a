import assert from "node:assert/strict";
import type { Checkpoint, CheckpointHeader } from "../../lib/checkpoint/checkpoint.ts";
import { imagenet1k, imagenet200 } from "../../lib/data/class_list.ts";
import { type ClassesOptions, networkClasses } from "../../lib/robustness/network_classes.ts";

/** A file that layermix did not write, of so many outputs. */
function plain(outputs: number): Checkpoint {
  const fc = { dtype: "F32" as const, shape: [outputs, 512], data: new Float32Array(0) };
  return { file: "a.pth", sha256: "", tensors: new Map([["fc.weight", fc]]) };
}

const named = (classes: string[], dataset = "imagenet"): Checkpoint => ({
  ...plain(classes.length),
  header: { dataset, classes } as unknown as CheckpointHeader,
});

const refuses = (checkpoint: Checkpoint, options: ClassesOptions, message: RegExp) =>
  assert.throws(() => networkClasses(checkpoint, options, []), message);

Deno.test("a network's classes are those that its file names", () => {
  assert.deepEqual(networkClasses(named(["bee", "ant"]), {}, ["x", "y"]), ["bee", "ant"]);
  const options = { classes: ["ant", "bee"], numClasses: 2 };
  assert.deepEqual(networkClasses(named(["bee", "ant"]), options, []), ["bee", "ant"]);
  refuses(
    named(["ant", "bee"]),
    { classes: ["ant", "cat"] },
    /--classes but found none named cat$/,
  );
  refuses(
    named(["ant", "bee"]),
    { numClasses: 200 },
    /of 200 classes, as --num-classes says, but fo/,
  );
  refuses(
    named(["ant"], "cifar10"),
    {},
    /^CheckpointError: .*trained on cifar10; use layermix evaluate cifar$/,
  );
});

Deno.test("of a file that names none they are as asked for, as there are folders, or as published", () => {
  assert.deepEqual(networkClasses(plain(2), { classes: ["bee", "ant"] }, ["x", "y"]), [
    "bee",
    "ant",
  ]);
  assert.deepEqual(networkClasses(plain(2), {}, ["x", "y"]), ["x", "y"]);
  assert.equal(networkClasses(plain(1000), {}, ["x", "y"]), imagenet1k);
  assert.equal(networkClasses(plain(200), { numClasses: 200 }, []), imagenet200);
  refuses(plain(3), {}, /a\.pth: it has 3 classes, but does not name them; give --classes$/);
  refuses(plain(1000), { numClasses: 200 }, /a network of 200 classes, .* but found 1000$/);
  refuses(
    plain(3),
    { classes: ["ant"] },
    /a network of 1 classes, as --classes says, but found 3$/,
  );
});
