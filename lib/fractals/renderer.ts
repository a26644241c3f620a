import chaos from "../../kernels/fractals/chaos.wgsl" with { type: "text" };
import chaosGame from "../../kernels/fractals/chaos_game.wgsl" with { type: "text" };
import develop from "../../kernels/fractals/develop.wgsl" with { type: "text" };
import escape from "../../kernels/fractals/escape.wgsl" with { type: "text" };
import escapeTime from "../../kernels/fractals/escape_time.wgsl" with { type: "text" };
import pictureCode from "../../kernels/fractals/picture.wgsl" with { type: "text" };
import textureCode from "../../kernels/fractals/texture.wgsl" with { type: "text" };
import variation from "../../kernels/fractals/variation.wgsl" with { type: "text" };
import random from "../../kernels/random.wgsl" with { type: "text" };
import type { Picture } from "../data/pixels.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Launch, Region } from "../gpu/kernel.ts";
import { type Program, write } from "../gpu/program.ts";
import { Tape } from "../gpu/tape.ts";
import { Purpose } from "../random/stream.ts";
import { encodeOrbit, ORBIT_BYTES } from "./orbit.ts";
import { PALETTE_COLORS } from "./palette.ts";
import { encodePicture, type FractalPicture, Kernel, PICTURE_BYTES } from "./picture.ts";
import { encodeSystem, SYSTEM_BYTES } from "./system.ts";
import { encodeTexture, TEXTURE_BYTES } from "./texture.ts";

/** Cells of the chaos game and bytes of each, for a pixel; and bytes of the pixel itself. */
const CELLS_PER_PIXEL = 4, CELL_BYTES = 8, PIXEL_BYTES = 4;
/** Points of the chaos game for each pixel, in walks of STEPS points after WARM_UP that are left out. */
const POINTS_PER_PIXEL = 40, STEPS = 128, WARM_UP = 20;
/** Memory that slots may take together, and the most slots. */
const MAX_BYTES = 2 ** 26, MAX_SLOTS = 16;
const PALETTE_BYTES = PALETTE_COLORS * 16;

/** WGSL functions that tests run by themselves. */
export const code = { escape, chaos: [random, variation, chaos].join("\n") };

/** What the host writes for each slot. */
type Inputs = Record<"pictures" | "palettes" | "systems" | "orbits" | "textures", Region>;

/** Draws fractal pictures of one size on the GPU, over buffers that are made once. */
export class Renderer {
  private constructor(
    readonly gpu: Gpu,
    /** In pixels. */
    readonly size: number,
    /** How many pictures are drawn at once. */
    readonly slots: number,
    readonly program: Program,
    readonly inputs: Inputs,
    readonly pixels: Region,
  ) {}

  /**
   * Allocates buffers and builds the pipelines for pictures of `size` × `size` pixels, 32 … 2048.
   *
   * @throws {GpuError} when a buffer cannot be had
   */
  static async create(gpu: Gpu, size: number): Promise<Renderer> {
    const slotBytes = size * size * (CELLS_PER_PIXEL * CELL_BYTES + PIXEL_BYTES);
    const slots = Math.min(Math.max(Math.floor(MAX_BYTES / slotBytes), 1), MAX_SLOTS);
    const tape = new Tape(gpu, false);
    const inputs: Inputs = {
      pictures: tape.region("pictures", slots * PICTURE_BYTES),
      palettes: tape.region("palettes", slots * PALETTE_BYTES),
      systems: tape.region("systems", slots * SYSTEM_BYTES),
      orbits: tape.region("orbits", slots * ORBIT_BYTES),
      textures: tape.region("textures", slots * TEXTURE_BYTES),
    };
    const pixels = tape.region("pixels", slots * size * size * PIXEL_BYTES);
    const cells = tape.region("cells", slots * size * size * CELLS_PER_PIXEL * CELL_BYTES);
    const exposures = tape.region("exposures", slots * 4);
    tape.record(launches(size, slots, { ...inputs, pixels, cells, exposures }));
    return new Renderer(gpu, size, slots, await tape.compile(), inputs, pixels);
  }

