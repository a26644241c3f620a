// Autocontrast whose extremes leave out a share of the lowest and of the highest pixels.
fn pil_autocontrast_trimmed(job: Job, pixel: u32) -> vec4<f32> {
  return pil_stretched(job, pixel, place_of(job.picture, job.a) * TABLE_ROWS + 259u);
}
