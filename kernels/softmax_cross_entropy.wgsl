// Cross-entropy of softmax(logits) against class labels, averaged over the real pictures of the
// batch, its gradient, and the sums that a progress line shows. After step.wgsl.
override BATCH: u32;
override CLASSES: u32;
override STRIDE: u32;
override HISTORY: u32;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
// Per picture: loss, 1 if the top class is right, 1 if one of the top five is.
@group(0) @binding(3) var<storage, read_write> results: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> dlogits: array<f32>;
// Per step, the sums over its pictures, in a ring of HISTORY steps.
@group(0) @binding(5) var<storage, read_write> history: array<vec4<f32>>;

@compute @workgroup_size(64)
fn softmax_cross_entropy_forward(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= BATCH) { return; }
  let row = id.x * STRIDE;
  let label = labels[id.x];
  let own = logits[row + label];
  var highest = own;
  // How many classes come before the label: larger logits, and equal ones of lower number.
  var before = 0u;
  for (var c = 0u; c < CLASSES; c++) {
    let value = logits[row + c];
    highest = max(highest, value);
    before += u32(value > own || (value == own && c < label));
  }
  var sum = 0.0;
  for (var c = 0u; c < CLASSES; c++) { sum += exp(logits[row + c] - highest); }
  let loss = log(sum) - (own - highest);
  let counted = id.x < step.batch;
  results[id.x] = select(vec4<f32>(), vec4(loss, f32(before == 0u), f32(before < 5u), 0.0), counted);
}

@compute @workgroup_size(64)
fn softmax_cross_entropy_backward(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= BATCH) { return; }
  let row = id.x * STRIDE;
  var highest = logits[row];
  for (var c = 1u; c < CLASSES; c++) { highest = max(highest, logits[row + c]); }
  var sum = 0.0;
  for (var c = 0u; c < CLASSES; c++) { sum += exp(logits[row + c] - highest); }
  let scale = select(0.0, 1.0 / f32(step.batch), id.x < step.batch);
  for (var c = 0u; c < STRIDE; c++) {
    let p = select(0.0, exp(logits[row + min(c, CLASSES - 1u)] - highest) / sum, c < CLASSES);
    dlogits[row + c] = scale * (p - f32(c == labels[id.x]));
  }
}

@compute @workgroup_size(1)
fn softmax_cross_entropy_history() {
  var sum = vec4<f32>();
  for (var i = 0u; i < step.batch; i++) { sum += results[i]; }
  history[step.number % HISTORY] = sum;
}
