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

fn pil_affine(job: Job, pixel: u32) -> vec4<f32> {
  let column = pixel % WIDTH;
  let row = pixel / WIDTH;
  let x = along(job.words[0].xy, job.words[0].zw, job.words[1].xy, column, row);
  let y = along(job.words[1].zw, job.words[2].xy, job.words[2].zw, column, row);
  let inside = is_inside(x, i32(WIDTH)) && is_inside(y, i32(HEIGHT));
  let left = u32(clamp(x.whole, 0, i32(WIDTH) - 1));
  let right = u32(clamp(x.whole + 1, 0, i32(WIDTH) - 1));
  let top = u32(clamp(y.whole, 0, i32(HEIGHT) - 1));
  let bottom = u32(clamp(y.whole + 1, 0, i32(HEIGHT) - 1));
  let start = job.a;
  let a = pil_bytes(slots[start + top * WIDTH + left]);
  let b = pil_bytes(slots[start + top * WIDTH + right]);
  let c = pil_bytes(slots[start + bottom * WIDTH + left]);
  let d = pil_bytes(slots[start + bottom * WIDTH + right]);
  var bytes = vec4<u32>();
  for (var i = 0u; i < 3u; i++) {
    let upper = between(a[i], b[i], x.fraction);
    bytes[i] = whole_between(upper, between(c[i], d[i], x.fraction), y.fraction);
  }
  return select(vec4(0.0), from_pil(bytes), inside);
}

// Whether a coordinate, less half a pixel, lies in the picture.
fn is_inside(at: Fixed, size: i32) -> bool {
  let low = at.whole >= 0 || (at.whole == -1 && at.fraction >= 0x80000000u);
  return low && (at.whole < size - 1 || (at.whole == size - 1 && at.fraction < 0x80000000u));
}
