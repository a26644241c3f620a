// Reads a slot through an affine map from output to input pixels: bilinear, zeros outside.
// Words: the map's two rows.
fn affine(job: Job, pixel: u32) -> vec4<f32> {
  let from_pixel = vec3(f32(pixel % WIDTH), f32(pixel / WIDTH), 1.0);
  let rows = array(bitcast<vec4<f32>>(job.words[0]), bitcast<vec4<f32>>(job.words[1]));
  let position = vec2(dot(rows[0].xyz, from_pixel), dot(rows[1].xyz, from_pixel));
  let corner = floor(position);
  let part = position - corner;
  let size = vec2(i32(WIDTH), i32(HEIGHT));
  let near = vec2<i32>(corner);
  let far = near + 1;
  // Pixels outside weigh nothing, whatever is read instead of them.
  let near_weight = select(vec2(0.0), 1.0 - part, (near >= vec2(0)) & (near < size));
  let far_weight = select(vec2(0.0), part, (far >= vec2(0)) & (far < size));
  let low = vec2<u32>(clamp(near, vec2(0), size - 1));
  let high = vec2<u32>(clamp(far, vec2(0), size - 1));
  let above = job.a + low.y * WIDTH;
  let below = job.a + high.y * WIDTH;
  return near_weight.y * (near_weight.x * slot_color(above + low.x) + far_weight.x * slot_color(above + high.x)) +
    far_weight.y * (near_weight.x * slot_color(below + low.x) + far_weight.x * slot_color(below + high.x));
}
