/** What a kind of job runs: a WGSL statement for each pixel, or for each block of pixels. */
export interface JobCode {
  pixel?: string;
  block?: string;
  /** For some pixels another statement, once all are done; and a function (lane) that tells the next. */
  again?: { next: string; pixel: string };
}

/**
 * WGSL of a kernel whose workgroups carry out the jobs of a picture one after the other: for each kind
 * a loop, which ends at once where the job is of another kind. (Processors run both sides of a branch,
 * for every pixel, but no loop that has nothing to do.)
 *
 * @param kinds in the order of their numbers
 */
export function jobLoops(name: string, kinds: readonly JobCode[]): string {
  const loops = kinds.map(({ pixel, block, again }, kind) =>
    pixel
      ? `      for (var pixel = first_pixel(job, ${kind}u, lane); pixel < last_pixel(); pixel += LANES) {
        ${pixel};
      }
${again ? repeated(again) : ""}`
      : `      for (var done = job.kind != ${kind}u; !done; done = true) {
        ${block};
      }
`
  );
  return `@compute @workgroup_size(LANES)
fn ${name}(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  for (var item = group.x; item < CHUNK * PARTS; item += GROUPS) {
    let picture = item / PARTS;
    let first = launch_table[picture + 1u];
    let end = launch_table[picture + 2u];
    for (block = item % PARTS; block < blocks() && first < end; block += PARTS) {
      for (var number = first; number < end; number++) {
        let job = placed(jobs[number], picture);
        read_table(job);
${loops.join("")}      }
    }
  }
}
`;
}

function repeated({ next, pixel }: { next: string; pixel: string }): string {
  return `      for (var pixel = ${next}(lane); pixel < last_pixel(); pixel = ${next}(lane)) {
        ${pixel};
      }
`;
}
