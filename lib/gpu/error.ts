/** A fault of the GPU, its driver or a request it cannot meet; one clear line. */
export class GpuError extends Error {
  /** Which kind of error it is. */
  override name = "GpuError";
}
