// What the augmentation kernels share: a machine whose registers (slots) hold pictures. In each round
// a workgroup carries out the jobs of some pictures level after level, on a block of their pixels
// after the other; lib/augment/encode.ts writes the jobs. A block has BLOCK pixels.
// Slots are (picture × slot × height × width); float_slots.wgsl or byte_slots.wgsl holds them.
override WIDTH: u32;
override HEIGHT: u32;
// Workgroups that share a picture.
override PARTS: u32;
override MEAN_R: f32 = 0.0;
override MEAN_G: f32 = 0.0;
override MEAN_B: f32 = 0.0;
override STD_R: f32 = 1.0;
override STD_G: f32 = 1.0;
override STD_B: f32 = 1.0;

// Destination of a job that is the normalised output instead of a slot.
const OUTPUT = 0xffffffffu;

// A picture that is made of those at `a` and `b`: slots, and once a workgroup has the job, their first
// pixels. `b` is a measurement for jobs that make or read one, and then its first word in
// `tables`. What else there is depends on the kind.
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
// For each round of the launch, for each workgroup, its first row, how many it has, and the first
// picture of the chunk.
@group(0) @binding(2) var<uniform> launch_table: array<vec4<u32>, ROUNDS * GROUPS>;
// A row for each level of a workgroup: where the jobs of each kind begin, and where those of the last
// one end.
@group(0) @binding(6) var<storage, read> rows: array<u32>;
@group(0) @binding(4) var<storage, read_write> tables: array<atomic<u32>>;
@group(0) @binding(5) var<storage, read> mixing_pictures: array<u32>;

// What an invocation is at: the block of the picture's pixels, and those of the picture that the job
// may change; how the job's result is normalised, by (value - shift) / scale.
var<private> block: u32;
var<private> changed_from: u32;
var<private> changed_to: u32;
var<private> shift: vec3<f32>;
var<private> scale: vec3<f32>;
// Where the slot of the mixture begins, if it is unlike the others, and whether the job reads it.
var<private> mixture_start: u32;
var<private> first_is_mixture: bool;

// A job with the places of its slots: those of a picture lie together.
fn placed(job: Job, first_picture: u32, is_blend: bool) -> Job {
  var found = job;
  let size = WIDTH * HEIGHT;
  let picture = job.picture;
  found.a = slot_place(picture, job.a) * size;
  found.b = select(slot_place(picture, job.b) * size, table_start(picture, job.b), !is_blend);
  // A patch leaves the other rows as they are where they are.
  let is_patch = is_blend && job.to == job.a;
  let first_row = job.words[0].x >> 16u;
  let end_row = min(job.words[0].y >> 16u, HEIGHT);
  changed_from = select(0u, first_row * WIDTH / LANES * LANES, is_patch);
  changed_to = select(size, end_row * WIDTH, is_patch);
  mixture_start = slot_place(picture, MIXTURE) * size;
  first_is_mixture = job.a == MIXTURE;
  let to_output = job.to == OUTPUT;
  let place = select(slot_place(picture, job.to), OUTPUT_START + first_picture + picture, to_output);
  found.to = place * size;
  // For slots x - 0 and x / 1, which change nothing, cost less than a second place to write to.
  shift = select(vec3(0.0), vec3(MEAN_R, MEAN_G, MEAN_B), to_output);
  scale = select(vec3(1.0), vec3(STD_R, STD_G, STD_B), to_output);
  return found;
}

// The ends of a loop over a block's pixels.
fn first_pixel(lane: u32) -> u32 {
  return max(block * BLOCK, changed_from) + lane;
}

fn last_pixel() -> u32 {
  return min((block + 1u) * BLOCK, changed_to);
}

// Writes one pixel to a slot of floats, or normalised to the output.
fn store_normalised(job: Job, pixel: u32, color: vec4<f32>) {
  slots[job.to + pixel] = vec4((color.xyz - shift) / scale, 0.0);
}
