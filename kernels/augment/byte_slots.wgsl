// Slots of bytes r, g, b, 0, for ops that make whole bytes, but for the slot of the mixture, which is of
// vec4 (r, g, b, 0), values in [0, 1]; after all mixtures comes the output,
// (picture × height × width), normalised.
@group(0) @binding(3) var<storage, read_write> slots: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> byte_slots: array<u32>;

fn slot_color(at: u32) -> vec4<f32> {
  return unpack4x8unorm(byte_slots[at]);
}

fn slot_bytes(at: u32) -> vec4<u32> {
  return (vec4(byte_slots[at]) >> vec4(0u, 8u, 16u, 24u)) & vec4(255u);
}

// The first picture of a blend: the mixture, or one of bytes.
fn first_color(job: Job, pixel: u32) -> vec4<f32> {
  let mixture = slots[mixture_start + pixel];
  return select(unpack4x8unorm(byte_slots[job.a + pixel]), mixture, first_is_mixture);
}

fn slot_place(picture: u32, slot: u32) -> u32 {
  return select(picture * SLOTS + slot, picture, slot == MIXTURE);
}

fn store(job: Job, pixel: u32, color: vec4<f32>) {
  byte_slots[job.to + pixel] = pack4x8unorm(vec4(color.xyz, 0.0));
}
