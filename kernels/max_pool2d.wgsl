// y = the largest value of each window, per channel; `chosen` keeps which of a window's pixels it was,
// a byte for each of four channels: the first of equal ones, row by row. Pixels beyond the edge count
// for nothing.
override HEIGHT: u32;
override WIDTH: u32;
override OUT_HEIGHT: u32;
override OUT_WIDTH: u32;
override C4: u32;
// Vectors of x, and of y.
override VECTORS: u32;
override OUT_VECTORS: u32;
override KERNEL: u32;
override STRIDE: u32;
override PADDING: u32;
override ACCUMULATE: bool = false;

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> chosen: array<u32>;
@group(0) @binding(3) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> taken: array<u32>;

@compute @workgroup_size(64)
fn max_pool2d_forward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= OUT_VECTORS) { return; }
  let c = i % C4;
  let column = i / C4 % OUT_WIDTH;
  let row = i / C4 / OUT_WIDTH % OUT_HEIGHT;
  let picture = i / C4 / OUT_WIDTH / OUT_HEIGHT * HEIGHT;
  var largest = vec4<f32>(-0x1.fffffep127f);
  var at = vec4<u32>();
  var isFirst = true;
  for (var tap = 0u; tap < KERNEL * KERNEL; tap++) {
    // Numbers below zero are large ones here.
    let in_row = row * STRIDE + tap / KERNEL - PADDING;
    let in_column = column * STRIDE + tap % KERNEL - PADDING;
    if (in_row >= HEIGHT || in_column >= WIDTH) { continue; }
    let value = x[((picture + in_row) * WIDTH + in_column) * C4 + c];
    let larger = (value > largest) | vec4(isFirst);
    largest = select(largest, value, larger);
    at = select(at, vec4(tap), larger);
    isFirst = false;
  }
  y[i] = largest;
  chosen[i] = at.x | (at.y << 8u) | (at.z << 16u) | (at.w << 24u);
}

// Each pixel of x collects from the windows that chose it, always in the same order.
@compute @workgroup_size(64)
fn max_pool2d_backward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= VECTORS) { return; }
  let c = i % C4;
  let column = i / C4 % WIDTH + PADDING;
  let row = i / C4 / WIDTH % HEIGHT + PADDING;
  let picture = i / C4 / WIDTH / HEIGHT * OUT_HEIGHT;
  var result = vec4<f32>();
  for (var out_row = first_window(row); out_row < OUT_HEIGHT && out_row * STRIDE <= row; out_row++) {
    for (var out_column = first_window(column); out_column < OUT_WIDTH && out_column * STRIDE <= column; out_column++) {
      let at = ((picture + out_row) * OUT_WIDTH + out_column) * C4 + c;
      let tap = (row - out_row * STRIDE) * KERNEL + column - out_column * STRIDE;
      let taps = (vec4(taken[at]) >> vec4(0u, 8u, 16u, 24u)) & vec4(255u);
      result += select(vec4<f32>(), dy[at], taps == vec4(tap));
    }
  }
  if (ACCUMULATE) { result += dx[i]; }
  dx[i] = result;
}

// The first window that reaches a padded coordinate.
fn first_window(at: u32) -> u32 {
  return (max(at + STRIDE, KERNEL) - KERNEL) / STRIDE;
}
