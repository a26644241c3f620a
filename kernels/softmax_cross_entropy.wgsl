// Cross-entropy of softmax(logits) against pairs of weighted class labels, averaged over the real
// pictures of the batch, its gradient, and the sums that a progress line shows. After step.wgsl;
// lib/nn/loss_scaling.ts adds loss_scale().
override BATCH: u32;
override CLASSES: u32;
override STRIDE: u32;
override HISTORY: u32;
// Rows of logits, which step.batch counts, per picture.
override VIEWS: u32;
// The part of each label that is spread over all classes alike (Szegedy et al. 2016).
override SMOOTHING: f32 = 0.0;

// A picture's two labels: `first` has `weight` and `second` the rest of 1; lib/nn/loss.ts writes it.
struct Target {
  first: u32,
  second: u32,
  weight: f32,
  unused: u32,
}

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<Target>;
// Per picture: loss, 1 if the top class is right, 1 if one of the top five is; hits are weighted.
@group(0) @binding(3) var<storage, read_write> results: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> dlogits: array<f32>;
// Per step, the sums over its pictures, in a ring of HISTORY steps.
@group(0) @binding(5) var<storage, read_write> history: array<vec4<f32>>;

// Softmax is exp(logit - highest) / sum, which overflows for no logits.
struct Softmax {
  highest: f32,
  sum: f32,
}

fn softmax_of(row: u32) -> Softmax {
  var highest = logits[row];
  for (var c = 1u; c < CLASSES; c++) { highest = max(highest, logits[row + c]); }
  var sum = 0.0;
  for (var c = 0u; c < CLASSES; c++) { sum += exp(logits[row + c] - highest); }
  return Softmax(highest, sum);
}

// The weighted mean of what the first label has and what the second has. A weight of 1 leaves the
// bits of the first alone.
fn weigh(label: Target, values: vec2<f32>) -> f32 {
  return label.weight * values.x + (1.0 - label.weight) * values.y;
}

// What `results` holds of the logits from `row` on.
fn judge(row: u32, label: Target) -> vec4<f32> {
  let classes = vec2(label.first, label.second);
  let own = vec2(logits[row + label.first], logits[row + label.second]);
  // How many classes come before each label: larger logits, and equal ones of lower number.
  var before = vec2<u32>();
  for (var c = 0u; c < CLASSES; c++) {
    let value = vec2(logits[row + c]);
    before += vec2<u32>((value > own) | ((value == own) & (vec2(c) < classes)));
  }
  let softmax = softmax_of(row);
  let loss = smooth_loss(row, softmax, weigh(label, log(softmax.sum) - (own - softmax.highest)));
  let top1 = weigh(label, vec2<f32>(before == vec2(0u)));
  let top5 = weigh(label, vec2<f32>(before < vec2(5u)));
  return vec4(loss, top1, top5, 0.0);
}

// Cross-entropy against smoothed labels, given that against the plain ones. Without smoothing its bits.
fn smooth_loss(row: u32, softmax: Softmax, plain: f32) -> f32 {
  var sum = 0.0;
  for (var c = 0u; c < CLASSES && SMOOTHING > 0.0; c++) {
    sum += log(softmax.sum) - (logits[row + c] - softmax.highest);
  }
  return select(plain, (1.0 - SMOOTHING) * plain + SMOOTHING * sum / f32(CLASSES), SMOOTHING > 0.0);
}

// A class's probability by smoothed labels.
fn smooth_target(label: Target, c: u32) -> f32 {
  let plain = weigh(label, vec2(f32(c == label.first), f32(c == label.second)));
  let smoothed = (1.0 - SMOOTHING) * plain + SMOOTHING / f32(CLASSES);
  return select(0.0, select(plain, smoothed, SMOOTHING > 0.0), c < CLASSES);
}

@compute @workgroup_size(64)
fn softmax_cross_entropy_forward(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= BATCH) { return; }
  let judged = judge(id.x * STRIDE, targets[id.x]);
  results[id.x] = select(vec4<f32>(), judged, id.x < step.batch);
}

@compute @workgroup_size(64)
fn softmax_cross_entropy_backward(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= BATCH) { return; }
  let row = id.x * STRIDE;
  let label = targets[id.x];
  let softmax = softmax_of(row);
  let scale = select(0.0, loss_scale() / f32(step.total), id.x < step.batch);
  for (var c = 0u; c < STRIDE; c++) {
    let e = exp(logits[row + min(c, CLASSES - 1u)] - softmax.highest);
    let p = select(0.0, e / softmax.sum, c < CLASSES);
    dlogits[row + c] = scale * (p - smooth_target(label, c));
  }
}

@compute @workgroup_size(1)
fn loss_history() {
  var sum = vec4<f32>();
  // Parts of a batch are added up in their order.
  if (step.first > 0u) { sum = history[step.number % HISTORY]; }
  for (var i = 0u; i < step.batch / VIEWS; i++) { sum += results[i]; }
  history[step.number % HISTORY] = sum;
}
