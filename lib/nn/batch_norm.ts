import code from "../../kernels/batch_norm.wgsl" with { type: "text" };
import type { Launch, Region } from "../gpu/kernel.ts";
import { stepCode } from "../gpu/step.ts";
import { padded, type Tape, type Tensor } from "../gpu/tape.ts";
import { dropoutMask, type DropoutOptions, elementGroups, passGradient } from "./elementwise.ts";
import type { Parameter, Statistic } from "./parameters.ts";

/** What a batch norm of `channels` channels owns. */
export interface BatchNormParameters {
  /** γ, a number for each channel. */
  weight: Parameter;
  /** β, a number for each channel. */
  bias: Parameter;
  /** The running mean of each channel. */
  runningMean: Statistic;
  /** The running variance of each channel. */
  runningVar: Statistic;
}

/** How a batch norm is run, and what follows it in the same pass. */
export interface BatchNormOptions {
  /** Normalise by the batch and update the running statistics; else use those. */
  training: boolean;
  /** Added to what is normalised; of the shape of x. */
  residual?: Tensor;
  /** Apply ReLU to that. */
  relu?: boolean;
  /** Drop elements of that, which needs ReLU; for training only. */
  dropout?: DropoutOptions;
}

/** Rows per invocation of the sums: long enough to amortise, short enough to fill the device. */
const CHUNK = 256;

/**
 * y = γ (x - mean) / sqrt(var + 1e-5) + β per channel [+ residual] [ReLU] [dropout], for x
 * (batch × height × width × channels). Running statistics move by 0.1 and use the unbiased
 * variance, as PyTorch's. Pictures past `step.batch` do not count and get no gradient.
 *
 * @throws {RangeError} when the channels are not the parameters', the residual has another shape than
 * x or, before ReLU, is x itself, or dropout comes without ReLU or with a rate outside [0, 1)
 */
export function batchNorm(
  tape: Tape,
  step: Region,
  x: Tensor,
  parameters: BatchNormParameters,
  options: BatchNormOptions,
): Tensor {
  const { weight } = parameters;
  check(x, weight, options);
  const y = tape.tensor(`output of ${weight.name}`, x.shape);
  const [, height, width, channels] = x.shape as [number, number, number, number];
  const rows = x.shape[0]! * height * width;
  const norm: Norm = {
    ...parameters,
    ...{ x, y, step, training: options.training, residual: options.residual },
    relu: options.relu ?? false,
    dropout: options.dropout?.p === 0 ? undefined : options.dropout,
    ...{ area: height * width, rows, c4: padded(channels) / 4, chunks: Math.ceil(rows / CHUNK) },
    saved: tape.scratch(`${weight.name}.saved`, 8 * padded(channels)),
  };
  // Each pass asks for its own, so that the memory is free in between.
  const partials = () => tape.scratch("batch_norm.partials", norm.chunks * norm.c4 * 32);
  tape.record(forward(norm, partials()), () => backward(tape, norm, partials()));
  return y;
}

function check(x: Tensor, weight: Parameter, { residual, relu, dropout }: BatchNormOptions): void {
  const refuse = (what: string) => {
    throw new RangeError(`Cannot normalise with ${weight.name}: ${what}`);
  };
  const [expected, found] = [weight.shape[0], x.shape[3]];
  if (expected !== found) refuse(`expected ${expected} channels but found ${found}`);
  if (residual && residual.shape.join() !== x.shape.join()) {
    refuse(
      `expected a residual of shape ${x.shape.join(" × ")} but found ${residual.shape.join(" × ")}`,
    );
  }
  // One kernel would write its gradient twice.
  if (residual === x && relu) refuse("its own input is no residual after which ReLU is fused");
  if (dropout && !relu) refuse("dropout is only fused after ReLU");
}

/** A batch norm on its way from forward to backward. */
interface Norm extends BatchNormParameters {
  x: Tensor;
  y: Tensor;
  step: Region;
  training: boolean;
  residual?: Tensor;
  relu: boolean;
  dropout?: DropoutOptions;
  /** Mean and 1 / standard deviation, as used. */
  saved: Region;
  /** Pixels of a picture, and rows (pixels) of the whole batch. */
  area: number;
  rows: number;
  /** Vectors of channels. */
  c4: number;
  /** Parts of the sums. */
  chunks: number;
}

type Bindings = Launch["bindings"];
type Constants = Record<string, number>;

