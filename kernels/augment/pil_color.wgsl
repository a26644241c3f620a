// Saturation: between the grey picture (0) and the picture (1), and beyond. Numbers: the factor.
fn pil_color(job: Job, pixel: u32) -> vec4<u32> {
  let bytes = slot_bytes(job.a + pixel);
  return pil_blend(vec4(pil_luma(bytes)), bytes, job.numbers.x);
}
