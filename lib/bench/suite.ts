import type { Gpu } from "../gpu/device.ts";
import { GpuError } from "../gpu/error.ts";
import type { TuneOptions } from "../tune/record_tuned.ts";
import { augmentName, type AugmentSize, openAugment } from "./augment.ts";
import { type Clock, type Effort, medianTime, type Work } from "./clock.ts";
import { type OpenedPass, openOperation, type Operation } from "./operations.ts";
import { noRatios, type Peer, type Ratios } from "./peer.ts";
import { boundBytes, type Profile, profile } from "./profile.ts";
import type { Row, StepRow } from "./record.ts";
import { openStep, stepName, type StepSize } from "./step.ts";
import { profileLines, rowLine, stepLine } from "./table.ts";

/** What measurements have in common. */
export interface Suite {
  readonly gpu: Gpu;
  readonly clock: Clock;
  readonly effort: Effort;
  /** Without it the fixed kernels are measured. */
  readonly tune?: TuneOptions;
  /** None for users. */
  readonly peers: readonly Peer[];
  /** Told each line of the report when it is known. */
  print(line: string): void;
}

/** Measures the passes of operations, each at once by layermix and by the peers. */
export async function benchOperations(
  suite: Suite,
  operations: readonly Operation[],
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const operation of operations) {
    const opened = await openOperation(suite.gpu, operation, suite.tune);
    try {
      for (const pass of opened.passes) rows.push(await benchPass(suite, operation, pass));
    } finally {
      opened.release();
    }
  }
  return rows;
}

async function benchPass(suite: Suite, operation: Operation, pass: OpenedPass): Promise<Row> {
  const name = operation.passes.length > 1 ? `${operation.name}_${pass.name}` : operation.name;
  const work = { ...pass.work, release() {} };
  const ms = await medianTime(suite.clock, work, suite.effort);
  const ratio = await ratios(suite, name, ms, (peer) => peer.operation(operation, pass.name));
  const row = { name, ms, gflops: pass.flops / 1e6 / ms, gbs: pass.bytes / 1e6 / ms, ratio };
  suite.print(rowLine(row));
  return row;
}

/** Milliseconds after which a peer is not asked a second time. */
const PATIENCE = 5000;

/** A peer that fails is left out, with a line that says why. */
async function ratios(
  { clock, effort, peers, print }: Suite,
  name: string,
  ms: number,
  open: (peer: Peer) => Work,
): Promise<Ratios> {
  const found = noRatios();
  for (const peer of peers) {
    let work: Work | undefined;
    try {
      work = open(peer);
      found[peer.name] = await medianTime(clock, work, { ...effort, patience: PATIENCE }) / ms;
    } catch (error) {
      print(`note: ${peer.title} has no ${name}: ${firstLine(error)}`);
    }
    work?.release();
  }
  return found;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
}

/** How a step is measured. */
export interface StepOptions {
  /** Whether the kernels are timed too. */
  profiled?: boolean;
  /** Instead of the suite's. */
  effort?: Effort;
}

/** A measured step and, where asked for, its kernels. */
export interface StepResult {
  row: StepRow;
  profile?: Profile;
}

/** Measures a whole step; nothing, with a line that says so, where it does not fit the memory. */
export async function benchStep(
  suite: Suite,
  size: StepSize,
  { profiled, effort = suite.effort }: StepOptions = {},
): Promise<StepResult | undefined> {
  const { gpu, clock, print } = suite;
  const name = stepName(size);
  const step = await openFitting(suite, size);
  if (!step) return undefined;
  try {
    const ms = await medianTime(clock, step, effort);
    const total = clock.name === "cpu" ? ms : undefined;
    const kernels = profiled ? await profile(gpu, step.program, step.launches, total) : undefined;
    const bytes = step.launches.reduce((sum, launch) => sum + boundBytes(launch), 0);
    const row: StepRow = {
      name,
      ms,
      gflops: step.flops / 1e6 / ms,
      gbs: bytes / 1e6 / ms,
      // Those of LayerMix are not compared: no peer has it.
      ratio: await ratios(
        { ...suite, peers: size.method ? [] : suite.peers },
        name,
        ms,
        (peer) => peer.step(size),
      ),
      pictures_per_second: 1000 * size.batchSize / ms,
      buffers_mib: step.bytes / 2 ** 20,
      host_ms: step.hostMs,
      convolution_share: kernels?.convolutionShare,
    };
    print(rowLine(row));
    print(stepLine(row));
    if (kernels) { for (const line of profileLines(kernels, step.flops)) print(line); }
    return { row, profile: kernels };
  } finally {
    step.release();
  }
}

/** Measures an augmentation: plans, sends and makes batches. No peer has any. */
export async function benchAugment(suite: Suite, size: AugmentSize): Promise<StepResult> {
  const augment = await openAugment(suite.gpu, size);
  try {
    const ms = await medianTime(suite.clock, augment, suite.effort);
    const name = augmentName(size);
    const row: StepRow = {
      ...{ name, ms, gflops: null, gbs: augment.boundBytes / 1e6 / ms },
      ratio: noRatios(),
      pictures_per_second: 1000 * size.batchSize / ms,
      buffers_mib: augment.bytes / 2 ** 20,
      host_ms: augment.hostMs,
    };
    suite.print(rowLine(row));
    suite.print(stepLine(row));
    return { row };
  } finally {
    augment.release();
  }
}

async function openFitting({ gpu, tune, print }: Suite, size: StepSize) {
  try {
    return await openStep(gpu, size, tune);
  } catch (error) {
    if (!(error instanceof GpuError)) throw error;
    print(`note: skipped ${stepName(size)}: ${error.message}`);
    return undefined;
  }
}
