// Measures slots that ops need to know as a whole: the histogram, as equalize's look-up table; the
// smallest and largest value per channel, of all pixels or of the middle ones; the mean brightness. One workgroup per slot at a time;
// integer atomics and a fixed tree, so that the result does not depend on any order.
const THREADS = 64u;
const BINS = 256u;
const SPAN = 16u;

var<workgroup> histogram: array<atomic<u32>, 768>;
var<workgroup> span_sums: array<u32, 48>;
var<workgroup> lows: array<vec4<f32>, THREADS>;
var<workgroup> highs: array<vec4<f32>, THREADS>;
// Of luma, and of Pillow's whole-numbered luma, whose sum is exact.
var<workgroup> sums: array<f32, THREADS>;
var<workgroup> whole_sums: array<u32, THREADS>;

@compute @workgroup_size(THREADS)
fn statistics(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  for (var item = ranges[0] + group.x; item < ranges[1]; item += GROUPS) {
    measure_histogram(place_of(jobs[item].picture, jobs[item].a), thread);
    workgroupBarrier();
  }
  for (var item = ranges[1] + group.x; item < ranges[2]; item += GROUPS) {
    measure_extremes(place_of(jobs[item].picture, jobs[item].a), thread);
    workgroupBarrier();
  }
  for (var item = ranges[2] + group.x; item < ranges[3]; item += GROUPS) {
    measure_brightness(place_of(jobs[item].picture, jobs[item].a), thread);
    workgroupBarrier();
  }
  for (var item = ranges[3] + group.x; item < ranges[4]; item += GROUPS) {
    let job = jobs[item];
    measure_trimmed_extremes(place_of(job.picture, job.a), job.words[0].x, thread);
    workgroupBarrier();
  }
}

fn count_levels(place: u32, thread: u32) {
  for (var bin = thread; bin < 3u * BINS; bin += THREADS) {
    atomicStore(&histogram[bin], 0u);
  }
  workgroupBarrier();
  for (var pixel = thread; pixel < WIDTH * HEIGHT; pixel += THREADS) {
    let bin = vec3<u32>(byte(slots[place * (WIDTH * HEIGHT) + pixel]).xyz);
    atomicAdd(&histogram[bin.x], 1u);
    atomicAdd(&histogram[BINS + bin.y], 1u);
    atomicAdd(&histogram[2u * BINS + bin.z], 1u);
  }
  workgroupBarrier();
}

fn measure_histogram(place: u32, thread: u32) {
  count_levels(place, thread);
  // 48 threads: 16 spans of 16 bins for each channel.
  if (thread < 48u) {
    var sum = 0u;
    for (var i = 0u; i < SPAN; i++) {
      sum += atomicLoad(&histogram[thread * SPAN + i]);
    }
    span_sums[thread] = sum;
  }
  workgroupBarrier();
  if (thread < 48u) {
    equalization(place * TABLE_ROWS, thread / SPAN, thread % SPAN);
  }
}

// torchvision's table (after PIL): the highest occupied bin does not count towards a level's share.
fn equalization(base: u32, channel: u32, span: u32) {
  var top = BINS - 1u;
  while (atomicLoad(&histogram[channel * BINS + top]) == 0u) { top--; }
  let share = (WIDTH * HEIGHT - atomicLoad(&histogram[channel * BINS + top])) / 255u;
  var below = 0u;
  for (var before = 0u; before < span; before++) {
    below += span_sums[channel * SPAN + before];
  }
  for (var bin = span * SPAN; bin < (span + 1u) * SPAN; bin++) {
    var level = bin;
    if (share > 0u) {
      level = min((below + share / 2u) / share, 255u);
    }
    tables[base + bin][channel] = f32(level) / 255.0;
    below += atomicLoad(&histogram[channel * BINS + bin]);
  }
}

fn measure_extremes(place: u32, thread: u32) {
  var low = vec4(1.0);
  var high = vec4(0.0);
  for (var pixel = thread; pixel < WIDTH * HEIGHT; pixel += THREADS) {
    let color = slots[place * (WIDTH * HEIGHT) + pixel];
    low = min(low, color);
    high = max(high, color);
  }
  lows[thread] = low;
  highs[thread] = high;
  for (var half = THREADS / 2u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (thread < half) {
      lows[thread] = min(lows[thread], lows[thread + half]);
      highs[thread] = max(highs[thread], highs[thread + half]);
    }
  }
  if (thread == 0u) {
    tables[place * TABLE_ROWS + BINS] = lows[0];
    tables[place * TABLE_ROWS + BINS + 1u] = highs[0];
  }
}

// Without the `cut` lowest and the `cut` highest pixels of each channel, as Pillow's autocontrast.
fn measure_trimmed_extremes(place: u32, cut: u32, thread: u32) {
  count_levels(place, thread);
  if (thread < 3u) {
    var low = 0u;
    var left = cut;
    while (low < BINS - 1u && left >= bin_count(thread, low)) {
      left -= bin_count(thread, low);
      low++;
    }
    var high = BINS - 1u;
    left = cut;
    while (high > 0u && left >= bin_count(thread, high)) {
      left -= bin_count(thread, high);
      high--;
    }
    tables[place * TABLE_ROWS + BINS + 3u][thread] = f32(low) / 255.0;
    tables[place * TABLE_ROWS + BINS + 4u][thread] = f32(high) / 255.0;
  }
}

fn bin_count(channel: u32, bin: u32) -> u32 {
  return atomicLoad(&histogram[channel * BINS + bin]);
}

fn measure_brightness(place: u32, thread: u32) {
  var sum = 0.0;
  var whole_sum = 0u;
  for (var pixel = thread; pixel < WIDTH * HEIGHT; pixel += THREADS) {
    let color = slots[place * (WIDTH * HEIGHT) + pixel];
    sum += luma(color);
    whole_sum += pil_luma(pil_bytes(color));
  }
  sums[thread] = sum;
  whole_sums[thread] = whole_sum;
  for (var half = THREADS / 2u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (thread < half) {
      sums[thread] += sums[thread + half];
      whole_sums[thread] += whole_sums[thread + half];
    }
  }
  if (thread == 0u) {
    let pixels = WIDTH * HEIGHT;
    // Pillow rounds the mean to a whole number, halves up.
    let whole = (2u * whole_sums[0] + pixels) / (2u * pixels);
    tables[place * TABLE_ROWS + BINS + 2u] = vec4(sums[0] / f32(pixels), f32(whole), 0.0, 0.0);
  }
}
