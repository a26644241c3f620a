/**
 * Bytes of JavaScript's values and buffers, garbage that is not collected yet included. Unlike the
 * memory of the process, what tests that run beside this one take is not in it.
 */
export function isolateMemory(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
