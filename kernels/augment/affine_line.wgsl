// As affine.wgsl, for maps that move pixels along their row or their column only. Words: the map's row
// for the coordinate that changes; whether that is the one from top to bottom.
fn affine_line(job: Job, pixel: u32) -> vec4<f32> {
  let line = line_of(job, pixel, job.words[1].x);
  let map = bitcast<vec4<f32>>(job.words[0]);
  let position = dot(map.xyz, vec3(f32(pixel % WIDTH), f32(pixel / WIDTH), 1.0));
  let corner = floor(position);
  let part = position - corner;
  let near = i32(corner);
  let far = near + 1;
  // Pixels outside weigh nothing, whatever is read instead of them.
  let near_weight = select(0.0, 1.0 - part, u32(near) < line.size);
  let far_weight = select(0.0, part, u32(far) < line.size);
  return near_weight * slot_color(on_line(line, near)) + far_weight * slot_color(on_line(line, far));
}

// A pixel's row or column: its first pixel, how far apart its pixels are, and how many it has.
struct Line {
  start: u32,
  step: u32,
  size: u32,
}

fn line_of(job: Job, pixel: u32, is_column: u32) -> Line {
  let column = pixel % WIDTH;
  let downwards = is_column != 0u;
  return Line(
    job.a + select(pixel - column, column, downwards),
    select(1u, WIDTH, downwards),
    select(WIDTH, HEIGHT, downwards),
  );
}

// The place of a pixel of a line, the first or last one for those beyond.
fn on_line(line: Line, at: i32) -> u32 {
  return line.start + u32(clamp(at, 0, i32(line.size) - 1)) * line.step;
}
