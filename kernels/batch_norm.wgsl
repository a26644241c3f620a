// Batch normalisation (Ioffe and Szegedy 2015) of rows × channels, and what follows it: the sum with
// a residual, ReLU and dropout, in one pass. Sums run over chunks of rows and then over chunks,
// always in the same order. After step.wgsl; lib/nn/batch_norm.ts adds `added`, `masked`, `opened`
// and `pass_on`, which tell the variants apart.

// Rows (pixels) per picture; rows of pictures past step.batch do not count.
override AREA: u32;
// Rows of the whole batch, and vectors of channels.
override ROWS: u32;
override C4: u32;
override CHUNK: u32;
override TRAINING: bool = true;
override RELU: bool = false;
override ACCUMULATE: bool = false;
override ACCUMULATE_RESIDUAL: bool = false;
override EPSILON: f32 = 1e-5;
override MOMENTUM: f32 = 0.1;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> gamma: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> beta: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> partials: array<vec4<f32>>;
// Mean, then 1 / standard deviation.
@group(0) @binding(5) var<storage, read_write> saved: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> running_mean: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> running_var: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(9) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(10) var<storage, read_write> dgamma: array<vec4<f32>>;
@group(0) @binding(11) var<storage, read_write> dbeta: array<vec4<f32>>;
@group(0) @binding(12) var<storage, read_write> dx: array<vec4<f32>>;
@group(0) @binding(13) var<storage, read> statistics: array<vec4<f32>>;
@group(0) @binding(14) var<storage, read> residual: array<vec4<f32>>;
@group(0) @binding(15) var<storage, read_write> dresidual: array<vec4<f32>>;
@group(0) @binding(16) var<storage, read> result: array<vec4<f32>>;

// Mean and sum of squared deviations of one chunk. Deviations are taken from the chunk's first
// value, so that a large mean does not cancel a small variance.
@compute @workgroup_size(64)
fn batch_norm_partials(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x % C4;
  let start = id.x / C4 * CHUNK;
  let rows = step.batch * AREA;
  if (start >= rows) { return; }
  let end = min(rows, start + CHUNK);
  let shift = x[start * C4 + c];
  var sum = vec4<f32>();
  var squares = vec4<f32>();
  var row = start;
  for (; row + 4u <= end; row += 4u) {
    let i = row * C4 + c;
    let d0 = x[i] - shift;
    let d1 = x[i + C4] - shift;
    let d2 = x[i + 2u * C4] - shift;
    let d3 = x[i + 3u * C4] - shift;
    sum += (d0 + d1) + (d2 + d3);
    squares += (d0 * d0 + d1 * d1) + (d2 * d2 + d3 * d3);
  }
  for (; row < end; row++) {
    let d = x[row * C4 + c] - shift;
    sum += d;
    squares += d * d;
  }
  let mean = sum / f32(end - start);
  partials[id.x * 2u] = shift + mean;
  partials[id.x * 2u + 1u] = squares - mean * sum;
}

struct Moments {
  mean: vec4<f32>,
  // Sum of squared deviations.
  squares: vec4<f32>,
  count: f32,
}

// Source: Chan, Golub and LeVeque 1979.
fn join(a: Moments, b: Moments) -> Moments {
  let count = a.count + b.count;
  let share = b.count / max(count, 1.0);
  let delta = b.mean - a.mean;
  let squares = a.squares + b.squares + delta * delta * (a.count * share);
  return Moments(a.mean + delta * share, squares, count);
}

var<workgroup> moments: array<Moments, 64>;

// A workgroup joins the chunks of one vector of channels and updates the running statistics.
@compute @workgroup_size(64)
fn batch_norm_statistics(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let c = workgroup.x;
  let rows = step.batch * AREA;
  var joined = Moments(vec4<f32>(), vec4<f32>(), 0.0);
  for (var chunk = lane; chunk * CHUNK < rows; chunk += 64u) {
    let at = (chunk * C4 + c) * 2u;
    let count = f32(min(CHUNK, rows - chunk * CHUNK));
    joined = join(joined, Moments(partials[at], partials[at + 1u], count));
  }
  moments[lane] = joined;
  for (var half = 32u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lane < half) { moments[lane] = join(moments[lane], moments[lane + half]); }
  }
  if (lane > 0u) { return; }
  let all = moments[0];
  saved[c] = all.mean;
  saved[C4 + c] = 1.0 / sqrt(all.squares / f32(rows) + EPSILON);
  let unbiased = all.squares / f32(max(rows, 2u) - 1u);
  running_mean[c] += MOMENTUM * (all.mean - running_mean[c]);
  running_var[c] += MOMENTUM * (unbiased - running_var[c]);
}

@compute @workgroup_size(64)
fn batch_norm_running(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= C4) { return; }
  saved[id.x] = running_mean[id.x];
  saved[C4 + id.x] = 1.0 / sqrt(running_var[id.x] + EPSILON);
}

