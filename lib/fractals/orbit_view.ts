import type { Stream } from "../random/stream.ts";
import { Fold, iterate, type Orbit } from "./orbit.ts";
import type { Frame } from "./system.ts";
import type { Point } from "./variation.ts";

/** The kinds of pictures that `drawOrbit()` draws. */
export type OrbitKind = "mandelbrot" | "julia" | "newton";

/** An orbit's shape before it is known where to look. */
type Shape = Pick<Orbit, "formula" | "power" | "folds" | "memory">;

/** Points along each side of the coarse pictures that say where to look. */
const COARSE = 14, FINE = 20;
/** The narrowest view, which f32 still resolves at 2048 pixels. */
const MIN_WIDTH = 0.002;
/** Views tried before the last one is taken as it is; its picture may then be rejected. */
const MAX_TRIES = 24;

/**
 * An iteration and a part of the plane where it is rich: from a view of all of it, towards points that
 * take long to escape, again and again. Another view is drawn unless, on a grid of 20 × 20 points,
 * at least a quarter escape and their counts spread over a factor of 1.5.
 */
export function drawOrbit(random: Stream, kind: OrbitKind): { orbit: Orbit; frame: Frame } {
  for (let tries = 1;; tries++) {
    const view = kind === "newton" ? drawNewton(random) : drawEscape(random, kind === "julia");
    const isRich = measure(view.orbit, view.frame);
    if (isRich || tries === MAX_TRIES) return view;
  }
}

function drawEscape(random: Stream, isJulia: boolean): { orbit: Orbit; frame: Frame } {
  const shape = drawShape(random);
  const plane: Frame = { centre: [shape.power === 2 ? -0.4 : 0, 0], width: 3 };
  const orbit: Orbit = { ...shape, ...drawTrap(random), ...unmeasured, isJulia: false };
  if (!isJulia) return { orbit, frame: zoom(orbit, plane, random.integer(5), random) };
  // A constant from the edge of the Mandelbrot set has a Julia set that is neither full nor dust.
  const { centre, width } = zoom(orbit, plane, 2 + random.integer(3), random);
  const constant: Point = [
    centre[0] + width * random.between(-0.3, 0.3),
    centre[1] + width * random.between(-0.3, 0.3),
  ];
  const julia: Orbit = { ...orbit, constant, isJulia };
  return {
    orbit: julia,
    frame: zoom(julia, { centre: [0, 0], width: 2.8 }, random.integer(4), random),
  };
}

function drawNewton(random: Stream): { orbit: Orbit; frame: Frame } {
  const isJulia = random.chance(0.6);
  const orbit: Orbit = {
    ...drawTrap(random),
    ...unmeasured,
    formula: "newton",
    power: 3 + random.integer(4),
    folds: 0,
    iterations: 64,
    memory: [random.between(0.8, 1.6), random.chance(0.3) ? random.between(-0.4, 0.4) : 0],
    isJulia,
    constant: random.chance() ? [0, 0] : [random.between(-0.3, 0.3), random.between(-0.3, 0.3)],
    rootWeight: random.between(0, 0.5),
  };
  const plane: Frame = { centre: [0, 0], width: isJulia ? 3 : 1.6 };
  return { orbit, frame: zoom(orbit, plane, random.integer(4), random) };
}

function drawShape(random: Stream): Shape {
  if (random.chance(0.12)) return { formula: "barnsley", power: 2, folds: 0, memory: [0, 0] };
  const power = random.chance(0.55) ? 2 : 3 + random.integer(3);
  const folds = random.chance(0.5) ? 0 : [
    Fold.x | Fold.y,
    Fold.x,
    Fold.y,
    Fold.conjugate,
    Fold.x | Fold.conjugate,
  ][random.integer(5)]!;
  const memory: Point = random.chance(0.15)
    ? [random.between(-0.6, 0.6), random.between(-0.2, 0.2)]
    : [0, 0];
  return { formula: "power", power, folds, memory };
}

function drawTrap(random: Stream): Pick<Orbit, "trap" | "trapWeight" | "trapSize"> {
  return {
    trap: random.integer(3) as Orbit["trap"],
    trapWeight: random.chance(0.45) ? random.between(0.3, 1.2) : 0,
    trapSize: random.between(0.1, 0.9),
  };
}

/** What `measure()` sets, as it is before. */
const unmeasured = { iterations: 300, constant: [0, 0] as Point, rootWeight: 0, low: 0, high: 1 };

/** Goes `times` times towards one of the points that take longest to escape. */
function zoom(orbit: Orbit, plane: Frame, times: number, random: Stream): Frame {
  let frame = plane;
  for (let i = 0; i < times; i++) {
    const points = gridOf(frame, COARSE).map((p) => ({ p, ...iterate(orbit, p) }))
      .filter(({ count }) => count < orbit.iterations)
      .sort((a, b) => b.smoothCount - a.smoothCount);
    const slow = points[random.integer(Math.max(1, Math.floor(points.length * 0.12)))];
    const width = Math.max(frame.width / random.between(2.2, 4.5), MIN_WIDTH);
    frame = { centre: slow?.p ?? frame.centre, width };
  }
  return frame;
}

/** Sets the span of counts that is shown, and the most steps; returns whether the view is rich. */
function measure(orbit: Orbit, frame: Frame): boolean {
  const ends = gridOf(frame, FINE).map((p) => iterate(orbit, p));
  const escaped = ends.filter(({ count }) => count < orbit.iterations);
  if (escaped.length < ends.length / 4) return false;
  const levels = escaped.map(({ smoothCount }) => Math.log2(smoothCount + 1)).sort((a, b) => a - b);
  const at = (share: number) => levels[Math.floor(share * levels.length)]!;
  const [low, high] = [at(0.05), at(0.95)];
  const longest = Math.max(...escaped.map(({ count }) => count));
  const iterations = Math.min(orbit.iterations, Math.max(64, Math.ceil(longest * 1.5)));
  Object.assign(orbit, { low, high: Math.max(high, low + 0.3), iterations });
  return high - low >= Math.log2(1.5);
}

/** `side` × `side` points, evenly over a square. */
function gridOf({ centre: [x, y], width }: Frame, side: number): Point[] {
  return Array.from({ length: side * side }, (_, i): Point => [
    x + width * ((i % side + 0.5) / side - 0.5),
    y + width * ((Math.floor(i / side) + 0.5) / side - 0.5),
  ]);
}
