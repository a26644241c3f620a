import { type MethodName, methods, type MethodSettings } from "../augment/methods.ts";
import { mixingRoom } from "../augment/mixing.ts";
import type { MixingSet } from "../data/mixing_set.ts";
import { MixingStream } from "../data/mixing_stream.ts";
import { type DatasetName, openDataset } from "../data/open.ts";
import { encodePng } from "../data/picture_file.ts";
import type { Picture } from "../data/pixels.ts";
import { resize } from "../data/resize.ts";
import { type AdapterChoice, Gpu } from "../gpu/device.ts";
import { type Draw, type DrawSettings, type FrameSink, makeDraws } from "./draws.ts";
import { explain, type ExplainContext, explainJson } from "./explain.ts";
import { grid, type GridOptions, WIDEST_GRID } from "./grid.ts";
import { openMixingSetFor } from "./mixing.ts";
import { mixedFrom } from "./stages.ts";
import { datasetSubjects, fileSubjects, type Subjects, type SubjectSize } from "./subjects.ts";

/** Which draws to show: each is what training with this seed sees in that epoch. */
export interface SampleOptions extends Omit<DrawSettings, "methods"> {
  /** One method, or several, each with its own defaults for the settings that are left out. */
  method: MethodName | readonly MethodName[];
  /** Whole-number enlargement, from 1 on. */
  scale?: number;
  /** Takes every stage of every draw as a picture. */
  frame?: FrameSink;
}

/** `SampleOptions`, and where the pictures are. */
export interface DrawOptions extends SampleOptions {
  /** Whose training pictures are shown. */
  dataset: DatasetName;
  /** Folder of the data set's official files; not for built-in data. */
  dataPath?: string;
  /** Numbers of training pictures. */
  indices: readonly number[];
  /** Picture files to show instead of the data set's. */
  images?: readonly string[];
  /** Of picture files; 224 by default. */
  size?: SubjectSize;
  /** Folder tree of pictures, or "fractals". */
  mixingSet?: string;
  /** Bytes that it may take on the GPU; see `RunOptions`. */
  mixingMemory?: number;
  /** Which adapter; by default the system's choice. */
  adapter?: AdapterChoice;
}

/** The grid, and what was drawn in the order of pictures, then epochs, then methods. */
export interface Samples {
  picture: Picture;
  draws: Draw[];
}

/** `Samples` as they are shown to people. */
export interface DrawnSamples {
  /** The grid as an RGB PNG file. */
  png: Uint8Array;
  /** What happened to each picture. */
  draws: Draw[];
  /** What happened in a draw, as lines of text, or as a line of JSON. */
  explain(draw: Draw, as: "text" | "json"): string;
}

/**
 * Opens data and GPU, and draws `samples` as a PNG.
 *
 * @throws {DataError | GpuError | RangeError} one line for the user
 */
export async function drawSamples(options: DrawOptions): Promise<DrawnSamples> {
  const { images, size = 224, dataset, dataPath, indices, mixingSet } = options;
  const subjects = images
    ? await fileSubjects(images, size)
    : datasetSubjects(await openDataset(dataset, dataPath, "train"), indices);
  const gpu = await Gpu.open(options.adapter);
  let mixing: MixingSet | MixingStream | undefined;
  try {
    const most = mixingRoom(gpu, options.mixingMemory);
    mixing = mixingSet ? await openMixingSetFor(mixingSet, subjects, { most }) : undefined;
    const { picture, draws } = await samples(gpu, options, subjects, mixing);
    const context: ExplainContext = { seed: options.seed, subjects, mixing };
    return {
      ...{ png: encodePng(picture), draws },
      explain: (draw, as) => (as === "json" ? explainJson : explain)(draw, context),
    };
  } finally {
    if (mixing instanceof MixingStream) mixing.close();
    gpu.close();
  }
}

/**
 * A labelled grid, pixel for pixel what training sees: the originals at the left, then the draws, each
 * with the picture that was mixed in at its left. Of one method there is a row for each picture and a
 * column for each epoch; of several a row for each picture and epoch and a column for each method.
 * Without a scale, pictures that would make the grid wider than 4096 pixels are shown at a whole
 * fraction of their size.
 *
 * @throws {RangeError} when an option is out of range or the mixing set does not fit
 */
