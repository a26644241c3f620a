// Autocontrast whose extremes leave out a share of the lowest and of the highest pixels.
fn pil_autocontrast_trimmed(job: Job, pixel: u32) -> vec4<u32> {
  return pil_stretched(job, pixel, trimmed_extremes(job, 0u), trimmed_extremes(job, 1u));
}
