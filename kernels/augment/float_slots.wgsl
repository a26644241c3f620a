// Slots of vec4 (r, g, b, 0), values in [0, 1]; the output, which comes after them, is
// (picture × height × width), normalised.
@group(0) @binding(3) var<storage, read_write> slots: array<vec4<f32>>;

fn slot_color(at: u32) -> vec4<f32> {
  return slots[at];
}

fn slot_bytes(at: u32) -> vec4<u32> {
  return pil_bytes(slots[at]);
}

// What torchvision counts as a color's level.
fn slot_levels(at: u32) -> vec4<u32> {
  return vec4<u32>(byte(slots[at]));
}

// What slots hold, as it is.
alias Held = vec4<f32>;

fn held(at: u32) -> Held {
  return slots[at];
}

// Of a given picture's r, g, b, ignored.
fn held_of(packed: u32) -> Held {
  return color_of(unpacked(packed));
}

fn store_held(job: Job, pixel: u32, value: Held) {
  store_normalised(job, pixel, value);
}

fn store_bytes(job: Job, pixel: u32, bytes: vec4<u32>) {
  store_normalised(job, pixel, color_of(bytes));
}

// The first picture of a blend.
fn first_color(job: Job, pixel: u32) -> vec4<f32> {
  return slots[job.a + pixel];
}

fn slot_place(picture: u32, slot: u32) -> u32 {
  return picture * SLOTS + slot;
}

fn store(job: Job, pixel: u32, color: vec4<f32>) {
  store_normalised(job, pixel, color);
}
