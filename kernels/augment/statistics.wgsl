// Measures the slot that a stage's op needs to know as a whole: the histogram, as equalize's
// look-up table, and the smallest and largest value per channel. One workgroup per picture; integer
// atomics only, so the result does not depend on their order. A mean (contrast) belongs here too.
override STAGE: u32;

const THREADS = 256u;
const BINS = 256u;
const CHUNK = 16u;

var<workgroup> histogram: array<atomic<u32>, 768>;
var<workgroup> chunk_sums: array<u32, 48>;
// Smallest r, g, b, then largest: bits of non-negative floats are ordered like the floats.
var<workgroup> extremes: array<atomic<u32>, 6>;

@compute @workgroup_size(THREADS)
fn statistics(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let place = STAGE * BATCH + group.x;
  let slot = instructions[place].measured;
  if (slot == NOWHERE) {
    return;
  }
  clear(thread);
  workgroupBarrier();
  count((slot * BATCH + group.x) * (WIDTH * HEIGHT), thread);
  workgroupBarrier();
  // 48 threads: 16 chunks of 16 bins for each channel.
  if (thread < 48u) {
    var sum = 0u;
    for (var i = 0u; i < CHUNK; i++) {
      sum += atomicLoad(&histogram[thread * CHUNK + i]);
    }
    chunk_sums[thread] = sum;
  }
  workgroupBarrier();
  if (thread < 48u) {
    equalization(group.x * TABLE_ROWS, thread / CHUNK, thread % CHUNK);
  }
  if (thread == 0u) {
    tables[group.x * TABLE_ROWS + BINS] = extremes_from(0u);
    tables[group.x * TABLE_ROWS + BINS + 1u] = extremes_from(3u);
  }
}

fn clear(thread: u32) {
  for (var bin = thread; bin < 3u * BINS; bin += THREADS) {
    atomicStore(&histogram[bin], 0u);
  }
  if (thread < 6u) {
    atomicStore(&extremes[thread], select(0u, 0x7f7fffffu, thread < 3u));
  }
}

fn extremes_from(first: u32) -> vec4<f32> {
  let r = atomicLoad(&extremes[first]);
  let g = atomicLoad(&extremes[first + 1u]);
  let b = atomicLoad(&extremes[first + 2u]);
  return vec4(bitcast<vec3<f32>>(vec3(r, g, b)), 0.0);
}

fn count(start: u32, thread: u32) {
  var low = vec3(0x1p127f);
  var high = vec3(0.0);
  for (var pixel = thread; pixel < WIDTH * HEIGHT; pixel += THREADS) {
    // The sign bit of a negative zero would spoil the order of the bits.
    let color = abs(slots[start + pixel].xyz);
    low = min(low, color);
    high = max(high, color);
    let bin = vec3<u32>(byte(vec4(color, 0.0)).xyz);
    atomicAdd(&histogram[bin.x], 1u);
    atomicAdd(&histogram[BINS + bin.y], 1u);
    atomicAdd(&histogram[2u * BINS + bin.z], 1u);
  }
  let low_bits = bitcast<vec3<u32>>(low);
  let high_bits = bitcast<vec3<u32>>(high);
  for (var channel = 0u; channel < 3u; channel++) {
    atomicMin(&extremes[channel], low_bits[channel]);
    atomicMax(&extremes[3u + channel], high_bits[channel]);
  }
}

// torchvision's table (after PIL): the highest occupied bin does not count towards a level's share.
fn equalization(base: u32, channel: u32, chunk: u32) {
  let top = u32(byte(vec4(bitcast<f32>(atomicLoad(&extremes[3u + channel])))).x);
  let share = (WIDTH * HEIGHT - atomicLoad(&histogram[channel * BINS + top])) / 255u;
  var below = 0u;
  for (var before = 0u; before < chunk; before++) {
    below += chunk_sums[channel * CHUNK + before];
  }
  for (var bin = chunk * CHUNK; bin < (chunk + 1u) * CHUNK; bin++) {
    var level = bin;
    if (share > 0u) {
      level = min((below + share / 2u) / share, 255u);
    }
    tables[base + bin][channel] = f32(level) / 255.0;
    below += atomicLoad(&histogram[channel * BINS + bin]);
  }
}
