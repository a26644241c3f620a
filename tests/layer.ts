import assert from "node:assert/strict";
import type { Gpu } from "../lib/gpu/device.ts";
import type { Precision } from "../lib/gpu/half.ts";
import type { Region } from "../lib/gpu/kernel.ts";
import { type Program, readFloats, write } from "../lib/gpu/program.ts";
import { type Step, writeStep } from "../lib/gpu/step.ts";
import { Tape, type Tensor } from "../lib/gpu/tape.ts";
import {
  fromStored,
  type Parameter,
  Parameters,
  type Statistic,
  toStored,
} from "../lib/nn/parameters.ts";
import { channelsLast, fromChannelsLast, toChannelsLast } from "./layout.ts";
import { poison, poisons } from "./memory.ts";

/** Numbers in PyTorch's layout: a golden tensor, or a float64 twin's. */
export interface Numbers {
  shape: readonly number[];
  data: ArrayLike<number>;
}

/** What a layer is recorded with. */
export interface Recording {
  tape: Tape;
  step: Region;
  inputs: Tensor[];
  parameters: Record<string, Parameter>;
  statistics: Record<string, Statistic>;
}

/** A layer under test: what it is given, and how it is recorded. */
export interface Layer {
  inputs: readonly Numbers[];
  parameters?: Record<string, Numbers>;
  statistics?: Record<string, Numbers>;
  /** The gradient of y that is fed; without it the layer is only run forward. */
  dy?: Numbers;
  step?: Partial<Step>;
  /** Of activations and their gradients; f32 by default. */
  precision?: Precision;
  /** Times the program is run, with the statistics written anew each time. */
  runs?: number;
  /** The word that fills all memory before the layer is fed; NaN by default. */
  memory?: number;
  record(recording: Recording): Tensor;
}

/** What a layer made, in PyTorch's layout. */
export interface LayerResult {
  y: Float32Array;
  /** Gradients of the inputs that are differentiable, in order. */
  dx: Float32Array[];
  /** Gradients of the parameters by name. */
  gradients: Record<string, Float32Array>;
  statistics: Record<string, Float32Array>;
}

/**
 * Records a layer, feeds its inputs and the gradient of its output, and reads back all it makes.
 * All memory holds NaN before, and what the layer pads must be zero afterwards.
 */
export async function runLayer(gpu: Gpu, layer: Layer): Promise<LayerResult> {
  const tape = new Tape(gpu, layer.dy !== undefined, undefined, layer.precision);
  const parameters = new Parameters();
  const recording: Recording = {
    tape,
    step: tape.region("step", 16),
    inputs: layer.inputs.map(({ shape }, i) => tape.tensor(`x${i}`, channelsLast(shape))),
    parameters: mapped(layer.parameters, ({ shape }, name) => parameters.parameter(name, shape)),
    statistics: mapped(
      layer.statistics,
      ({ shape }, name) => parameters.statistic(name, shape[0]!, 0),
    ),
  };
  const y = layer.record(recording);
  tape.keep(y.data);
  tape.record([], () => {
    tape.gradient(y);
    return [];
  });
  parameters.allocate(gpu);
  const program = await tape.compile();
  poison(program, layer.memory ?? poisons[0]!);
  feed(gpu, layer, recording, y);
  const result = await runAndRead(gpu, layer, recording, y, program);
  program.destroy();
  return result;
}

function feed(gpu: Gpu, layer: Layer, recording: Recording, y: Tensor): void {
  const { tape, step, inputs, parameters } = recording;
  const batch = layer.inputs[0]!.shape[0]!;
  writeStep(gpu, step, { batch, number: 0, seed: 0, learningRate: 0, ...layer.step });
  inputs.forEach(({ data }, i) => {
    const values = layer.inputs[i]!;
    fill(gpu, data, toChannelsLast(values.data, values.shape));
  });
  for (const [name, { data, shape, grad }] of Object.entries(parameters)) {
    write(gpu, data, toStored(layer.parameters![name]!.data, shape));
    if (layer.dy) write(gpu, grad, nothing(grad.bytes));
  }
  if (!layer.dy) return;
  fill(gpu, tape.received(y), toChannelsLast(layer.dy.data, layer.dy.shape));
}

/** Writes numbers in the precision that a region has. */
function fill(gpu: Gpu, region: Region, values: Float32Array<ArrayBuffer>): void {
  write(gpu, region, region.half ? new Float16Array(values) : values);
}

async function runAndRead(
  gpu: Gpu,
  layer: Layer,
  { tape, inputs, parameters, statistics }: Recording,
  y: Tensor,
  program: Program,
): Promise<LayerResult> {
  for (let run = 0; run < (layer.runs ?? 1); run++) {
    for (const [name, { data }] of Object.entries(statistics)) {
      write(gpu, data, Float32Array.from(layer.statistics![name]!.data));
    }
    program.run();
  }
  const received = layer.dy ? inputs.filter((input) => input.differentiable) : [];
  return {
    y: await readTensor(gpu, y.data, y.shape),
    dx: await Promise.all(received.map((x) => readTensor(gpu, tape.received(x), x.shape))),
    gradients: await read(layer.dy ? parameters : {}, async ({ name, grad, shape }) => {
      const stored = await readFloats(gpu, grad);
      const gradient = fromStored(stored, shape);
      assertPadding(`the gradient of ${name}`, stored, toStored(gradient, shape));
      return gradient;
    }),
    statistics: await read(
      statistics,
      async ({ data, shape }) => (await readFloats(gpu, data)).slice(0, shape[0]),
    ),
  };
}

/** A tensor's numbers in PyTorch's layout; its padding must be zero. */
export async function readTensor(
  gpu: Gpu,
  region: Region,
  shape: readonly number[],
): Promise<Float32Array> {
  const [n, h, w, c] = shape;
  const torch = shape.length === 4 ? [n!, c!, h!, w!] : shape;
  const stored = await readFloats(gpu, region);
  const values = fromChannelsLast(stored, torch);
  assertPadding(region.name, stored, toChannelsLast(values, torch));
  return values;
}

/** `padded` is what was read, put back between zeros: a difference lies in the padding. */
function assertPadding(name: string, stored: Float32Array, padded: Float32Array): void {
  const at = padded.findIndex((value, i) => value !== stored[i] && !Number.isNaN(value));
  assert.equal(at, -1, `padding of ${name} at ${at}: ${stored[at]}`);
}

const nothing = (bytes: number) => new Float32Array(bytes / 4).fill(NaN);

function mapped<From, To>(
  record: Record<string, From> | undefined,
  make: (from: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(
    Object.entries(record ?? {}).map(([name, from]) => [name, make(from, name)]),
  );
}

async function read<From>(
  record: Record<string, From>,
  make: (from: From) => Promise<Float32Array>,
): Promise<Record<string, Float32Array>> {
  const entries = Object.entries(record).map(async ([name, from]) => [name, await make(from)]);
  return Object.fromEntries(await Promise.all(entries));
}
