import assert from "node:assert/strict";
import type { MethodName } from "../../lib/augment/methods.ts";
import type { PicturePlan } from "../../lib/augment/plan.ts";
import type { Draw } from "../../lib/report/draws.ts";
import { explain, explainJson } from "../../lib/report/explain.ts";
import { describeBlend, describeValue } from "../../lib/report/words.ts";
import { cifarNormalization } from "../../lib/robustness/predict.ts";

const picture = { width: 4, height: 3, rgba: new Uint8Array(48) };
const subjects = {
  ...{ title: "pictures", padding: 4, normalization: cifarNormalization },
  pictures: [{ index: 7, name: "frog", picture }, { index: 9, name: "deer", picture }],
};
const context = { seed: 2, subjects, mixing: { files: ["a.png", "b/c.png"] } };

function drawOf(method: MethodName, plan: Omit<PicturePlan, "index" | "epoch">): Draw {
  const subject = subjects.pictures[0]!;
  return { method, subject, epoch: 3, plan: { index: 7, epoch: 2, ...plan }, picture };
}

const crop = { top: 1, left: 6, flip: true };
const mixed: PicturePlan["stages"] = [
  {
    a: { from: 0, op: "rotate", value: 12.04 },
    b: { from: 0, op: "equalize" },
    blend: { kind: "multiply", a: 0.87654, b: 0.3 },
    to: 1,
  },
  {
    a: { from: 1 },
    b: { from: "mixing" },
    blend: { kind: "random_elems", keep: 0.25 },
    within: { top: 1, left: 0, width: 3, height: 2 },
    bytes: true,
    to: 0,
  },
  { a: { from: 0, op: "pil_translate_x", value: 2 }, to: "output" },
];

Deno.test("explain() tells crop, mixing picture and steps in the order in which they happen", () => {
  const mixing = { picture: 1, top: 5, left: 6, upsideDown: true, gray: true };
  const draw = drawOf("layermix", { crop, mixing, stages: mixed });
  assert.equal(
    explain(draw, context),
    `layermix of picture 7 (frog), seed 2, epoch 3, 4 x 3 pixels
  crop     mirrored, moved by 3 down and 2 left
  mixing   b/c.png (number 1), cut from row 5, column 6, upside down, in grey
  step 1   p = rotate(crop), 12 degrees counter-clockwise
           q = equalize(crop)
           multiply a 0.877 b 0.3: (2p)^a (2q)^b / 2
  step 2   p = step 1
           q = mixing
           random_elems keep 0.25: each channel of a pixel is p's with probability keep, else q's
           only in 3 x 2 pixels from row 1, column 0; elsewhere p
           rounded down to whole bytes
  step 3   pil_translate_x(step 2), 2 pixels left`,
  );
});

Deno.test("explain() tells of a partner, an erased part, and nothing but a crop", () => {
  const partner = { index: 9, place: 1, crop: { top: 4, left: 4, flip: false }, weight: 0.4 };
  const blend = { kind: "weigh", a: 0.6, b: 0.4 } as const;
  const pair = drawOf("mixup", {
    ...{ crop, partner },
    stages: [{ a: { from: 0 }, b: { from: "partner" }, blend, to: "output" }],
  });
  assert.deepEqual(explain(pair, context).split("\n").slice(2), [
    "  partner  picture 9 (deer), not mirrored, not moved; 40 % of the label",
    "  step 1   p = crop",
    "           q = partner",
    "           weigh a 0.6 b 0.4: a p + b q",
  ]);
  const here = { from: 0 };
  const within = { top: 0, left: 1, width: 2, height: 3 };
  const erased = drawOf("random_erasing", {
    crop,
    stages: [{ a: here, b: here, blend: { kind: "erase" }, within, to: "output" }],
  });
  assert.match(
    explain(erased, context),
    /\n {2}step 1 {3}erase 2 x 3 pixels from row 0, column 1 of crop: the mean color, [^\n]*$/,
  );
  const plain = drawOf("baseline", { crop: { ...crop, flip: false }, stages: [] });
  const unpadded = { ...context, subjects: { ...subjects, padding: 0 } };
  assert.equal(explain(plain, unpadded).split("\n")[1], "  crop     not mirrored");
});

Deno.test("explainJson() gives the plan on one line, epochs counted from 1", () => {
  const mixing = { picture: 1, top: 5, left: 6 };
  const line = explainJson(drawOf("layermix", { crop, mixing, stages: mixed }), context);
  assert(!line.includes("\n"));
  assert.deepEqual(JSON.parse(line), {
    ...{ method: "layermix", seed: 2, name: "frog", width: 4, height: 3, index: 7, epoch: 3, crop },
    mixing: { file: "b/c.png", ...mixing },
    stages: mixed,
  });
});

Deno.test("values have their units and directions", () => {
  const words = (op: string, value?: number) =>
    describeValue({ from: 0, op, value } as Parameters<typeof describeValue>[0]);
  assert.equal(words("equalize"), "");
  assert.equal(words("posterize", 1), "to 1 bit");
  assert.equal(words("solarize", 0.123456), "from 0.123 of 1");
  assert.equal(words("pil_solarize", 180), "from 180 of 255");
  assert.equal(words("pil_rotate", -3), "3 degrees clockwise");
  assert.equal(words("shear_y", -0.05), "slope -0.05");
  assert.equal(words("translate_y", -1.5), "1.5 pixels up");
  assert.equal(words("pil_translate_y", -2), "2 pixels down");
  assert.equal(words("pil_translate_x", 1), "1 pixel left");
  assert.equal(words("pil_color", 1.5), "factor 1.5");
  assert.equal(words("of the future", 4), "4");
  assert.equal(describeBlend({ kind: "erase" }), "erase");
});
