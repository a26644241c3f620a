// As pil_affine.wgsl, for maps that move pixels along their row or their column only. Words: whole and
// fraction of the map's row for the coordinate that changes, (a, b), (c, ...); whether that is the one
// from top to bottom.
fn pil_affine_line(job: Job, pixel: u32) -> vec4<u32> {
  let line = line_of(job, pixel, job.words[1].z);
  let at = along(job.words[0].xy, job.words[0].zw, job.words[1].xy, pixel % WIDTH, pixel / WIDTH);
  let near = slot_bytes(on_line(line, at.whole));
  let far = slot_bytes(on_line(line, at.whole + 1));
  // The part of their distance, in 1 / 2^32, exactly: distances have 8 bits.
  let distance = max(near, far) - min(near, far);
  let low = distance * (at.fraction & 0xffffu);
  let high = distance * (at.fraction >> 16u) + (low >> vec4(16u));
  let whole = high >> vec4(16u);
  let rest = (high | low) & vec4(0xffffu);
  let falls = near - whole - select(vec4(0u), vec4(1u), rest != vec4(0u));
  let value = select(falls, near + whole, far >= near);
  return select(vec4(0u), value, is_inside(at, i32(line.size)));
}
