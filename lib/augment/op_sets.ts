import type { OpName } from "./ops.ts";

/**
 * Which ops a method draws from and how: `reference` is what the published LayerMix code does,
 * `corrected` scales its magnitudes as AugMix means them, `pil` works on bytes as Pillow does, which
 * is what the published PixMix, IPMix and AugMix codes use.
 */
export const opSetNames = ["reference", "corrected", "pil"] as const;
/** One of them. */
export type OpSet = typeof opSetNames[number];

const corrected: readonly OpName[] = [
  "equalize",
  "posterize",
  "solarize",
  "autocontrast",
  "grayscale",
  "rotate",
  "shear_x",
  "shear_y",
  "translate_x",
  "translate_y",
];

/** The ops of AugMix and PixMix. */
const pil: readonly OpName[] = [
  "pil_autocontrast",
  "equalize",
  "pil_posterize",
  "pil_rotate",
  "pil_solarize",
  "pil_shear_x",
  "pil_shear_y",
  "pil_translate_x",
  "pil_translate_y",
];

/** What methods draw from; the order is part of a seed's meaning. */
export const opSets: Readonly<Record<OpSet, readonly OpName[]>> = {
  reference: [
    "equalize",
    "posterize",
    "posterize_increasing",
    "solarize",
    "solarize_increasing",
    "autocontrast",
    "grayscale",
    "rotate",
    "shear_x",
    "shear_y",
    "translate_x",
    "translate_y",
  ],
  corrected,
  pil,
};

/** The ops of IPMix where they are Pillow's. */
export const ipmixPilOps: readonly OpName[] = [
  "equalize",
  "pil_posterize",
  "pil_rotate",
  "pil_solarize",
  "pil_shear_x",
  "pil_shear_y",
  "pil_translate_x",
  "pil_translate_y",
  "horizontal_flip",
  "pil_invert",
];

/** Ops that overlap with the corruptions of CIFAR-C and ImageNet-C: only used where asked for. */
export const extraOps: Readonly<Record<OpSet, readonly OpName[]>> = {
  reference: ["color", "contrast", "brightness", "sharpness"],
  corrected: ["color", "contrast", "brightness", "sharpness"],
  pil: ["pil_color", "pil_contrast", "pil_brightness", "pil_sharpness"],
};
