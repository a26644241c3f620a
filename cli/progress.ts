import { SingleBar } from "cli-progress";
import process from "node:process";

/** Where progress goes; `process.stderr` is one. */
export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** What is counted, and how it is shown. */
export interface ProgressOptions {
  /** How many there are; 0 while that is not known. */
  total: number;
  /** The plural of what is counted, such as "pictures". */
  unit: string;
  /** What is done to them, where several things are shown one after the other. */
  task?: string;
  /** What was done before this run, as after a resume; 0 by default. */
  start?: number;
  /** Show nothing at all. */
  quiet?: boolean;
  /** Show each line as one JSON object. */
  json?: boolean;
  stream?: ProgressStream;
  /** The clock, in milliseconds. */
  now?: () => number;
}

/** The display of one long piece of work. */
export interface Progress {
  /** `done` of the total are done, counted from 0; `fields` such as the loss are shown beside. */
  update(done: number, fields?: Record<string, string>): void;
  /** Shows a line of its own. */
  note(line: string): void;
  /** Ends the display with a last line; must be called for the process to end by itself. */
  finish(): void;
}

/** Everything a line of progress says. */
interface State {
  done: number;
  total: number;
  unit: string;
  task?: string;
  /** NaN until it is known. */
  perSecond: number;
  fields: Record<string, string>;
}

/** One way of showing states. */
interface Display {
  show(state: State, isLast: boolean): void;
  note(line: string): void;
}

/** Between two lines where no bar can be drawn: seconds, or this share of the total. */
const lineSeconds = 10;
const lineShare = 0.1;

/** The speed is that of the last seconds, so that slow first steps are forgotten. */
const speedSeconds = 30;

/**
 * Shows how far work is, how fast and how long it will still take, on standard error: a bar that
 * is redrawn in place on a terminal, else a line every 10 seconds or 10 %.
 */
export function progress(options: ProgressOptions): Progress {
  const { total, unit, task, start = 0, now = () => performance.now() } = options;
  const display = chooseDisplay(options, now);
  const speed = speedometer(start, now);
  let state: State = { done: start, total, unit, task, perSecond: NaN, fields: {} };
  let isFinished = false;
  return {
    update(done, fields = {}) {
      if (isFinished) return;
      state = { ...state, done, fields, perSecond: speed(done) };
      display.show(state, false);
    },
    note: (line) => display.note(line),
    finish() {
      if (isFinished) return;
      isFinished = true;
      display.show(state, true);
    },
  };
}

/** A function from what is done to how much is done a second. */
function speedometer(start: number, now: () => number): (done: number) => number {
  const samples = [{ at: now(), done: start }];
  return (done) => {
    const at = now();
    if (at - samples.at(-1)!.at >= 500 || samples.length === 1) samples.push({ at, done });
    while (samples.length > 2 && at - samples[1]!.at > speedSeconds * 1000) samples.shift();
    const [oldest] = samples as [{ at: number; done: number }];
    return at > oldest.at && done > oldest.done
      ? 1000 * (done - oldest.done) / (at - oldest.at)
      : NaN;
  };
}

function chooseDisplay(options: ProgressOptions, now: () => number): Display {
  const stream = options.stream ?? process.stderr;
  if (options.quiet) return { show: () => {}, note: () => {} };
  if (options.json) {
    const write = (value: unknown) => stream.write(`${JSON.stringify(value)}\n`);
    return lineDisplay((state) => write(asJson(state)), (note) => write({ note }), now);
  }
  if (stream.isTTY) return barDisplay(stream, options);
  const write = (line: string) => stream.write(`${line}\n`);
  return lineDisplay((state) => write(describe(state)), write, now);
}

/** A line now and then, and one at the end. */
function lineDisplay(
  write: (state: State) => void,
  note: (line: string) => void,
  now: () => number,
): Display {
  let shownAt = now();
  let shown: number | undefined;
  return {
    note,
    show(state, isLast) {
      const { done, total } = state;
      const isDue = now() - shownAt >= lineSeconds * 1000 ||
        (total > 0 && done - (shown ?? 0) >= total * lineShare);
      if (isLast ? done === shown : !isDue) return;
      write(state);
      shownAt = now();
      shown = done;
    },
  };
}

/** A bar on a terminal; for a note it is taken away and drawn anew below. */
function barDisplay(stream: ProgressStream, { total, start = 0 }: ProgressOptions): Display {
  const bar = new SingleBar({
    stream: stream as NodeJS.WritableStream,
    format: "[{bar}] {text}",
    barsize: 24,
    barCompleteChar: "=",
    barIncompleteChar: " ",
    clearOnComplete: true,
    linewrap: true, // else a run that is interrupted leaves the terminal without it
  });
  let [done, text] = [start, ""];
  bar.start(total, done, { text });
  return {
    show(state, isLast) {
      [done, text] = [state.done, describe(state)];
      bar.update(Math.min(done, total), { text });
      if (!isLast) return;
      bar.stop();
      stream.write(`${text}\n`);
    },
    note(line) {
      const isDrawn = bar.isActive;
      bar.stop();
      stream.write(`${line}\n`);
      if (isDrawn) bar.start(total, Math.min(done, total), { text });
    },
  };
}

/** A state in one line, as "512/2000 pictures, 25 %, 128 pictures/s, 12 s left, loss 1.2". */
function describe(state: State): string {
  const { done, total, unit, task, perSecond, fields } = state;
  const what = task ? `${task} ` : "";
  const parts = total > 0
    ? [`${what}${done}/${total} ${unit}`, `${percent(state)} %`]
    : [`${what}${done} ${unit}`];
  if (!Number.isNaN(perSecond)) {
    parts.push(`${formatRate(perSecond)} ${unit}/s`);
    if (done < total) parts.push(`${formatSeconds((total - done) / perSecond)} left`);
  }
  for (const [name, value] of Object.entries(fields)) parts.push(`${name} ${value}`);
  return parts.join(", ");
}

function asJson({ fields, ...state }: State): Record<string, unknown> {
  const { done, total, unit, task, perSecond } = state;
  return {
    ...(task ? { task } : {}),
    done,
    total,
    unit,
    per_second: Number.isNaN(perSecond) ? null : perSecond,
    seconds_left: total === 0 || Number.isNaN(perSecond)
      ? null
      : Math.max(0, total - done) / perSecond,
    ...fields,
  };
}

function percent({ done, total }: State): number {
  return Math.min(100, Math.floor(100 * done / total));
}

function formatRate(perSecond: number): string {
  return perSecond >= 100 ? perSecond.toFixed(0) : String(Number(perSecond.toPrecision(2)));
}

/** A length of time for people, as "42 s", "3 min 5 s", "2 h 10 min" or "3 d 4 h". */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [minutes, hours, days] = [60, 3600, 86_400].map((unit) => Math.floor(whole / unit));
  if (days! > 0) return `${days} d ${hours! % 24} h`;
  if (hours! > 0) return `${hours} h ${minutes! % 60} min`;
  return minutes! > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
