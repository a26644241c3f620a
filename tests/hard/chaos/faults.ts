import { checkpointFiles } from "../../../lib/checkpoint/checkpoint.ts";
import type { Stream } from "../../../lib/random/stream.ts";
import { isInstalled } from "../../installed.ts";
import { type CommandChoice, type Ended, ended, type Place } from "../../train/fixture.ts";
import { mounted, trainOn } from "../../train/train_on.ts";
import type { Harm } from "./preloaded.ts";

/** What a fault needs to know of the run that it disturbs. */
export interface Disturbed {
  place: Place;
  /** Of the run's folder, below the place. */
  name: string;
  random: Stream;
  /** How often a whole run hands work to the GPU. */
  submits: number;
}

/** Something that befalls a run. */
export interface Fault {
  name: string;
  /** Makes what it needs, or tells why it cannot be here. */
  prepare?(run: Disturbed): string | undefined | Promise<string | undefined>;
  /** Trains and disturbs it once; how the process ended. */
  disturb(run: Disturbed): Promise<Ended>;
  /** Whether an end is one that the fault may have. */
  allows(ended: Ended): boolean;
  /** Takes away what hinders a run that goes on. */
  mend?(run: Disturbed): Promise<void>;
  cleanUp?(run: Disturbed): Promise<void>;
}

/** Steps between checkpoints. */
export const every = ["--save-every", "2"];

/** How layermix is run with something that does it harm. */
export function withHarm(harm: Harm): CommandChoice {
  const preload = new URL("./preloaded.ts", import.meta.url).href;
  return { preload, env: { LAYERMIX_CHAOS: JSON.stringify(harm) } };
}

/** Milliseconds after a use of the GPU in which most files are written. */
const MOMENT = 30;

/** Trains, with harm at a random moment that lies between two shares of a whole run. */
async function train(
  { place, name, random, submits }: Disturbed,
  harm: Omit<Harm, "at" | "after">,
  choice: CommandChoice = {},
  [from, to]: readonly [number, number] = [0, 0.5],
): Promise<Ended> {
  const at = 1 + Math.floor(submits * random.between(from, to));
  const after = random.chance() ? random.integer(MOMENT) : 0;
  const harmed = { ...withHarm({ ...harm, at, after }), ...choice };
  return ended(await (await trainOn(place, name, every, harmed)).output());
}

const isWhole = ({ code, signal }: Ended) => code === 0 && signal === null;

/** Ends with one line that says why. */
const refusal = (why: RegExp) => (ended: Ended) =>
  isWhole(ended) || (ended.code === 1 && why.test(ended.stderr.trim().split("\n").at(-1)!));

function signal(name: "SIGKILL" | "SIGTERM" | "SIGINT"): Fault {
  return {
    name: name === "SIGKILL" ? "kill -9" : name,
    disturb: (run) => train(run, { signal: name }),
    allows: (ended) =>
      isWhole(ended) || (name === "SIGKILL" ? ended.signal === name : ended.code === 130),
  };
}

const fullDisk: Fault = {
  name: "full disk",
  async prepare({ place, name }) {
    return await mounted(place.path(name), 4096) ? undefined : "mounting is not allowed";
  },
  disturb: (run) => train(run, { fills: run.place.path(run.name) }),
  allows: refusal(/disk is full|No space left/),
  mend: ({ place, name }) => Deno.remove(place.path(`${name}/filling`)).catch(() => {}),
  async cleanUp({ place, name }) {
    await new Deno.Command("umount", { args: [place.path(name)] }).output();
  },
};

/** Folders bind root only where it has no leave to override them. */
const unprivileged = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] as const;

const readOnly: Fault = {
  name: "read-only folder",
  prepare() {
    if (Deno.build.os === "windows") return "Windows has other permissions";
    if (Deno.uid() !== 0) return undefined;
    const [program, ...args] = unprivileged;
    return isInstalled(program, [...args, "true"])
      ? undefined
      : "no setpriv, and root may write anywhere";
  },
  disturb: (run) =>
    train(
      run,
      { seals: run.place.path(run.name) },
      Deno.uid() === 0 ? { through: unprivileged } : {},
    ),
  allows: refusal(/[Pp]ermission denied/),
  mend: ({ place, name }) => Deno.chmod(place.path(name), 0o755),
};

const lostDevice: Fault = {
  name: "device destroyed",
  disturb: (run) => train(run, { losesDevice: true }),
  allows: refusal(/lost|destroyed/i),
};

/** A year in milliseconds. */
const YEAR = 3.15e10;

const clockJump: Fault = {
  name: "clock jump",
  disturb: (run) => train(run, { jump: Math.round(run.random.between(-30, 30) * YEAR) }),
  allows: isWhole,
};

const cutCheckpoint: Fault = {
  name: "cut checkpoint",
  async disturb(run) {
    const { place, name, random } = run;
    const { last, best } = checkpointFiles(place.path(name));
    const hasBest = await Deno.stat(best).then(() => true, () => false);
    // Without the best one, of the first of two epochs, there is nothing to go on from.
    const result = await train(run, { signal: "SIGKILL" }, {}, hasBest ? [0, 0.3] : [0.8, 0.97]);
    await Deno.stat(best);
    await Deno.truncate(last, random.integer((await Deno.stat(last)).size));
    return result;
  },
  allows: (ended) => isWhole(ended) || ended.signal === "SIGKILL",
};

/** All that may befall a run. */
export const faults: readonly Fault[] = [
  ...(["SIGKILL", "SIGTERM", "SIGINT"] as const).map(signal),
  fullDisk,
  lostDevice,
  readOnly,
  clockJump,
  cutCheckpoint,
];
