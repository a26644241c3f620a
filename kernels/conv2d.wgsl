// The parts of a convolution beside its products, which lib/nn/product generates.

// Vectors of input channels of a group, and of all output channels.
override INPUTS4: u32;
override OUTPUTS4: u32;
override TAPS: u32;
// Vectors of the result, and partial sums of each.
override SIZE: u32;
override PARTS: u32;
override ACCUMULATE: bool = false;
// Channels of one group, and groups that are stored together as one (below).
override GROUP_INPUTS: u32 = 1u;
override GROUP_OUTPUTS: u32 = 1u;
override TOGETHER: u32 = 1u;
// Vectors of input channels of such a union.
override UNION4: u32 = 1u;

@group(0) @binding(0) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> transposed: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> partials: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> residual: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> expanded: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> dexpanded: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> dw: array<vec4<f32>>;

// w (taps × inputs × outputs) → transposed (taps × outputs × inputs), a 4 × 4 block at a time.
@compute @workgroup_size(64)
fn conv2d_transpose(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= TAPS * INPUTS4 * OUTPUTS4) { return; }
  let o = id.x % OUTPUTS4;
  let i = (id.x / OUTPUTS4) % INPUTS4;
  let tap = id.x / (OUTPUTS4 * INPUTS4);
  let at = (tap * INPUTS4 + i) * 4u * OUTPUTS4 + o;
  let block = transpose(mat4x4<f32>(w[at], w[at + OUTPUTS4], w[at + 2u * OUTPUTS4], w[at + 3u * OUTPUTS4]));
  let to = (tap * OUTPUTS4 + o) * 4u * INPUTS4 + i;
  transposed[to] = block[0];
  transposed[to + INPUTS4] = block[1];
  transposed[to + 2u * INPUTS4] = block[2];
  transposed[to + 3u * INPUTS4] = block[3];
}

// The sum of all parts, always in the same order.
fn sum_parts(at: u32) -> vec4<f32> {
  var sum = partials[at];
  for (var part = 1u; part < PARTS; part++) { sum += partials[part * SIZE + at]; }
  return sum;
}

// y = the sum of its parts, or y += with ACCUMULATE.
@compute @workgroup_size(64)
fn conv2d_sum_parts(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let at = id.x + id.y * groups.x * 64u;
  if (at >= SIZE) { return; }
  let sum = sum_parts(at);
  if (ACCUMULATE) { y[at] += sum; } else { y[at] = sum; }
}

// y = residual + the sum of its parts.
@compute @workgroup_size(64)
fn conv2d_sum_parts_residual(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let at = id.x + id.y * groups.x * 64u;
  if (at >= SIZE) { return; }
  y[at] = residual[at] + sum_parts(at);
}

// Groups whose channels do not come in fours are run TOGETHER, as one group of more channels whose
// weights are zero between the groups. The row of `w` that such a weight comes from, or none.
struct Source {
  row: u32,
  exists: bool,
}

fn source_of(input: u32, output: u32) -> Source {
  let group = output / GROUP_OUTPUTS % TOGETHER;
  return Source(input - group * GROUP_INPUTS, input / GROUP_INPUTS == group);
}

// w (taps × inputs of a group × outputs) → expanded (taps × inputs of a union × outputs).
@compute @workgroup_size(64)
fn conv2d_expand_groups(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= TAPS * 4u * UNION4 * OUTPUTS4) { return; }
  let column = id.x % OUTPUTS4;
  let input = id.x / OUTPUTS4 % (4u * UNION4);
  let tap = id.x / OUTPUTS4 / (4u * UNION4);
  var value = vec4<f32>();
  for (var i = 0u; i < 4u; i++) {
    let source = source_of(input, 4u * column + i);
    if (source.exists) { value[i] = w[(tap * 4u * INPUTS4 + source.row) * OUTPUTS4 + column][i]; }
  }
  expanded[id.x] = value;
}

// The gradient of w from that of the expanded weights; zero in w's padding.
@compute @workgroup_size(64)
fn conv2d_contract_groups(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= TAPS * 4u * INPUTS4 * OUTPUTS4) { return; }
  let column = id.x % OUTPUTS4;
  let row = id.x / OUTPUTS4 % (4u * INPUTS4);
  let tap = id.x / OUTPUTS4 / (4u * INPUTS4);
  var value = vec4<f32>();
  for (var i = 0u; i < 4u; i++) {
    let input = (4u * column + i) / GROUP_OUTPUTS % TOGETHER * GROUP_INPUTS + row;
    if (row < GROUP_INPUTS) { value[i] = dexpanded[(tap * 4u * UNION4 + input) * OUTPUTS4 + column][i]; }
  }
  dw[id.x] = value;
}
