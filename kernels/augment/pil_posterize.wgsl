// Keeps the upper bits of each byte. Numbers: how many, 0 … 8.
fn pil_posterize(job: Job, pixel: u32) -> vec4<u32> {
  let mask = (0xff00u >> u32(job.numbers.x)) & 0xffu;
  return slot_bytes(job.a + pixel) & vec4(mask);
}
