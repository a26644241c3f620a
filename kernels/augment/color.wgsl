// Saturation: between the grey picture (0) and the picture (1), and beyond. Numbers: the factor.
fn color(job: Job, pixel: u32) -> vec4<f32> {
  let value = slot_color(job.a + pixel);
  return enhanced(vec4(luma(value)), value, job.numbers.x);
}
