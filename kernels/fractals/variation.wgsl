// Variations of the fractal flame algorithm (Draves and Reckase, 2003), numbered as in
// lib/fractals/variation.ts. `flip` turns Julia's square root to its other value.

fn variation(number: u32, p: vec2<f32>, flip: bool) -> vec2<f32> {
  let r2 = dot(p, p);
  let r = sqrt(r2);
  let theta = atan2(p.x, p.y);
  switch (number) {
    case 1u: { return sin(p); }
    case 2u: { return p / (r2 + 0.01); }
    case 3u: {
      let s = sin(r2);
      let c = cos(r2);
      return vec2(p.x * s - p.y * c, p.x * c + p.y * s);
    }
    case 4u: { return vec2((p.x - p.y) * (p.x + p.y), 2.0 * p.x * p.y) / (r + 0.01); }
    case 5u: { return vec2(theta / PI, r - 1.0); }
    case 6u: { return r * vec2(sin(theta + r), cos(theta - r)); }
    case 7u: { return theta / PI * vec2(sin(PI * r), cos(PI * r)); }
    case 8u: {
      let half = theta * 0.5 + select(0.0, PI, flip);
      return sqrt(r) * vec2(cos(half), sin(half));
    }
    case 9u: { return vec2(select(p.x, 2.0 * p.x, p.x < 0.0), select(p.y, 0.5 * p.y, p.y < 0.0)); }
    case 10u: { return p * (2.0 / (r + 1.0)); }
    case 11u: { return p * (4.0 / (r2 + 4.0)); }
    default: { return p; }
  }
}
