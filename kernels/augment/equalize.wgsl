// Spreads each channel's histogram evenly over 256 levels, by the table of the statistics pass.
fn equalize(job: Job, pixel: u32) -> vec4<f32> {
  let color = slot_pixel(job.picture, job.a, pixel);
  let row = vec4<u32>(byte(color)) + place_of(job.picture, job.a) * TABLE_ROWS;
  return vec4(tables[row.x].x, tables[row.y].y, tables[row.z].z, 0.0);
}
