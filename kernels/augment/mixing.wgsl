// Cuts a mixing picture out of its set. Words: its first pixel, pixels of a row, whether it is mirrored
// (1) and upside down (2), whether it becomes grey as Pillow's "L" does.
fn mixing(job: Job, pixel: u32) -> vec4<f32> {
  let turned = job.words[0].z;
  let x = select(pixel % WIDTH, WIDTH - 1u - pixel % WIDTH, (turned & 1u) != 0u);
  let y = select(pixel / WIDTH, HEIGHT - 1u - pixel / WIDTH, (turned & 2u) != 0u);
  let packed = mixing_pictures[job.words[0].x + y * job.words[0].y + x];
  let gray = pil_luma((vec4(packed) >> vec4(0u, 8u, 16u, 24u)) & vec4(255u));
  return select(unpack4x8unorm(packed), vec4(f32(gray) / 255.0), job.words[0].w != 0u);
}
