// Runs before layermix, in its process: what befalls it when it hands its n-th work to the GPU.
import process from "node:process";

const { LAYERMIX_CHAOS_DEVICE: lost, LAYERMIX_CHAOS_CLOCK: jump, LAYERMIX_CHAOS_AT: at } =
  process.env;

if (at === "count") {
  globalThis.addEventListener("unload", () => console.error(`submits ${submits}`));
}

let device: GPUDevice | undefined, submits = 0, offset = 0;

const { requestDevice } = GPUAdapter.prototype;
GPUAdapter.prototype.requestDevice = async function (descriptor) {
  return device = await requestDevice.call(this, descriptor);
};

const { submit } = GPUQueue.prototype;
GPUQueue.prototype.submit = function (commands) {
  submit.call(this, commands);
  if (++submits !== Number(at)) return;
  if (lost) device!.destroy();
  offset = Number(jump ?? 0);
};

const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...args: unknown[]) {
    super(...(args.length ? args : [RealDate.now() + offset]) as [number]);
  }
  static override now(): number {
    return RealDate.now() + offset;
  }
} as DateConstructor;
