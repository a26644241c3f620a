// Structured pictures: noise of several octaves, cells, warps, waves and folds. `Texture` is laid out
// as lib/fractals/texture.ts writes it. With picture.wgsl.
override KIND: u32;

struct Texture {
  mode: u32,
  octaves: u32,
  seed: u32,
  // Mirrors of a kaleidoscope; below 2 there is none.
  mirrors: u32,
  frequency: f32,
  warp: f32,
  gain: f32,
  phase: f32,
  shift: vec2<f32>,
  angle: f32,
  detail: f32,
}

@group(0) @binding(3) var<storage, read> textures: array<Texture>;

const NOISE = 0u;
const RIDGES = 1u;
const CELLS = 2u;
const LIQUID = 3u;
const WAVES = 4u;
const FOLDS = 5u;

// Jarzynski and Olano, "Hash functions for GPU rendering", 2020: pcg3d.
fn hash(p: vec3<u32>) -> vec3<u32> {
  var v = p * 1664525u + 1013904223u;
  v += v.yzx * v.zxy;
  v ^= v >> vec3(16u);
  v += v.yzx * v.zxy;
  return v;
}

fn hash01(cell: vec2<i32>, seed: u32) -> vec3<f32> {
  return vec3<f32>(hash(vec3(bitcast<vec2<u32>>(cell), seed)) >> vec3(8u)) * 0x1p-24f;
}

// Gradient noise in about [-1, 1] (Perlin, "Improving noise", 2002, with hashed gradients).
fn gradient_noise(p: vec2<f32>, seed: u32) -> f32 {
  let cell = vec2<i32>(floor(p));
  let f = fract(p);
  let u = f * f * f * (f * (f * 6.0 - 15.0) + 10.0);
  var corners = vec4(0.0);
  for (var k = 0; k < 4; k++) {
    let corner = vec2(k & 1, k >> 1);
    let gradient = hash01(cell + corner, seed).xy * 2.0 - 1.0;
    corners[k] = dot(gradient, f - vec2<f32>(corner));
  }
  return 1.6 * mix(mix(corners.x, corners.y, u.x), mix(corners.z, corners.w, u.x), u.y);
}

// Octaves of noise, each of twice the frequency and `gain` of the height; ridged where asked.
fn octaves(texture: Texture, start: vec2<f32>, seed: u32, ridged: bool) -> f32 {
  var p = start;
  var height = 1.0;
  var sum = 0.0;
  for (var k = 0u; k < texture.octaves; k++) {
    let n = gradient_noise(p, seed + k);
    let ridge = 1.0 - 2.0 * abs(n);
    sum += height * select(n, ridge, ridged);
    // Turned, so that the lattices of the octaves do not lie on each other.
    p = vec2(1.6 * p.x + 1.2 * p.y, -1.2 * p.x + 1.6 * p.y) + 7.3;
    height *= texture.gain;
  }
  return sum;
}

fn warped_noise(texture: Texture, p: vec2<f32>) -> f32 {
  let q = vec2(
    octaves(texture, p, texture.seed, false),
    octaves(texture, p + vec2(5.2, 1.3), texture.seed + 16u, false),
  );
  return octaves(texture, p + texture.warp * q, texture.seed + 32u, texture.mode == RIDGES);
}

// The distances to the nearest two points, one a lattice cell (Worley 1996), at two scales.
fn cells_value(texture: Texture, start: vec2<f32>) -> f32 {
  var p = start + texture.warp * vec2(
    gradient_noise(start * 0.7, texture.seed + 8u),
    gradient_noise(start * 0.7 + 9.1, texture.seed + 9u),
  );
  var sum = 0.0;
  var height = 1.0;
  for (var octave = 0u; octave < 3u; octave++) {
    let base = vec2<i32>(floor(p));
    var near = vec3(8.0, 8.0, 0.0);
    for (var k = 0; k < 9; k++) {
      let cell = base + vec2(k % 3 - 1, k / 3 - 1);
      let random = hash01(cell, texture.seed + octave);
      let d = length(vec2<f32>(cell) + random.xy - p);
      near = select(vec3(near.x, min(near.y, d), near.z), vec3(d, near.x, random.z), d < near.x);
    }
    sum += height * (near.y - near.x + texture.detail * near.z);
    p = p * 2.3 + 3.7;
    height *= texture.gain;
  }
  return sum;
}

