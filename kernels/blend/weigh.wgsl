// Weighted sum: a p + b q.
fn weigh(job: Job, pixel: u32, p: vec4<f32>, q: vec4<f32>) -> vec4<f32> {
  return job.numbers.x * p + job.numbers.y * q;
}
