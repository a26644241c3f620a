import type { Tensor } from "../gpu/tape.ts";
import {
  batchNormRelu,
  convolution,
  declareBatchNorm,
  fullyConnected,
  type Network,
  normalize,
} from "../nn/network.ts";
import { globalAveragePool } from "../nn/pool.ts";

/** Groups of a block's middle convolution, and their width in the first stage. */
const CARDINALITY = 4;
const BASE_WIDTH = 32;

/**
 * Logits (batch × classes) of ResNeXt-29 4×32d for 32 × 32 pictures (batch × height × width × 3).
 * Parameters have the names of AugMix's PyTorch code.
 *
 * Source: Xie et al., "Aggregated Residual Transformations for Deep Neural Networks", 2017.
 */
export function resNext29(network: Network, pictures: Tensor, classes: number): Tensor {
  let x = convolution(network, "conv_1_3x3", pictures, 64, 3, { padding: 1 });
  x = batchNormRelu(network, "bn_1", x);
  [1, 2, 4].forEach((scale, stage) => {
    for (let block = 0; block < 3; block++) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      x = bottleneck(network, `stage_${stage + 1}.${block}`, x, scale, stride);
    }
  });
  return fullyConnected(network, "classifier", globalAveragePool(network.tape, x), classes);
}

function bottleneck(
  network: Network,
  name: string,
  x: Tensor,
  scale: number,
  stride: number,
): Tensor {
  const middle = CARDINALITY * BASE_WIDTH * scale, outputs = 256 * scale;
  let y = convolution(network, `${name}.conv_reduce`, x, middle, 1);
  y = batchNormRelu(network, `${name}.bn_reduce`, y);
  const grouped = { stride, padding: 1, groups: CARDINALITY };
  y = convolution(network, `${name}.conv_conv`, y, middle, 3, grouped);
  y = batchNormRelu(network, `${name}.bn`, y);
  y = convolution(network, `${name}.conv_expand`, y, outputs, 1);
  // PyTorch's order of parameters has this norm's before the shortcut's.
  declareBatchNorm(network, `${name}.bn_expand`, outputs);
  let residual = x;
  if (stride > 1 || x.shape[3] !== outputs) {
    residual = convolution(network, `${name}.downsample.0`, x, outputs, 1, { stride });
    residual = normalize(network, `${name}.downsample.1`, residual);
  }
  return normalize(network, `${name}.bn_expand`, y, { residual, relu: true });
}
