// y = x / (1 - p) with probability 1 - p, else 0. With step.wgsl, random.wgsl and dropout_mask.wgsl.
override VECTORS: u32;
override ACCUMULATE: bool = false;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4<f32>>;

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
