// Inverts every channel at or above a threshold. Numbers: the threshold.
fn solarize(job: Job, pixel: u32) -> vec4<f32> {
  let color = slot_color(job.a + pixel);
  return select(color, 1.0 - color, color >= vec4(job.numbers.x));
}
