// Cuts a mixing picture out of its set. Words: its first pixel, pixels of a row, whether it is mirrored
// (1) and upside down (2), whether it becomes grey as Pillow's "L" does.
fn mixing(job: Job, pixel: u32) -> Held {
  let turned = job.words[0].z;
  let x = select(pixel % WIDTH, WIDTH - 1u - pixel % WIDTH, (turned & 1u) != 0u);
  let y = select(pixel / WIDTH, HEIGHT - 1u - pixel / WIDTH, (turned & 2u) != 0u);
  let packed = mixing_pictures[job.words[0].x + y * job.words[0].y + x];
  let gray = pil_luma(unpacked(packed));
  return held_of(select(packed, gray * 0x010101u, job.words[0].w != 0u));
}
