/**
 * WGSL of a kernel that carries out jobs, kind after kind: for each, a loop over its jobs' pixels, so
 * that no invocation meets the code of another kind. (Processors run both sides of a branch.)
 *
 * @param functions a WGSL expression for each kind: the color of `pixel` by `job`
 */
export function jobLoops(name: string, functions: readonly string[]): string {
  const loops = functions.map((color, kind) =>
    `  for (var item = ranges[${kind}] * blocks() + group.x; item < ranges[${
      kind + 1
    }] * blocks(); item += GROUPS) {
    let job = jobs[item / blocks()];
    for (var i = 0u; i < PIXELS; i++) {
      let pixel = (item % blocks() * PIXELS + i) * 64u + lane;
      if (pixel < WIDTH * HEIGHT) {
        store(job, pixel, ${color});
      }
    }
  }
`
  );
  return `@compute @workgroup_size(64)
fn ${name}(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
${loops.join("")}}
`;
}
