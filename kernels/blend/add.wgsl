// Weighted sum about mid-grey: ((a(2p - 1) + b(2q - 1)) + 1) / 2.
fn add(p: vec4<f32>, q: vec4<f32>, blend: Blend, at: Point) -> vec4<f32> {
  return (blend.a * (2.0 * p - 1.0) + blend.b * (2.0 * q - 1.0) + 1.0) * 0.5;
}
