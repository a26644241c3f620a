import { augmixLayout, type AugmixOptions, planAugmix } from "./augmix.ts";
import { planBaseline } from "./baseline.ts";
import { opsOf } from "./draw_ops.ts";
import { ipmixLayout, ipmixOps, type IpmixOptions, planIpmix } from "./ipmix.ts";
import { layermixLayout, type LayermixOptions, planLayermix } from "./layermix.ts";
import type { MixingPictures } from "./mixing.ts";
import type { OpName } from "./ops.ts";
import type { PicturePlan } from "./plan.ts";
import { pixmixLayout, type PixmixOptions, planPixmix } from "./pixmix.ts";
import { planRandomErasing, randomErasingLayout } from "./random_erasing.ts";
import type { MethodLayout } from "./schedule.ts";

/** How a picture is augmented. */
export const methodNames = [
  "layermix",
  "pixmix",
  "ipmix",
  "augmix",
  "random_erasing",
  "baseline",
] as const;
export type MethodName = typeof methodNames[number];

/** What any method's draws depend on; each uses its own part. Sizes are in pixels. */
export interface MethodOptions
  extends LayermixOptions, PixmixOptions, IpmixOptions, AugmixOptions {}

/** What a user may choose of that. */
export type MethodSettings = Pick<
  MethodOptions,
  | "ops"
  | "allOps"
  | "magnitude"
  | "blendingRatio"
  | "k"
  | "t"
  | "mixtureWidth"
  | "mixtureDepth"
>;

/** A way to augment pictures. */
export interface Method {
  /** Whether it needs a mixing set. */
  mixing: boolean;
  /** The published settings for small pictures (CIFAR). */
  defaults: MethodSettings;
  layout(options: MethodOptions): MethodLayout;
  /** The ops that its plans may have. */
  ops(options: MethodOptions): readonly OpName[];
  plan(
    options: MethodOptions,
    mixing: MixingPictures | undefined,
    index: number,
    epoch: number,
  ): PicturePlan;
}

/** What the methods have in common; those that do not use a setting ignore it. */
const common: MethodSettings = {
  ops: "pil",
  allOps: false,
  magnitude: 3,
  blendingRatio: 3,
  k: 3,
  t: 3,
  mixtureWidth: 3,
  mixtureDepth: 0,
};

/** All methods by name. */
export const methods: Readonly<Record<MethodName, Method>> = {
  layermix: {
    mixing: true,
    defaults: { ...common, ops: "reference" },
    layout: () => layermixLayout,
    ops: (options) => opsOf(options),
    plan: (options, mixing, index, epoch) => planLayermix(options, mixing!, index, epoch),
  },
  pixmix: {
    mixing: true,
    defaults: { ...common, allOps: true, k: 4 },
    layout: pixmixLayout,
    ops: (options) => opsOf(options),
    plan: (options, mixing, index, epoch) => planPixmix(options, mixing!, index, epoch),
  },
  ipmix: {
    mixing: true,
    defaults: common,
    layout: ipmixLayout,
    ops: ipmixOps,
    plan: (options, mixing, index, epoch) => planIpmix(options, mixing!, index, epoch),
  },
  augmix: {
    mixing: false,
    defaults: common,
    layout: augmixLayout,
    ops: (options) => opsOf(options),
    plan: (options, _mixing, index, epoch) => planAugmix(options, index, epoch),
  },
  random_erasing: {
    mixing: false,
    defaults: common,
    layout: () => randomErasingLayout,
    ops: () => [],
    plan: (options, _mixing, index, epoch) => planRandomErasing(options, index, epoch),
  },
  baseline: {
    mixing: false,
    defaults: common,
    layout: () => ({ phases: ["unary"], slots: 1, temporaries: 0, jobs: 1 }),
    ops: () => [],
    plan: (options, _mixing, index, epoch) => planBaseline(options, index, epoch),
  },
};
