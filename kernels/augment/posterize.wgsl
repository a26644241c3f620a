// Keeps the upper bits of each channel; 0 bits leave black. Numbers: how many.
fn posterize(job: Job, pixel: u32) -> vec4<f32> {
  let color = slot_color(job.a + pixel);
  let levels = f32(1u << u32(job.numbers.x));
  return clamp(floor(color * levels), vec4(0.0), vec4(levels - 1.0)) / levels;
}
