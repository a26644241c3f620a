// Contrast: between the mean brightness (0) and the picture (1), and beyond. Numbers: the factor.
fn contrast(job: Job, pixel: u32) -> vec4<f32> {
  return enhanced(vec4(mean_brightness), slot_color(job.a + pixel), job.numbers.x);
}
