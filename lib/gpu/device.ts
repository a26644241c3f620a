import { GpuError } from "./error.ts";

/** Which adapter to ask for. `software` runs on the processor. */
export type AdapterChoice = "default" | "software" | "high-performance" | "low-power";

/** What a user without a working Vulkan driver has to type. */
export const INSTALL_COMMAND = "sudo apt-get install -y mesa-vulkan-drivers";

const OPTIONAL_FEATURES: GPUFeatureName[] = ["shader-f16", "timestamp-query"];

/** An opened GPU device that throws its faults instead of losing them. */
export class Gpu {
  #failure: GpuError | undefined;
  #closed = false;

  private constructor(
    readonly device: GPUDevice,
    readonly name: string,
    readonly software: boolean,
    /**
     * Invocations of a workgroup that a processor runs in step: each of their instructions is one of
     * the machine's, so that each sees what the others wrote. 1 where that is not known.
     */
    readonly inStep: number,
  ) {
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      const { message } = (event as GPUUncapturedErrorEvent).error;
      this.#failure ??= new GpuError(`The GPU (${name}) reported: ${firstLine(message)}`);
    });
    device.lost.then((info) => {
      if (this.#closed) return;
      this.#failure ??= new GpuError(`Lost the GPU (${name}): ${info.message || info.reason}`);
    });
  }

  /**
   * Opens an adapter with its full limits and the optional features it offers.
   *
   * @throws {GpuError} when there is no adapter; the message says what to install
   */
  static async open(choice: AdapterChoice = "default"): Promise<Gpu> {
    prepareEnvironment();
    const adapter = await requestAdapter(choice);
    if (!adapter) {
      throw new GpuError(
        `Cannot find a ${choice === "default" ? "" : choice + " "}WebGPU adapter: ` +
          `install a Vulkan driver (Debian, Ubuntu: ${INSTALL_COMMAND}), then see \`layermix doctor\``,
      );
    }
    const device = await adapter.requestDevice({
      requiredLimits: fullLimits(adapter.limits),
      requiredFeatures: OPTIONAL_FEATURES.filter((feature) => adapter.features.has(feature)),
    });
    return new Gpu(device, adapterName(adapter), isSoftware(adapter), inStep(adapter));
  }

  /** Throws the first fault that was reported since the device was opened. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Submits recorded commands. */
  submit(encoder: GPUCommandEncoder): void {
    this.device.queue.submit([encoder.finish()]);
    this.check();
  }

  /** Frees what writes left behind: it would wait for the next submission, as large as they were. */
  flush(): void {
    this.device.queue.submit([]);
  }

  /** Waits until all submitted work has ended. */
  async idle(): Promise<void> {
    await this.device.queue.onSubmittedWorkDone();
    this.check();
  }

  /**
   * Copies `length` bytes of a buffer, or all from `offset` on, to the host, through a staging buffer
   * made for this call.
   */
  async read(buffer: GPUBuffer, offset: number = 0, length?: number): Promise<ArrayBuffer> {
    this.check();
    const bytes = length ?? buffer.size - offset;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const staging = this.device.createBuffer({ label: "read-back", size: bytes, usage });
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, offset, staging, 0, bytes);
    this.submit(encoder);
    try {
      await staging.mapAsync(GPUMapMode.READ);
      this.check();
      return staging.getMappedRange().slice(0);
    } catch (cause) {
      await this.#learnLoss();
      this.check();
      throw new GpuError(`Cannot read back from the GPU (${this.name}): ${cause}`, { cause });
    } finally {
      staging.destroy();
    }
  }

  /** A lost device makes commands fail a moment before it says that it is lost. */
  async #learnLoss(): Promise<void> {
    let timer: ReturnType<typeof setTimeout>;
    const moment = new Promise((resolve) => timer = setTimeout(resolve, 100));
    await Promise.race([this.device.lost, moment]).finally(() => clearTimeout(timer));
  }

  /** Gives the device back. The object cannot be used afterwards. */
  close(): void {
    this.#closed = true;
    this.device.destroy();
  }
}

/**
 * Without a runtime folder the Vulkan loader's window-system part writes to standard error. And
 * where the Vulkan driver is missing, Deno would take an OpenGL one, which is slower, has fewer
 * features and other bits: on Linux only Vulkan is used unless the user says otherwise.
 */
function prepareEnvironment(): void {
  if (typeof Deno === "undefined" || Deno.build.os !== "linux") return;
  const wanted = { XDG_RUNTIME_DIR: "/tmp", DENO_WEBGPU_BACKEND: "vulkan" };
  try {
    for (const [name, value] of Object.entries(wanted)) {
      if (!Deno.env.get(name)) Deno.env.set(name, value);
    }
  } catch {
    // Without the permission to set them the noise stays and Deno chooses; nothing else depends on it.
  }
}

async function requestAdapter(choice: AdapterChoice): Promise<GPUAdapter | null> {
  if (!navigator.gpu) return null;
  if (choice === "software") {
    const adapter = await navigator.gpu.requestAdapter({ forceFallbackAdapter: true });
    return adapter && isSoftware(adapter) ? adapter : null;
  }
  return await navigator.gpu.requestAdapter(
    choice === "default" ? {} : { powerPreference: choice },
  );
}

function isSoftware(adapter: GPUAdapter): boolean {
  return adapter.info.isFallbackAdapter ||
    /llvmpipe|swiftshader|basic render/i.test(adapterName(adapter));
}

/** llvmpipe makes a vector of each subgroup, and its subgroups have one size. */
function inStep(adapter: GPUAdapter): number {
  const { subgroupMinSize, subgroupMaxSize } = adapter.info;
  const known = /llvmpipe/i.test(adapterName(adapter)) && subgroupMinSize === subgroupMaxSize;
  return known ? subgroupMaxSize : 1;
}

function adapterName(adapter: GPUAdapter): string {
  const { description, device, vendor } = adapter.info;
  return description || [vendor, device].filter(Boolean).join(" ") || "unnamed adapter";
}

/** Every numeric limit as the adapter offers it: a default device is far smaller. */
function fullLimits(limits: GPUSupportedLimits): Record<string, number> {
  const full: Record<string, number> = {};
  for (const name in limits) {
    const value = limits[name as keyof GPUSupportedLimits] as unknown;
    if (typeof value === "number") full[name] = value;
  }
  return full;
}

function firstLine(text: string): string {
  return text.split("\n").map((line) => line.trim()).filter(Boolean).slice(0, 4).join(" | ");
}
