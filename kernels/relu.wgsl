// y = max(x, 0), 16 floats per invocation.
override ACCUMULATE: bool = false;
override MATRICES: u32;

@group(0) @binding(0) var<storage, read> x: array<mat4x4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<mat4x4<f32>>;
@group(0) @binding(2) var<storage, read> dy: array<mat4x4<f32>>;
@group(0) @binding(3) var<storage, read_write> dx: array<mat4x4<f32>>;

@compute @workgroup_size(64)
fn relu_forward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= MATRICES) { return; }
  let v = x[i];
  let zero = vec4<f32>();
  y[i] = mat4x4<f32>(max(v[0], zero), max(v[1], zero), max(v[2], zero), max(v[3], zero));
}

fn passed(x: vec4<f32>, dy: vec4<f32>) -> vec4<f32> {
  return select(vec4<f32>(), dy, x > vec4<f32>());
}

@compute @workgroup_size(64)
fn relu_backward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= MATRICES) { return; }
  let v = x[i];
  let d = dy[i];
  var result = mat4x4<f32>(passed(v[0], d[0]), passed(v[1], d[1]), passed(v[2], d[2]), passed(v[3], d[3]));
  if (ACCUMULATE) { result += dx[i]; }
  dx[i] = result;
}
