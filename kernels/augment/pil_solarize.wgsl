// Inverts every byte at or above a threshold. Numbers: the threshold, 0 … 256.
fn pil_solarize(job: Job, pixel: u32) -> vec4<u32> {
  let bytes = slot_bytes(job.a + pixel);
  return select(bytes, vec4(255u) - bytes, bytes >= vec4(u32(job.numbers.x)));
}
