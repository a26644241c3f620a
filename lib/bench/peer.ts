import type { Work } from "./clock.ts";
import type { Operation, PassName } from "./operations.ts";
import type { StepSize } from "./step.ts";

/** Another library that does the same work on the same adapter. */
export interface Peer {
  readonly name: PeerName;
  /** With its version. */
  readonly title: string;
  operation(operation: Operation, pass: PassName): Work;
  step(size: StepSize): Work;
}

/** The peers whose ratios are recorded. */
export const peerNames = ["tfjs", "jaxjs"] as const;
/** One of them. */
export type PeerName = typeof peerNames[number];

/** How many times as long each peer takes as layermix; null where it was not measured. */
export type Ratios = Record<PeerName, number | null>;

/** No peer was measured. */
export function noRatios(): Ratios {
  return Object.fromEntries(peerNames.map((peer) => [peer, null])) as Ratios;
}
