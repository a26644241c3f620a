import { Gpu } from "../gpu/device.ts";
import type { AugmentOptions } from "./augmenter.ts";
import type { AugmenterOptions, CommonAugmenterOptions } from "./augmenter_options.ts";
import { type MethodName, methodNames, methods, type MethodSettings } from "./methods.ts";

type Common = keyof CommonAugmenterOptions | "method";
/** The union's member for each method, distributed, so that each method's own keys are found. */
type OptionsOf<Name, Options = AugmenterOptions> = Options extends { method: infer Names }
  ? Name extends Names ? Options : never
  : never;

const common: Readonly<Record<Common, true>> = {
  ...{ method: true, gpu: true, width: true, height: true, batch: true, seed: true },
  ...{ padding: true, mean: true, std: true },
};
const drawn = { views: true, ops: true, allOps: true, magnitude: true } as const;
const mixed = {
  ...drawn,
  ...{ mixing: true, mixingMemory: true, blendingRatio: true, grayMixing: true } as const,
};

/** The settings of each method besides the common ones. */
const own: { readonly [Name in MethodName]: Record<Exclude<keyof OptionsOf<Name>, Common>, true> } =
  {
    layermix: mixed,
    pixmix: { ...mixed, k: true },
    ipmix: { ...mixed, k: true, t: true },
    augmix: { ...drawn, mixtureWidth: true, mixtureDepth: true },
    random_erasing: { views: true },
    mixup: { alpha: true },
    cutmix: { alpha: true },
    baseline: {},
  };

/** The settings of a method that have a default: those that `--method` heeds on the command line. */
export function heededSettings(method: MethodName): readonly (keyof MethodSettings)[] {
  const known: object = methods[method].defaults;
  return Object.keys(own[method]).filter((name): name is keyof MethodSettings => name in known);
}

/**
 * Fills in the published settings, and refuses what the types do, for callers without them; ranges
 * are checked by `recordAugment`.
 *
 * @throws {RangeError} naming the setting that is unknown or of the wrong type, and what it may be
 */
export function completeOptions(options: AugmenterOptions): AugmentOptions {
  const { method } = options;
  if (!methodNames.includes(method)) {
    throw refusal("method", `one of ${methodNames.join(", ")}`, method);
  }
  const defaults = { padding: 4, mean: [0, 0, 0], std: [1, 1, 1], ...methods[method].defaults };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  checkNames(method, given.map(([name]) => name));
  const all: Record<string, unknown> = { ...defaults, ...Object.fromEntries(given) };
  const { gpu, mixing, mixingMemory = 0, ...complete } = all;
  if (gpu && !(gpu instanceof Gpu)) {
    throw refusal("gpu", "what Gpu.open() or Gpu.from() gives", gpu);
  }
  if (methods[method].mixing && !mixing) throw refusal("mixing", "a mixing set or folder", mixing);
  if (!(typeof mixingMemory === "number" && mixingMemory >= 0)) {
    throw refusal("mixingMemory", "a number of bytes", mixingMemory);
  }
  for (const [name, value] of Object.entries(defaults)) {
    const found = complete[name];
    if (typeof found !== typeof value) throw refusal(name, `a ${typeof value}`, found);
  }
  for (const name of ["mean", "std"]) {
    const found = complete[name];
    if (Array.isArray(found) && found.length === 3 && found.every(Number.isFinite)) continue;
    throw refusal(name, "three finite numbers", found);
  }
  return complete as unknown as AugmentOptions;
}

function checkNames(method: MethodName, names: readonly string[]): void {
  const known = Object.keys(own[method]);
  for (const name of names) {
    if (Object.hasOwn(common, name) || known.includes(name)) continue;
    throw new RangeError(
      `Cannot augment: ${method} has no setting ${JSON.stringify(name)}; ` +
        `its own are ${known.join(", ") || "none"}`,
    );
  }
}

function refusal(name: string, expected: string, found: unknown): RangeError {
  const shown = found instanceof Object ? found.constructor.name : String(found);
  return new RangeError(
    `Cannot augment: expected ${name} to be ${expected} but found ${shown}`,
  );
}
