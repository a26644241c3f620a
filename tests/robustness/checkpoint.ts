import { encodeSafetensors, type StoredTensor } from "../../lib/checkpoint/safetensors.ts";
import type { EvaluateOptions } from "../../lib/robustness/evaluate_cifar.ts";
import type { Provenance } from "../../lib/robustness/results.ts";
import { golden } from "../golden.ts";
import { type Place, withPlace } from "../train/fixture.ts";

/** Calls `use` with a checkpoint, WRN-10-1 after three steps in PyTorch, and options for it. */
export function withCheckpoint(use: (place: Place, options: EvaluateOptions) => Promise<void>) {
  return withPlace(async (place) => {
    const checkpoint = place.path("wrn.safetensors");
    await Deno.writeFile(checkpoint, trained);
    const folders = { cDir: place.path("c"), cBarDir: place.path("c-bar"), pDir: place.path("p") };
    const network = { checkpoint, model: "wrn", layers: 10, widenFactor: 1 } as const;
    const data = { dataset: "cifar10", dataPath: place.data } as const;
    await use(place, { ...network, ...data, suites: ["clean"], batchSize: 20, ...folders });
  });
}

const prefix = "wrn10_1_c10/sgd3/state/";
const trained = encodeSafetensors(
  new Map(
    [...golden("wide_resnet")].flatMap(([name, tensor]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), tensor as StoredTensor]] : []
    ),
  ),
  {},
);

/** All of results that does not depend on the clock. */
export function timeless<Told extends Provenance>({ date: _, ...results }: Told) {
  return results;
}
