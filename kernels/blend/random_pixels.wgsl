// A pixel of p with probability `keep`, else of q: one draw for its three channels.
fn random_pixels(p: vec4<f32>, q: vec4<f32>, blend: Blend, at: Point) -> vec4<f32> {
  return select(q, p, pixel_noise(at).x < blend.keep);
}
