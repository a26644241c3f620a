// Sharpness: between the smoothed picture (0) and the picture (1), and beyond; pixels on the edge are
// not smoothed. Numbers: the factor.
fn pil_sharpness(job: Job, pixel: u32) -> vec4<u32> {
  let bytes = slot_bytes(job.a + pixel);
  // A weighted mean of 13 parts, rounded.
  let smoothed = (2u * byte_neighbours(job, pixel) + 8u * bytes + vec4(13u)) / 26u;
  return pil_blend(select(smoothed, bytes, on_edge(pixel)), bytes, job.numbers.x);
}

// The sum of a pixel and the eight around it, for pixels that are not on the edge.
fn byte_neighbours(job: Job, pixel: u32) -> vec4<u32> {
  let at = select(job.a + pixel, WIDTH + 1u, on_edge(pixel));
  let above = slot_bytes(at - WIDTH - 1u) + slot_bytes(at - WIDTH) + slot_bytes(at - WIDTH + 1u);
  let beside = slot_bytes(at - 1u) + slot_bytes(at) + slot_bytes(at + 1u);
  let below = slot_bytes(at + WIDTH - 1u) + slot_bytes(at + WIDTH) + slot_bytes(at + WIDTH + 1u);
  return above + beside + below;
}
