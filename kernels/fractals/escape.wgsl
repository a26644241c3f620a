// Iterations of the complex plane. `Orbit` is laid out as lib/fractals/orbit.ts writes it.
struct Orbit {
  formula: u32,
  power: u32,
  folds: u32,
  iterations: u32,
  constant: vec2<f32>,
  // Phoenix: the share of the point before last. Newton: the relaxation.
  memory: vec2<f32>,
  is_julia: u32,
  trap: u32,
  trap_weight: f32,
  root_weight: f32,
  low: f32,
  inverse_span: f32,
  trap_size: f32,
}

// Where an orbit ended, after how many steps (and, smoothed, parts of steps), how near to the trap.
struct Escape {
  z: vec2<f32>,
  count: u32,
  smooth_count: f32,
  trapped: f32,
}

const BAILOUT = 65536.0; // of |z|², so that the smoothed count has no seams
const FOLD_X = 1u;
const FOLD_Y = 2u;
const CONJUGATE = 4u;
const POWER = 0u;
const BARNSLEY = 1u;
const NEWTON = 2u;

fn multiply(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
  return vec2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

fn divide(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
  return vec2(a.x * b.x + a.y * b.y, a.y * b.x - a.x * b.y) / max(dot(b, b), 1e-12);
}

// z^(power - 1), for a power of 2 … 6.
fn lower_power(z: vec2<f32>, power: u32) -> vec2<f32> {
  var w = z;
  for (var k = 2u; k < power; k++) { w = multiply(w, z); }
  return w;
}

// The distance of z to a point, a cross or a circle.
fn trap_distance(orbit: Orbit, z: vec2<f32>) -> f32 {
  let to_point = length(z - vec2(orbit.trap_size, 0.0));
  let to_cross = min(abs(z.x), abs(z.y));
  let to_circle = abs(length(z) - orbit.trap_size);
  return select(select(to_circle, to_cross, orbit.trap == 1u), to_point, orbit.trap == 0u);
}

// z -> fold(z)^power + c + memory * (the z before), or Barnsley's (z ∓ 1) c, until |z| > 256.
fn escape(orbit: Orbit, p: vec2<f32>) -> Escape {
  let c = select(p, orbit.constant, orbit.is_julia != 0u);
  var z = select(vec2(0.0), p, orbit.is_julia != 0u || orbit.formula == BARNSLEY);
  var before = vec2(0.0);
  var result = Escape(z, orbit.iterations, f32(orbit.iterations), 1e3);
  for (var i = 0u; i < orbit.iterations; i++) {
    var w = vec2(
      select(z.x, abs(z.x), (orbit.folds & FOLD_X) != 0u),
      select(z.y, abs(z.y), (orbit.folds & FOLD_Y) != 0u),
    );
    w.y = select(w.y, -w.y, (orbit.folds & CONJUGATE) != 0u);
    let side = select(1.0, -1.0, z.x >= 0.0);
    let step = multiply(w, lower_power(w, orbit.power)) + c + multiply(orbit.memory, before);
    before = z;
    z = select(step, multiply(vec2(z.x + side, z.y), c), orbit.formula == BARNSLEY);
    result.trapped = min(result.trapped, trap_distance(orbit, z));
    let size = dot(z, z);
    if (size > BAILOUT) {
      result.count = i + 1u;
      let growth = max(length(c), 1.05);
      let parts = select(
        log2(log2(size) / 16.0) / log2(f32(orbit.power)),
        log2(size / BAILOUT) * 0.5 / log2(growth),
        orbit.formula == BARNSLEY,
      );
      result.smooth_count = f32(i + 1u) - clamp(parts, 0.0, 1.0);
      break;
    }
  }
  result.z = z;
  return result;
}

// Newton's steps to a root of z^power = 1, relaxed, with c added (Nova) where it is not 0.
fn newton(orbit: Orbit, p: vec2<f32>) -> Escape {
  let c = select(p, orbit.constant, orbit.is_julia != 0u);
  var z = select(vec2(1.0, 0.0), p, orbit.is_julia != 0u);
  var result = Escape(z, orbit.iterations, 0.0, 1e3);
  for (var i = 0u; i < orbit.iterations; i++) {
    let w = lower_power(z, orbit.power);
    let step = divide(multiply(w, z) - vec2(1.0, 0.0), w * f32(orbit.power));
    let next = z - multiply(orbit.memory, step) + c;
    let moved = next - z;
    z = next;
    result.trapped = min(result.trapped, trap_distance(orbit, z));
    // A sum of smooth terms has no seams where the number of steps changes.
    result.smooth_count += exp(-1.0 / (length(moved) + 0.01));
    if (dot(moved, moved) < 1e-8 || dot(z, z) > 1e8) {
      result.count = i + 1u;
      break;
    }
  }
  result.z = z;
  return result;
}
