// Keeps the upper `value` bits of each channel; 0 bits leave black.
fn posterize(color: vec4<f32>, value: f32, at: Point) -> vec4<f32> {
  let levels = f32(1u << u32(value));
  return clamp(floor(color * levels), vec4(0.0), vec4(levels - 1.0)) / levels;
}
