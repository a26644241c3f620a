import { Gpu } from "../lib/gpu/device.ts";
import { convolutionSpeed, geometries } from "./convolution.ts";
import { tensorflowForward } from "./tensorflow.ts";
import { augmentationSpeed, stepTime } from "./training.ts";

/** PyTorch 2.13 on two cores of the same kind (oneDNN), WRN-40-4, 32 pictures: milliseconds a step. */
const PYTORCH_WRN_40_4 = 770;

const gpu = await Gpu.open();
console.log(`adapter  ${gpu.name}\n`);

console.log("convolution (GFLOP/s)              forward  input gradient  weight gradient");
let forward = 0;
for (const geometry of geometries) {
  const speed = await convolutionSpeed(gpu, geometry);
  if (geometry === geometries[0]) forward = speed.forward;
  const { batch, height, inputs, outputs, kernel, stride } = geometry;
  const name =
    `${kernel}x${kernel} ${inputs}->${outputs}, ${batch}x${height}x${height}, stride ${stride}`;
  const cells = [speed.forward, speed.inputGradient, speed.weightGradient].map((v) => v.toFixed(1));
  console.log(
    `${name.padEnd(34)} ${cells[0]!.padStart(7)} ${cells[1]!.padStart(15)} ${
      cells[2]!.padStart(16)
    }`,
  );
}
const peer = await tensorflowForward(geometries[0]!);
console.log(
  `TensorFlow.js WebGPU, first line   ${peer.toFixed(1).padStart(7)}   layermix is ${
    (forward / peer).toFixed(1)
  } times as fast\n`,
);

console.log(
  `LayerMix alone, batch 128          ${(await augmentationSpeed(gpu, 128)).toFixed(0)} pictures/s`,
);
for (const [layers, widenFactor, batchSize] of [[10, 1, 64], [40, 4, 32]] as const) {
  const { milliseconds, bytes } = await stepTime(gpu, { layers, widenFactor, batchSize });
  const speed = `${milliseconds.toFixed(0)} ms a step, ${
    (1000 * batchSize / milliseconds).toFixed(0)
  } pictures/s, ${(bytes / 2 ** 20).toFixed(0)} MiB`;
  const ratio = layers === 40
    ? `; PyTorch on a processor: ${PYTORCH_WRN_40_4} ms, ${
      (PYTORCH_WRN_40_4 / milliseconds).toFixed(2)
    } of its speed`
    : "";
  console.log(
    `training WRN-${layers}-${widenFactor}, batch ${batchSize}`.padEnd(35) + speed + ratio,
  );
}
gpu.close();
