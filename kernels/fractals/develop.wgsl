// Cells to pixels: brightness is the logarithm of the density (Draves and Reckase, 2003, section 3).
// With picture.wgsl.
override KIND: u32;

const CELLS = 2u;
const LEVELS = 64u;
// Cells of a density above this share of the cells with any points are drawn in full colour.
const DENSE = 0.985;

@group(0) @binding(4) var<storage, read_write> cells: array<u32>;
@group(0) @binding(5) var<storage, read_write> exposures: array<f32>;

var<workgroup> levels: array<atomic<u32>, LEVELS>;

// Finds 1 / log2(1 + the dense number of points), one workgroup a slot: a histogram of the logarithms
// in steps of a quarter.
@compute @workgroup_size(256)
fn expose(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let slot = group.z;
  let side = SIZE * CELLS;
  let total = select(0u, side * side, pictures[slot].kind == KIND);
  for (var cell = local; cell < total; cell += 256u) {
    let points = cells[(slot * side * side + cell) * 2u];
    if (points > 0u) {
      atomicAdd(&levels[min(u32(log2(f32(1u + points)) * 4.0), LEVELS - 1u)], 1u);
    }
  }
  workgroupBarrier();
  if (local != 0u) { return; }
  var filled = 0u;
  for (var level = 0u; level < LEVELS; level++) { filled += atomicLoad(&levels[level]); }
  var below = 0u;
  var dense = 0u;
  for (; dense < LEVELS - 1u; dense++) {
    below += atomicLoad(&levels[dense]);
    if (f32(below) >= DENSE * f32(filled)) { break; }
  }
  exposures[slot] = 4.0 / f32(max(dense + 1u, 4u));
}

// Draws the cells over the ground, and empties them for the next picture.
@compute @workgroup_size(8, 8)
fn develop(@builtin(global_invocation_id) id: vec3<u32>) {
  let slot = id.z;
  let picture = pictures[slot];
  if (picture.kind != KIND || id.x >= SIZE || id.y >= SIZE) { return; }
  let side = SIZE * CELLS;
  let along = dot((vec2<f32>(id.xy) + 0.5) / f32(SIZE) - 0.5, picture.light) + 0.5;
  let ground = mix(picture.ground.rgb, picture.far_ground.rgb, clamp(along, 0.0, 1.0));
  var sum = vec3(0.0);
  for (var k = 0u; k < 4u; k++) {
    let at = id.xy * CELLS + vec2(k & 1u, k >> 1u);
    let cell = (slot * side * side + at.y * side + at.x) * 2u;
    let points = cells[cell];
    var color = ground;
    if (points > 0u) {
      let weight = pow(min(log2(f32(1u + points)) * exposures[slot], 1.0), picture.gamma);
      let mean = f32(cells[cell + 1u]) / (255.0 * f32(points));
      let position = picture.cycles * mean + picture.offset;
      let paint = pow(palette_color(slot, position), vec3(picture.lift)) * (0.5 + 0.65 * weight);
      color = mix(ground, paint, min(1.6 * weight, 1.0));
    }
    sum += color;
    cells[cell] = 0u;
    cells[cell + 1u] = 0u;
  }
  write_pixel(slot, id.xy, sum * 0.25);
}
