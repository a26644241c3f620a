// The parts of a convolution beside its products, which lib/nn/convolution.ts generates.

override INPUTS4: u32;
override OUTPUTS4: u32;
override TAPS: u32;
override PARTS: u32;

@group(0) @binding(0) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> transposed: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> partials: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> dw: array<vec4<f32>>;

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

// dw = the sum of the partial weight gradients, always in the same order.
@compute @workgroup_size(64)
fn conv2d_sum_parts(@builtin(global_invocation_id) id: vec3<u32>) {
  let size = TAPS * INPUTS4 * 4u * OUTPUTS4;
  if (id.x >= size) { return; }
  var sum = vec4<f32>();
  for (var part = 0u; part < PARTS; part++) { sum += partials[part * size + id.x]; }
  dw[id.x] = sum;
}
