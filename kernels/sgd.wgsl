// PyTorch's SGD with Nesterov momentum and weight decay on every parameter, 16 floats per
// invocation: g += decay w; v = momentum v + g; w -= rate (g + momentum v). After step.wgsl;
// lib/nn/loss_scaling.ts adds unscaled() and is_skipped().
override MATRICES: u32;
override MOMENTUM: f32;
override DECAY: f32;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read_write> w: array<mat4x4<f32>>;
@group(0) @binding(2) var<storage, read> dw: array<mat4x4<f32>>;
@group(0) @binding(3) var<storage, read_write> velocity: array<mat4x4<f32>>;
// Of the parts of a batch that came before.
@group(0) @binding(4) var<storage, read_write> sums: array<mat4x4<f32>>;

fn update(i: u32, gradient: mat4x4<f32>) {
  if (is_skipped()) { return; }
  let g = unscaled(gradient) + DECAY * w[i];
  let v = MOMENTUM * velocity[i] + g;
  velocity[i] = v;
  w[i] -= step.learning_rate * (g + MOMENTUM * v);
}

@compute @workgroup_size(64)
fn sgd(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= MATRICES) { return; }
  update(i, dw[i]);
}

// For batches that come in parts: adds up their gradients, and updates after the last one.
@compute @workgroup_size(64)
fn sgd_of_parts(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= MATRICES) { return; }
  var sum = dw[i];
  if (step.first > 0u) { sum += sums[i]; }
  if (step.is_last == 0u) {
    sums[i] = sum;
  } else {
    update(i, sum);
  }
}
