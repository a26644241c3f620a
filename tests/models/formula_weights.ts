import type { Parameter } from "../../lib/nn/parameters.ts";

/** The golden weights, by the formula of the golden files. */
export function formulaWeights({ name, shape }: Parameter, k: number): Float32Array {
  const size = shape.reduce((a, b) => a * b, 1);
  const fan = shape.slice(1).reduce((a, b) => a * b, 1);
  return Float32Array.from({ length: size }, (_, i) => {
    const v = Math.sin(0.7 * i + 1.3 * k);
    if (shape.length > 1) return v * Math.sqrt(2 / fan);
    return name.endsWith(".bias") ? 0.1 * v : 1 + 0.1 * v;
  });
}
