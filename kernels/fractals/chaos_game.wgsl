// Scatters the points of many walkers into cells, 2 x 2 a pixel. Whole numbers are added, so the order
// does not matter. With picture.wgsl, random.wgsl, variation.wgsl and chaos.wgsl.
override KIND: u32;
override PURPOSE: u32;
override WALKERS: u32;
override STEPS: u32;
override WARM_UP: u32;

const CELLS = 2u;

@group(0) @binding(3) var<storage, read> systems: array<System>;
// For each cell how many points it has and the sum of their colours, in 255ths.
@group(0) @binding(4) var<storage, read_write> cells: array<atomic<u32>>;

@compute @workgroup_size(64)
fn chaos_game(@builtin(global_invocation_id) id: vec3<u32>) {
  let slot = id.z;
  let picture = pictures[slot];
  if (picture.kind != KIND || id.x >= WALKERS) { return; }
  let side = SIZE * CELLS;
  let key = vec2(picture.seed, PURPOSE);
  let symmetry = systems[slot].symmetry;
  let mirrored = systems[slot].mirrored;
  let begin = uniform01(philox(vec4(picture.number, picture.attempt, 2u + id.x, 0u), key));
  var walker = Walker(begin.xy * 2.0 - 1.0, begin.z);
  for (var block = 0u; block * 4u < WARM_UP + STEPS; block++) {
    let words = philox(vec4(picture.number, picture.attempt, 2u + id.x, block + 1u), key);
    for (var k = 0u; k < 4u; k++) {
      let word = words[k];
      let draw = word & (PICKS - 1u);
      let pick = systems[slot].picks[draw >> 2u][draw & 3u];
      walker = walk(systems[slot].maps[pick], walker, word);
      if (block * 4u + k < WARM_UP) { continue; }
      let p = symmetric(symmetry, mirrored, walker.position, word) - picture.centre;
      let at = (p / picture.width + 0.5) * f32(side);
      if (all(at >= vec2(0.0)) && all(at < vec2(f32(side)))) {
        let cell = (slot * side * side + u32(at.y) * side + u32(at.x)) * 2u;
        atomicAdd(&cells[cell], 1u);
        atomicAdd(&cells[cell + 1u], u32(walker.color * 255.0 + 0.5));
      }
    }
  }
}
