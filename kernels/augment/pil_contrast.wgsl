// Contrast: between the mean brightness (0) and the picture (1), and beyond. Numbers: the factor.
fn pil_contrast(job: Job, pixel: u32) -> vec4<u32> {
  let bytes = slot_bytes(job.a + pixel);
  return pil_blend(vec4(pil_mean_brightness), bytes, job.numbers.x);
}
