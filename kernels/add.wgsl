// y = a + b, 16 floats per invocation. Backward is a copy, or a sum, into each operand's gradient.
override ACCUMULATE: bool = false;
override MATRICES: u32;

@group(0) @binding(0) var<storage, read> a: array<mat4x4<f32>>;
@group(0) @binding(1) var<storage, read> b: array<mat4x4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<mat4x4<f32>>;
@group(0) @binding(3) var<storage, read> dy: array<mat4x4<f32>>;
@group(0) @binding(4) var<storage, read_write> dx: array<mat4x4<f32>>;

@compute @workgroup_size(64)
fn add_forward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= MATRICES) { return; }
  y[i] = a[i] + b[i];
}

@compute @workgroup_size(64)
fn add_backward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= MATRICES) { return; }
  var result = dy[i];
  if (ACCUMULATE) { result += dx[i]; }
  dx[i] = result;
}
