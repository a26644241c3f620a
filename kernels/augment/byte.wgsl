// [0, 1] as whole levels 0 … 255, the way torchvision turns floats into bytes.
fn byte(color: vec4<f32>) -> vec4<f32> {
  return floor(color * 255.999);
}
