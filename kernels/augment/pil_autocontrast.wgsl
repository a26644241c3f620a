// Stretches each channel to 0 … 255; a channel with a single value stays. Pillow computes in doubles
// and cuts off fractions, so that where the exact result is whole it is now and then one less:
// `autocontrast_short` has a bit for each (lowest, highest, byte) that says so.
@group(0) @binding(7) var<storage, read> autocontrast_short: array<u32>;

fn pil_autocontrast(job: Job, pixel: u32) -> vec4<u32> {
  return pil_stretched(job, pixel, lowest, highest);
}

// So that the given lowest and highest values become 0 and 255.
fn pil_stretched(job: Job, pixel: u32, low_color: vec4<f32>, high_color: vec4<f32>) -> vec4<u32> {
  let bytes = slot_bytes(job.a + pixel);
  let low = pil_bytes(low_color);
  let high = pil_bytes(high_color);
  return vec4(
    stretched(bytes.x, low.x, high.x),
    stretched(bytes.y, low.y, high.y),
    stretched(bytes.z, low.z, high.z),
    0u,
  );
}

fn stretched(byte: u32, low: u32, high: u32) -> u32 {
  let bit = (low * 256u + high) * 256u + byte;
  let short = (autocontrast_short[bit / 32u] >> (bit % 32u)) & 1u;
  let result = quotient((max(byte, low) - low) * 255u, max(high - low, 1u)) - short;
  return select(select(result, 255u, byte > high), byte, high <= low);
}
