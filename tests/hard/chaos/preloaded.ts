// Runs before layermix, in its process: does harm when it hands its n-th work to the GPU, or a moment
// after, so that a seed's harm comes at the same place again.
import { existsSync } from "node:fs";
import process from "node:process";

/** What is done, and when. */
export interface Harm {
  /** The use of the GPU that brings it about; 0 for none. */
  at: number;
  /** Milliseconds after that. */
  after: number;
  signal?: Deno.Signal;
  /** Destroys the GPU's device. */
  losesDevice?: boolean;
  /** Milliseconds that the clock jumps by. */
  jump?: number;
  /** Fills the disk of a folder, until nothing fits, with the file `filling`. */
  fills?: string;
  /** Takes the leave to write from a folder. */
  seals?: string;
}

const harm = JSON.parse(process.env.LAYERMIX_CHAOS ?? "{}") as Harm;
let device: GPUDevice | undefined, submits = 0, offset = 0;

function strike(): void {
  if (harm.signal) Deno.kill(Deno.pid, harm.signal);
  if (harm.losesDevice) device!.destroy();
  if (harm.fills) fill(`${harm.fills}/filling`);
  if (harm.seals && existsSync(harm.seals)) Deno.chmodSync(harm.seals, 0o555);
  offset = harm.jump ?? 0;
}

function fill(path: string): void {
  using file = Deno.openSync(path, { create: true, write: true });
  const block = new Uint8Array(4096);
  try {
    for (;;) file.writeSync(block);
  } catch {
    // Now it is full.
  }
}

const { requestDevice } = GPUAdapter.prototype;
GPUAdapter.prototype.requestDevice = async function (descriptor) {
  return device = await requestDevice.call(this, descriptor);
};

const { submit } = GPUQueue.prototype;
GPUQueue.prototype.submit = function (commands) {
  submit.call(this, commands);
  if (++submits !== harm.at) return;
  if (harm.after > 0) Deno.unrefTimer(setTimeout(strike, harm.after));
  else strike();
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

if (harm.at === 0) {
  globalThis.addEventListener("unload", () => console.error(`submits ${submits}`));
}
