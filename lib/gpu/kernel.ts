import { GpuError } from "./error.ts";
import type { Gpu } from "./device.ts";

/** A part of a GPU buffer. `buffer` is set when the tape that declared it is compiled. */
export interface Region {
  readonly name: string;
  bytes: number;
  buffer?: GPUBuffer;
  /** In bytes; a multiple of 256. */
  offset: number;
}

/** One kernel launch: an entry point, its constants, its buffers by name and its workgroups. */
export interface Launch {
  /** Entry point; also the name in errors and timings. */
  kernel: string;
  code: string;
  /** Values of the `override` constants. */
  constants?: Record<string, number>;
  bindings: Record<string, Region>;
  groups: readonly [number, number?, number?];
}

/** A launch ready to be encoded. */
export interface Dispatch {
  kernel: string;
  pipeline: GPUComputePipeline;
  group: GPUBindGroup;
  groups: readonly [number, number, number];
}

interface Binding {
  slot: number;
  type: GPUBufferBindingType;
}

/** What one entry point of a WGSL source binds. */
interface Interface {
  bindings: Map<string, Binding>;
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

/**
 * Builds the pipelines of all launches in parallel; equal ones are built once per device.
 *
 * @throws {GpuError} naming the kernel, and the buffer or the line that is at fault
 */
export async function build(gpu: Gpu, launches: readonly Launch[]): Promise<Dispatch[]> {
  for (const launch of launches) check(gpu, launch, lookUp(gpu, launch).bindings);
  return await Promise.all(launches.map((launch) => dispatch(gpu, launch)));
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
function check(gpu: Gpu, launch: Launch, declared: Map<string, Binding>): void {
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

function lookUp(gpu: Gpu, { kernel, code, constants = {} }: Launch): Interface {
  const cache = caches.get(gpu.device) ?? new Map<string, Interface>();
  caches.set(gpu.device, cache);
  const key = `${kernel} ${JSON.stringify(constants)} ${code}`;
  let found = cache.get(key);
  if (!found) cache.set(key, found = create(gpu, kernel, code, constants));
  return found;
}

function create(
  gpu: Gpu,
  kernel: string,
  code: string,
  constants: Record<string, number>,
): Interface {
  const { device } = gpu;
  const bindings = usedBindings(code, kernel);
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

/**
 * The bindings an entry point reaches. Several entry points share a file, so what is declared is
 * more than what one of them uses; names are followed from function to function.
 */
function usedBindings(code: string, kernel: string): Map<string, Binding> {
  const declared = new Map<string, Binding>();
  for (const [, slot, space, name] of code.matchAll(/@binding\((\d+)\)\s+var<([^>]*)>\s+(\w+)/g)) {
    const type = space === "uniform"
      ? "uniform"
      : space!.includes("write")
      ? "storage"
      : "read-only-storage";
    declared.set(name!, { slot: Number(slot), type });
  }
  const bodies = new Map<string, Set<string>>();
  for (const [, name, body] of code.matchAll(/^fn (\w+)([^]*?)\n\}/gm)) {
    bodies.set(name!, new Set(body!.replace(/\/\/.*/g, "").match(/(?<![.\w])[A-Za-z_]\w*/g)));
  }
  if (!bodies.has(kernel)) {
    throw new GpuError(`Cannot run ${kernel}: no function of that name is in its source`);
  }
  const reached = new Set([kernel]);
  const used = new Map<string, Binding>();
  for (const name of reached) {
    for (const word of bodies.get(name)!) {
      if (bodies.has(word)) reached.add(word);
      const binding = declared.get(word);
      if (binding) used.set(word, binding);
    }
  }
  return used;
}
