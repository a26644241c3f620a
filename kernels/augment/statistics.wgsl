// Measures a slot as a whole for an op: the histogram, as equalize's look-up table; the smallest and
// largest value per channel, of all pixels or of the middle ones; the mean brightness. First the table
// is cleared, then every block of the picture adds to it, then it is finished: in rounds of their own,
// as workgroups do not wait for each other. All that is added is whole or has a place of its own, so
// that the result does not depend on any order.
const BINS = 256u;
// Counts of each level: one for all invocations, or two for each channel that an invocation has alone,
// since processors are slow at atomics. It then reads what others made in the round, so they have to
// run in step.
const COPIES = select(1u, 2u, IN_STEP);

// Words of a table: counts per channel and level; extremes per channel, the lowest as their complement;
// Pillow's luma; then what is made of them: levels, trimmed extremes, and two kinds of mean brightness;
// then the sums of luma of each invocation and block.
const LOWS = 3u * BINS * COPIES;
const HIGHS = LOWS + 3u;
const PIL_LUMA = LOWS + 6u;
const LEVELS = LOWS + 7u;
const TRIMMED = LEVELS + 3u * BINS;
const MEAN = TRIMMED + 6u;
const PIL_MEAN = MEAN + 1u;
const SUMS = MEAN + 2u;

var<private> lowest: vec4<f32>;
var<private> highest: vec4<f32>;
var<private> mean_brightness: f32;
var<private> pil_mean_brightness: u32;

fn blocks() -> u32 {
  return (WIDTH * HEIGHT + BLOCK - 1u) / BLOCK;
}

fn table_start(picture: u32, table: u32) -> u32 {
  return (picture * TABLES + table) * (SUMS + blocks() * LANES);
}

fn table_float(at: u32) -> f32 {
  return bitcast<f32>(atomicLoad(&tables[at]));
}

fn clear(job: Job, lane: u32) {
  for (var word = lane; word < LEVELS && block == 0u; word += LANES) {
    atomicStore(&tables[job.b + word], 0u);
  }
}

fn count_levels(job: Job, lane: u32) {
  if (COPIES == 2u) {
    count_levels_alone(job, lane);
    return;
  }
  for (var pixel = block * BLOCK + lane; pixel < last_pixel(); pixel += LANES) {
    let bin = job.b + slot_levels(job.a + pixel).xyz;
    atomicAdd(&tables[bin.x], 1u);
    atomicAdd(&tables[BINS + bin.y], 1u);
    atomicAdd(&tables[2u * BINS + bin.z], 1u);
  }
}

// Invocations 0, 1, 2 count a channel each of the even pixels, 3, 4, 5 of the odd ones.
fn count_levels_alone(job: Job, lane: u32) {
  let odd = lane / 3u;
  for (var pixel = block * BLOCK + odd; pixel < last_pixel() && lane < 6u; pixel += 2u) {
    let level = slot_levels(job.a + pixel)[lane % 3u];
    let at = job.b + lane * BINS + level;
    atomicStore(&tables[at], atomicLoad(&tables[at]) + 1u);
  }
}

fn count_extremes(job: Job, lane: u32) {
  var low = vec4(1.0);
  var high = vec4(0.0);
  for (var pixel = block * BLOCK + lane; pixel < last_pixel(); pixel += LANES) {
    let color = slot_color(job.a + pixel);
    low = min(low, color);
    high = max(high, color);
  }
  // The bits of numbers that are not negative are ordered as they are.
  for (var channel = 0u; channel < 3u; channel++) {
    atomicMax(&tables[job.b + LOWS + channel], ~bitcast<u32>(abs(low[channel])));
    atomicMax(&tables[job.b + HIGHS + channel], bitcast<u32>(abs(high[channel])));
  }
}

// What an op reads for every pixel, once for all of a block.
fn read_table(job: Job) {
  let low = job.b + LOWS;
  lowest = bitcast<vec4<f32>>(~vec4(
    atomicLoad(&tables[low]), atomicLoad(&tables[low + 1u]), atomicLoad(&tables[low + 2u]), ~0u,
  ));
  let high = job.b + HIGHS;
  highest = vec4(table_float(high), table_float(high + 1u), table_float(high + 2u), 0.0);
  mean_brightness = table_float(job.b + MEAN);
  pil_mean_brightness = atomicLoad(&tables[job.b + PIL_MEAN]);
}

