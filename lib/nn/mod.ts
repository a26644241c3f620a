/**
 * Layers of networks of your own, recorded on a tape with their backward passes, and trained by SGD.
 * Tensors are NHWC f32 on the GPU, their last axis padded to a multiple of four.
 *
 * ```ts run
 * import { Gpu, readFloats, STEP_BYTES, Tape, write, writeStep } from "@layermix/layermix/gpu";
 * import {
 *   batchNormRelu,
 *   convolution,
 *   fullyConnected,
 *   globalAveragePool,
 *   initialize,
 *   Parameters,
 *   sgd,
 *   softmaxCrossEntropy,
 *   Targets,
 * } from "@layermix/layermix/nn";
 *
 * const gpu = await Gpu.open(), tape = new Tape(gpu), parameters = new Parameters();
 * const step = tape.region("step", STEP_BYTES), training = true;
 * const network = { tape, step, parameters, training };
 * const pictures = tape.tensor("pictures", [4, 8, 8, 3], false);
 * const features = convolution(network, "conv", pictures, 16, 3, { padding: 1 });
 * const pooled = globalAveragePool(tape, batchNormRelu(network, "bn", features));
 * const loss = softmaxCrossEntropy(tape, step, fullyConnected(network, "fc", pooled, 2));
 * sgd(tape, step, parameters, { momentum: 0.9, decay: 5e-4 });
 *
 * parameters.allocate(gpu);
 * initialize(gpu, parameters, 1);
 * const program = await tape.compile();
 * write(gpu, pictures.data, new Float32Array(4 * 8 * 8 * 4).map((_, i) => Math.sin(i * i)));
 * write(gpu, loss.targets, Targets.of([0, 1, 0, 1]).data);
 * for (let number = 0; number < 30; number++) {
 *   writeStep(gpu, step, { batch: 4, number, seed: 1, learningRate: 0.1 });
 *   program.run();
 * }
 * const history = await readFloats(gpu, loss.history);
 * const mean = (number: number) => history[4 * number]! / 4;
 * console.log(mean(29) < mean(0) / 10); // true
 * gpu.close();
 * ```
 *
 * @module
 */
export { averagePool2d } from "./average_pool2d.ts";
export { batchNorm, type BatchNormOptions, type BatchNormParameters } from "./batch_norm.ts";
export { addBias } from "./bias.ts";
export { concatenate } from "./concatenate.ts";
export { conv2d, type ConvolutionOptions } from "./conv2d.ts";
export { add, dropout, type DropoutOptions, relu } from "./elementwise.ts";
export { initialize, initialValues } from "./initialize.ts";
export { jsdCrossEntropy } from "./jsd.ts";
export { linear } from "./linear.ts";
export { type Loss, type LossOptions, softmaxCrossEntropy, Targets } from "./loss.ts";
export type { LossScale } from "./loss_scaling.ts";
export { maxPool2d, type MaxPoolOptions } from "./max_pool2d.ts";
export {
  type AfterBatchNorm,
  batchNormRelu,
  convolution,
  declareBatchNorm,
  fullyConnected,
  type Network,
  normalize,
} from "./network.ts";
export { type Parameter, Parameters, type Statistic } from "./parameters.ts";
export { globalAveragePool } from "./pool.ts";
export { quickGelu } from "./quick_gelu.ts";
export { averageWeights, sgd, type SgdOptions } from "./sgd.ts";
