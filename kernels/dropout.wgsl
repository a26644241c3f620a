// y = x / (1 - p) with probability 1 - p, else 0. The mask is a Philox function of (seed, step,
// layer, element), so backward draws it again instead of storing it. After random.wgsl, step.wgsl.
override VECTORS: u32;
override LAYER: u32;
override PURPOSE: u32;
override P: f32;
override ACCUMULATE: bool = false;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4<f32>>;

fn masked(value: vec4<f32>, i: u32) -> vec4<f32> {
  let u = uniform01(philox(vec4(i, step.number, LAYER, 0u), vec2(step.seed, PURPOSE)));
  return select(vec4<f32>(), value / (1.0 - P), u >= vec4(P));
}

@compute @workgroup_size(64)
fn dropout_forward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= VECTORS) { return; }
  y[i] = masked(x[i], i);
}

@compute @workgroup_size(64)
fn dropout_backward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= VECTORS) { return; }
  var result = masked(dy[i], i);
  if (ACCUMULATE) { result += dx[i]; }
  dx[i] = result;
}
