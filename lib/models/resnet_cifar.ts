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

/**
 * Logits (batch × classes) of ResNet-18 for 32 × 32 pictures (batch × height × width × 3): a 3 × 3
 * stem without pooling. Parameters have the names of the usual PyTorch code for CIFAR.
 *
 * Source: He et al., "Deep Residual Learning for Image Recognition", 2015.
 */
export function resNet18Cifar(network: Network, pictures: Tensor, classes: number): Tensor {
  let x = convolution(network, "conv1.0", pictures, 64, 3, { padding: 1 });
  x = batchNormRelu(network, "conv1.1", x);
  [64, 128, 256, 512].forEach((width, group) => {
    for (let block = 0; block < 2; block++) {
      const stride = group > 0 && block === 0 ? 2 : 1;
      x = basicBlock(network, `conv${group + 2}_x.${block}`, x, width, stride);
    }
  });
  return fullyConnected(network, "fc", globalAveragePool(network.tape, x), classes);
}

function basicBlock(
  network: Network,
  name: string,
  x: Tensor,
  outputs: number,
  stride: number,
): Tensor {
  const own = (layer: number) => `${name}.residual_function.${layer}`;
  let y = convolution(network, own(0), x, outputs, 3, { stride, padding: 1 });
  y = batchNormRelu(network, own(1), y);
  y = convolution(network, own(3), y, outputs, 3, { padding: 1 });
  // PyTorch's order of parameters has this norm's before the shortcut's.
  declareBatchNorm(network, own(4), outputs);
  let residual = x;
  if (stride > 1 || x.shape[3] !== outputs) {
    residual = convolution(network, `${name}.shortcut.0`, x, outputs, 1, { stride });
    residual = normalize(network, `${name}.shortcut.1`, residual);
  }
  return normalize(network, own(4), y, { residual, relu: true });
}
