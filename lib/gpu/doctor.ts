import randomCode from "../../kernels/random.wgsl" with { type: "text" };
import { Gpu } from "./device.ts";
import { readFloats } from "./program.ts";
import { Tape } from "./tape.ts";

/** What WebGPU offers here, and whether it computes rightly. */
export interface Diagnosis {
  /** Whether a kernel ran and computed what is known. */
  works: boolean;
  /** One line that says what is wrong and what to do; empty when nothing is. */
  problem: string;
  /** The adapter that was found. */
  adapter?: {
    name: string;
    software: boolean;
    features: string[];
    /** In bytes. */
    maxBufferSize: number;
    /** In bytes. */
    maxBindingSize: number;
  };
}

const testCode = `${randomCode}
@group(0) @binding(0) var<storage, read_write> result: array<vec4<f32>>;
@compute @workgroup_size(1)
fn doctor() {
  let word = philox(vec4(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u), vec2(0xa4093822u, 0x299f31d0u));
  result[0] = vec4<f32>(word >> vec4(8u));
}
`;

/** The upper 24 bits of Random123's known answer for the counter and key above. */
const expected = [0xd16cfe, 0x94fdcc, 0x5001e4, 0x24126e];

/** Opens an adapter and runs one kernel whose answer is known. Never throws. */
export async function diagnose(): Promise<Diagnosis> {
  let gpu: Gpu;
  try {
    gpu = await Gpu.open();
  } catch (error) {
    return { works: false, problem: (error as Error).message };
  }
  const { maxBufferSize, maxStorageBufferBindingSize: maxBindingSize } = gpu.device.limits;
  const features = [...gpu.device.features];
  const adapter = {
    name: gpu.name,
    software: gpu.software,
    features,
    maxBufferSize,
    maxBindingSize,
  };
  try {
    const found = await testKernel(gpu);
    const works = found.every((value, i) => value === expected[i]);
    const problem = works
      ? ""
      : `${gpu.name} computes wrong numbers: expected ${expected} but found ${found}; update its driver`;
    return { works, problem, adapter };
  } catch (error) {
    return {
      works: false,
      problem: `${gpu.name} cannot run a kernel: ${(error as Error).message}`,
      adapter,
    };
  } finally {
    gpu.close();
  }
}

async function testKernel(gpu: Gpu): Promise<number[]> {
  const tape = new Tape(gpu, false);
  const result = tape.region("result", 16);
  tape.record([{ kernel: "doctor", code: testCode, bindings: { result }, groups: [1] }]);
  const program = await tape.compile();
  program.run();
  return [...(await readFloats(gpu, result)).slice(0, 4)];
}
