import { join } from "node:path";
import { pictureFormat } from "../../data/picture_file.ts";
import type { Results } from "../../robustness/results.ts";
import { ReportError } from "./error.ts";
import { parseResults } from "./results_file.ts";
import { kind, object, orNull } from "../../shape.ts";
import { readJson, requireShape } from "./read_json.ts";

/** One epoch of `log.jsonl`: losses in nats, the error as a fraction in 0..1. */
export interface LoggedEpoch {
  /** Counted from 1. */
  epoch: number;
  /** null where it was not finite. */
  train_loss: number | null;
  /** In nats; null where it is not known. */
  test_loss: number | null;
  /** A fraction; null where it is not known. */
  test_error: number | null;
}

/** Results and the file they are from. */
export interface ResultsFile {
  /** Its path. */
  file: string;
  /** What was measured. */
  results: Results;
}

/** All that a report takes from a run folder or a results file. */
export interface Run {
  /** As it was given. */
  path: string;
  /** The content of `run.json`, of which nothing but that it is an object is certain. */
  description?: Record<string, unknown>;
  /** In the order of epochs; empty without `log.jsonl`. */
  log: LoggedEpoch[];
  /** What was measured. */
  results: ResultsFile[];
  /** The content of `samples.png`. */
  samples?: Uint8Array<ArrayBuffer>;
  /** What a reader should know, such as that only parts of an evaluation are there. */
  notes: string[];
}

/** No grid is larger; a page that holds more is slow to open. */
const MAX_SAMPLES_BYTES = 2 ** 24;

/**
 * Reads a run folder (`run.json`, `log.jsonl`, `results*.json`, `samples.png`, each where it is
 * there) or a single file of results.
 *
 * @throws {ReportError} when there is neither, or a file is damaged; one line that names it
 */
export async function readRun(path: string): Promise<Run> {
  const isFolder = await isFolderAt(path);
  if (!isFolder) {
    const results = parseResults(path, await textOf(path) ?? "");
    if (results) return { path, log: [], results: [{ file: path, results }], notes: [] };
    throw new ReportError(
      `Cannot report on ${path}: expected whole results but found a part of them; use \`layermix merge\``,
    );
  }
  const { results, parts } = await resultsIn(path);
  const description = await descriptionIn(path);
  if (!description && results.length === 0) {
    const found = parts.length
      ? `${parts[0]}, a part of results; use \`layermix merge\``
      : "neither";
    throw new ReportError(
      `Cannot report on ${path}: expected run.json or results.json in it but found ${found}`,
    );
  }
  const notes = parts.length && results.length === 0
    ? [`${path}: ${parts.join(", ")}: parts of results, which \`layermix merge\` puts together`]
    : [];
  const samples = await samplesIn(path, notes);
  return { path, description, log: await logIn(path), results, samples, notes };
}

async function isFolderAt(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (cause) {
    throw unreadable(path, "a run folder or a results file", cause);
  }
}

/** Whole results in a folder, `results.json` first, and the names of files with parts of others. */
async function resultsIn(folder: string): Promise<{ results: ResultsFile[]; parts: string[] }> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory && /^results\b.*\.json$/.test(name)) names.push(name);
  }
  const rank = (name: string) => Number(name !== "results.json");
  names.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const results: ResultsFile[] = [], parts: string[] = [];
  for (const name of names) {
    const file = join(folder, name);
    const whole = parseResults(file, await textOf(file) ?? "");
    if (whole) results.push({ file, results: whole });
    else parts.push(name);
  }
  return { results, parts };
}

async function descriptionIn(folder: string): Promise<Record<string, unknown> | undefined> {
  const file = join(folder, "run.json");
  const content = await textOf(file);
  if (content === undefined) return undefined;
  const value = readJson(file, content);
  const sets = object({}, { train: object({}), test: object({}), mixing: object({}) });
  requireShape(
    file,
    value,
    object({ settings: object({}) }, { flags: object({}), versions: object({}), data: sets }),
  );
  return value as Record<string, unknown>;
}

const figure = orNull(kind("a number", Number.isFinite));
const epoch = object({
  epoch: kind("a whole number", Number.isInteger),
  ...{ train_loss: figure, test_loss: figure, test_error: figure },
});

/** A last line without an end is half-written, and left out. */
async function logIn(folder: string): Promise<LoggedEpoch[]> {
  const file = join(folder, "log.jsonl");
  const lines = (await textOf(file) ?? "").split("\n").slice(0, -1);
  return lines.map((line, i) => {
    const place = `${file}, line ${i + 1}`;
    const value = readJson(place, line);
    requireShape(place, value, epoch);
    return value as LoggedEpoch;
  });
}

async function samplesIn(
  folder: string,
  notes: string[],
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const file = join(folder, "samples.png");
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    if ((await Deno.stat(file)).size > MAX_SAMPLES_BYTES) {
      notes.push(`${file} is larger than ${MAX_SAMPLES_BYTES / 2 ** 20} MiB, and left out`);
      return undefined;
    }
    bytes = await Deno.readFile(file);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw unreadable(file, "a picture", cause);
  }
  if (pictureFormat(bytes) === "png") return bytes;
  notes.push(`${file} is no PNG picture, and left out`);
}

/** The file's text, undefined when there is none. */
async function textOf(file: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw unreadable(file, "text", cause);
  }
}

function unreadable(path: string, expected: string, cause: unknown): ReportError {
  const found = cause instanceof Deno.errors.NotFound ? "nothing there" : (cause as Error).message;
  return new ReportError(`Cannot read ${path}: expected ${expected} but found ${found}`, { cause });
}
