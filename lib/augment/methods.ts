import { augmixLayout, type AugmixOptions, planAugmix } from "./augmix.ts";
import { planBaseline } from "./baseline.ts";
import { opsOf } from "./draw_ops.ts";
import { ipmixLayout, ipmixOps, type IpmixOptions, planIpmix } from "./ipmix.ts";
import { layermixLayout, type LayermixOptions, planLayermix } from "./layermix.ts";
import type { MixingSizes } from "./mixing.ts";
import type { OpName } from "./ops.ts";
import { cutMix, mixUp, pairMixingLayout, type PairMixingOptions } from "./pair_mixing.ts";
import type { PicturePlan } from "./plan.ts";
import { pixmixLayout, type PixmixOptions, planPixmix } from "./pixmix.ts";
import { planRandomErasing, randomErasingLayout } from "./random_erasing.ts";
import type { MethodLayout } from "./jobs.ts";

/** How a picture is augmented. */
export const methodNames = [
  "layermix",
  "pixmix",
  "ipmix",
  "augmix",
  "random_erasing",
  "mixup",
  "cutmix",
  "baseline",
] as const;
/** One of them. */
export type MethodName = typeof methodNames[number];

/** What any method's draws depend on; each uses its own part. Sizes are in pixels. */
export interface MethodOptions
  extends LayermixOptions, PixmixOptions, IpmixOptions, AugmixOptions, PairMixingOptions {}

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
  | "grayMixing"
  | "alpha"
>;

/** A way to augment pictures. */
export interface Method {
  /** Whether it needs a mixing set. */
  mixing: boolean;
  /** Whether one picture may be drawn several times in a batch, to train for equal answers. */
  views: boolean;
  /** Whether it is published with AugMix's loss, which compares views of a picture. */
  jsd?: boolean;
  /** The published settings for small pictures (CIFAR). */
  defaults: MethodSettings;
  /** What the published settings for large pictures (ImageNet) differ in. */
  largeDefaults?: Partial<MethodSettings>;
  layout(options: MethodOptions): MethodLayout;
  /** The ops that its plans may have. */
  ops(options: MethodOptions): readonly OpName[];
  plan(
    options: MethodOptions,
    mixing: MixingSizes | undefined,
    index: number,
    epoch: number,
    view?: number,
  ): PicturePlan;
  /** Makes the plans of a batch into plans that mix its pictures with each other. */
  pair?(options: MethodOptions, plans: readonly PicturePlan[]): PicturePlan[];
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
  grayMixing: false,
  alpha: 1,
};

const pairs = {
  mixing: false,
  views: false,
  defaults: common,
  layout: () => pairMixingLayout,
  ops: () => [],
  plan: (options, _mixing, index, epoch) => planBaseline(options, index, epoch),
} satisfies Method;

/** All methods by name. */
export const methods: Readonly<Record<MethodName, Method>> = {
  layermix: {
    mixing: true,
    views: true,
    defaults: { ...common, ops: "reference" },
    layout: () => layermixLayout,
    ops: (options) => opsOf(options),
    plan: (options, mixing, ...draw) => planLayermix(options, mixing!, ...draw),
  },
  pixmix: {
    mixing: true,
    views: true,
    defaults: { ...common, allOps: true, k: 4 },
    largeDefaults: { blendingRatio: 4, magnitude: 1 },
    layout: pixmixLayout,
    ops: (options) => opsOf(options),
    plan: (options, mixing, ...draw) => planPixmix(options, mixing!, ...draw),
  },
  ipmix: {
    mixing: true,
    views: true,
    jsd: true,
    defaults: common,
    layout: ipmixLayout,
    ops: ipmixOps,
    plan: (options, mixing, ...draw) => planIpmix(options, mixing!, ...draw),
  },
  augmix: {
    mixing: false,
    views: true,
    jsd: true,
    defaults: common,
    largeDefaults: { magnitude: 1 },
    layout: augmixLayout,
    ops: (options) => opsOf(options),
    plan: (options, _mixing, ...draw) => planAugmix(options, ...draw),
  },
  random_erasing: {
    mixing: false,
    views: true,
    defaults: common,
    layout: () => randomErasingLayout,
    ops: () => [],
    plan: (options, _mixing, ...draw) => planRandomErasing(options, ...draw),
  },
  mixup: { ...pairs, pair: mixUp },
  cutmix: { ...pairs, pair: cutMix },
  baseline: {
    mixing: false,
    views: false,
    defaults: common,
    layout: () => ({ slots: 1, temporaries: 0, tables: 0, rounds: 1, jobs: 1, blends: [] }),
    ops: () => [],
    plan: (options, _mixing, index, epoch) => planBaseline(options, index, epoch),
  },
};
