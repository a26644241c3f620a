// The chaos game (Barnsley, Fractals Everywhere, 1988). `System` is laid out as
// lib/fractals/system.ts writes it. With random.wgsl and variation.wgsl.
const PICKS = 64u;
const MAPS = 8u;

struct Map {
  // x' = a x + b y + e, y' = c x + d y + f, with (a, b, c, d) and (e, f).
  linear: vec4<f32>,
  shift: vec2<f32>,
  // Share of the variation, against the affine map alone; and the colour, in [0, 1].
  share: f32,
  color: f32,
  variation: u32,
}

struct System {
  maps: array<Map, MAPS>,
  // The map for each of 64 equally likely draws, as 16 x 4.
  picks: array<vec4<u32>, 16>,
  symmetry: u32,
  mirrored: u32,
}

// A walker: its position, and the colour that its maps leave behind.
struct Walker {
  position: vec2<f32>,
  color: f32,
}

const START_AGAIN = 1e6;

// One step by the map that the lowest 6 bits of `word` draw.
fn walk(map: Map, walker: Walker, word: u32) -> Walker {
  let p = walker.position;
  let q = vec2(dot(map.linear.xy, p), dot(map.linear.zw, p)) + map.shift;
  var next = mix(q, variation(map.variation, q, (word & 64u) != 0u), map.share);
  // Variations can throw a point far out, from where it would come back late or never.
  next = select(vec2(0.1, -0.1), next, dot(next, next) < START_AGAIN);
  return Walker(next, 0.5 * (walker.color + map.color));
}

// Turns a point by one of the symmetry's angles, drawn by other bits of the word, and may mirror it.
fn symmetric(symmetry: u32, mirrored: u32, p: vec2<f32>, word: u32) -> vec2<f32> {
  let angle = 2.0 * PI * f32((word >> 8u) % symmetry) / f32(symmetry);
  let x = select(p.x, -p.x, mirrored != 0u && (word & 128u) != 0u);
  return vec2(cos(angle) * x - sin(angle) * p.y, sin(angle) * x + cos(angle) * p.y);
}