export async function samples(
  gpu: Gpu,
  options: SampleOptions,
  subjects: Subjects,
  mixing?: MixingSet | MixingStream,
): Promise<Samples> {
  const { method, scale, frame, ...settings } = options;
  const names = typeof method === "string" ? [method] : method;
  const all = { ...settings, methods: names };
  const draws = await makeDraws(gpu, all, subjects, mixing, frame);
  const table = names.length === 1
    ? byEpoch(draws, subjects, options)
    : byMethod(draws, subjects, options, names);
  const { cells, fraction } = scale ? { cells: table.cells, fraction: 1 } : fitted(table);
  const title = names.length > 3 ? `${names.length} methods` : names.join(", ");
  const shown = fraction > 1 ? `; pictures at 1/${fraction} of their size` : "";
  return {
    picture: grid({
      ...{ ...table, cells, scale },
      title: `${title} on ${subjects.title}`,
      footer: `seed ${options.seed}, ${describeSettings(names, options)}${shown}`,
    }),
    draws,
  };
}

type Table = Pick<GridOptions, "columns" | "rows" | "cells" | "columnGroups" | "rowGroups">;

/** A row for each picture, and columns for each epoch. */
function byEpoch(
  draws: Draw[],
  { pictures }: Subjects,
  { epoch, draws: count }: SampleOptions,
): Table {
  const source = sourceOf(draws);
  const columns = ["original"], columnGroups: number[] = [];
  for (let e = epoch; e < epoch + count; e++) {
    columnGroups.push(columns.length);
    columns.push(...source ? [`${source}\nepoch ${e}`] : [], `${draws[0]!.method}\nepoch ${e}`);
  }
  const cells = pictures.map(({ picture }, place) => {
    const own = draws.slice(place * count, (place + 1) * count);
    return [picture, ...own.flatMap((draw) => shown(draw, source))];
  });
  return {
    columns,
    rows: pictures.map(({ index, name }) => `${index} ${name}`),
    cells,
    columnGroups,
  };
}

/** A row for each picture and epoch, and columns for each method. */
function byMethod(
  draws: Draw[],
  { pictures }: Subjects,
  { epoch, draws: count }: SampleOptions,
  names: readonly MethodName[],
): Table {
  const sources = names.map((name) => sourceOf(draws.filter(({ method }) => method === name)));
  const columns = ["original"], columnGroups: number[] = [];
  for (const [m, name] of names.entries()) {
    columnGroups.push(columns.length);
    columns.push(...sources[m] ? [sources[m]] : [], name);
  }
  const rows: string[] = [], cells: (Picture | string)[][] = [], rowGroups: number[] = [];
  for (const [place, { index, name, picture }] of pictures.entries()) {
    rowGroups.push(rows.length);
    for (let e = 0; e < count; e++) {
      const start = (place * count + e) * names.length;
      const own = draws.slice(start, start + names.length);
      rows.push(`${e === 0 ? `${index} ${name}\n` : ""}epoch ${epoch + e}`);
      cells.push([e === 0 ? picture : "", ...own.flatMap((draw, m) => shown(draw, sources[m]))]);
    }
  }
  return { columns, rows, cells, columnGroups, rowGroups };
}

/** What a method mixes in: the heading of its column; undefined for nothing. */
function sourceOf(draws: readonly Draw[]): string | undefined {
  if (methods[draws[0]!.method].mixing) return "mixing picture";
  return draws.map(({ plan }) => mixedFrom(plan)).find((source) => source);
}

/** The cells of a draw. */
function shown({ picture, mixed }: Draw, source: string | undefined): (Picture | string)[] {
  return source ? [mixed ?? "none used", picture] : [picture];
}

/** The pictures at 1 / `fraction` of their size, such that the grid does not become too wide. */
function fitted({ columns, cells }: Table): { cells: Table["cells"]; fraction: number } {
  const pictures = cells.flat().filter((cell) => typeof cell !== "string");
  const widest = Math.max(...pictures.map(({ width }) => width));
  const fraction = Math.ceil(widest * columns.length / WIDEST_GRID);
  if (fraction === 1) return { cells, fraction };
  const part = (side: number) => Math.ceil(side / fraction);
  const shrink = (cell: Picture) => resize(cell, part(cell.width), part(cell.height));
  const smaller = cells.map((line) =>
    line.map((cell) => typeof cell === "string" ? cell : shrink(cell))
  );
  return { cells: smaller, fraction };
}

/** The settings that are not the methods' own. */
function describeSettings(names: readonly MethodName[], options: SampleOptions): string {
  const own = names.map((name) => methods[name].defaults);
  const settings = Object.keys(own[0]!) as (keyof MethodSettings)[];
  const changed = settings.filter((name) =>
    options[name] !== undefined && own.some((defaults) => defaults[name] !== options[name])
  );
  const words = changed.map((name) => {
    const text = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    const value = options[name]!;
    return typeof value === "boolean" ? `${value ? "" : "no "}${text}` : `${text} ${value}`;
  });
  return words.length > 0 ? words.join(", ") : "the methods' own settings";
}
