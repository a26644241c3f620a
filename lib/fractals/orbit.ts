import type { Point } from "./variation.ts";

/** What is iterated; numbered as in `kernels/fractals/escape.wgsl`. */
export const formulas = ["power", "barnsley", "newton"] as const;

/** What a point is folded by before it is raised to a power; may be added. */
export const Fold = { x: 1, y: 2, conjugate: 4 } as const;

/** An iteration of the complex plane, and how its orbits are shown. */
export interface Orbit {
  formula: typeof formulas[number];
  /** 2 … 6. */
  power: number;
  /** A sum of `Fold`: x and y make burning ships, conjugate makes tricorns. */
  folds: number;
  /** The most steps that are made. */
  iterations: number;
  /** Julia's constant; else the point itself is. */
  constant: Point;
  isJulia: boolean;
  /** Phoenix: the share of the point before last. Newton: the relaxation. */
  memory: Point;
  /** The shape to which the nearest distance is shown: a point, a cross or a circle. */
  trap: 0 | 1 | 2;
  trapWeight: number;
  trapSize: number;
  /** How far the roots that Newton's steps come to are apart in the palette. */
  rootWeight: number;
  /** log2(1 + smooth count) that is shown as 0, and as 1. */
  low: number;
  high: number;
}

/** Where an orbit ended. */
export interface Escape {
  z: Point;
  /** Steps made: `iterations` where the orbit never ended. */
  count: number;
  smoothCount: number;
}

/** Bytes of `Orbit` in `kernels/fractals/escape.wgsl`. */
export const ORBIT_BYTES = 64;

const BAILOUT = 65536;

/** The orbit of a point in float64: the twin of `escape()` and `newton()` on the GPU. */
export function iterate(orbit: Orbit, p: Point): Escape {
  return orbit.formula === "newton" ? newton(orbit, p) : escape(orbit, p);
}

function escape(orbit: Orbit, p: Point): Escape {
  const { power, folds, iterations, memory, isJulia } = orbit;
  const [cx, cy] = isJulia ? orbit.constant : p;
  const isBarnsley = orbit.formula === "barnsley";
  let [x, y] = isJulia || isBarnsley ? p : [0, 0];
  let [beforeX, beforeY] = [0, 0];
  for (let i = 1; i <= iterations; i++) {
    let nextX: number, nextY: number;
    if (isBarnsley) {
      const shifted = x >= 0 ? x - 1 : x + 1;
      [nextX, nextY] = [shifted * cx - y * cy, shifted * cy + y * cx];
    } else {
      const wx = folds & Fold.x ? Math.abs(x) : x;
      const folded = folds & Fold.y ? Math.abs(y) : y;
      const wy = folds & Fold.conjugate ? -folded : folded;
      let [rx, ry] = [wx, wy];
      for (let k = 1; k < power; k++) [rx, ry] = [rx * wx - ry * wy, rx * wy + ry * wx];
      nextX = rx + cx + memory[0] * beforeX - memory[1] * beforeY;
      nextY = ry + cy + memory[0] * beforeY + memory[1] * beforeX;
    }
    [beforeX, beforeY, x, y] = [x, y, nextX, nextY];
    const size = x * x + y * y;
    if (size > BAILOUT) {
      const growth = Math.max(Math.hypot(cx, cy), 1.05);
      const parts = isBarnsley
        ? Math.log2(size / BAILOUT) / 2 / Math.log2(growth)
        : Math.log2(Math.log2(size) / 16) / Math.log2(power);
      return { z: [x, y], count: i, smoothCount: i - Math.min(Math.max(parts, 0), 1) };
    }
  }
  return { z: [x, y], count: iterations, smoothCount: iterations };
}

function newton({ power, iterations, memory, isJulia, constant }: Orbit, p: Point): Escape {
  const [cx, cy] = isJulia ? constant : p;
  let [x, y] = isJulia ? p : [1, 0];
  let smoothCount = 0;
  for (let i = 1; i <= iterations; i++) {
    let [wx, wy] = [x, y];
    for (let k = 2; k < power; k++) [wx, wy] = [wx * x - wy * y, wx * y + wy * x];
    const [fx, fy] = [wx * x - wy * y - 1, wx * y + wy * x];
    const [dx, dy] = [wx * power, wy * power];
    const size = Math.max(dx * dx + dy * dy, 1e-12);
    const [stepX, stepY] = [(fx * dx + fy * dy) / size, (fy * dx - fx * dy) / size];
    const moveX = cx - (memory[0] * stepX - memory[1] * stepY);
    const moveY = cy - (memory[0] * stepY + memory[1] * stepX);
    [x, y] = [x + moveX, y + moveY];
    const move = moveX * moveX + moveY * moveY;
    smoothCount += Math.exp(-1 / (Math.sqrt(move) + 0.01));
    if (move < 1e-8 || x * x + y * y > 1e8) return { z: [x, y], count: i, smoothCount };
  }
  return { z: [x, y], count: iterations, smoothCount };
}

/** Writes an orbit as `Orbit` of `kernels/fractals/escape.wgsl`. */
export function encodeOrbit(orbit: Orbit, view: DataView, offset: number): void {
  const words = [formulas.indexOf(orbit.formula), orbit.power, orbit.folds, orbit.iterations];
  for (const [i, word] of words.entries()) view.setUint32(offset + 4 * i, word, true);
  const points = [...orbit.constant, ...orbit.memory];
  for (const [i, value] of points.entries()) view.setFloat32(offset + 16 + 4 * i, value, true);
  view.setUint32(offset + 32, Number(orbit.isJulia), true);
  view.setUint32(offset + 36, orbit.trap, true);
  const span = 1 / (orbit.high - orbit.low);
  const floats = [orbit.trapWeight, orbit.rootWeight, orbit.low, span, orbit.trapSize];
  for (const [i, value] of floats.entries()) view.setFloat32(offset + 40 + 4 * i, value, true);
}
