// A pixel of p with probability `keep`, else of q: one draw for its three channels.
fn random_pixels(job: Job, pixel: u32, p: vec4<f32>, q: vec4<f32>) -> vec4<f32> {
  return select(q, p, pixel_noise(job, pixel).x < job.numbers.z);
}
