// x += b for every row of x (rows × channels), in place; backward sums the rows in order.
override ROWS: u32;
override C4: u32;

@group(0) @binding(0) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> db: array<vec4<f32>>;

@compute @workgroup_size(64)
fn bias_forward(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= ROWS * C4) { return; }
  x[id.x] += b[id.x % C4];
}

@compute @workgroup_size(64)
fn bias_backward(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= C4) { return; }
  var sum = vec4<f32>();
  for (var row = 0u; row < ROWS; row++) { sum += dy[row * C4 + id.x]; }
  db[id.x] = sum;
}
