// A picture as it is, as the output.
fn show(job: Job, pixel: u32) -> vec4<f32> {
  return slot_color(job.a + pixel);
}
