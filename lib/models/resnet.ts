import type { Tensor } from "../gpu/tape.ts";
import { maxPool2d } from "../nn/max_pool2d.ts";
import {
  batchNormRelu,
  convolution,
  declareBatchNorm,
  fullyConnected,
  type Network,
  normalize,
} from "../nn/network.ts";
import { globalAveragePool } from "../nn/pool.ts";

/** The depths that there are: blocks of each stage, and whether they have bottlenecks. */
const shapes = {
  18: { blocks: [2, 2, 2, 2], bottleneck: false },
  50: { blocks: [3, 4, 6, 3], bottleneck: true },
} as const;
/** How many layers a ResNet may have. */
export type ResNetDepth = keyof typeof shapes;

/**
 * Logits (batch × classes) of a ResNet for pictures of any size from 32 (batch × height × width × 3),
 * as torchvision's, under its names: bottlenecks have their stride in the 3 × 3 convolution.
 *
 * Source: He et al., "Deep Residual Learning for Image Recognition", 2015.
 */
export function resNet(
  network: Network,
  pictures: Tensor,
  depth: ResNetDepth,
  classes: number,
): Tensor {
  const { blocks, bottleneck } = shapes[depth];
  let x = convolution(network, "conv1", pictures, 64, 7, { stride: 2, padding: 3 });
  x = batchNormRelu(network, "bn1", x);
  x = maxPool2d(network.tape, x, { kernel: 3, stride: 2, padding: 1 });
  blocks.forEach((count, stage) => {
    for (let block = 0; block < count; block++) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      x = residualBlock(network, `layer${stage + 1}.${block}`, x, 64 << stage, stride, bottleneck);
    }
  });
  return fullyConnected(network, "fc", globalAveragePool(network.tape, x), classes);
}

function residualBlock(
  network: Network,
  name: string,
  x: Tensor,
  width: number,
  stride: number,
  bottleneck: boolean,
): Tensor {
  const outputs = bottleneck ? 4 * width : width;
  let y = bottleneck
    ? convolution(network, `${name}.conv1`, x, width, 1)
    : convolution(network, `${name}.conv1`, x, width, 3, { stride, padding: 1 });
  y = batchNormRelu(network, `${name}.bn1`, y);
  const middle = { stride: bottleneck ? stride : 1, padding: 1 };
  y = convolution(network, `${name}.conv2`, y, width, 3, middle);
  if (bottleneck) {
    y = batchNormRelu(network, `${name}.bn2`, y);
    y = convolution(network, `${name}.conv3`, y, outputs, 1);
  }
  const last = `${name}.bn${bottleneck ? 3 : 2}`;
  // PyTorch's order of parameters has this norm's before the shortcut's.
  declareBatchNorm(network, last, outputs);
  let residual = x;
  if (stride > 1 || x.shape[3] !== outputs) {
    residual = convolution(network, `${name}.downsample.0`, x, outputs, 1, { stride });
    residual = normalize(network, `${name}.downsample.1`, residual);
  }
  return normalize(network, last, y, { residual, relu: true });
}
