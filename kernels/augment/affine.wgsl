// Reads a slot through an affine map from output to input pixels: bilinear, zeros outside.
// Words: the map's two rows.
fn affine(job: Job, pixel: u32) -> vec4<f32> {
  let from_pixel = vec3(f32(pixel % WIDTH), f32(pixel / WIDTH), 1.0);
  let rows = array(bitcast<vec4<f32>>(job.words[0]), bitcast<vec4<f32>>(job.words[1]));
  let position = vec2(dot(rows[0].xyz, from_pixel), dot(rows[1].xyz, from_pixel));
  let corner = floor(position);
  let part = position - corner;
  let x = i32(corner.x);
  let y = i32(corner.y);
  let start = place_of(job.picture, job.a) * (WIDTH * HEIGHT);
  return (1.0 - part.y) * ((1.0 - part.x) * texel(start, x, y) + part.x * texel(start, x + 1, y)) +
    part.y * ((1.0 - part.x) * texel(start, x, y + 1) + part.x * texel(start, x + 1, y + 1));
}

// A pixel of a slot, or zeros outside the picture.
fn texel(start: u32, x: i32, y: i32) -> vec4<f32> {
  let inside = x >= 0 && y >= 0 && x < i32(WIDTH) && y < i32(HEIGHT);
  let color = slots[start + select(0u, u32(y * i32(WIDTH) + x), inside)];
  return select(vec4(0.0), color, inside);
}
