// Luma (ITU-R 601) in all three channels.
fn grayscale(job: Job, pixel: u32) -> vec4<f32> {
  return vec4(luma(slot_color(job.a + pixel)));
}

fn luma(color: vec4<f32>) -> f32 {
  return dot(color.xyz, vec3(0.2989, 0.587, 0.114));
}
