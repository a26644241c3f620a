// Weighted sum about mid-grey: ((a(2p - 1) + b(2q - 1)) + 1) / 2.
fn add(job: Job, pixel: u32, p: vec4<f32>, q: vec4<f32>) -> vec4<f32> {
  return (job.numbers.x * (2.0 * p - 1.0) + job.numbers.y * (2.0 * q - 1.0) + 1.0) * 0.5;
}
