import { type Binding, bindingsOf } from "./bindings.ts";
import type { Gpu } from "./device.ts";
import { GpuError } from "./error.ts";
import { inPrecision } from "./half.ts";

/**
 * Turns that all loops of an invocation may take together: llvmpipe ends them after 65535, and says
 * nothing. Those of loops that find nothing to do are left room for.
 */
export const MOST_TURNS = 60_000;

/** A part of a GPU buffer. `buffer` is set when the tape that declared it is compiled. */
export interface Region {
  /** For errors and profiles. */
  readonly name: string;
  /** How large it is. */
  bytes: number;
  /** Whether its numbers are stored as f16, which kernels that know nothing of it read as f32. */
  half?: boolean;
  /** Where it is, once it is allocated. */
  buffer?: GPUBuffer;
  /** Whether other regions have the buffer before and after: the host must leave it alone. */
  isShared?: boolean;
  /** In bytes; a multiple of 256. */
  offset: number;
}

/** One kernel launch: an entry point, its constants, its buffers by name and its workgroups. */
export interface Launch {
  /** Entry point; also the name in errors and timings. */
  kernel: string;
  /** Its WGSL. */
  code: string;
  /** Values of the `override` constants. */
  constants?: Record<string, number>;
  /** By the names of its variables. */
  bindings: Record<string, Region>;
  /** Workgroups along each axis. */
  groups: readonly [number, number?, number?];
}

/** A launch ready to be encoded. */
export interface Dispatch {
  /** The name of its entry point. */
  kernel: string;
  /** What runs. */
  pipeline: GPUComputePipeline;
  /** What it runs on. */
  group: GPUBindGroup;
  /** Workgroups along each axis. */
  groups: readonly [number, number, number];
}

/** What one entry point of a WGSL source binds. */
interface Interface {
  bindings: ReadonlyMap<string, Binding>;
  layout: GPUBindGroupLayout;
  pipeline: Promise<GPUComputePipeline>;
}

/** A source and its fault, which every pipeline made of it reports. */
interface Compiled {
  module: GPUShaderModule;
  error: Promise<GPUError | null>;
}

const caches = new WeakMap<GPUDevice, Map<string, Interface>>();
const modules = new WeakMap<GPUDevice, Map<string, Compiled>>();

/** Few, so that progress is steady; not one, since a wait takes about 10 ms whatever it waits for. */
const WARMED_AT_ONCE = 4;

/** Told now and then how many of all different pipelines are ready to run, and at last of all. */
export type BuildProgress = (done: number, total: number) => void;

/**
 * Builds the pipelines of all launches; equal ones are built once per device.
 *
 * @param progress where given, pipelines are ready when the driver has compiled them, which some
 *   drivers do no sooner than at the first dispatch
 * @throws {GpuError} naming the kernel, and the buffer or the line that is at fault
 */
export async function build(
  gpu: Gpu,
  recorded: readonly Launch[],
  progress?: BuildProgress,
): Promise<Dispatch[]> {
  const launches = recorded.map(inPrecision);
  for (const launch of launches) check(gpu, launch);
  const total = new Set(launches.map(keyOf)).size;
  const different = new Map<GPUComputePipeline, Dispatch>();
  const dispatches: Dispatch[] = [];
  // One after the other: Deno builds a pipeline within the call, so nothing is gained together.
  for (const launch of launches) {
    const built = await dispatch(gpu, launch);
    dispatches.push(built);
    if (!progress || different.has(built.pipeline)) continue;
    different.set(built.pipeline, built);
    const done = different.size;
    if (done % WARMED_AT_ONCE && done < total) continue;
    await warmUp(gpu, [...different.values()].slice(-WARMED_AT_ONCE));
    progress(done, total);
  }
  return dispatches;
}

/** Runs no workgroups, for which drivers compile all the same, and waits for it. */
async function warmUp(gpu: Gpu, dispatches: readonly Dispatch[]): Promise<void> {
  const encoder = gpu.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (const { pipeline, group } of dispatches) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(0);
  }
  pass.end();
  gpu.submit(encoder);
  await gpu.idle();
}

