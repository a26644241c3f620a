// Pillow's pictures: whole numbers 0 … 255, which slots hold as shares of 255.
fn pil_bytes(color: vec4<f32>) -> vec4<u32> {
  return vec4<u32>(color * 255.0 + 0.5);
}

// Pillow's conversion to "L": ITU-R 601 in 16 bits, rounded.
fn pil_luma(bytes: vec4<u32>) -> u32 {
  return (bytes.x * 19595u + bytes.y * 38470u + bytes.z * 7471u + 0x8000u) >> 16u;
}

// Pillow's Image.blend, by which ImageEnhance goes from a degenerate picture through the picture and
// beyond: the fraction is cut off.
fn pil_blend(degenerate: vec4<u32>, color: vec4<u32>, factor: f32) -> vec4<u32> {
  let from_value = vec4<f32>(vec4<i32>(degenerate));
  let blended = from_value + factor * (vec4<f32>(vec4<i32>(color)) - from_value);
  return vec4<u32>(clamp(blended, vec4(0.0), vec4(255.0)));
}
