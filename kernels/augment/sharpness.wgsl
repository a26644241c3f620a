// Sharpness: between the smoothed picture (0) and the picture (1), and beyond; pixels on the edge are
// not smoothed. Numbers: the factor.
fn sharpness(job: Job, pixel: u32) -> vec4<f32> {
  let color = slot_color(job.a + pixel);
  // The kernel is 5 in the middle and 1 around it.
  let smoothed = (neighbours(job, pixel) + 4.0 * color) / 13.0;
  return enhanced(select(smoothed, color, on_edge(pixel)), color, job.numbers.x);
}

// From a degenerate picture (factor 0) through the picture (1) and beyond.
fn enhanced(degenerate: vec4<f32>, color: vec4<f32>, factor: f32) -> vec4<f32> {
  return clamp(factor * color + (1.0 - factor) * degenerate, vec4(0.0), vec4(1.0));
}

fn on_edge(pixel: u32) -> bool {
  let x = pixel % WIDTH;
  let y = pixel / WIDTH;
  return x == 0u || y == 0u || x + 1u == WIDTH || y + 1u == HEIGHT;
}

// The sum of a pixel and the eight around it, for pixels that are not on the edge.
fn neighbours(job: Job, pixel: u32) -> vec4<f32> {
  let at = select(job.a + pixel, WIDTH + 1u, on_edge(pixel));
  let above = slot_color(at - WIDTH - 1u) + slot_color(at - WIDTH) + slot_color(at - WIDTH + 1u);
  let beside = slot_color(at - 1u) + slot_color(at) + slot_color(at + 1u);
  let below = slot_color(at + WIDTH - 1u) + slot_color(at + WIDTH) + slot_color(at + WIDTH + 1u);
  return above + beside + below;
}
