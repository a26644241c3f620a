// AugMix's loss: cross-entropy of a picture's clean view, and the Jensen-Shannon divergence of three
// views, averaged over the real pictures of the batch, and its gradient. Row 3 i + v of the logits is
// view v of picture i, the clean one first, and step.batch counts rows. After step.wgsl and
// softmax_cross_entropy.wgsl, whose buffers it uses; BATCH counts pictures.
// Source: Hendrycks et al. 2020 (arXiv 1912.02781) and its code, for the weight and the clip.
const JSD_WEIGHT = 12.0;
// The mean of the views' probabilities is no smaller in the divergence, and has no gradient below.
const CLIP = 1e-7;

// The softmax of three views, a component for each.
struct Views {
  row: vec3<u32>,
  highest: vec3<f32>,
  log_sum: vec3<f32>,
}

fn views_of(picture: u32) -> Views {
  let row = (vec3(3u * picture) + vec3(0u, 1u, 2u)) * STRIDE;
  let clean = softmax_of(row.x);
  let second = softmax_of(row.y);
  let third = softmax_of(row.z);
  let highest = vec3(clean.highest, second.highest, third.highest);
  return Views(row, highest, log(vec3(clean.sum, second.sum, third.sum)));
}

// What a class adds to the divergence, per view.
struct Term {
  p: vec3<f32>,
  // log(p / M), where M is the clipped mean of the three p.
  log_ratio: vec3<f32>,
  is_clipped: bool,
}

fn term_of(views: Views, c: u32) -> Term {
  let z = vec3(
    logits[views.row.x + c],
    logits[views.row.y + c],
    logits[views.row.z + c],
  );
  // Not the logarithm of p, which is zero in f32 where the logits are far apart.
  let log_p = (z - views.highest) - views.log_sum;
  let p = exp(log_p);
  let mean = dot(p, vec3(1.0)) / 3.0;
  return Term(p, log_p - log(max(mean, CLIP)), mean < CLIP);
}

@compute @workgroup_size(64)
fn jensen_shannon_forward(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= BATCH) { return; }
  let views = views_of(id.x);
  var divergence = vec3<f32>();
  for (var c = 0u; c < CLASSES; c++) {
    let term = term_of(views, c);
    divergence += term.p * term.log_ratio;
  }
  var judged = judge(views.row.x, targets[id.x]);
  judged.x += JSD_WEIGHT * dot(divergence, vec3(1.0)) / 3.0;
  results[id.x] = select(vec4<f32>(), judged, id.x < step.batch / 3u);
}

// Three times the derivative of the divergence by p. That of p log p is log p + 1, and that of
// -log M by the p of all views, weighted by them, is -1 where M is their mean, 0 where it is clipped.
fn slope(term: Term) -> vec3<f32> {
  return term.log_ratio + f32(term.is_clipped);
}

@compute @workgroup_size(64)
fn jensen_shannon_backward(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= BATCH) { return; }
  let views = views_of(id.x);
  let label = targets[id.x];
  let pictures = step.batch / 3u;
  var mean_slope = vec3<f32>();
  for (var c = 0u; c < CLASSES; c++) {
    let term = term_of(views, c);
    mean_slope += term.p * slope(term);
  }
  for (var c = 0u; c < STRIDE; c++) {
    let term = term_of(views, c);
    var gradient = JSD_WEIGHT / 3.0 * term.p * (slope(term) - mean_slope);
    gradient.x += term.p.x - smooth_target(label, c);
    let is_real = c < CLASSES && id.x < pictures;
    let scaled = loss_scale() * gradient / f32(step.total / 3u);
    let counted = select(vec3<f32>(), scaled, is_real);
    dlogits[views.row.x + c] = counted.x;
    dlogits[views.row.y + c] = counted.y;
    dlogits[views.row.z + c] = counted.z;
  }
}
