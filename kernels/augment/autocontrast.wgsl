// Stretches each channel to [0, 1]; a channel with a single value stays.
fn autocontrast(job: Job, pixel: u32) -> vec4<f32> {
  let color = slot_color(job.a + pixel);
  let same = lowest == highest;
  let range = select(highest - lowest, vec4(1.0), same);
  return clamp((color - select(lowest, vec4(0.0), same)) / range, vec4(0.0), vec4(1.0));
}
