// What the augmentation kernels share: a machine whose registers (slots) hold pictures. Each launch
// carries out a list of jobs, sorted by kind, which lib/augment/encode.ts writes.
// Slots and output are (picture × height × width) of vec4 (r, g, b, 0), values in [0, 1].
override WIDTH: u32;
override HEIGHT: u32;
// Pictures that have slots at a time, and workgroups of a launch.
override CHUNK: u32;
override GROUPS: u32;
override MEAN_R: f32 = 0.0;
override MEAN_G: f32 = 0.0;
override MEAN_B: f32 = 0.0;
override STD_R: f32 = 1.0;
override STD_G: f32 = 1.0;
override STD_B: f32 = 1.0;

// Destination of a job that is the normalised output instead of a slot.
const OUTPUT = 0xffffffffu;

// A picture of the batch that is made of slots `a` and `b`; what else there is depends on the kind.
struct Job {
  picture: u32,
  a: u32,
  b: u32,
  to: u32,
  numbers: vec4<f32>,
  words: array<vec4<u32>, 3>,
}

@group(0) @binding(0) var<storage, read> pictures: array<u32>;
@group(0) @binding(1) var<storage, read> jobs: array<Job>;
// For each kind of a launch where its jobs begin; at last, where those of the last kind end.
@group(0) @binding(2) var<storage, read> ranges: array<u32>;
@group(0) @binding(3) var<storage, read_write> slots: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> tables: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> mixing_pictures: array<u32>;
@group(0) @binding(6) var<storage, read_write> normalised: array<vec4<f32>>;

// For each slot of a picture: 256 rows of equalize's look-up table, the minimum, the maximum, the
// mean brightness, and the extremes of the middle pixels.
const TABLE_ROWS = 261u;

// Pixels that one invocation makes of a picture, and workgroups' worth of pixels in a picture.
const PIXELS = 4u;
fn blocks() -> u32 {
  return (WIDTH * HEIGHT + 64u * PIXELS - 1u) / (64u * PIXELS);
}

// Where a slot of a picture begins among all slots, counted in pictures.
fn place_of(picture: u32, slot: u32) -> u32 {
  return slot * CHUNK + picture % CHUNK;
}

fn slot_pixel(picture: u32, slot: u32, pixel: u32) -> vec4<f32> {
  return slots[place_of(picture, slot) * (WIDTH * HEIGHT) + pixel];
}

// Writes one pixel to a slot, or normalised to the output.
fn store(job: Job, pixel: u32, color: vec4<f32>) {
  if (job.to == OUTPUT) {
    let rgb = (color.xyz - vec3(MEAN_R, MEAN_G, MEAN_B)) / vec3(STD_R, STD_G, STD_B);
    normalised[job.picture * (WIDTH * HEIGHT) + pixel] = vec4(rgb, 0.0);
  } else {
    slots[place_of(job.picture, job.to) * (WIDTH * HEIGHT) + pixel] = vec4(color.xyz, 0.0);
  }
}
