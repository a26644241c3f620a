import { DataError } from "../error.ts";
import type { PictureSource } from "../picture_source.ts";
import { drawView, planView } from "../view.ts";
import {
  Control,
  type LoaderSettings,
  type ReplacedRow,
  type Run,
  type Unreadable,
  type WorkerReport,
} from "./messages.ts";
import { openShared } from "./open_shared.ts";
import { replacements } from "./replacements.ts";

/** What a worker's global scope is, as far as it is used here. */
interface Scope {
  onmessage: (event: MessageEvent<LoaderSettings | Run>) => void;
  postMessage(report: WorkerReport): void;
}

const scope = globalThis as unknown as Scope;
let settings: LoaderSettings, source: PictureSource;

scope.onmessage = ({ data }) => {
  if ("order" in data) {
    load(data).catch((error) => scope.postMessage({ failure: String(error) }));
    return;
  }
  settings = data;
  source = openShared(data.source);
};

/** Takes pictures of the run one after another, until none is left. */
async function load(run: Run): Promise<void> {
  const { control } = settings, { batch } = run;
  let current = -1, rows = 0, replaced: ReplacedRow[] = [];
  const report = () => {
    if (rows > 0) scope.postMessage({ batch: current, rows, replaced });
    [rows, replaced] = [0, []];
  };
  for (;;) {
    const place = Atomics.add(control, Control.next, 1);
    const number = Math.floor(place / batch);
    if (number !== current || place >= run.order.length) report();
    if (place >= run.order.length || !waitForSlot(number)) break;
    current = number;
    const result = await show(run, place);
    if (result) replaced.push(result);
    rows++;
  }
  scope.postMessage({ isIdle: true });
}

/** Blocks until there is memory for a batch; says whether the run goes on. */
function waitForSlot(number: number): boolean {
  const { control, slots } = settings;
  for (;;) {
    // In this order: who cancels changes the first after the second, so that no change is missed.
    const released = Atomics.load(control, Control.released);
    if (Atomics.load(control, Control.cancelled)) return false;
    if (number < released + slots) return true;
    Atomics.wait(control, Control.released, released);
  }
}

/** Writes a picture's view where it belongs; says what was done where it cannot be read. */
async function show(
  { order, epoch, batch }: Run,
  place: number,
): Promise<ReplacedRow | undefined> {
  const { view, slots, pictures } = settings;
  const bytes = 4 * view.size * view.size;
  const at = place % (batch * slots) * bytes;
  const output = pictures.subarray(at, at + bytes);
  const unreadable: Unreadable[] = [], seed = "seed" in view ? view.seed : undefined;
  for (const index of replacements(seed, order[place]!, source.labels)) {
    try {
      const picture = await source.read(index);
      drawView(picture, planView(view, picture, index, epoch), output);
      return unreadable.length ? { row: place % batch, shown: index, unreadable } : undefined;
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      unreadable.push({ index, reason: error.message });
    }
  }
  new Uint32Array(output.buffer, output.byteOffset, bytes / 4).fill(0xFF000000);
  return { row: place % batch, unreadable };
}
