// Spreads each channel's histogram evenly over 256 levels, by the table of the statistics.
fn equalize(job: Job, pixel: u32) -> vec4<f32> {
  let level = slot_levels(job.a + pixel) + job.b + LEVELS;
  return vec4(
    table_float(level.x), table_float(level.y + BINS), table_float(level.z + 2u * BINS), 0.0,
  );
}
