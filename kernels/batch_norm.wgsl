// Batch normalisation (Ioffe and Szegedy 2015) of rows × channels, with an optional ReLU after it.
// Sums run over chunks of rows and then over chunks, always in the same order. After step.wgsl.

// Rows (pixels) per picture; rows of pictures past step.batch do not count.
override AREA: u32;
override C4: u32;
override CHUNK: u32;
override CHUNKS: u32;
override VECTORS: u32;
override TRAINING: bool = true;
override RELU: bool = false;
override ACCUMULATE: bool = false;
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

// Mean and sum of squared deviations of one chunk. Deviations are taken from the chunk's first
// value, so that a large mean does not cancel a small variance.
@compute @workgroup_size(64)
fn batch_norm_partials(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x % C4;
  let chunk = id.x / C4;
  let rows = step.batch * AREA;
  if (chunk * CHUNK >= rows) { return; }
  let end = min(rows, (chunk + 1u) * CHUNK);
  let shift = x[chunk * CHUNK * C4 + c];
  var sum = vec4<f32>();
  var squares = vec4<f32>();
  for (var row = chunk * CHUNK; row < end; row++) {
    let d = x[row * C4 + c] - shift;
    sum += d;
    squares += d * d;
  }
  let mean = sum / f32(end - chunk * CHUNK);
  partials[id.x * 2u] = shift + mean;
  partials[id.x * 2u + 1u] = squares - mean * sum;
}

// Joins the chunks (Chan, Golub and LeVeque 1979) and updates the running statistics.
@compute @workgroup_size(64)
fn batch_norm_statistics(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= C4) { return; }
  let rows = step.batch * AREA;
  var mean = partials[id.x * 2u];
  var squares = partials[id.x * 2u + 1u];
  for (var start = CHUNK; start < rows; start += CHUNK) {
    let at = ((start / CHUNK) * C4 + id.x) * 2u;
    let delta = partials[at] - mean;
    let count = f32(min(CHUNK, rows - start));
    let share = count / (f32(start) + count);
    mean += delta * share;
    squares += partials[at + 1u] + delta * delta * (f32(start) * share);
  }
  saved[id.x] = mean;
  saved[C4 + id.x] = 1.0 / sqrt(squares / f32(rows) + EPSILON);
  let unbiased = squares / f32(max(rows, 2u) - 1u);
  running_mean[id.x] += MOMENTUM * (mean - running_mean[id.x]);
  running_var[id.x] += MOMENTUM * (unbiased - running_var[id.x]);
}

@compute @workgroup_size(64)
fn batch_norm_running(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= C4) { return; }
  saved[id.x] = running_mean[id.x];
  saved[C4 + id.x] = 1.0 / sqrt(running_var[id.x] + EPSILON);
}

fn normalized(i: u32, c: u32) -> vec4<f32> {
  return (x[i] - statistics[c]) * statistics[C4 + c];
}

fn forward_at(i: u32) {
  let c = i % C4;
  let value = normalized(i, c) * gamma[c] + beta[c];
  y[i] = select(value, max(value, vec4<f32>()), RELU);
}

@compute @workgroup_size(64)
fn batch_norm_forward(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = (id.y * size.x * 64u + id.x) * 4u;
  if (i >= VECTORS) { return; }
  forward_at(i);
  if (i + 1u < VECTORS) { forward_at(i + 1u); }
  if (i + 2u < VECTORS) { forward_at(i + 2u); }
  if (i + 3u < VECTORS) { forward_at(i + 3u); }
}

// dy where the ReLU let its input through; its derivative at 0 is 0.
fn passed(i: u32, c: u32, hat: vec4<f32>) -> vec4<f32> {
  let open = hat * gamma[c] + beta[c] > vec4<f32>();
  return select(dy[i], select(vec4<f32>(), dy[i], open), RELU);
}

@compute @workgroup_size(64)
fn batch_norm_backward_partials(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x % C4;
  let chunk = id.x / C4;
  let rows = step.batch * AREA;
  if (chunk * CHUNK >= rows) { return; }
  var sum = vec4<f32>();
  var product = vec4<f32>();
  for (var row = chunk * CHUNK; row < min(rows, (chunk + 1u) * CHUNK); row++) {
    let hat = normalized(row * C4 + c, c);
    let d = passed(row * C4 + c, c, hat);
    sum += d;
    product += d * hat;
  }
  partials[id.x * 2u] = sum;
  partials[id.x * 2u + 1u] = product;
}

@compute @workgroup_size(64)
fn batch_norm_parameter_gradient(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= C4) { return; }
  var sum = vec4<f32>();
  var product = vec4<f32>();
  for (var chunk = 0u; chunk * CHUNK < step.batch * AREA; chunk++) {
    sum += partials[(chunk * C4 + id.x) * 2u];
    product += partials[(chunk * C4 + id.x) * 2u + 1u];
  }
  dbeta[id.x] = sum;
  dgamma[id.x] = product;
}

fn backward_at(i: u32) {
  let c = i % C4;
  let rows = step.batch * AREA;
  let hat = normalized(i, c);
  var d = passed(i, c, hat);
  if (TRAINING) { d -= (dbeta[c] + hat * dgamma[c]) / f32(rows); }
  d = select(vec4<f32>(), d * gamma[c] * statistics[C4 + c], i < rows * C4);
  if (ACCUMULATE) { d += dx[i]; }
  dx[i] = d;
}

@compute @workgroup_size(64)
fn batch_norm_input_gradient(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) size: vec3<u32>) {
  let i = (id.y * size.x * 64u + id.x) * 4u;
  if (i >= VECTORS) { return; }
  backward_at(i);
  if (i + 1u < VECTORS) { backward_at(i + 1u); }
  if (i + 2u < VECTORS) { backward_at(i + 2u); }
  if (i + 3u < VECTORS) { backward_at(i + 3u); }
}
