// A picture as it is: in another slot, or as the output.
fn copy(job: Job, pixel: u32) -> vec4<f32> {
  return slot_color(job.a + pixel);
}
