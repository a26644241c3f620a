// Spreads each channel's histogram evenly over 256 levels, by the table of the statistics pass.
fn equalize(color: vec4<f32>, value: f32, at: Point) -> vec4<f32> {
  let row = vec4<u32>(byte(color)) + at.picture * TABLE_ROWS;
  return vec4(tables[row.x].x, tables[row.y].y, tables[row.z].z, 0.0);
}