fn count_brightness(job: Job, lane: u32) {
  var sum = 0.0;
  var pil_sum = 0u;
  for (var pixel = block * BLOCK + lane; pixel < last_pixel(); pixel += LANES) {
    let color = slot_color(job.a + pixel);
    sum += luma(color);
    pil_sum += pil_luma(pil_bytes(color));
  }
  atomicAdd(&tables[job.b + PIL_LUMA], pil_sum);
  atomicStore(&tables[job.b + SUMS + block * LANES + lane], bitcast<u32>(sum));
}

fn level_count(job: Job, channel: u32, level: u32) -> u32 {
  let at = job.b + channel * BINS + level;
  if (COPIES == 1u) { return atomicLoad(&tables[at]); }
  return atomicLoad(&tables[at]) + atomicLoad(&tables[at + 3u * BINS]);
}

// torchvision's table (after PIL): the highest occupied level does not count towards a level's share.
// An invocation makes half of a channel's levels.
fn finish_levels(job: Job, lane: u32) {
  for (var item = lane; item < 6u && block == 0u; item += LANES) {
    let channel = item % 3u;
    let first = item / 3u * 128u;
    var top = BINS - 1u;
    while (level_count(job, channel, top) == 0u) { top--; }
    let share = (WIDTH * HEIGHT - level_count(job, channel, top)) / 255u;
    var below = 0u;
    for (var level = 0u; level < first; level++) { below += level_count(job, channel, level); }
    for (var level = first; level < first + 128u; level++) {
      let spread = min(quotient(below + share / 2u, max(share, 1u)), 255u);
      let value = f32(select(level, spread, share > 0u)) / 255.0;
      atomicStore(&tables[job.b + LEVELS + channel * BINS + level], bitcast<u32>(value));
      below += level_count(job, channel, level);
    }
  }
}

// a / b rounded down, for quotients below 2^20: processors divide whole numbers slowly.
fn quotient(a: u32, b: u32) -> u32 {
  let near = u32(f32(a) / f32(b));
  let high = near - u32(near * b > a);
  return high + u32((high + 1u) * b <= a);
}

// Without a number of the lowest and as many of the highest pixels of each channel, as Pillow's
// autocontrast. Words: that number.
fn finish_trimmed(job: Job, lane: u32) {
  for (var channel = lane; channel < 3u && block == 0u; channel += LANES) {
    var low = 0u;
    var left = job.words[0].x;
    while (low < BINS - 1u && left >= level_count(job, channel, low)) {
      left -= level_count(job, channel, low);
      low++;
    }
    var high = BINS - 1u;
    left = job.words[0].x;
    while (high > 0u && left >= level_count(job, channel, high)) {
      left -= level_count(job, channel, high);
      high--;
    }
    atomicStore(&tables[job.b + TRIMMED + channel], bitcast<u32>(f32(low) / 255.0));
    atomicStore(&tables[job.b + TRIMMED + 3u + channel], bitcast<u32>(f32(high) / 255.0));
  }
}

fn trimmed_extremes(job: Job, end: u32) -> vec4<f32> {
  let at = job.b + TRIMMED + 3u * end;
  return vec4(table_float(at), table_float(at + 1u), table_float(at + 2u), 0.0);
}

fn finish_brightness(job: Job, lane: u32) {
  for (var item = lane; item < 1u && block == 0u; item += LANES) {
    let pixels = WIDTH * HEIGHT;
    var sum = 0.0;
    for (var of_block = 0u; of_block < blocks(); of_block++) {
      var part = 0.0;
      for (var i = 0u; i < LANES; i++) { part += table_float(job.b + SUMS + of_block * LANES + i); }
      sum += part;
    }
    atomicStore(&tables[job.b + MEAN], bitcast<u32>(sum / f32(pixels)));
    // Pillow rounds the mean to a whole number, halves up.
    let whole = (2u * atomicLoad(&tables[job.b + PIL_LUMA]) + pixels) / (2u * pixels);
    atomicStore(&tables[job.b + PIL_MEAN], whole);
  }
}
