import { createHash } from "node:crypto";
import { dirname, isAbsolute, join } from "node:path";
import { writeAtomic } from "../checkpoint/atomic_write.ts";
import { oneLine } from "../one_line.ts";
import { layermixVersion } from "../version.ts";
import { isTable } from "./table.ts";

/** The names of the best alternatives by key, as found on one adapter and kept from run to run. */
export interface TuningCache {
  /** What is known; empty when nothing is there, or it is damaged or of something else. */
  read(): Promise<ReadonlyMap<string, string>>;
  /** Adds to what is there, all or nothing. Where it cannot be written it is only noted. */
  add(best: ReadonlyMap<string, string>): Promise<void>;
}

/** Of the file's layout; another one is not read. */
const FORMAT = 1;
/** Bytes of a file that is read at all, and kernels kept in one. */
const MOST_BYTES = 4 * 2 ** 20;
const MOST_KERNELS = 2000;

/**
 * The cache of one adapter and of this version of layermix.
 *
 * @param folder made when something is kept; by default the user's cache folder; "": no cache, as
 *   without the permissions for it
 * @param note told what is wrong with a cache, once for each fault
 */
export function openCache(
  adapter: string,
  folder: string | undefined = userCacheFolder(),
  note: (line: string) => void = () => {},
): TuningCache {
  if (!folder || !mayUse(folder)) {
    return { read: () => Promise.resolve(new Map()), add: () => Promise.resolve() };
  }
  const file = join(folder, fileName(adapter));
  const read = async () => (await readContent(file, adapter)) ?? new Map<string, string>();
  return {
    async read() {
      try {
        return await read();
      } catch (error) {
        note(oneLine(`note: ignored ${file}: ${(error as Error).message}`));
        return new Map();
      }
    },
    async add(best) {
      try {
        const known = await read().catch(() => new Map<string, string>());
        const all = [...new Map([...known, ...best])].slice(-MOST_KERNELS);
        const content = { format: FORMAT, adapter, version: layermixVersion };
        await Deno.mkdir(dirname(file), { recursive: true });
        await writeAtomic(
          file,
          `${JSON.stringify({ ...content, best: Object.fromEntries(all) }, null, 1)}\n`,
        );
      } catch (error) {
        note(`note: cannot keep which kernels are fastest: ${(error as Error).message}`);
      }
    },
  };
}

/** For people to recognise, and unlike that of any other adapter or version. */
function fileName(adapter: string): string {
  const slug = adapter.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40);
  const digest = createHash("sha256").update(`${layermixVersion}\n${adapter}`).digest("hex");
  return `tuning-${slug}-${layermixVersion}-${digest.slice(0, 8)}.json`;
}

/**
 * The table in a file; nothing when there is no file, or one of another adapter or version.
 *
 * @throws {Error} when it is damaged
 */
async function readContent(
  file: string,
  adapter: string,
): Promise<Map<string, string> | undefined> {
  let size: number, isFile: boolean;
  try {
    ({ size, isFile } = await Deno.stat(file));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  if (!isFile || size > MOST_BYTES) throw new Error("expected a small file");
  const content = JSON.parse(await Deno.readTextFile(file)) as Record<string, unknown> | null;
  const { format, best, ...made } = content ?? {};
  if (format === undefined) throw new Error("expected a tuning cache");
  const isOurs = format === FORMAT && made.adapter === adapter && made.version === layermixVersion;
  if (!isOurs) return undefined;
  if (!isTable(best)) throw new Error("expected names of kernels by key");
  return new Map(Object.entries(best));
}

/** Where this system's programs keep what they can make anew; nothing when it cannot be known. */
export function userCacheFolder(
  os: typeof Deno.build.os = Deno.build.os,
  variable: (name: string) => string | undefined = readVariable,
): string | undefined {
  const below = (name: string, ...parts: string[]) => {
    const folder = variable(name);
    // The XDG base directory specification: a path that is not absolute is to be ignored.
    return folder && isAbsolute(folder) ? join(folder, ...parts, "layermix") : undefined;
  };
  if (os === "windows") return below("LOCALAPPDATA");
  if (os === "darwin") return below("HOME", "Library", "Caches");
  return below("XDG_CACHE_HOME") ?? below("HOME", ".cache");
}

/** An environment variable, where there is the permission to read it. */
function readVariable(name: string): string | undefined {
  return isGranted({ name: "env", variable: name }) ? Deno.env.get(name) : undefined;
}

function mayUse(folder: string): boolean {
  return isGranted({ name: "read", path: folder }) && isGranted({ name: "write", path: folder });
}

/** Asked first, since an attempt would stop and ask the user. */
function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}
