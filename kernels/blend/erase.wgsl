// The mean color, which is 0 in the normalised picture.
fn erase(job: Job, pixel: u32, p: vec4<f32>, q: vec4<f32>) -> vec4<f32> {
  return vec4(MEAN_R, MEAN_G, MEAN_B, 0.0);
}
