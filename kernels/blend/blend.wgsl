// What the blends share. Numbers of a job: a, b, keep. Words: the patch the blend acts on (column in
// the low half, row in the high half; the end is outside), the sample's index and epoch; the stage,
// and whether the result is cut to bytes.
override SEED: u32 = 0;

// lib/random's Purpose.blend.
const PURPOSE = 5u;

// Clips, cuts to bytes where asked to, and keeps what lies outside the patch.
fn within_patch(job: Job, pixel: u32, p: vec4<f32>, blended: vec4<f32>) -> vec4<f32> {
  let at = vec2(pixel % WIDTH, pixel / WIDTH);
  let start = job.words[0].x;
  let end = job.words[0].y;
  let inside = all(at >= vec2(start & 0xffffu, start >> 16u)) &&
    all(at < vec2(end & 0xffffu, end >> 16u));
  let clipped = clamp(blended, vec4(0.0), vec4(1.0));
  let bytes = color_of(vec4<u32>(clipped * 255.0));
  return select(p, select(clipped, bytes, job.words[1].y != 0u), inside);
}

// Four uniform numbers of this pixel, a function of (sample index, epoch, stage, pixel) alone.
fn pixel_noise(job: Job, pixel: u32) -> vec4<f32> {
  let counter = vec4(job.words[0].z, job.words[0].w, job.words[1].x, pixel);
  return uniform01(philox(counter, vec2(SEED, PURPOSE)));
}
