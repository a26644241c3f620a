import { Command } from "@commander-js/extra-typings";
import { diagnose, type Diagnosis } from "../lib/gpu/doctor.ts";
import { INSTALL_COMMAND } from "../lib/gpu/device.ts";
import { layermixVersion } from "../lib/version.ts";

/** `layermix doctor`: what is there to compute on, and how to get what is missing. */
export function doctor() {
  return new Command("doctor")
    .description("Say which adapter WebGPU finds, test it, and how to install what is missing.")
    .option(
      "--install",
      "as root on Debian or Ubuntu: install the software Vulkan driver if no adapter is there",
    )
    .option("--quiet", "say nothing when all is well")
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExample:\n  layermix doctor")
    .action(async ({ install, quiet, json }) => {
      let diagnosis = await diagnose();
      if (!diagnosis.adapter && install) {
        await installDriver();
        // A process that found no driver once does not look again.
        diagnosis = await diagnoseAnew();
      }
      if (json) console.log(JSON.stringify({ layermix: layermixVersion, ...diagnosis }, null, 2));
      else if (!quiet || !diagnosis.works) console.log(describe(diagnosis));
      if (!diagnosis.works) throw new Error(diagnosis.problem);
    });
}

/** What a diagnosis says, line by line. */
export function describe({ adapter, works }: Diagnosis): string {
  const lines = [`layermix ${layermixVersion}, Deno ${Deno.version.deno}`];
  if (adapter) {
    const mebibytes = (bytes: number) => `${Math.floor(bytes / 2 ** 20)} MiB`;
    lines.push(
      `adapter    ${adapter.name}${adapter.software ? " (software: runs on the processor)" : ""}`,
      `features   ${adapter.features.join(", ")}`,
      `buffers    ${mebibytes(adapter.maxBufferSize)}, bound ${mebibytes(adapter.maxBindingSize)}`,
      `test       ${works ? "passed: a kernel ran and its random numbers are right" : "FAILED"}`,
    );
    if (adapter.software) {
      lines.push("hint       training is many times faster on a GPU with a Vulkan driver");
    }
  } else {
    lines.push("adapter    none", `install    ${INSTALL_COMMAND}`);
  }
  return lines.join("\n");
}

async function installDriver(): Promise<void> {
  const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;
  if (!isRoot) {
    throw new Error(
      `Cannot find a WebGPU adapter: run this once, then try again: ${INSTALL_COMMAND}`,
    );
  }
  console.error(
    "No WebGPU adapter: installing the software Vulkan driver (mesa-vulkan-drivers) with apt",
  );
  await run("apt-get", ["update", "-qq"]);
  await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "mesa-vulkan-drivers"]);
}

async function run(command: string, args: string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  let code: number, stderr: Uint8Array;
  try {
    ({ code, stderr } = await new Deno.Command(command, {
      args,
      env,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output());
  } catch (cause) {
    throw new Error(
      `Cannot install a Vulkan driver: ${command} is not there; install one by hand and try again`,
      { cause },
    );
  }
  if (code === 0) return;
  const last = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new Error(
    `Cannot install the Vulkan driver: ${command} ended with code ${code} (${last}); try ${INSTALL_COMMAND}`,
  );
}

async function diagnoseAnew(): Promise<Diagnosis> {
  // A compiled program is its own runtime.
  const start = Deno.build.standalone ? [] : ["run", "-A", Deno.mainModule];
  const args = [...start, "doctor", "--json"];
  const { stdout, code } = await new Deno.Command(Deno.execPath(), { args, stderr: "null" })
    .output();
  try {
    return JSON.parse(new TextDecoder().decode(stdout)) as Diagnosis;
  } catch (cause) {
    throw new Error(
      `Cannot tell whether the driver works now: expected a diagnosis but doctor ended with code ${code}; try layermix doctor`,
      { cause },
    );
  }
}