  /**
   * The pixels of at most `slots` pictures, in their order. Each depends on its own description
   * alone, not on the others or on its place.
   *
   * @throws {RangeError} for no or more pictures
   * @throws {GpuError} when the GPU fails
   */
  async render(pictures: readonly FractalPicture[]): Promise<Picture[]> {
    const { gpu, size, slots, inputs } = this;
    if (pictures.length < 1 || pictures.length > slots) {
      throw new RangeError(
        `Cannot draw pictures: expected 1 to ${slots} at once but found ${pictures.length}`,
      );
    }
    for (const [name, data] of Object.entries(encode(pictures, slots))) {
      write(gpu, inputs[name as keyof Inputs], data);
    }
    this.program.run();
    const bytes = size * size * PIXEL_BYTES;
    const { buffer, offset } = this.pixels;
    const rgba = await gpu.read(buffer!, offset, pictures.length * bytes);
    return pictures.map((_, slot) => {
      return { width: size, height: size, rgba: new Uint8Array(rgba, slot * bytes, bytes) };
    });
  }

  /** Frees the buffers. */
  destroy(): void {
    this.program.destroy();
  }
}

/** What goes into the input regions; slots without a picture have a kind that no kernel draws. */
function encode(
  pictures: readonly FractalPicture[],
  slots: number,
): Record<keyof Inputs, ArrayBuffer> {
  const views = {
    pictures: new DataView(new ArrayBuffer(slots * PICTURE_BYTES)),
    systems: new DataView(new ArrayBuffer(slots * SYSTEM_BYTES)),
    orbits: new DataView(new ArrayBuffer(slots * ORBIT_BYTES)),
    textures: new DataView(new ArrayBuffer(slots * TEXTURE_BYTES)),
  };
  const palettes = new Float32Array(slots * PALETTE_COLORS * 4);
  for (let slot = 0; slot < slots; slot++) {
    const picture = pictures[slot];
    if (!picture) {
      views.pictures.setUint32(slot * PICTURE_BYTES, 2 ** 32 - 1, true);
      continue;
    }
    const { system, orbit, texture } = picture;
    encodePicture(picture, views.pictures, slot * PICTURE_BYTES);
    if (system) encodeSystem(system, views.systems, slot * SYSTEM_BYTES);
    if (orbit) encodeOrbit(orbit, views.orbits, slot * ORBIT_BYTES);
    if (texture) encodeTexture(texture, views.textures, slot * TEXTURE_BYTES);
    palettes.set(picture.palette, slot * PALETTE_COLORS * 4);
  }
  const { pictures: heads, systems, orbits, textures } = views;
  return {
    pictures: heads.buffer,
    palettes: palettes.buffer,
    systems: systems.buffer,
    orbits: orbits.buffer,
    textures: textures.buffer,
  };
}

/** All kernels over all slots; each passes over the slots of another kind. */
function launches(
  size: number,
  slots: number,
  { pictures, palettes, systems, orbits, textures, pixels, cells, exposures }:
    & Inputs
    & Record<"pixels" | "cells" | "exposures", Region>,
): Launch[] {
  const tiles = [Math.ceil(size / 8), Math.ceil(size / 8), slots] as const;
  const walkers = Math.ceil(POINTS_PER_PIXEL * size * size / STEPS);
  const game = { SIZE: size, KIND: Kernel.chaosGame };
  const developing = [pictureCode, develop].join("\n");
  return [{
    kernel: "chaos_game",
    code: [pictureCode, random, variation, chaos, chaosGame].join("\n"),
    constants: { ...game, PURPOSE: Purpose.mixing_set, WALKERS: walkers, STEPS, WARM_UP },
    bindings: { pictures, systems, cells },
    groups: [Math.ceil(walkers / 64), 1, slots],
  }, {
    kernel: "expose",
    code: developing,
    constants: game,
    bindings: { pictures, cells, exposures },
    groups: [1, 1, slots],
  }, {
    kernel: "develop",
    code: developing,
    constants: game,
    bindings: { pictures, palettes, pixels, cells, exposures },
    groups: tiles,
  }, {
    kernel: "escape_time",
    code: [pictureCode, escape, escapeTime].join("\n"),
    constants: { SIZE: size, KIND: Kernel.escapeTime },
    bindings: { pictures, palettes, pixels, orbits },
    groups: tiles,
  }, {
    kernel: "texture_picture",
    code: [pictureCode, textureCode].join("\n"),
    constants: { SIZE: size, KIND: Kernel.texture },
    bindings: { pictures, palettes, pixels, textures },
    groups: tiles,
  }];
}
