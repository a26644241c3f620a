// Inverts every byte.
fn pil_invert(job: Job, pixel: u32) -> vec4<f32> {
  return from_pil(vec4(255u) - slot_bytes(job.a + pixel));
}
