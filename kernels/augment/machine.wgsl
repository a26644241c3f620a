// What the augmentation kernels share: a register machine whose registers (slots) hold pictures.
// Slots and output are (picture × height × width) of vec4 (r, g, b, 0), values in [0, 1].
override WIDTH: u32;
override HEIGHT: u32;
override BATCH: u32;
override MEAN_R: f32;
override MEAN_G: f32;
override MEAN_B: f32;
override STD_R: f32;
override STD_G: f32;
override STD_B: f32;

// Slot numbers with a meaning of their own; lib/augment/encode.ts writes the same.
const OUTPUT = 0xfffffffdu;
const MIXING = 0xfffffffeu;
const NOWHERE = 0xffffffffu;

struct Header {
  top: i32,
  left: i32,
  flip: u32,
  destination: u32,
  index: u32,
  epoch: u32,
  mixing_start: u32,
  mixing_stride: u32,
}

// A picture to read: from where, through which affine map (output to input pixel) and which op.
struct Operand {
  slot: u32,
  op: u32,
  value: f32,
  warped: u32,
  x: vec4<f32>,
  y: vec4<f32>,
}

struct Blend {
  kind: u32,
  a: f32,
  b: f32,
  keep: f32,
}

struct Instruction {
  a: Operand,
  b: Operand,
  blend: Blend,
  destination: u32,
  measured: u32,
  // The patch the blend acts on: column in the low half, row in the high half; the end is outside.
  patch_start: u32,
  patch_end: u32,
}

// A pixel (row-major) of a picture of the batch.
struct Point {
  picture: u32,
  pixel: u32,
}

@group(0) @binding(0) var<storage, read> pictures: array<u32>;
@group(0) @binding(1) var<storage, read> headers: array<Header>;
@group(0) @binding(2) var<storage, read> instructions: array<Instruction>;
@group(0) @binding(3) var<storage, read_write> slots: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> tables: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> mixing_pictures: array<u32>;
@group(0) @binding(6) var<storage, read_write> normalised: array<vec4<f32>>;

// Per picture: 256 rows of equalize's look-up table, then the minimum and the maximum.
const TABLE_ROWS = 258u;

// Writes one pixel to a slot, or normalised to the output.
fn store(destination: u32, at: Point, color: vec4<f32>) {
  let place = at.picture * (WIDTH * HEIGHT) + at.pixel;
  if (destination == OUTPUT) {
    let rgb = (color.xyz - vec3(MEAN_R, MEAN_G, MEAN_B)) / vec3(STD_R, STD_G, STD_B);
    normalised[place] = vec4(rgb, 0.0);
  } else {
    slots[destination * (BATCH * WIDTH * HEIGHT) + place] = vec4(color.xyz, 0.0);
  }
}
