// Brightness: between black (0) and the picture (1), and beyond. Numbers: the factor.
fn pil_brightness(job: Job, pixel: u32) -> vec4<u32> {
  return pil_blend(vec4(0u), slot_bytes(job.a + pixel), job.numbers.x);
}
