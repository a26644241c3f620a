// Inverts every channel.
fn invert(color: vec4<f32>, value: f32, at: Point) -> vec4<f32> {
  return 1.0 - color;
}
