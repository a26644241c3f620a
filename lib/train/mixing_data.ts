import { methods } from "../augment/methods.ts";
import { BUILT_IN_MIXING_SET } from "../data/built_in_mixing.ts";
import { bytesOf } from "../data/mixing_source.ts";
import type { MixingSet } from "../data/mixing_set.ts";
import { MixingStream } from "../data/mixing_stream.ts";
import { type MixingMemory, mixingSide, openMixing, openMixingSet } from "../data/open.ts";
import type { TrainFlags } from "./flags.ts";
import { TrainError } from "./train.ts";

/**
 * Opens the mixing set that the flags name, for pictures of a side, where the method has one.
 *
 * @param note told how many pictures there are and where they are kept, in one line
 * @throws {DataError} when there is no picture in it
 * @throws {TrainError} when none is named
 */
export async function openMixingData(
  { method, mixingSet }: TrainFlags,
  side: number,
  memory: MixingMemory,
  note: (line: string) => void,
): Promise<MixingSet | MixingStream | undefined> {
  if (!methods[method].mixing) return undefined;
  if (!mixingSet) {
    throw new TrainError(
      `Cannot train with ${method}: give a folder of pictures with --mixing-set, or --mixing-set ${BUILT_IN_MIXING_SET}`,
    );
  }
  const mixing = mixingSet === BUILT_IN_MIXING_SET
    ? await openMixingSet(mixingSet, side)
    : await openMixing(mixingSet, mixingSide(side), memory);
  note(describe(mixing, memory));
  return mixing;
}

/** What `run.json` says of it. */
export function describeMixing(
  { mixingSet }: TrainFlags,
  mixing: MixingSet | MixingStream,
): Record<string, unknown> {
  const { count, skipped, fingerprint, listing } = mixing;
  return { path: mixingSet, count, skipped, kept: keptOf(mixing), fingerprint, listing };
}

/**
 * Whether a run began with this mixing set. Where one of them is read when needed, its pixels are not
 * known, so that names and sizes have to tell.
 */
export function isSameMixing(
  begun: { fingerprint?: unknown; listing?: unknown; kept?: unknown } | undefined,
  mixing: MixingSet | MixingStream | undefined,
): boolean {
  if (begun?.fingerprint === mixing?.fingerprint) return true;
  return begun !== undefined && mixing !== undefined && begun.kept !== keptOf(mixing) &&
    begun.listing === mixing.listing;
}

/** Where the pictures are while training goes on. */
function keptOf(mixing: MixingSet | MixingStream): "on the GPU" | "read when needed" {
  return mixing instanceof MixingStream ? "read when needed" : "on the GPU";
}

function describe(mixing: MixingSet | MixingStream, { most }: MixingMemory): string {
  const { count, skipped: [first, ...others] } = mixing;
  const mebibytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  const bytes = mebibytes(bytesOf(mixing));
  const more = mixing instanceof MixingStream
    ? `, more than the ${mebibytes(most)} for them there`
    : "";
  return `mixing set: ${count} pictures ${keptOf(mixing)} (${bytes}${more})` +
    (first ? `, ${others.length + 1} files skipped (first: ${first.file}: ${first.reason})` : "");
}
