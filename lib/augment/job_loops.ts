/** What a kind of job runs: a WGSL expression of the color of `pixel`, or a statement that measures. */
export interface JobCode {
  color?: string;
  measure?: string;
}

/**
 * WGSL of a kernel whose workgroups carry out the jobs of a picture one after the other: for each kind
 * a loop, which ends at once where the job is of another kind. (Processors run both sides of a branch,
 * for every pixel, but no loop that has nothing to do.)
 *
 * @param kinds in the order of their numbers
 */
export function jobLoops(name: string, kinds: readonly JobCode[]): string {
  const loops = kinds.map(({ color, measure }, kind) =>
    color
      ? `      for (var pixel = first_pixel(job, ${kind}u, lane); pixel < last_pixel(); pixel += LANES) {
        store(job, pixel, ${color});
      }
`
      : `      for (var done = job.kind != ${kind}u; !done; done = true) {
        ${measure};
      }
`
  );
  return `@compute @workgroup_size(LANES)
fn ${name}(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let picture = group.x / PARTS;
  let first = launch_table[picture + 1u];
  let end = launch_table[picture + 2u];
  for (block = group.x % PARTS; block < blocks() && first < end; block += PARTS) {
    for (var number = first; number < end; number++) {
      let job = placed(jobs[number], picture);
      read_table(job);
${loops.join("")}    }
  }
}
`;
}
