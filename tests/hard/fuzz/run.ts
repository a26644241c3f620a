import type { Said } from "./child.ts";
import { inFolder } from "./in_folder.ts";

/** What came of the mutations of one parser. */
export interface Outcome {
  name: string;
  mutations: number;
  accepted: number;
  refused: number;
  /** Milliseconds of the processor's time. */
  slowest: number;
  /** In bytes. */
  largest: number;
  /** By the number of the mutation. */
  faults: { number: number; fault: string }[];
}

/** Which mutations, and by which program. */
export interface RunOptions {
  seed: number;
  /** The first mutation, and the one after the last. */
  from: number;
  to: number;
  /** The module that calls `runChild`; of the parsers of layermix where nothing is said. */
  child?: string;
  /** Seconds of the processor's time after which a process that says nothing hangs; 10 by default. */
  busy?: number;
}

/** After so many seconds on the clock with nothing said it hangs, though it has nothing to do. */
const IDLE = 120;
/** After so many faults the rest is not tried: they have one cause. */
const MOST_FAULTS = 20;

/**
 * Lets a parser have its mutations, in a process that may crash or hang: what it did then is a fault,
 * and the mutations after it go on in a new one.
 */
export async function runTarget(name: string, options: RunOptions): Promise<Outcome> {
  const outcome: Outcome = {
    ...{ name, mutations: 0, accepted: 0, refused: 0, slowest: 0, largest: 0 },
    faults: [],
  };
  for (let from = options.from; from < options.to && outcome.faults.length < MOST_FAULTS;) {
    const rest = { ...options, from };
    from = await inFolder((folder) => runProcess(outcome, folder, rest));
  }
  return outcome;
}

/** Goes on in a new process as far as it gets; the number of the next mutation. */
async function runProcess(
  outcome: Outcome,
  folder: string,
  { seed, from, to, child = new URL("./child.ts", import.meta.url).href, busy = 10 }: RunOptions,
): Promise<number> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", "--quiet", "--v8-flags=--expose-gc,--max-old-space-size=2048"],
      ...[child, outcome.name, folder, ...[seed, from, to].map(String)],
    ],
    ...{ stdin: "null", stdout: "piped", stderr: "piped" },
  }).spawn();
  const errors = new Response(process.stderr).text();
  const watch = watchProcess(process, busy);
  let begun = -1, next = from;
  for await (const line of linesOf(process.stdout)) {
    watch.stir();
    const said = JSON.parse(line) as Said;
    if ("begins" in said) {
      begun = said.begins;
      continue;
    }
    next = said.ends + 1;
    add(outcome, said);
    if (outcome.faults.length >= MOST_FAULTS) process.kill("SIGKILL");
  }
  const { success, code, signal } = await process.status;
  watch.end();
  if (success || outcome.faults.length >= MOST_FAULTS) return to;
  const tail = (await errors).trim().split("\n").slice(-12).join("\n");
  if (begun < next) throw new Error(`Cannot fuzz ${outcome.name}: ${tail}`);
  const why = watch.hung ?? `ended the process with ${signal ?? `code ${code}`}: ${tail}`;
  outcome.mutations++;
  outcome.faults.push({ number: begun, fault: why });
  return begun + 1;
}

function add(outcome: Outcome, said: Extract<Said, { ends: number }>): void {
  const { ends: number, accepted, ms, allocation, fault } = said;
  outcome.mutations++;
  if (accepted) outcome.accepted++;
  else outcome.refused++;
  outcome.slowest = Math.max(outcome.slowest, ms);
  outcome.largest = Math.max(outcome.largest, allocation);
  if (fault) outcome.faults.push({ number, fault });
}

/** Kills a process that says nothing, however much time it has. */
function watchProcess(process: Deno.ChildProcess, most: number) {
  let isStirred = true, since = 0, busy = 0;
  const watch = {
    hung: undefined as string | undefined,
    stir: () => void (isStirred = true),
    end: () => clearInterval(timer),
  };
  const timer = setInterval(() => {
    if (isStirred) {
      [isStirred, since, busy] = [false, performance.now(), processorSeconds(process.pid)];
    }
    const seconds = (performance.now() - since) / 1000;
    const used = processorSeconds(process.pid) - busy;
    if (used < most && seconds < IDLE) return;
    watch.hung = `hangs: nothing after ${used.toFixed(1)} s of the processor's time`;
    process.kill("SIGKILL");
  }, 1000);
  return watch;
}

/** Of a process and its threads; where the system does not tell, 0. */
function processorSeconds(pid: number): number {
  try {
    const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ").at(-1)!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
