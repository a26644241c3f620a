// Inverts every byte.
fn pil_invert(job: Job, pixel: u32) -> vec4<u32> {
  return vec4(255u) - slot_bytes(job.a + pixel);
}
