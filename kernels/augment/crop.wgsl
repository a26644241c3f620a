// Mirrors a picture of bytes (r, g, b, ignored), pads it with PADDING zeros on all sides and crops
// it back to its size. Words: top, left, flip, its place among the pictures.
override PADDING: i32 = 0;

fn crop(job: Job, pixel: u32) -> Held {
  // Not as vectors: naga 29 panics on a vector of override constants that is used in a branch.
  let x = i32(pixel % WIDTH) + i32(job.words[0].y) - PADDING;
  let y = i32(pixel / WIDTH) + i32(job.words[0].x) - PADDING;
  let column = select(x, i32(WIDTH) - 1 - x, job.words[0].z != 0u);
  let inside = (u32(x) < WIDTH) & (u32(y) < HEIGHT);
  let at = select(0u, u32(y * i32(WIDTH) + column), inside);
  let packed = pictures[job.words[0].w * (WIDTH * HEIGHT) + at];
  return held_of(select(0u, packed, inside));
}
