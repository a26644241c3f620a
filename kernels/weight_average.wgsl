// An exponential moving average of what is trained, 16 floats per invocation, after each step's last
// part: average += (1 - decay) (value - average). Early the decay is smaller, (1 + steps) / (10 + steps),
// so that the average soon forgets the start. After step.wgsl.
override MATRICES: u32;
override DECAY: f32;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> values: array<mat4x4<f32>>;
@group(0) @binding(2) var<storage, read_write> averages: array<mat4x4<f32>>;

@compute @workgroup_size(64)
fn weight_average(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= MATRICES || step.is_last == 0u) { return; }
  let steps = f32(step.number + 1u);
  let decay = min(DECAY, (1.0 + steps) / (10.0 + steps));
  averages[i] += (1.0 - decay) * (values[i] - averages[i]);
}
