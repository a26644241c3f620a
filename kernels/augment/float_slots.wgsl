// Slots of vec4 (r, g, b, 0), values in [0, 1]; the output, which comes after them, is
// (picture × height × width), normalised.
@group(0) @binding(3) var<storage, read_write> slots: array<vec4<f32>>;

fn slot_color(at: u32) -> vec4<f32> {
  return slots[at];
}

fn slot_bytes(at: u32) -> vec4<u32> {
  return pil_bytes(slots[at]);
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
