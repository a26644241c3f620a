// Luma (ITU-R 601) in all three channels.
fn grayscale(color: vec4<f32>, value: f32, at: Point) -> vec4<f32> {
  return vec4(dot(color.xyz, vec3(0.2989, 0.587, 0.114)));
}
