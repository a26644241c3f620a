// Dropout's mask: a Philox function of (seed, step, layer, vector of four elements of the batch), so that it can be
// drawn again instead of stored. With random.wgsl, step.wgsl and a binding `step`.
override LAYER: u32;
override PURPOSE: u32;
override P: f32;
// Vectors of a row (a picture, or a view of one): parts of a batch draw as the whole would.
override PER_ROW: u32;

fn masked(value: vec4<f32>, i: u32) -> vec4<f32> {
  let u = uniform01(philox(vec4(step.first * PER_ROW + i, step.number, LAYER, 0u), vec2(step.seed, PURPOSE)));
  return select(vec4<f32>(), value / (1.0 - P), u >= vec4(P));
}
