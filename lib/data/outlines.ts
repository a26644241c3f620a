/** A plain shape about (0, 0), within a distance of about 1. */
export interface Outline {
  name: string;
  /**
   * Whether a point lies in the shape. `variant`, in [0, 1), is how this one differs from others of
   * its class: how thick, how pointed.
   */
  inside(x: number, y: number, variant: number): boolean;
}

/** The ten classes of the shapes data set; their order is that of the labels. */
export const outlines: readonly Outline[] = [
  { name: "circle", inside: (x, y) => Math.hypot(x, y) < 0.9 },
  { name: "square", inside: (x, y) => Math.abs(x) < 0.8 && Math.abs(y) < 0.8 },
  { name: "triangle", inside: triangle },
  { name: "star", inside: star },
  { name: "cross", inside: cross },
  { name: "ring", inside: ring },
  { name: "heart", inside: heart },
  { name: "crescent", inside: crescent },
  { name: "spiral", inside: spiral },
  { name: "stripes", inside: stripes },
];

/** Three equal sides. */
function triangle(x: number, y: number): boolean {
  return y < 0.55 && Math.sqrt(3) * Math.abs(x) < y + 1.1;
}

/** Five points; the inner corners are 0.4 to 0.55 as far out as the points. */
function star(x: number, y: number, variant: number): boolean {
  const sector = 2 * Math.PI / 5;
  const angle = Math.abs(((Math.atan2(x, y) + 2 * Math.PI) % sector) - sector / 2);
  const [px, py] = [Math.hypot(x, y) * Math.cos(angle), Math.hypot(x, y) * Math.sin(angle)];
  const inner = 1.05 * (0.4 + 0.15 * variant);
  const [tipX, tipY] = [1.05 * Math.cos(sector / 2), 1.05 * Math.sin(sector / 2)];
  return (tipX - inner) * py - tipY * (px - inner) > 0;
}

/** Two bars at a right angle. */
function cross(x: number, y: number, variant: number): boolean {
  const half = 0.2 + 0.15 * variant;
  const [a, b] = [Math.abs(x), Math.abs(y)];
  return Math.min(a, b) < half && Math.max(a, b) < 0.98;
}

function ring(x: number, y: number, variant: number): boolean {
  const distance = Math.hypot(x, y);
  return distance < 0.95 && distance > 0.45 + 0.25 * variant;
}

/** (x² + y² - 1)³ < x² y³, upside down and scaled. */
function heart(x: number, y: number): boolean {
  const [a, b] = [x * 1.2, 0.1 - y * 1.2];
  return (a * a + b * b - 1) ** 3 < a * a * b * b * b;
}

/** A disc without another one beside it. */
function crescent(x: number, y: number, variant: number): boolean {
  return Math.hypot(x, y) < 0.98 && Math.hypot(x - 0.4 - 0.15 * variant, y) > 0.78;
}

/** One arm from the middle, wound 1.6 to 2.1 times. */
function spiral(x: number, y: number, variant: number): boolean {
  const turns = 1.6 + 0.5 * variant;
  const distance = Math.hypot(x, y) * turns;
  const turn = Math.atan2(y, x) / (2 * Math.PI);
  const lag = distance - turn;
  return distance < turns && Math.abs(lag - Math.round(lag)) < 0.25;
}

/** Three parallel bars. */
function stripes(x: number, y: number, variant: number): boolean {
  const pitch = 0.66, half = 0.15 + 0.08 * variant;
  return Math.abs(x) < 0.9 && Math.abs(y) < 0.98 &&
    Math.abs(y - pitch * Math.round(y / pitch)) < half;
}
