import { type Values, zeros } from "./values.ts";

const EPSILON = 1e-5;
const MOMENTUM = 0.1;

/** The numbers of channel c of x (batch × channels × height × width), visited by position. */
function eachOfChannel({ shape }: Values, c: number, visit: (at: number) => void): void {
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const area = height * width;
  for (let n = 0; n < batch; n++) {
    for (let p = 0; p < area; p++) visit((n * channels + c) * area + p);
  }
}

/** Mean and biased variance per channel. */
function moments(x: Values): [Values, Values] {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const count = batch * height * width;
  const [mean, variance] = [zeros([channels]), zeros([channels])];
  for (let c = 0; c < channels; c++) {
    eachOfChannel(x, c, (at) => mean.data[c]! += x.data[at]! / count);
    eachOfChannel(x, c, (at) => variance.data[c]! += (x.data[at]! - mean.data[c]!) ** 2 / count);
  }
  return [mean, variance];
}

/** Batch norm by given statistics (evaluation), then ReLU if asked. */
export function batchNormBy(
  x: Values,
  gamma: Values,
  beta: Values,
  [mean, variance]: readonly [Values, Values],
  relu = false,
): Values {
  const y = zeros(x.shape);
  for (let c = 0; c < x.shape[1]!; c++) {
    const scale = gamma.data[c]! / Math.sqrt(variance.data[c]! + EPSILON);
    eachOfChannel(x, c, (at) => {
      const value = (x.data[at]! - mean.data[c]!) * scale + beta.data[c]!;
      y.data[at] = relu ? Math.max(value, 0) : value;
    });
  }
  return y;
}

/** Batch norm by the statistics of x itself (training), then ReLU if asked. */
export function batchNorm(x: Values, gamma: Values, beta: Values, relu = false): Values {
  return batchNormBy(x, gamma, beta, moments(x), relu);
}

/** The running statistics after one training step on x: the variance counts unbiased. */
export function runningAfter(x: Values, [mean, variance]: readonly [Values, Values]) {
  const count = x.data.length / x.shape[1]!;
  const [batchMean, batchVariance] = moments(x);
  const moved = (old: Values, by: (c: number) => number): Values => ({
    shape: old.shape,
    data: old.data.map((value, c) => (1 - MOMENTUM) * value + MOMENTUM * by(c)),
  });
  return {
    runningMean: moved(mean, (c) => batchMean.data[c]!),
    runningVar: moved(variance, (c) => batchVariance.data[c]! * count / (count - 1)),
  };
}
