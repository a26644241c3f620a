// An element of p with probability `keep`, else of q: a draw for each channel.
fn random_elems(job: Job, pixel: u32, p: vec4<f32>, q: vec4<f32>) -> vec4<f32> {
  return select(q, p, pixel_noise(job, pixel) < vec4(job.numbers.z));
}
