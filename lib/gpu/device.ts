import { GpuError } from "./error.ts";

/** Which adapter to ask for. `software` runs on the processor. */
export type AdapterChoice = "default" | "software" | "high-performance" | "low-power";

/** What a user without a working Vulkan driver has to type. */
export const INSTALL_COMMAND = "sudo apt-get install -y mesa-vulkan-drivers";

const OPTIONAL_FEATURES: GPUFeatureName[] = ["shader-f16", "timestamp-query"];

/** What every kernel may count on: WebGPU's own defaults, which only "compatibility" devices lack. */
const NEEDED_LIMITS = {
  maxStorageBuffersPerShaderStage: 8,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupStorageSize: 16384,
} as const satisfies Partial<Record<keyof GPUSupportedLimits, number>>;

/** What a device is called, and what it runs on. */
interface Description {
  name: string;
  software: boolean;
  inStep: number;
}

/** A GPU device that throws its faults instead of losing them. */
export class Gpu {
  /** What the adapter calls itself. */
  readonly name: string;
  /** Whether it runs on the processor. */
  readonly software: boolean;
  /**
   * Invocations of a workgroup that a processor runs in step: each of their instructions is one of
   * the machine's, so that each sees what the others wrote. 1 where that is not known.
   */
  readonly inStep: number;
  readonly #isOwned: boolean;
  #failure: GpuError | undefined;
  #closed = false;

  private constructor(readonly device: GPUDevice, description: Description, isOwned: boolean) {
    ({ name: this.name, software: this.software, inStep: this.inStep } = description);
    this.#isOwned = isOwned;
    device.addEventListener("uncapturederror", this.#noteFault);
    device.lost.then((info) => {
      if (this.#closed) return;
      this.#failure ??= new GpuError(`Lost the GPU (${this.name}): ${info.message || info.reason}`);
    });
  }

  /** Of a device of others, the fault may be theirs: it is reported to them as well. */
  readonly #noteFault: EventListener = (event) => {
    if (this.#isOwned) event.preventDefault();
    const { message } = (event as GPUUncapturedErrorEvent).error;
    this.#failure ??= new GpuError(`The GPU (${this.name}) reported: ${firstLine(message)}`);
  };

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
          adapterAdvice(),
      );
    }
    const device = await adapter.requestDevice({
      requiredLimits: fullLimits(adapter.limits),
      requiredFeatures: OPTIONAL_FEATURES.filter((feature) => adapter.features.has(feature)),
    });
    return new Gpu(device, described(adapter.info), true);
  }

  /**
   * Uses a device that somebody else opened, so that buffers can be shared with their pipelines.
   * It needs no features, and no limits above WebGPU's defaults; larger ones allow larger batches.
   * `close` leaves it as it is. A fault that any of its users made is thrown here too, since a device
   * does not say whose it was.
   *
   * @param name what errors call it; what its adapter calls itself by default
   * @throws {TypeError} when it is no GPUDevice
   * @throws {GpuError} naming the limit that is too small
   */
  static from(device: GPUDevice, { name }: { name?: string } = {}): Gpu {
    if (!(device?.limits && device.queue)) {
      throw new TypeError(`Cannot use the device: expected a GPUDevice but found ${device}`);
    }
    // Browsers of before 2025 do not say what adapter a device is of.
    const description = described(device.adapterInfo ?? {});
    if (name) description.name = name;
    for (const [limit, needed] of Object.entries(NEEDED_LIMITS)) {
      const found = device.limits[limit as keyof typeof NEEDED_LIMITS];
      if (found >= needed) continue;
      throw new GpuError(
        `Cannot use the device (${description.name}): expected ${limit} of at least ${needed} ` +
          `but found ${found}; request the device with that among requiredLimits`,
      );
    }
    return new Gpu(device, description, false);
  }

  /** Throws the first fault that was reported since the device was opened, or since `from`. */
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
    try {
      const encoder = this.device.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, offset, staging, 0, bytes);
      this.submit(encoder);
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

  /** Gives a device that was opened back; one of others stays. The object cannot be used afterwards. */
  close(): void {
    this.#closed = true;
    if (this.#isOwned) this.device.destroy();
    else this.device.removeEventListener("uncapturederror", this.#noteFault);
  }
}

function adapterAdvice(): string {
  return typeof Deno === "undefined"
    ? "switch hardware acceleration on, and open the page by https or on localhost"
    : `install a Vulkan driver (Debian, Ubuntu: ${INSTALL_COMMAND}), then see \`layermix doctor\``;
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
    return adapter && isSoftware(adapter.info) ? adapter : null;
  }
  return await navigator.gpu.requestAdapter(
    choice === "default" ? {} : { powerPreference: choice },
  );
}

function described(info: Partial<GPUAdapterInfo>): Description {
  return { name: adapterName(info), software: isSoftware(info), inStep: inStep(info) };
}

function isSoftware(info: Partial<GPUAdapterInfo>): boolean {
  return info.isFallbackAdapter || /llvmpipe|swiftshader|basic render/i.test(adapterName(info));
}

/** llvmpipe makes a vector of each subgroup, and its subgroups have one size. */
function inStep(info: Partial<GPUAdapterInfo>): number {
  const { subgroupMinSize = 1, subgroupMaxSize } = info;
  const known = /llvmpipe/i.test(adapterName(info)) && subgroupMinSize === subgroupMaxSize;
  return known ? subgroupMinSize : 1;
}

/** Browsers leave the description empty, and say what the GPU's kind is. */
function adapterName(info: Partial<GPUAdapterInfo>): string {
  const { description, device, vendor, architecture } = info;
  return description || [vendor, architecture, device].filter(Boolean).join(" ") ||
    "unnamed adapter";
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
