import type { Tensor } from "../gpu/tape.ts";
import { averagePool2d } from "../nn/average_pool2d.ts";
import { dropout } from "../nn/elementwise.ts";
import { maxPool2d } from "../nn/max_pool2d.ts";
import { convolution, fullyConnected, type Network, normalize } from "../nn/network.ts";
import { quickGelu } from "../nn/quick_gelu.ts";

/** AllConv's shape. */
export interface AllConvOptions {
  /** Dropout after each max pool, in [0, 1); 0.5 in AugMix's code. */
  dropRate: number;
  classes: number;
}

/**
 * The layers: convolutions by their outputs, kernel and padding, max pools with dropout. The last two
 * pad pictures that they do not mix, and the mean is of the upper left 8 × 8 pixels of 10 × 10: so
 * AugMix's code has it.
 */
const layers = [
  ...[[96, 3, 1], [96, 3, 1], [96, 3, 1], "pool"] as const,
  ...[[192, 3, 1], [192, 3, 1], [192, 3, 1], "pool"] as const,
  ...[[192, 3, 0], [192, 1, 1], [192, 1, 1]] as const,
];

/**
 * Logits (batch × classes) of AllConv for 32 × 32 pictures (batch × height × width × 3). Parameters
 * have the names of AugMix's PyTorch code.
 *
 * Source: Springenberg et al., "Striving for Simplicity: The All Convolutional Net", 2015, as in
 * Hendrycks et al., "AugMix", 2020.
 *
 * @throws {RangeError} for pictures of another size
 */
export function allConv(
  network: Network,
  pictures: Tensor,
  { dropRate, classes }: AllConvOptions,
): Tensor {
  const { tape, step, training } = network;
  const [, height, width] = pictures.shape;
  if (height !== 32 || width !== 32) {
    throw new RangeError(
      `Cannot build AllConv: expected pictures of 32 × 32 pixels but found ${height} × ${width}`,
    );
  }
  let x = pictures, number = 0;
  for (const layer of layers) {
    if (layer === "pool") {
      x = maxPool2d(tape, x, { kernel: 2, stride: 2 });
      if (training) x = dropout(tape, step, x, { p: dropRate, layer: number });
      number += 2;
      continue;
    }
    const [outputs, kernel, padding] = layer;
    x = convolution(network, `features.${number}`, x, outputs, kernel, { padding, bias: true });
    x = quickGelu(tape, normalize(network, `features.${number + 1}`, x));
    number += 3;
  }
  const mean = averagePool2d(tape, x, 8);
  return fullyConnected(network, "classifier", { ...mean, shape: [x.shape[0]!, 192] }, classes);
}
