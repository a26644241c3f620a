// Contrast: between the mean brightness (0) and the picture (1), and beyond. Numbers: the factor.
fn contrast(job: Job, pixel: u32) -> vec4<f32> {
  let mean = tables[place_of(job.picture, job.a) * TABLE_ROWS + 258u].x;
  return enhanced(vec4(mean), slot_pixel(job.picture, job.a, pixel), job.numbers.x);
}
