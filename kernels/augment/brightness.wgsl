// Brightness: between black (0) and the picture (1), and beyond. Numbers: the factor.
fn brightness(job: Job, pixel: u32) -> vec4<f32> {
  return enhanced(vec4(0.0), slot_color(job.a + pixel), job.numbers.x);
}