async function dispatch(gpu: Gpu, launch: Launch): Promise<Dispatch> {
  const { bindings, layout, pipeline } = lookUp(gpu, launch);
  const entries = [...bindings].map(([name, { slot }]) => {
    const { buffer, offset, bytes } = launch.bindings[name]!;
    if (!buffer) {
      throw new GpuError(`Cannot run ${launch.kernel}: buffer "${name}" is not allocated`);
    }
    return { binding: slot, resource: { buffer, offset, size: bytes } };
  });
  return {
    kernel: launch.kernel,
    pipeline: await pipeline,
    group: gpu.device.createBindGroup({ label: launch.kernel, layout, entries }),
    groups: [launch.groups[0], launch.groups[1] ?? 1, launch.groups[2] ?? 1],
  };
}

/** Refuses a launch whose buffers or workgroups do not fit its kernel or the device. */
function check(gpu: Gpu, launch: Launch): void {
  const declared = bindingsOf(launch.code, launch.kernel);
  const refuse = (what: string) => {
    throw new GpuError(`Cannot run ${launch.kernel}: ${what}`);
  };
  const { limits } = gpu.device;
  for (const name of declared.keys()) {
    const region = launch.bindings[name];
    if (!region) return refuse(`buffer "${name}" is missing`);
    if (region.bytes > limits.maxStorageBufferBindingSize) {
      refuse(
        `buffer "${name}" has ${region.bytes} bytes but ${gpu.name} binds ` +
          `at most ${limits.maxStorageBufferBindingSize}`,
      );
    }
  }
  for (const name in launch.bindings) {
    if (!declared.has(name)) refuse(`it has no buffer "${name}"`);
  }
  for (const count of launch.groups) {
    if (count !== undefined && count > limits.maxComputeWorkgroupsPerDimension) {
      refuse(`${count} workgroups exceed ${limits.maxComputeWorkgroupsPerDimension}`);
    }
  }
}

/** What launches that share a pipeline have in common. */
function keyOf({ kernel, code, constants = {} }: Launch): string {
  return `${kernel} ${JSON.stringify(constants)} ${code}`;
}

function lookUp(gpu: Gpu, launch: Launch): Interface {
  const cache = caches.get(gpu.device) ?? new Map<string, Interface>();
  caches.set(gpu.device, cache);
  const key = keyOf(launch);
  let found = cache.get(key);
  if (!found) cache.set(key, found = create(gpu, launch));
  return found;
}

function create({ device }: Gpu, { kernel, code, constants = {} }: Launch): Interface {
  const bindings = bindingsOf(code, kernel);
  const layout = device.createBindGroupLayout({
    label: kernel,
    entries: [...bindings.values()].map(({ slot, type }) => ({
      binding: slot,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type },
    })),
  });
  const pipeline = createPipeline(device, kernel, code, constants, layout);
  // The launch that needs it awaits it; without a handler an early refusal would end the process.
  pipeline.catch(() => {});
  return { bindings, layout, pipeline };
}

async function createPipeline(
  device: GPUDevice,
  kernel: string,
  code: string,
  constants: Record<string, number>,
  layout: GPUBindGroupLayout,
): Promise<GPUComputePipeline> {
  const { module, error: compiled } = shaderModule(device, kernel, code);
  const error = await compiled;
  if (error) throw new GpuError(`Cannot compile ${kernel}: ${error.message.trim()}`);
  try {
    return await device.createComputePipelineAsync({
      label: kernel,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: kernel, constants },
    });
  } catch (cause) {
    const { message } = cause as Error;
    throw new GpuError(`Cannot build ${kernel} with ${JSON.stringify(constants)}: ${message}`, {
      cause,
    });
  }
}

function shaderModule(device: GPUDevice, label: string, code: string): Compiled {
  const cache = modules.get(device) ?? new Map<string, Compiled>();
  modules.set(device, cache);
  const known = cache.get(code);
  if (known) return known;
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ label, code });
  const compiled = { module, error: device.popErrorScope() };
  cache.set(code, compiled);
  return compiled;
}