/** The functions that tell variants apart: what is added, dropped, let through and passed on. */
function variant(norm: Norm, residualGradient: boolean): { code: string; constants: Constants } {
  const { residual, relu, dropout } = norm;
  const mask = dropout ? dropoutMask(norm.x, dropout) : {
    code: "fn masked(value: vec4<f32>, i: u32) -> vec4<f32> {\n  return value;\n}\n",
    constants: {},
  };
  const added = `fn added(i: u32) -> vec4<f32> {
  return ${residual ? "residual[i]" : "vec4<f32>()"};
}
`;
  // What was let through shows in the result; without residual and dropout x tells it, which is read anyway.
  const open = readsResult(norm) ? "result[i]" : "hat * by.gamma + by.beta";
  const passed = dropout ? `d / ${1 - dropout.p}` : "d";
  const opened = `fn opened(d: vec4<f32>, i: u32, hat: vec4<f32>, by: Channels) -> vec4<f32> {
  return ${relu ? `select(vec4<f32>(), ${passed}, ${open} > vec4<f32>())` : "d"};
}
`;
  const passOn = `fn pass_on(i: u32, d: vec4<f32>) {
${
    residualGradient
      ? "  if (ACCUMULATE_RESIDUAL) { dresidual[i] += d; } else { dresidual[i] = d; }"
      : ""
  }
}
`;
  return {
    code: stepCode + code + mask.code + added + opened + passOn,
    constants: { ...mask.constants, RELU: Number(relu) },
  };
}

/** Whether the backward pass reads y to know what ReLU and dropout let through. */
function readsResult({ relu, residual, dropout }: Norm): boolean {
  return relu && (residual !== undefined || dropout !== undefined);
}

function forward(norm: Norm, partials: Region): Launch[] {
  const { x, y, weight, bias, step, saved, area, c4, chunks, residual, dropout, rows } = norm;
  const { code, constants } = variant(norm, false);
  const sums = { AREA: area, C4: c4, CHUNK };
  const running = { running_mean: norm.runningMean.data, running_var: norm.runningVar.data };
  const launch = (kernel: string, bindings: Bindings, constants: Constants, groups: number) =>
    ({ kernel, code, bindings, constants, groups: [groups] }) as const;
  const statistics = norm.training
    ? [
      launch("batch_norm_partials", { step, x: x.data, partials }, sums, inGroups(chunks * c4)),
      launch("batch_norm_statistics", { step, partials, saved, ...running }, sums, c4),
    ]
    : [launch("batch_norm_running", { saved, ...running }, { C4: c4 }, inGroups(c4))];
  const apply = {
    kernel: "batch_norm_forward",
    code,
    constants: { ...constants, ROWS: rows, C4: c4 },
    bindings: {
      ...{ x: x.data, statistics: saved, gamma: weight.data, beta: bias.data, y: y.data },
      ...(residual ? { residual: residual.data } : {}),
      ...(dropout ? { step } : {}),
    },
    groups: elementGroups(Math.ceil(rows / 4) * c4, 1),
  };
  return [...statistics, apply];
}

function backward(tape: Tape, norm: Norm, partials: Region): Launch[] {
  const { x, y, weight, bias, step, saved, area, c4, chunks, rows, residual } = norm;
  const dy = tape.received(y);
  const [dgamma, dbeta] = [tape.soleGradient(weight), tape.soleGradient(bias)];
  // A plain sum passes dy on as it is; after ReLU the residual gets what was let through.
  const masked = residual?.differentiable && norm.relu ? tape.gradient(residual) : undefined;
  const { region: dx, accumulate } = tape.gradient(x);
  const { code, constants } = variant(norm, masked !== undefined);
  const sums = { AREA: area, C4: c4, CHUNK };
  const source = {
    ...{ step, x: x.data, statistics: saved, gamma: weight.data, beta: bias.data, dy },
    ...(readsResult(norm) ? { result: y.data } : {}),
  };
  const flags = {
    TRAINING: Number(norm.training),
    ACCUMULATE: Number(accumulate),
    ACCUMULATE_RESIDUAL: Number(masked?.accumulate ?? false),
  };
  const launches: Launch[] = [
    {
      kernel: "batch_norm_backward_partials",
      code,
      constants: { ...constants, ...sums },
      bindings: { ...source, partials },
      groups: [inGroups(chunks * c4)],
    },
    {
      kernel: "batch_norm_parameter_gradient",
      code,
      constants: sums,
      bindings: { step, partials, dgamma, dbeta },
      groups: [c4],
    },
    {
      kernel: "batch_norm_input_gradient",
      code,
      constants: { ...constants, ...flags, AREA: area, ROWS: rows, C4: c4 },
      bindings: { ...source, dgamma, dbeta, dx, ...(masked ? { dresidual: masked.region } : {}) },
      groups: elementGroups(Math.ceil(rows / 4) * c4, 1),
    },
  ];
  return residual?.differentiable && !masked
    ? [...launches, ...passGradient(tape, dy, residual)]
    : launches;
}

/** Workgroups of 64 for `count` invocations. */
function inGroups(count: number): number {
  return Math.ceil(count / 64);
}
