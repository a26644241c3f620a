// Slots of bytes r, g, b, 0, for ops that make whole bytes, but for the slot of the mixture, which is of
// vec4 (r, g, b, 0), values in [0, 1]; after all mixtures comes the output,
// (picture × height × width), normalised.
@group(0) @binding(3) var<storage, read_write> slots: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> byte_slots: array<u32>;

fn slot_color(at: u32) -> vec4<f32> {
  return color_of(slot_bytes(at));
}

fn slot_bytes(at: u32) -> vec4<u32> {
  return unpacked(byte_slots[at]);
}

// What torchvision counts as a color's level.
fn slot_levels(at: u32) -> vec4<u32> {
  return slot_bytes(at);
}

// What slots hold, as it is.
alias Held = u32;

fn held(at: u32) -> Held {
  return byte_slots[at];
}

// Of a given picture's r, g, b, ignored.
fn held_of(packed: u32) -> Held {
  return packed & 0xffffffu;
}

fn store_held(job: Job, pixel: u32, value: Held) {
  byte_slots[job.to + pixel] = value;
}

fn store_bytes(job: Job, pixel: u32, bytes: vec4<u32>) {
  byte_slots[job.to + pixel] = bytes.x | (bytes.y << 8u) | (bytes.z << 16u);
}

// The first picture of a blend: the mixture, or one of bytes.
fn first_color(job: Job, pixel: u32) -> vec4<f32> {
  let mixture = slots[mixture_start + pixel];
  return select(slot_color(job.a + pixel), mixture, first_is_mixture);
}

fn slot_place(picture: u32, slot: u32) -> u32 {
  return select(picture * SLOTS + slot, picture, slot == MIXTURE);
}

fn store(job: Job, pixel: u32, color: vec4<f32>) {
  byte_slots[job.to + pixel] = pack4x8unorm(vec4(color.xyz, 0.0));
}
