/// <reference lib="dom" />
import {
  type AugmenterOptions,
  type BatchAugmenter,
  createAugmenter,
  Gpu,
  type MethodName,
  methodNames,
} from "../../browser.ts";
import { DRAWS, mixing, SIDE } from "./material.ts";
import { builtInPicture, readPicture } from "./picture.ts";

const mixed: ReadonlySet<MethodName> = new Set(["layermix", "pixmix", "ipmix"]);
/** Which methods have the settings that have sliders. */
const sliders: Readonly<Record<string, ReadonlySet<MethodName>>> = {
  magnitude: new Set([...mixed, "augmix"]),
  blendingRatio: mixed,
};

const one = <Kind extends Element>(selector: string) => document.querySelector<Kind>(selector)!;
const method = one<HTMLSelectElement>("#method");
const chosen = () => method.value as MethodName;
const input = (name: string) => one<HTMLInputElement>(`#${name}`);
const original = one<HTMLCanvasElement>("#original");
const results = Array.from({ length: DRAWS }, (_, i) => canvas(`Draw ${i + 1}`));

let gpu: Gpu | undefined;
let picture: Uint8ClampedArray<ArrayBuffer>;
/** Whether something was changed since the last draw began, and whether one is under way. */
let isStale = false, isDrawing = false;

/** What a state is called in the page, for styles and tests. */
function show(state: "drawing" | "ready" | "failed", text: string): void {
  document.body.dataset.state = state;
  one("#status").textContent = text;
}

function canvas(label: string): CanvasRenderingContext2D {
  const made = document.createElement("canvas");
  [made.width, made.height] = [SIDE, SIDE];
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", label);
  return made.getContext("2d", { willReadFrequently: true })!;
}

function paint(context: CanvasRenderingContext2D, rgba: Uint8ClampedArray<ArrayBuffer>): void {
  context.putImageData(new ImageData(rgba, SIDE, SIDE), 0, 0);
}

/** Hides what the method has no setting for, and writes the values beside the sliders. */
function label(): void {
  for (const [name, methods] of Object.entries(sliders)) {
    one<HTMLElement>(`[data-setting=${name}]`).hidden = !methods.has(chosen());
  }
  for (const output of document.querySelectorAll("output")) {
    output.value = input(output.htmlFor.toString()).value;
  }
}

function settings(): AugmenterOptions {
  const name = chosen();
  const own = Object.entries(sliders).filter(([, methods]) => methods.has(name))
    .map(([slider]) => [slider, Number(input(slider).value)]);
  return {
    ...{ method: name, gpu, width: SIDE, height: SIDE, batch: DRAWS, padding: SIDE / 8 },
    ...{ seed: Number(input("seed").value), ...Object.fromEntries(own) },
    ...mixed.has(name) ? { mixing: mixing() } : {},
  } as AugmenterOptions;
}

/** Draws until nothing was changed meanwhile. */
async function draw(): Promise<void> {
  isStale = true;
  label();
  if (!gpu || isDrawing) return;
  isDrawing = true;
  try {
    while (isStale) {
      isStale = false;
      show("drawing", mixed.has(chosen()) ? "Drawing and mixing …" : "Drawing …");
      // The browser shows that first: what follows may keep it busy.
      await new Promise((resolve) => setTimeout(resolve, 20));
      await drawOnce();
    }
  } catch (error) {
    show("failed", (error as Error).message);
  } finally {
    isDrawing = false;
  }
}

async function drawOnce(): Promise<void> {
  const begun = performance.now();
  const augmenter = await createAugmenter(settings());
  const compiled = performance.now();
  try {
    await paintDraws(augmenter);
  } finally {
    augmenter.destroy();
  }
  const [compiling, drawing] = [compiled - begun, performance.now() - compiled].map(Math.round);
  show("ready", `${gpu!.name}: ready in ${compiling} ms, ${DRAWS} pictures in ${drawing} ms`);
}

async function paintDraws(augmenter: BatchAugmenter): Promise<void> {
  const indices = results.map((_, i) => i);
  const pictures = new Uint8ClampedArray(DRAWS * picture.length);
  for (const i of indices) pictures.set(picture, i * picture.length);
  const rgb = await (await augmenter.augment(pictures, indices, 0)).read();
  const pixels = SIDE * SIDE;
  for (const [i, context] of results.entries()) {
    const rgba = new Uint8ClampedArray(4 * pixels).fill(255);
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let channel = 0; channel < 3; channel++) {
        rgba[4 * pixel + channel] = 255 * rgb[3 * (i * pixels + pixel) + channel]!;
      }
    }
    paint(context, rgba);
  }
}

async function use(read: () => Promise<Uint8ClampedArray<ArrayBuffer>>): Promise<void> {
  try {
    picture = await read();
  } catch (error) {
    // What was drawn before stays.
    return show("failed", (error as Error).message);
  }
  paint(original.getContext("2d", { willReadFrequently: true })!, picture);
  await draw();
}

function listen(): void {
  for (const name of ["method", "seed", ...Object.keys(sliders)]) {
    one(`#${name}`).addEventListener("input", draw);
  }
  one("#published").addEventListener("click", () => {
    for (const name of Object.keys(sliders)) input(name).value = input(name).defaultValue;
    draw();
  });
  one("#built-in").addEventListener("click", () => use(builtInPicture));
  input("file").addEventListener("change", ({ target }) => {
    const files = target as HTMLInputElement;
    const file = files.files?.[0];
    if (file) use(() => readPicture(file));
    // The same file may be chosen again.
    files.value = "";
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) use(() => readPicture(file));
  });
}

async function start(): Promise<void> {
  method.append(...methodNames.map((name) => new Option(name.replace("_", " "), name)));
  one("#results").append(...results.map(({ canvas }) => canvas));
  listen();
  await use(builtInPicture);
  try {
    gpu = await Gpu.open();
  } catch (error) {
    return show("failed", `This page needs a browser with WebGPU. ${(error as Error).message}.`);
  }
  await draw();
}

start();
