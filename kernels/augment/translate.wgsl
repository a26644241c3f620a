// Moves a slot by whole pixels, mirrored or not; zeros outside. Words, as signed numbers: the column
// read for the first column, how many further each next one is, the row read for the first row.
fn translate(job: Job, pixel: u32) -> Held {
  let column = job.words[0].x + pixel % WIDTH * job.words[0].y;
  let row = job.words[0].z + pixel / WIDTH;
  // Numbers below zero are large ones here.
  let inside = (column < WIDTH) & (row < HEIGHT);
  return select(Held(), held(job.a + select(0u, row * WIDTH + column, inside)), inside);
}
