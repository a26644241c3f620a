// Sharpness: between the smoothed picture (0) and the picture (1), and beyond; pixels on the edge are
// not smoothed. Numbers: the factor.
fn pil_sharpness(job: Job, pixel: u32) -> vec4<f32> {
  let bytes = slot_bytes(job.a + pixel);
  // A weighted mean of 13 parts, rounded.
  let around = neighbours(job, pixel) * 255.0;
  let smoothed = (2u * vec4<u32>(around + 0.5) + 8u * bytes + vec4(13u)) / 26u;
  return pil_blend(select(smoothed, bytes, on_edge(pixel)), bytes, job.numbers.x);
}
