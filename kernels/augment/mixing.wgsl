// Cuts a mixing picture out of its set. Words: its first pixel, and pixels of a row.
fn mixing(job: Job, pixel: u32) -> vec4<f32> {
  let row = job.words[0].x + pixel / WIDTH * job.words[0].y;
  return unpack4x8unorm(mixing_pictures[row + pixel % WIDTH]);
}
