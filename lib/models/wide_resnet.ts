import type { Tensor } from "../gpu/tape.ts";
import type { DropoutOptions } from "../nn/elementwise.ts";
import { batchNormRelu, convolution, fullyConnected, type Network } from "../nn/network.ts";
import { globalAveragePool } from "../nn/pool.ts";

/** A Wide ResNet's shape. */
export interface WideResNetOptions {
  /** 6n + 4. */
  depth: number;
  widenFactor: number;
  /** Dropout between the two convolutions of a block, in [0, 1). */
  dropRate: number;
  classes: number;
}

/**
 * Logits (batch × classes) of a Wide ResNet for 32 × 32 pictures (batch × height × width × 3), with
 * pre-activation and a 1 × 1 shortcut on the activated input. Parameters have PyTorch's names.
 *
 * Source: Zagoruyko and Komodakis, "Wide Residual Networks", 2016.
 *
 * @throws {RangeError} when the depth is not 6n + 4
 */
export function wideResNet(network: Network, pictures: Tensor, options: WideResNetOptions): Tensor {
  const { depth, widenFactor, classes } = options;
  const blocks = blocksPerGroup(depth);
  let x = convolution(network, "conv1", pictures, 16, 3, { padding: 1 });
  [16, 32, 64].forEach((width, group) => {
    for (let block = 0; block < blocks; block++) {
      const stride = group > 0 && block === 0 ? 2 : 1;
      const layer = group * blocks + block;
      x = basicBlock(network, `block${group + 1}.layer.${block}`, x, width * widenFactor, stride, {
        p: options.dropRate,
        layer,
      });
    }
  });
  x = batchNormRelu(network, "bn1", x);
  return fullyConnected(network, "fc", globalAveragePool(network.tape, x), classes);
}

/**
 * Blocks in each of the three groups of a Wide ResNet.
 *
 * @throws {RangeError} when the depth is not 6n + 4
 */
export function blocksPerGroup(depth: number): number {
  const blocks = (depth - 4) / 6;
  if (Number.isInteger(blocks) && blocks >= 1) return blocks;
  throw new RangeError(
    `Cannot build a Wide ResNet: expected a depth of 6n + 4 (10, 16, 22, 28, 40) but found ${depth}`,
  );
}

function basicBlock(
  network: Network,
  name: string,
  x: Tensor,
  outputs: number,
  stride: number,
  drop: DropoutOptions,
): Tensor {
  const activated = batchNormRelu(network, `${name}.bn1`, x);
  let y = convolution(network, `${name}.conv1`, activated, outputs, 3, { stride, padding: 1 });
  y = batchNormRelu(network, `${name}.bn2`, y, drop);
  // PyTorch's order of parameters has this convolution's before the shortcut's.
  network.parameters.parameter(`${name}.conv2.weight`, [outputs, outputs, 3, 3]);
  const residual = x.shape[3] === outputs
    ? x
    : convolution(network, `${name}.conv_shortcut`, activated, outputs, 1, { stride });
  return convolution(network, `${name}.conv2`, y, outputs, 3, { padding: 1, residual });
}
