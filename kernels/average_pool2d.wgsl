// y = the mean of each window, per channel; windows lie side by side, and what is left over at the
// right and at the bottom counts for nothing.
override HEIGHT: u32;
override WIDTH: u32;
override OUT_HEIGHT: u32;
override OUT_WIDTH: u32;
override C4: u32;
// Vectors of x, and of y.
override VECTORS: u32;
override OUT_VECTORS: u32;
override KERNEL: u32;
override ACCUMULATE: bool = false;

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4<f32>>;

@compute @workgroup_size(64)
fn average_pool2d_forward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= OUT_VECTORS) { return; }
  let column = i / C4 % OUT_WIDTH * KERNEL;
  let row = i / C4 / OUT_WIDTH % OUT_HEIGHT * KERNEL;
  let picture = i / C4 / OUT_WIDTH / OUT_HEIGHT * HEIGHT;
  var sum = vec4<f32>();
  for (var tap = 0u; tap < KERNEL * KERNEL; tap++) {
    let at = (picture + row + tap / KERNEL) * WIDTH + column + tap % KERNEL;
    sum += x[at * C4 + i % C4];
  }
  y[i] = sum / f32(KERNEL * KERNEL);
}

@compute @workgroup_size(64)
fn average_pool2d_backward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= VECTORS) { return; }
  let column = i / C4 % WIDTH / KERNEL;
  let row = i / C4 / WIDTH % HEIGHT / KERNEL;
  let picture = i / C4 / WIDTH / HEIGHT * OUT_HEIGHT;
  let inside = (column < OUT_WIDTH) & (row < OUT_HEIGHT);
  let at = select(0u, ((picture + row) * OUT_WIDTH + column) * C4 + i % C4, inside);
  var result = select(vec4<f32>(), dy[at] / f32(KERNEL * KERNEL), inside);
  if (ACCUMULATE) { result += dx[i]; }
  dx[i] = result;
}
