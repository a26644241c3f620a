// Inverts every channel.
fn invert(job: Job, pixel: u32) -> vec4<f32> {
  return 1.0 - slot_color(job.a + pixel);
}
