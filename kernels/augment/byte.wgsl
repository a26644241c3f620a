// [0, 1] as whole levels 0 … 255, the way torchvision turns floats into bytes.
fn byte(color: vec4<f32>) -> vec4<f32> {
  return floor(color * 255.999);
}

// A picture's r, g, b, ignored, as whole numbers 0 … 255 and 0.
fn unpacked(packed: u32) -> vec4<u32> {
  return (vec4(packed) >> vec4(0u, 8u, 16u, 24u)) & vec4(255u, 255u, 255u, 0u);
}

// Whole numbers 0 … 255 as shares of 255; signed numbers become floats faster.
fn color_of(bytes: vec4<u32>) -> vec4<f32> {
  return vec4<f32>(vec4<i32>(bytes)) / 255.0;
}
