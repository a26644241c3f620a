// y = the mean over all pixels, per picture and channel.
override VECTORS: u32;
override AREA: u32;
override C4: u32;
// The pixels of this launch: y = their part of the mean, added to that of the launches before.
override FIRST: u32 = 0u;
override END: u32 = 0u;
override ACCUMULATE: bool = false;

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4<f32>>;

@compute @workgroup_size(64)
fn global_average_pool_forward(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= VECTORS) { return; }
  let start = (id.x / C4) * AREA * C4 + id.x % C4;
  var sum = vec4<f32>();
  for (var p = FIRST; p < END; p++) { sum += x[start + p * C4]; }
  var result = sum / f32(AREA);
  if (FIRST > 0u) { result += y[id.x]; }
  y[id.x] = result;
}

@compute @workgroup_size(64)
fn global_average_pool_backward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= VECTORS * AREA) { return; }
  var result = dy[(i / (AREA * C4)) * C4 + i % C4] / f32(AREA);
  if (ACCUMULATE) { result += dx[i]; }
  dx[i] = result;
}
