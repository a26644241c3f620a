// x += b for every row of x (rows × channels), in place; backward sums the rows in order, those of each
// chunk and then the chunks.
override ROWS: u32;
override C4: u32;
override CHUNK: u32;

@group(0) @binding(0) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> db: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> partials: array<vec4<f32>>;

@compute @workgroup_size(64)
fn bias_forward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= ROWS * C4) { return; }
  x[i] += b[i % C4];
}

@compute @workgroup_size(64)
fn bias_partials(@builtin(global_invocation_id) id: vec3<u32>) {
  let start = id.x / C4 * CHUNK;
  if (start >= ROWS) { return; }
  var sum = vec4<f32>();
  for (var row = start; row < min(ROWS, start + CHUNK); row++) { sum += dy[row * C4 + id.x % C4]; }
  partials[id.x] = sum;
}

@compute @workgroup_size(64)
fn bias_backward(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= C4) { return; }
  var sum = vec4<f32>();
  for (var chunk = 0u; chunk * CHUNK < ROWS; chunk++) { sum += partials[chunk * C4 + id.x]; }
  db[id.x] = sum;
}
