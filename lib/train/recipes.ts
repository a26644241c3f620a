import type { TrainFlags } from "./flags.ts";

/** What a published recipe sets; all else is as the defaults of its data sets have it. */
export type Recipe = Partial<TrainFlags>;

/** All methods were published with: 100 epochs, batch 128, rate 0.1, decay 5e-4, a WRN-40-4. */
const wideResNet404: Recipe = { model: "wrn", layers: 40, widenFactor: 4, droprate: 0.3 };

/**
 * The published recipes for CIFAR by name. The common ones are LayerMix's for all methods it compares;
 * PixMix's, AugMix's and IPMix's are their own papers'.
 *
 * Sources: LayerMix (arXiv 2501.04861), PixMix (arXiv 2112.05135), AugMix (arXiv 1912.02781), IPMix
 * (arXiv 2310.04780) and their published codes.
 */
export const cifarRecipes = {
  "layermix-cifar": { ...wideResNet404, method: "layermix" },
  "pixmix-cifar": { ...wideResNet404, method: "pixmix", ops: "pil", allOps: true },
  "ipmix-cifar": { ...wideResNet404, method: "ipmix", ops: "pil", jsd: true },
  "augmix-cifar": {
    ...{ model: "wrn", layers: 40, widenFactor: 2, droprate: 0 },
    ...{ method: "augmix", ops: "pil", jsd: true },
  },
  "random_erasing-cifar": { ...wideResNet404, method: "random_erasing" },
  "mixup-cifar": { ...wideResNet404, method: "mixup" },
  "cutmix-cifar": { ...wideResNet404, method: "cutmix" },
  "baseline-cifar": { ...wideResNet404, method: "baseline" },
} as const satisfies Record<string, Recipe>;

/** The common ones: a ResNet-50, 90 epochs, batch 128, rate 0.01. */
const resNet50: Recipe = { model: "imagenet_resnet50" };

/** The published recipes for ImageNet by name; sources as of those for CIFAR. */
export const imageNetRecipes = {
  "layermix-imagenet": { ...resNet50, method: "layermix" },
  "pixmix-imagenet": { ...resNet50, method: "pixmix", ops: "pil", allOps: true },
  "ipmix-imagenet": { ...resNet50, method: "ipmix", ops: "pil", jsd: true },
  "augmix-imagenet": { ...resNet50, method: "augmix", ops: "pil", jsd: true },
  "random_erasing-imagenet": { ...resNet50, method: "random_erasing" },
  "mixup-imagenet": { ...resNet50, method: "mixup" },
  "cutmix-imagenet": { ...resNet50, method: "cutmix" },
  "baseline-imagenet": { ...resNet50, method: "baseline" },
} as const satisfies Record<string, Recipe>;

/** All of both. */
export const recipes: typeof cifarRecipes & typeof imageNetRecipes = {
  ...cifarRecipes,
  ...imageNetRecipes,
};
/** One of them. */
export type RecipeName = keyof typeof recipes;

/**
 * What a recipe and the flags that were typed say together: the typed ones win, and with another
 * network or method than the recipe's, what the recipe says of its own does not count.
 */
export function withRecipe(name: RecipeName, given: Partial<TrainFlags>): Partial<TrainFlags> {
  const { layers, widenFactor, droprate, ops, allOps, jsd, ...common }: Recipe = recipes[name];
  const isOwn = (flag: "model" | "method") =>
    given[flag] === undefined || given[flag] === common[flag];
  const stated = {
    ...common,
    ...(isOwn("model") ? { layers, widenFactor, droprate } : {}),
    ...(isOwn("method") ? { ops, allOps, jsd } : {}),
  };
  const known = Object.entries(stated).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(known), ...given };
}
