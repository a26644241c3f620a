// Reads a slot through an affine map from output to input pixels: bilinear, zeros outside.
fn affine(operand: Operand, at: Point) -> vec4<f32> {
  let from_pixel = vec3(f32(at.pixel % WIDTH), f32(at.pixel / WIDTH), 1.0);
  let position = vec2(dot(operand.x.xyz, from_pixel), dot(operand.y.xyz, from_pixel));
  let corner = floor(position);
  let part = position - corner;
  let x = i32(corner.x);
  let y = i32(corner.y);
  let start = (operand.slot * BATCH + at.picture) * (WIDTH * HEIGHT);
  return (1.0 - part.y) * ((1.0 - part.x) * texel(start, x, y) + part.x * texel(start, x + 1, y)) +
    part.y * ((1.0 - part.x) * texel(start, x, y + 1) + part.x * texel(start, x + 1, y + 1));
}

// A pixel of a slot, or zeros outside the picture.
fn texel(start: u32, x: i32, y: i32) -> vec4<f32> {
  if (x < 0 || y < 0 || x >= i32(WIDTH) || y >= i32(HEIGHT)) {
    return vec4(0.0);
  }
  return slots[start + u32(y) * WIDTH + u32(x)];
}