// What is the same for all rows of a vector of channels: read once for several.
struct Channels {
  mean: vec4<f32>,
  // 1 / standard deviation.
  scale: vec4<f32>,
  gamma: vec4<f32>,
  beta: vec4<f32>,
}

fn channels(c: u32) -> Channels {
  return Channels(statistics[c], statistics[C4 + c], gamma[c], beta[c]);
}

fn forward_at(i: u32, by: Channels) {
  let hat = (x[i] - by.mean) * by.scale;
  let value = hat * by.gamma + by.beta + added(i);
  y[i] = masked(select(value, max(value, vec4<f32>()), RELU), i);
}

// Four rows of one vector of channels per invocation.
@compute @workgroup_size(64)
fn batch_norm_forward(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) size: vec3<u32>,
) {
  let index = id.y * size.x * 64u + id.x;
  let row = index / C4 * 4u;
  if (row >= ROWS) { return; }
  let by = channels(index % C4);
  let i = row * C4 + index % C4;
  forward_at(i, by);
  if (row + 1u < ROWS) { forward_at(i + C4, by); }
  if (row + 2u < ROWS) { forward_at(i + 2u * C4, by); }
  if (row + 3u < ROWS) { forward_at(i + 3u * C4, by); }
}

// What one row adds to the gradients of beta and gamma.
struct Shares {
  sum: vec4<f32>,
  product: vec4<f32>,
}

fn shares_at(i: u32, by: Channels) -> Shares {
  let hat = (x[i] - by.mean) * by.scale;
  let d = opened(dy[i], i, hat, by);
  return Shares(d, d * hat);
}

@compute @workgroup_size(64)
fn batch_norm_backward_partials(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x % C4;
  let start = id.x / C4 * CHUNK;
  let rows = step.batch * AREA;
  if (start >= rows) { return; }
  let end = min(rows, start + CHUNK);
  let by = channels(c);
  var sum = vec4<f32>();
  var product = vec4<f32>();
  var row = start;
  for (; row + 2u <= end; row += 2u) {
    let i = row * C4 + c;
    let s0 = shares_at(i, by);
    let s1 = shares_at(i + C4, by);
    sum += s0.sum + s1.sum;
    product += s0.product + s1.product;
  }
  if (row < end) {
    let s = shares_at(row * C4 + c, by);
    sum += s.sum;
    product += s.product;
  }
  partials[id.x * 2u] = sum;
  partials[id.x * 2u + 1u] = product;
}

var<workgroup> totals: array<Shares, 64>;

// A workgroup adds the chunks of one vector of channels.
@compute @workgroup_size(64)
fn batch_norm_parameter_gradient(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let c = workgroup.x;
  var total = Shares(vec4<f32>(), vec4<f32>());
  for (var chunk = lane; chunk * CHUNK < step.batch * AREA; chunk += 64u) {
    total.sum += partials[(chunk * C4 + c) * 2u];
    total.product += partials[(chunk * C4 + c) * 2u + 1u];
  }
  totals[lane] = total;
  for (var half = 32u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lane < half) {
      totals[lane].sum += totals[lane + half].sum;
      totals[lane].product += totals[lane + half].product;
    }
  }
  if (lane > 0u) { return; }
  dbeta[c] = totals[0].sum;
  dgamma[c] = totals[0].product;
}

fn backward_at(i: u32, counts: bool, by: Channels, mean_sum: vec4<f32>, mean_product: vec4<f32>) {
  let hat = (x[i] - by.mean) * by.scale;
  let open = select(vec4<f32>(), opened(dy[i], i, hat, by), counts);
  pass_on(i, open);
  var d = open;
  if (TRAINING) { d -= mean_sum + hat * mean_product; }
  d = select(vec4<f32>(), d * by.gamma * by.scale, counts);
  if (ACCUMULATE) { d += dx[i]; }
  dx[i] = d;
}

// Four rows of one vector of channels per invocation.
@compute @workgroup_size(64)
fn batch_norm_input_gradient(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(num_workgroups) size: vec3<u32>,
) {
  let index = id.y * size.x * 64u + id.x;
  let c = index % C4;
  let row = index / C4 * 4u;
  if (row >= ROWS) { return; }
  let by = channels(c);
  let rows = step.batch * AREA;
  let sum = dbeta[c] / f32(rows);
  let product = dgamma[c] / f32(rows);
  let i = row * C4 + c;
  backward_at(i, row < rows, by, sum, product);
  if (row + 1u < ROWS) { backward_at(i + C4, row + 1u < rows, by, sum, product); }
  if (row + 2u < ROWS) { backward_at(i + 2u * C4, row + 2u < rows, by, sum, product); }
  if (row + 3u < ROWS) { backward_at(i + 3u * C4, row + 3u < rows, by, sum, product); }
}
