import process from "node:process";

/**
 * Aborts at the first Ctrl-C, SIGTERM or closed terminal, so that work in hand is saved; a second
 * Ctrl-C or SIGTERM ends the process at once, with code 130.
 *
 * @param what what is done before the process ends
 * @returns a function that ends the listening
 */
export function listenForInterrupts(
  interrupt: AbortController,
  what = "finishing the step and saving",
): () => void {
  const stop = () => {
    if (interrupt.signal.aborted) Deno.exit(130);
    console.error(`\nInterrupted: ${what} (again to leave at once)`);
    interrupt.abort();
  };
  // A closed terminal or pipe must not keep the work from being saved.
  const streams = [process.stdout, process.stderr];
  for (const stream of streams) {
    if (!stream.listeners("error").includes(ignore)) stream.on("error", ignore);
  }
  const hangUp = () => {
    for (const stream of streams) stream.write = () => true;
    console.log = console.error = () => {};
    interrupt.abort();
  };
  const listeners: [Deno.Signal, () => void][] = Deno.build.os === "windows"
    ? [["SIGINT", stop]]
    : [["SIGINT", stop], ["SIGTERM", stop], ["SIGHUP", hangUp]];
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
  };
}

/** Stays when listening has ended, for what is printed then. */
function ignore(): void {}
