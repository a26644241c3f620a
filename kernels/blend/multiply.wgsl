// Weighted geometric mean: (2p)^a · max(2q, 1e-37)^b / 2, and 0 where p is 0.
// One exponent for both factors: their powers alone would overflow, or give 0 · infinity.
fn multiply(job: Job, pixel: u32, p: vec4<f32>, q: vec4<f32>) -> vec4<f32> {
  let smallest = vec4(0x1p-126f);
  let exponent = job.numbers.x * log2(max(2.0 * p, smallest)) +
    job.numbers.y * log2(max(2.0 * q, vec4(1e-37)));
  let product = exp2(clamp(exponent, vec4(-126.0), vec4(126.0))) * 0.5;
  return select(product, vec4(0.0), 2.0 * p < smallest);
}
