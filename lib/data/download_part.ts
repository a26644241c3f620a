import { open } from "node:fs/promises";
import type { DownloadOptions } from "./download.ts";
import { cannotWrite, DataError } from "./error.ts";
import { discardPart, type Origin, type Part, readPart, writeOrigin } from "./part_file.ts";

/** Where the body of an answer begins and ends in the file, and how long the file is. */
interface Span {
  start: number;
  end?: number;
  total?: number;
}

/** A connection that ended or was of no use, so that another one may be. */
export class Interruption extends Error {
  constructor(readonly expected: string, readonly found: string, cause?: unknown) {
    super(`expected ${expected} but found ${found}`, { cause });
  }
}

type Options = Pick<DownloadOptions, "most" | "stall" | "progress" | "signal">;

/**
 * Asks once for what is missing of the file `part`, and adds it. A part that does not belong to what
 * the server has now is removed, so that the next call begins anew.
 *
 * @throws {Interruption} when another call may get further
 * @throws {DataError} when none would
 */
export async function fetchRest(url: string, part: string, options: Options): Promise<void> {
  const { stall = 60_000, signal } = options;
  const watch = watchFor(stall, signal);
  try {
    const known = await readPart(url, part);
    if (known && known.size === known.total) return;
    const range = known && { "range": `bytes=${known.size}-`, "if-range": known.validator };
    const response = await fetch(url, {
      // Compression by the server would give other bytes than the published file's.
      headers: { "accept-encoding": "identity", ...range },
      signal: watch.signal,
    }).catch((cause) => {
      throw cause instanceof Interruption ? cause : new Interruption("an answer", reason(cause));
    });
    try {
      const span = await spanOf(response, url, part, known);
      if (response.status === 416) return;
      if (span.start === 0) await writeOrigin(part, originOf(url, response, span.total));
      await append(heard(response, watch), url, part, span, options);
    } finally {
      await response.body?.cancel().catch(() => {});
    }
  } finally {
    watch.end();
  }
}

/** A signal that fires when `stir` was not called for `stall` milliseconds, or when `signal` does. */
function watchFor(stall: number, signal?: AbortSignal) {
  const controller = new AbortController();
  const silence = new Interruption("further bytes", `none for ${stall / 1000} s`);
  const start = () => setTimeout(() => controller.abort(silence), stall);
  let timer = start();
  return {
    signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
    stir() {
      clearTimeout(timer);
      timer = start();
    },
    end: () => clearTimeout(timer),
  };
}

async function* heard({ body }: Response, watch: { stir(): void }): AsyncGenerator<Uint8Array> {
  for await (const chunk of body ?? []) {
    watch.stir();
    yield chunk;
  }
}

/** Which bytes an answer has; they begin at 0 or where the known part ends. */
async function spanOf(
  { status, headers }: Response,
  url: string,
  part: string,
  known: Part | undefined,
): Promise<Span> {
  const range = headers.get("content-range") ?? "";
  const found = `HTTP status ${status}${range ? ` with ${range}` : ""}`;
  if (status === 200) {
    const total = numberOf(headers.get("content-length"));
    return { start: 0, end: total, total };
  }
  if (known && (status === 206 || status === 416)) {
    const [, start, last, all] = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(range) ?? [];
    const total = numberOf(all) ?? known.total;
    const isKnown = known.total === undefined || total === known.total;
    if (isKnown && isSame(known, headers)) {
      if (numberOf(start) === known.size) {
        return { start: known.size, end: Number(last) + 1, total };
      }
      if (status === 416 && total === known.size) return { start: total, total };
    }
    await discardPart(part);
    const whole = `bytes ${known.size} to ${known.total ?? "the end"} of ${known.validator}`;
    throw new Interruption(whole, `${found} of ${headers.get("etag") ?? "something else"}`);
  }
  const mayPass = [206, 408, 416, 425, 429].includes(status) || status >= 500;
  if (mayPass) throw new Interruption("a file", found);
  throw new DataError(`Cannot download ${url}: expected a file but found ${found}`);
}

function numberOf(text: string | null | undefined): number | undefined {
  return text && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Whether an answer tells of the same content; some servers ignore `if-range`. */
function isSame({ etag, lastModified }: Origin, headers: Headers): boolean {
  const agree = (known: string | undefined, name: string) =>
    known === undefined || (headers.get(name) ?? known) === known;
  return agree(etag, "etag") && agree(lastModified, "last-modified");
}

async function append(
  chunks: AsyncIterable<Uint8Array>,
  url: string,
  part: string,
  { start, end, total }: Span,
  { most = Infinity, progress }: Options,
): Promise<void> {
  const tooMuch = (found: string) =>
    new DataError(`Cannot download ${url}: expected at most ${most} bytes but found ${found}`);
  if (total !== undefined && total > most) throw tooMuch(`${total}`);
  const failed = (cause: unknown) => {
    throw cannotWrite(part, cause);
  };
  const file = await open(part, "a").catch(failed);
  const promised = `${total ?? end ?? "all"} bytes`;
  let done = start;
  try {
    for await (const chunk of chunks) {
      done += chunk.length;
      if (done > most) throw tooMuch("more");
      await file.writeFile(chunk).catch(failed);
      progress?.({ task: "downloading", done, total });
    }
    await file.sync().catch(failed);
  } catch (cause) {
    if (cause instanceof DataError || cause instanceof Interruption) throw cause;
    throw new Interruption(promised, `${done} (${reason(cause)})`, cause);
  } finally {
    await file.close();
  }
  if (end !== undefined && done > end) {
    await discardPart(part);
    throw new Interruption(`${end} bytes`, "more");
  }
  if (total !== undefined && done < total) throw new Interruption(promised, `${done}`);
}

/** The innermost message of an error, which says most; the address is named elsewhere. */
function reason(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? reason(cause) : message.replace(/ for url \(\S+\)/, "");
}

function originOf(url: string, { headers }: Response, total: number | undefined): Origin {
  const [etag, lastModified] = [headers.get("etag"), headers.get("last-modified")];
  return {
    url,
    ...(etag ? { etag } : {}),
    ...(lastModified ? { lastModified } : {}),
    ...(total === undefined ? {} : { total }),
  };
}
