// Projected gradient descent on pictures in [0, 1]: the start, the network's input, and one step.
// Madry et al. 2018 (arXiv 1706.06083), equation 1. After step.wgsl and random.wgsl.
override PIXELS: u32;
override PIXELS_PER_PICTURE: u32;
override PURPOSE: u32;
override EPS: f32;
override STEP_SIZE: f32;
// 1: stay within EPS of the noisy start, as published code does; 0: of the clean picture.
override MOVING_CENTER: bool;
override MEAN_R: f32;
override MEAN_G: f32;
override MEAN_B: f32;
override STD_R: f32;
override STD_G: f32;
override STD_B: f32;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> clean: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> center: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> current: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> normalized: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> gradient: array<vec4<f32>>;

fn pixel_of(id: vec3<u32>, size: vec3<u32>) -> u32 {
  return id.y * size.x * 64u + id.x;
}

// The fourth channel is padding, which stays zero.
fn colors(value: vec4<f32>) -> vec4<f32> {
  return vec4(value.rgb, 0.0);
}

// Uniform noise in [-EPS, EPS) on each channel, a function of seed and picture number alone.
@compute @workgroup_size(64)
fn pgd_start(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = pixel_of(id, size);
  if (i >= PIXELS) { return; }
  let picture = step.number + i / PIXELS_PER_PICTURE;
  let bits = philox(vec4(picture, 0u, 0u, i % PIXELS_PER_PICTURE), vec2(step.seed, PURPOSE));
  let noisy = colors(clean[i] + EPS * (2.0 * uniform01(bits) - 1.0));
  current[i] = noisy;
  center[i] = select(clean[i], noisy, MOVING_CENTER);
}

@compute @workgroup_size(64)
fn pgd_normalize(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = pixel_of(id, size);
  if (i >= PIXELS) { return; }
  let mean = vec4(MEAN_R, MEAN_G, MEAN_B, 0.0);
  normalized[i] = colors((current[i] - mean) / vec4(STD_R, STD_G, STD_B, 1.0));
}

// The gradient is that of the normalised pictures: a positive std leaves its sign alone.
@compute @workgroup_size(64)
fn pgd_step(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = pixel_of(id, size);
  if (i >= PIXELS) { return; }
  let moved = current[i] + STEP_SIZE * sign(gradient[i]);
  let near = clamp(moved, center[i] - vec4(EPS), center[i] + vec4(EPS));
  current[i] = colors(clamp(near, vec4(0.0), vec4(1.0)));
}
