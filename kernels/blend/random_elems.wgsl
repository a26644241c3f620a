// An element of p with probability `keep`, else of q: a draw for each channel.
fn random_elems(p: vec4<f32>, q: vec4<f32>, blend: Blend, at: Point) -> vec4<f32> {
  return select(q, p, pixel_noise(at) < vec4(blend.keep));
}
