// What every kind of mixing picture has in common: the view of the plane, the palette and the light.
// `Picture` is laid out as lib/fractals/picture.ts writes it. The z axis of a dispatch is the slot.
override SIZE: u32;

struct Picture {
  kind: u32,
  seed: u32,
  number: u32,
  attempt: u32,
  centre: vec2<f32>,
  width: f32,
  turn: f32,
  // A value v has the palette position cycles * v + offset.
  cycles: f32,
  offset: f32,
  // Light falls on the values as on hills: how strongly, how steep they are, and from where.
  relief: f32,
  steepness: f32,
  light: vec2<f32>,
  // Of chaos games: the power of the log-density, the power of colours (below 1 they get lighter), and
  // the ground from its near to its far side.
  gamma: f32,
  lift: f32,
  ground: vec4<f32>,
  far_ground: vec4<f32>,
}

const PI = 3.14159265;
const PALETTE_COLORS = 64u;

@group(0) @binding(0) var<storage, read> pictures: array<Picture>;
@group(0) @binding(1) var<storage, read> palettes: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> pixels: array<u32>;

// The colour at a position of a cyclic palette, in [0, 1] per channel.
fn palette_color(slot: u32, position: f32) -> vec3<f32> {
  let at = fract(position) * f32(PALETTE_COLORS);
  let below = min(u32(at), PALETTE_COLORS - 1u);
  let above = (below + 1u) % PALETTE_COLORS;
  let start = slot * PALETTE_COLORS;
  return mix(palettes[start + below].rgb, palettes[start + above].rgb, at - f32(below));
}

// The point of the plane at sample `sample` (0 … 3) of a pixel: 2 x 2 samples, evenly apart.
fn sample_point(picture: Picture, pixel: vec2<u32>, sample: u32) -> vec2<f32> {
  let corner = vec2(f32(sample & 1u), f32(sample >> 1u)) * 0.5 + 0.25;
  let p = ((vec2<f32>(pixel) + corner) / f32(SIZE) - 0.5) * picture.width;
  let c = cos(picture.turn);
  let s = sin(picture.turn);
  return picture.centre + vec2(c * p.x - s * p.y, s * p.x + c * p.y);
}

// How a slope of the values, per width of the picture, brightens (> 1) or darkens (< 1) a pixel.
fn relief_light(picture: Picture, slope: vec2<f32>) -> f32 {
  let g = clamp(slope * picture.steepness, vec2(-8.0), vec2(8.0));
  return 1.0 + picture.relief * dot(g, picture.light) * inverseSqrt(1.0 + dot(g, g));
}

// Writes a colour of [0, 1] per channel as RGBA bytes, red lowest.
fn write_pixel(slot: u32, pixel: vec2<u32>, color: vec3<f32>) {
  let bytes = vec3<u32>(clamp(color, vec3(0.0), vec3(1.0)) * 255.0 + 0.5);
  let value = bytes.r | (bytes.g << 8u) | (bytes.b << 16u) | 0xff000000u;
  pixels[slot * SIZE * SIZE + pixel.y * SIZE + pixel.x] = value;
}