// Each step shears the plane by waves, finer from step to step.
fn liquid(texture: Texture, start: vec2<f32>) -> f32 {
  var p = start;
  var scale = 1.0;
  for (var k = 0u; k < texture.octaves + 2u; k++) {
    let a = texture.phase + texture.angle * f32(k);
    p += texture.warp / scale * sin(scale * p.yx * vec2(1.3, 1.1) + vec2(a, 1.7 * a));
    p = vec2(0.8 * p.x + 0.6 * p.y, -0.6 * p.x + 0.8 * p.y);
    scale *= 1.5;
  }
  return 0.5 * (sin(p.x + texture.phase) + cos(p.y - 0.5 * p.x));
}

// Plane waves in evenly spaced directions, each with its phase shaken by a coarser one.
fn waves(texture: Texture, p: vec2<f32>) -> f32 {
  let count = texture.octaves + 1u;
  var sum = 0.0;
  for (var k = 0u; k < count; k++) {
    let a = texture.angle + PI * f32(k) / f32(count);
    let along = dot(p, vec2(cos(a), sin(a)));
    let across = dot(p, vec2(-sin(a), cos(a)));
    let shaken = along + texture.warp * sin(texture.gain * across + texture.phase * f32(k + 1u));
    sum += sin(2.0 * shaken) + texture.detail * sin(6.3 * shaken + across);
  }
  return sum / sqrt(f32(count));
}

// Folds the plane about its axes, inverts it and shifts it, again and again: the sum of the distances
// to the middle, each of `gain` of the weight of the one before.
fn folds(texture: Texture, start: vec2<f32>) -> f32 {
  var p = start;
  var sum = 0.0;
  var height = 1.0;
  for (var k = 0u; k < texture.octaves; k++) {
    p = abs(p) / clamp(dot(p, p), 0.15, 8.0) - texture.shift;
    sum += height * sqrt(length(p));
    height *= texture.gain;
  }
  return sum;
}

fn texture_value(texture: Texture, point: vec2<f32>) -> f32 {
  var p = point;
  if (texture.mirrors > 1u) {
    let wedge = 2.0 * PI / f32(texture.mirrors);
    let a = atan2(p.y, p.x) + PI;
    let folded = abs(a - wedge * floor(a / wedge) - 0.5 * wedge);
    p = length(p) * vec2(cos(folded), sin(folded));
  }
  p = p * texture.frequency + texture.phase;
  switch (texture.mode) {
    case CELLS: { return cells_value(texture, p); }
    case LIQUID: { return liquid(texture, p); }
    case WAVES: { return waves(texture, p); }
    case FOLDS: { return folds(texture, p - texture.phase); }
    default: { return warped_noise(texture, p); }
  }
}

@compute @workgroup_size(8, 8)
fn texture_picture(@builtin(global_invocation_id) id: vec3<u32>) {
  let slot = id.z;
  let picture = pictures[slot];
  if (picture.kind != KIND || id.x >= SIZE || id.y >= SIZE) { return; }
  let texture = textures[slot];
  var color = vec3(0.0);
  var slope = vec2(0.0);
  for (var k = 0u; k < 4u; k++) {
    let value = texture_value(texture, sample_point(picture, id.xy, k));
    color += palette_color(slot, picture.cycles * value + picture.offset);
    slope += (vec2(f32(k & 1u), f32(k >> 1u)) * 2.0 - 1.0) * value;
  }
  write_pixel(slot, id.xy, color * 0.25 * relief_light(picture, slope * f32(SIZE)));
}
