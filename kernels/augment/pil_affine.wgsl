// Reads a slot through an affine map as Pillow does: bilinear between bytes, the edge repeated by
// half a pixel, the fraction of the result cut off, black outside. Coordinates are whole numbers and
// 32 bits of fraction (Pillow has doubles). Words: (a, b, c, d), (e, f, ...): whole and fraction of
// x = a column + b row + c, y = d column + e row + f, each less half a pixel.
struct Fixed {
  whole: i32,
  fraction: u32,
}

fn fixed_times(a: vec2<u32>, n: u32) -> Fixed {
  let low = (a.y & 0xffffu) * n;
  let high = (a.y >> 16u) * n + (low >> 16u);
  return Fixed(i32(a.x * n + (high >> 16u)), (high << 16u) | (low & 0xffffu));
}

fn fixed_sum(a: Fixed, b: Fixed) -> Fixed {
  let fraction = a.fraction + b.fraction;
  return Fixed(a.whole + b.whole + select(0, 1, fraction < a.fraction), fraction);
}

fn along(a: vec2<u32>, b: vec2<u32>, c: vec2<u32>, column: u32, row: u32) -> Fixed {
  return fixed_sum(fixed_sum(fixed_times(a, column), fixed_times(b, row)), Fixed(i32(c.x), c.y));
}

// A value between bytes: the whole part in x, the fraction in 1 / 2^32 in y.
fn between(p: u32, q: u32, fraction: u32) -> vec2<u32> {
  let distance = max(p, q) - min(p, q);
  let part = fixed_times(vec2(0u, fraction), distance);
  let whole = u32(part.whole);
  if (q >= p) { return vec2(p + whole, part.fraction); }
  return vec2(p - whole - select(0u, 1u, part.fraction > 0u), 0u - part.fraction);
}

// The whole part of the value between two such values.
fn whole_between(p: vec2<u32>, q: vec2<u32>, fraction: u32) -> u32 {
  let rises = q.x > p.x || (q.x == p.x && q.y >= p.y);
  let high = select(p, q, rises);
  let low = select(q, p, rises);
  let whole = high.x - low.x - select(0u, 1u, high.y < low.y);
  let part = fixed_times(vec2(0u, fraction), whole);
  let rest = multiply_high(high.y - low.y, fraction);
  let moved = fixed_sum(part, Fixed(0, rest));
  if (rises) { return p.x + u32(fixed_sum(moved, Fixed(0, p.y)).whole); }
  return p.x - u32(moved.whole) - select(0u, 1u, moved.fraction > p.y);
}

fn multiply_high(a: u32, b: u32) -> u32 {
  let middle = (a >> 16u) * (b & 0xffffu) + (((a & 0xffffu) * (b & 0xffffu)) >> 16u);
  let other = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u);
}

// A map's result: where it is, its four pixels, and how far it is from the upper left one.
struct Sample {
  inside: bool,
  a: vec4<u32>,
  b: vec4<u32>,
  c: vec4<u32>,
  d: vec4<u32>,
  x: u32,
  y: u32,
}

fn pil_sample(job: Job, pixel: u32) -> Sample {
  let column = pixel % WIDTH;
  let row = pixel / WIDTH;
  let x = along(job.words[0].xy, job.words[0].zw, job.words[1].xy, column, row);
  let y = along(job.words[1].zw, job.words[2].xy, job.words[2].zw, column, row);
  let left = u32(clamp(x.whole, 0, i32(WIDTH) - 1));
  let right = u32(clamp(x.whole + 1, 0, i32(WIDTH) - 1));
  let top = job.a + u32(clamp(y.whole, 0, i32(HEIGHT) - 1)) * WIDTH;
  let bottom = job.a + u32(clamp(y.whole + 1, 0, i32(HEIGHT) - 1)) * WIDTH;
  return Sample(
    is_inside(x, i32(WIDTH)) && is_inside(y, i32(HEIGHT)),
    slot_bytes(top + left),
    slot_bytes(top + right),
    slot_bytes(bottom + left),
    slot_bytes(bottom + right),
    x.fraction,
    y.fraction,
  );
}

// For each turn of a loop over pixels a bit: whether floats do not tell its byte.
const TURNS = 128u;
var<private> unsure: array<u32, 4>;

// How close to a whole number a float may be that is off by less than 1e-4.
const UNSURE = 2e-4;

// By floats, which tell the byte of nearly all pixels; the others are told by `pil_affine_exact`.
fn pil_affine(job: Job, pixel: u32) -> vec4<u32> {
  let found = pil_sample(job, pixel);
  let part = vec2(f32(found.x), f32(found.y)) * exp2(-32.0);
  let a = vec4<f32>(vec4<i32>(found.a));
  let c = vec4<f32>(vec4<i32>(found.c));
  let across = vec4<f32>(vec4<i32>(found.b)) - a;
  let across_below = vec4<f32>(vec4<i32>(found.d)) - c;
  let upper = a + across * part.x;
  let down = c + across_below * part.x - upper;
  let value = upper + down * part.y;
  // Floats are exact where nothing is between two values.
  let rounded = ((across != vec4(0.0)) | (across_below != vec4(0.0))) & vec4(part.x != 0.0);
  let inexact = rounded | ((down != vec4(0.0)) & vec4(part.y != 0.0));
  let near = abs(value - round(value)) < vec4(UNSURE);
  let turn = pixel / LANES % TURNS;
  unsure[turn / 32u] |= u32(found.inside && any((near & inexact).xyz)) << (turn % 32u);
  return select(vec4(0u), vec4<u32>(value), found.inside);
}

// The next pixel after `start` that `pil_affine` was unsure of; beyond the last if there is none.
fn pil_affine_unsure(start: u32) -> u32 {
  for (var word = 0u; word < 4u; word++) {
    let bits = unsure[word];
    if (bits != 0u) {
      unsure[word] = bits & (bits - 1u);
      let turn = word * 32u + firstTrailingBit(bits);
      return start + (turn + TURNS - start / LANES % TURNS) % TURNS * LANES;
    }
  }
  return WIDTH * HEIGHT;
}

// In whole numbers.
fn pil_affine_exact(job: Job, pixel: u32) -> vec4<u32> {
  let found = pil_sample(job, pixel);
  var bytes = vec4<u32>();
  for (var i = 0u; i < 3u; i++) {
    let upper = between(found.a[i], found.b[i], found.x);
    let lower = between(found.c[i], found.d[i], found.x);
    bytes[i] = whole_between(upper, lower, found.y);
  }
  return select(vec4(0u), bytes, found.inside);
}

// Whether a coordinate, less half a pixel, lies in the picture.
fn is_inside(at: Fixed, size: i32) -> bool {
  let low = at.whole >= 0 || (at.whole == -1 && at.fraction >= 0x80000000u);
  return low && (at.whole < size - 1 || (at.whole == size - 1 && at.fraction < 0x80000000u));
}
