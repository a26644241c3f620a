// Inverts every channel at or above the threshold `value`.
fn solarize(color: vec4<f32>, value: f32, at: Point) -> vec4<f32> {
  return select(color, 1.0 - color, color >= vec4(value));
}
