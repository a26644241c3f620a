import { checkpointFiles } from "../../../lib/checkpoint/checkpoint.ts";
import type { Stream } from "../../../lib/random/stream.ts";
import { type CommandChoice, type Ended, ended, type Place } from "../../train/fixture.ts";
import { mounted, trainOn } from "../../train/train_on.ts";

/** What a fault needs to know of the run that it disturbs. */
export interface Disturbed {
  place: Place;
  /** Of the run's folder, below the place. */
  name: string;
  random: Stream;
  /** Milliseconds that a whole run takes, and how often it hands work to the GPU. */
  longest: number;
  submits: number;
}

/** Something that befalls a run. */
export interface Fault {
  name: string;
  /** Makes what it needs, or tells why it cannot be here. */
  prepare?(run: Disturbed): Promise<string | undefined>;
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

const pause = (ms: number) => new Promise((go) => setTimeout(go, ms));

/** Trains, and does something at a random moment; a run may have ended before. */
async function trainUntil(
  { place, name, random, longest }: Disturbed,
  harm: (child: Deno.ChildProcess) => unknown,
  choice?: CommandChoice,
): Promise<Ended> {
  const child = (await trainOn(place, name, every, choice)).spawn();
  const output = child.output();
  await Promise.race([output, pause(random.between(0.1, 0.8) * longest)]);
  const isThere = await Promise.race([output.then(() => false), pause(0).then(() => true)]);
  if (isThere) await harm(child);
  return ended(await output);
}

const isWhole = ({ code, signal }: Ended) => code === 0 && signal === null;

function signal(name: "SIGKILL" | "SIGTERM" | "SIGINT"): Fault {
  return {
    name: name === "SIGKILL" ? "kill -9" : name,
    disturb: (run) => trainUntil(run, (child) => child.kill(name)),
    // Before layermix listens, a signal ends the process at once.
    allows: (ended) => isWhole(ended) || ended.signal === name || ended.code === 130,
  };
}

/** Ends with one line that says why. */
const refusal = (why: RegExp) => (ended: Ended) =>
  isWhole(ended) || (ended.code === 1 && why.test(ended.stderr.trim().split("\n").at(-1)!));

/** The module that does harm from within the process. */
export const preload = new URL("./preloaded.ts", import.meta.url).href;

/** What the module does, at a random use of the GPU. */
async function preloaded(
  { place, name, random, submits }: Disturbed,
  env: Record<string, string>,
): Promise<Ended> {
  const at = String(1 + random.integer(submits));
  const child = await trainOn(place, name, every, {
    ...{ preload, env: { ...env, LAYERMIX_CHAOS_AT: at } },
  });
  return ended(await child.output());
}

/** Kilobytes of the disk that fills up: some checkpoints fit. */
const DISK = 4096;

const fullDisk: Fault = {
  name: "full disk",
  async prepare({ place, name }) {
    return await mounted(place.path(name), DISK) ? undefined : "mounting is not allowed";
  },
  disturb: (run) =>
    trainUntil(run, async () => {
      const filling = await Deno.open(run.place.path(`${run.name}/filling`), {
        ...{ create: true, write: true },
      });
      const block = new Uint8Array(65536);
      for (let i = 0; i < DISK / 64; i++) await filling.write(block).catch(() => {});
      filling.close();
    }),
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
  async prepare({ place, name }) {
    await Deno.mkdir(place.path(name), { recursive: true });
    if (Deno.build.os === "windows") return "Windows has other permissions";
    if (Deno.uid() !== 0) return undefined;
    const [program, ...args] = unprivileged;
    const { success } = await new Deno.Command(program, { args: [...args, "true"] }).output()
      .catch(() => ({ success: false }));
    return success ? undefined : "no setpriv, and root may write anywhere";
  },
  disturb: (run) =>
    trainUntil(
      run,
      () => Deno.chmod(run.place.path(run.name), 0o555),
      Deno.uid() === 0 ? { through: unprivileged } : {},
    ),
  allows: refusal(/[Pp]ermission denied/),
  mend: ({ place, name }) => Deno.chmod(place.path(name), 0o755),
};

const lostDevice: Fault = {
  name: "device destroyed",
  disturb: (run) => preloaded(run, { LAYERMIX_CHAOS_DEVICE: "1" }),
  allows: refusal(/lost|destroyed/i),
};

/** Years in milliseconds, back and forth. */
const YEARS = 3e10;

const clockJump: Fault = {
  name: "clock jump",
  disturb: (run) =>
    preloaded(run, {
      LAYERMIX_CHAOS_CLOCK: String(Math.round(run.random.between(-30, 30) * YEARS)),
    }),
  allows: isWhole,
};

const cutCheckpoint: Fault = {
  name: "cut checkpoint",
  async disturb(run) {
    const { place, name, random } = run;
    const { last, best } = checkpointFiles(place.path(name));
    const result = await trainUntil(run, async (child) => {
      // Without the best one there is nothing to go on from.
      const hasBest = () => Deno.stat(best).then(() => true, () => false);
      for (let waited = 0; !await hasBest() && waited < run.longest; waited += 5) await pause(5);
      child.kill("SIGKILL");
    });
    const hasBest = await Deno.stat(best).then(() => true, () => false);
    if (hasBest) await Deno.truncate(last, random.integer((await Deno.stat(last)).size));
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
