// Runs one stage's instruction of every picture: result = a, or clip(blend(a, b)).
// One invocation per pixel; the second grid axis is the picture, so op and blend are uniform.
override STAGE: u32;
override SEED: u32;

// lib/random's Purpose.blend.
const PURPOSE = 5u;

@compute @workgroup_size(64)
fn apply(@builtin(global_invocation_id) id: vec3<u32>) {
  let place = STAGE * BATCH + id.y;
  let destination = instructions[place].destination;
  if (id.x >= WIDTH * HEIGHT || destination == NOWHERE) {
    return;
  }
  let at = Point(id.y, id.x);
  var color = operand_at(instructions[place].a, at);
  let blend = instructions[place].blend;
  let start = instructions[place].patch_start;
  let end = instructions[place].patch_end;
  if (blend.kind != 0u && in_patch(start, end, vec2(id.x % WIDTH, id.x / WIDTH))) {
    let other = operand_at(instructions[place].b, at);
    color = clamp(apply_blend(blend.kind, color, other, blend, at), vec4(0.0), vec4(1.0));
  }
  store(destination, at, color);
}

fn in_patch(start: u32, end: u32, pixel: vec2<u32>) -> bool {
  let first = vec2(start & 0xffffu, start >> 16u);
  let last = vec2(end & 0xffffu, end >> 16u);
  return all(pixel >= first) && all(pixel < last);
}

fn operand_at(operand: Operand, at: Point) -> vec4<f32> {
  var color: vec4<f32>;
  if (operand.slot == MIXING) {
    let header = headers[at.picture];
    let row = header.mixing_start + at.pixel / WIDTH * header.mixing_stride;
    color = unpack4x8unorm(mixing_pictures[row + at.pixel % WIDTH]);
  } else if (operand.warped != 0u) {
    color = affine(operand, at);
  } else {
    color = slots[(operand.slot * BATCH + at.picture) * (WIDTH * HEIGHT) + at.pixel];
  }
  return apply_op(operand.op, color, operand.value, at);
}

// Four uniform numbers of this pixel, a function of (sample index, epoch, stage, pixel) alone.
fn pixel_noise(at: Point) -> vec4<f32> {
  let header = headers[at.picture];
  return uniform01(philox(vec4(header.index, header.epoch, STAGE, at.pixel), vec2(SEED, PURPOSE)));
}
