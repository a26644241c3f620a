import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { checkData, type DataFinding } from "./data_check.ts";
import { download, type DownloadOptions } from "./download.ts";
import { DataError } from "./error.ts";
import { type SourceName, sources } from "./sources.ts";
import { unpack } from "./unpack.ts";

/** What to download, and where to. */
export interface GetDataOptions extends Omit<DownloadOptions, "progress"> {
  name: SourceName;
  /** The folder that gets the data set's own folder. */
  out: string;
  /** Another address of the archive. */
  url?: string;
  /** By default the official one, whatever the address. */
  md5?: string;
  /** Keep the archive beside the folder; by default it is removed once it is unpacked. */
  keepArchive?: boolean;
  progress?: (
    state: { task: "downloading" | "checking" | "unpacking"; done: number; total?: number },
  ) => void;
}

/** What is there now. */
export interface GotData {
  folder: string;
  findings: DataFinding[];
  /** Whether it was there before, so that nothing was downloaded. */
  wasThere: boolean;
}

/**
 * Downloads a data set from its official address, checks it and unpacks it; a data set that is there
 * already and is right is left as it is.
 *
 * @throws {DataError} one line for the user, such as that a folder is there but is not right
 */
export async function getData(options: GetDataOptions): Promise<GotData> {
  const { folder: subfolder, most, ...official } = sources[options.name];
  const { name, out, url = official.url, md5 = official.md5 } = options;
  const { keepArchive, progress, signal } = options;
  const folder = join(out, subfolder);
  if (await exists(folder)) {
    return { folder, findings: await allRight(name, folder), wasThere: true };
  }
  await mkdir(out, { recursive: true });
  const archive = join(out, new URL(url).pathname.split("/").at(-1) || subfolder);
  if (!await exists(archive)) {
    await download(url, archive, {
      ...options,
      md5,
      most,
      progress,
    });
  }
  await unpack(archive, out, {
    ...{ folder: subfolder, most, signal },
    progress: (state) => progress?.({ task: "unpacking", ...state }),
  });
  const findings = await allRight(name, folder);
  if (!keepArchive) await rm(archive);
  return { folder, findings, wasThere: false };
}

/** @throws {DataError} naming what is wrong first */
async function allRight(name: SourceName, folder: string): Promise<DataFinding[]> {
  const findings = await checkData(name, folder);
  const wrong = findings.find(({ isRight }) => !isRight);
  if (!wrong) return findings;
  throw new DataError(
    `Cannot use ${folder} as ${name}: ${wrong.found}; remove the folder to download it anew`,
  );
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}
