// Zeros, where the batch has no picture: what memory happens to hold may be no number, which would
// spread by a factor of zero. Unlike a black picture it is not normalised.
fn blank(job: Job, pixel: u32) -> vec4<f32> {
  return vec4(MEAN_R, MEAN_G, MEAN_B, 0.0);
}
