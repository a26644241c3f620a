// y = the channels of a, then those of b, for every pixel. Backward copies, or adds, each operand's
// share of the gradient; it binds one operand after the other as a.
override ROWS: u32;
// Vectors of channels of y, of the operand, and before the operand's.
override C4: u32;
override A4: u32;
override BEFORE4: u32 = 0;
override ACCUMULATE: bool = false;

@group(0) @binding(0) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> da: array<vec4<f32>>;

@compute @workgroup_size(64)
fn concatenate_forward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= ROWS * C4) { return; }
  let row = i / C4;
  let c = i % C4;
  if (c < A4) {
    y[i] = a[row * A4 + c];
  } else {
    y[i] = b[row * (C4 - A4) + c - A4];
  }
}

@compute @workgroup_size(64)
fn concatenate_backward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= ROWS * A4) { return; }
  var result = dy[i / A4 * C4 + BEFORE4 + i % A4];
  if (ACCUMULATE) { result += da[i]; }
  da[i] = result;
}
