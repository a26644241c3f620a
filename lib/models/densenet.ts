import type { Tensor } from "../gpu/tape.ts";
import { averagePool2d } from "../nn/average_pool2d.ts";
import { concatenate } from "../nn/concatenate.ts";
import { batchNormRelu, convolution, fullyConnected, type Network } from "../nn/network.ts";
import { globalAveragePool } from "../nn/pool.ts";

/** Layers of each of the three blocks, and channels that each adds. */
const LAYERS = 12;
const GROWTH = 12;

/**
 * Logits (batch × classes) of DenseNet-40, growth 12, without bottlenecks or reduction, for 32 × 32
 * pictures (batch × height × width × 3). Parameters have the names of AugMix's PyTorch code.
 *
 * Source: Huang et al., "Densely Connected Convolutional Networks", 2017.
 */
export function denseNet40(network: Network, pictures: Tensor, classes: number): Tensor {
  let x = convolution(network, "conv1", pictures, 2 * GROWTH, 3, { padding: 1 });
  for (let block = 1; block <= 3; block++) {
    for (let layer = 0; layer < LAYERS; layer++) {
      const name = `dense${block}.${layer}`;
      const activated = batchNormRelu(network, `${name}.bn1`, x);
      const grown = convolution(network, `${name}.conv1`, activated, GROWTH, 3, { padding: 1 });
      x = concatenate(network.tape, x, grown);
    }
    if (block < 3) x = transition(network, `trans${block}`, x);
  }
  x = batchNormRelu(network, "bn1", x);
  return fullyConnected(network, "fc", globalAveragePool(network.tape, x), classes);
}

function transition(network: Network, name: string, x: Tensor): Tensor {
  const activated = batchNormRelu(network, `${name}.bn1`, x);
  const y = convolution(network, `${name}.conv1`, activated, x.shape[3]!, 1);
  return averagePool2d(network.tape, y, 2);
}
