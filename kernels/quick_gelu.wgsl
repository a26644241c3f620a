// y = x · sigmoid(1.702 x), which AllConv calls GELU.
override VECTORS: u32;
override ACCUMULATE: bool = false;

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4<f32>>;

// By the power of a number that is not above 0, which cannot overflow.
fn sigmoid(value: vec4<f32>) -> vec4<f32> {
  let power = exp(-abs(value));
  return select(power, vec4(1.0), value >= vec4<f32>()) / (1.0 + power);
}

@compute @workgroup_size(64)
fn quick_gelu_forward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= VECTORS) { return; }
  y[i] = x[i] * sigmoid(1.702 * x[i]);
}

@compute @workgroup_size(64)
fn quick_gelu_backward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= VECTORS) { return; }
  // Beyond, the slope is 0 or 1, and infinity times 0 is no number.
  let value = clamp(1.702 * x[i], vec4(-1e4), vec4(1e4));
  let share = sigmoid(value);
  var result = dy[i] * (share + value * share * (1.0 - share));
  if (ACCUMULATE) { result += dx[i]; }
  dx[i] = result;
}
