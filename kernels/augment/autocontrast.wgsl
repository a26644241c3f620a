// Stretches each channel to [0, 1]; a channel with a single value stays.
fn autocontrast(color: vec4<f32>, value: f32, at: Point) -> vec4<f32> {
  let low = tables[at.picture * TABLE_ROWS + 256u];
  let high = tables[at.picture * TABLE_ROWS + 257u];
  let same = low == high;
  let range = select(high - low, vec4(1.0), same);
  return clamp((color - select(low, vec4(0.0), same)) / range, vec4(0.0), vec4(1.0));
}
