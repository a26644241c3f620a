// Contrast: between the mean brightness (0) and the picture (1), and beyond. Numbers: the factor.
fn pil_contrast(job: Job, pixel: u32) -> vec4<f32> {
  let mean = tables[place_of(job.picture, job.a) * TABLE_ROWS + 258u].y;
  let bytes = pil_bytes(slot_pixel(job.picture, job.a, pixel));
  return pil_blend(vec4(u32(mean)), bytes, job.numbers.x);
}
