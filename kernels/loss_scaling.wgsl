// Dynamic loss scaling for gradients that are stored as f16 (Micikevicius et al. 2018, arXiv
// 1710.03740): what overflowed is looked for, and the scale follows. After step.wgsl.
override MATRICES: u32;
// Steps without overflow after which the scale doubles.
override PATIENCE: u32 = 2000u;

// lib/nn/loss_scaling.ts reads and writes it; other kernels read it by its name `scaling`.
struct Scaling {
  scale: f32,
  // Since the scale was changed.
  good_steps: u32,
  // Whether a gradient of this step is not finite, 0 or 1.
  overflowed: atomic<u32>,
  // Steps that changed no parameter, since training began.
  skipped: u32,
}

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> gradients: array<mat4x4<f32>>;
@group(0) @binding(2) var<storage, read_write> scaling: Scaling;

fn is_finite(v: vec4<f32>) -> bool {
  let exponent = vec4(0x7f800000u);
  return all((bitcast<vec4<u32>>(v) & exponent) != exponent);
}

@compute @workgroup_size(64)
fn find_overflow(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = id.y * size.x * 64u + id.x;
  if (i >= MATRICES) { return; }
  let g = gradients[i];
  if (is_finite(g[0]) && is_finite(g[1]) && is_finite(g[2]) && is_finite(g[3])) { return; }
  atomicStore(&scaling.overflowed, 1u);
}

// After the update, which an overflow has kept from changing anything.
@compute @workgroup_size(1)
fn follow_overflow() {
  if (step.is_last == 0u) { return; }
  if (atomicLoad(&scaling.overflowed) == 1u) {
    scaling.scale = max(scaling.scale / 2.0, 1.0);
    scaling.good_steps = 0u;
    scaling.skipped += 1u;
  } else {
    scaling.good_steps += 1u;
    if (scaling.good_steps == PATIENCE) {
      scaling.scale *= 2.0;
      scaling.good_steps = 0u;
    }
  }
  atomicStore(&scaling.overflowed, 0u);
}
