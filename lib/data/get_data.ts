import { mkdir, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { checkData, type DataFinding } from "./data_check.ts";
import { digestLike } from "./digest.ts";
import { download, type DownloadOptions } from "./download.ts";
import { cannotWrite, DataError, WriteError } from "./error.ts";
import { withLock } from "./lock.ts";
import { type SourceName, sources } from "./sources.ts";
import { unpack } from "./unpack.ts";

/** How to go on where a file or folder of the user is not right. */
const REMOVE = "; remove it to download it anew";

/** What to download, and where to. */
export interface GetDataOptions extends Omit<DownloadOptions, "progress" | "most"> {
  /** What is downloaded. */
  name: SourceName;
  /** The folder that gets the data set's own folder; made if absent. */
  out: string;
  /** Another address of the archive. */
  url?: string;
  /** Of the archive; by default the official one, whatever the address. */
  md5?: string;
  /** Keep the archive beside the folder; by default it is removed, unless it was there before. */
  keepArchive?: boolean;
  /** Bytes of the archive that are done, of how many where that is known. */
  progress?: (
    state: { task: "downloading" | "checking" | "unpacking"; done: number; total?: number },
  ) => void;
}

/** What is there now. */
export interface GotData {
  /** Where it is now. */
  folder: string;
  /** What was found of each of its files. */
  findings: DataFinding[];
  /** Whether it was there before, so that nothing was downloaded. */
  wasThere: boolean;
  /** The archive, where it is kept. */
  archive?: string;
}

/**
 * Downloads a data set from its official address, checks it and unpacks it; a data set that is there
 * already and is right is left as it is, and so is an archive. Another process that does the same is
 * waited for.
 *
 * @throws {DataError} one line for the user, such as that a folder is there but is not right
 */
export async function getData(options: GetDataOptions): Promise<GotData> {
  const { name, out, note, signal } = options;
  const folder = join(out, sources[name].folder);
  const recognise = async () => {
    if (!await exists(folder)) return undefined;
    return { folder, findings: await allRight(name, folder, folder, REMOVE), wasThere: true };
  };
  const there = await recognise();
  if (there) return there;
  await mkdir(out, { recursive: true }).catch((cause) => {
    throw cannotWrite(out, cause);
  });
  const lock = join(out, `.${sources[name].folder}.lock`);
  const waiting = () => note?.(`note: another process gets ${folder}; waiting for it`);
  const work = async () => await recognise() ?? await getNew(folder, options);
  return await withLock(lock, work, { waiting, signal });
}

async function getNew(folder: string, options: GetDataOptions): Promise<GotData> {
  const { url: official, folder: inner, most, md5: known } = sources[options.name];
  const { name, out, url = official, md5 = known, keepArchive, progress, signal } = options;
  const archive = join(out, basename(new URL(official).pathname));
  const hadArchive = await exists(archive);
  if (hadArchive) await checkArchive(archive, md5, options);
  else await download(url, archive, { ...options, md5, most });
  let findings: DataFinding[] = [];
  try {
    await unpack(archive, out, {
      ...{ folder: inner, most, signal },
      accept: async (path) => void (findings = await allRight(name, path, archive)),
      progress: (state) => progress?.({ task: "unpacking", ...state }),
    });
  } catch (error) {
    if (!(error instanceof DataError) || error instanceof WriteError) throw error;
    if (hadArchive || md5) throw new DataError(`${error.message}${REMOVE}`);
    // Else the next call would find it again, and nothing tells that it is wrong.
    await rm(archive);
    throw new DataError(`${error.message}; it was removed`);
  }
  if (!keepArchive && !hadArchive) await rm(archive);
  return { folder, findings, wasThere: false, ...(await exists(archive) ? { archive } : {}) };
}

/** Compares an archive that was there before with what it should be, where that is known. */
async function checkArchive(
  archive: string,
  md5: string | undefined,
  options: GetDataOptions,
): Promise<void> {
  const found = md5 && await digestLike(md5, archive, options);
  if (found === md5) return;
  throw new DataError(`Cannot use ${archive}: expected the MD5 ${md5} but found ${found}${REMOVE}`);
}

/** @throws {DataError} naming what is wrong first */
async function allRight(
  name: SourceName,
  folder: string,
  what: string,
  hint = "",
): Promise<DataFinding[]> {
  const findings = await checkData(name, folder);
  const wrong = findings.find(({ isRight }) => !isRight);
  if (!wrong) return findings;
  throw new DataError(`Cannot use ${what} as ${name}: ${wrong.name}: ${wrong.found}${hint}`);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}
