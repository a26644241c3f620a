// Stretches each channel to [0, 1]; a channel with a single value stays.
fn autocontrast(job: Job, pixel: u32) -> vec4<f32> {
  let color = slot_pixel(job.picture, job.a, pixel);
  let row = place_of(job.picture, job.a) * TABLE_ROWS + 256u;
  let low = tables[row];
  let high = tables[row + 1u];
  let same = low == high;
  let range = select(high - low, vec4(1.0), same);
  return clamp((color - select(low, vec4(0.0), same)) / range, vec4(0.0), vec4(1.0));
}
