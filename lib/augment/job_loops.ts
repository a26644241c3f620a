/** What a kind of job runs: a WGSL statement for each pixel, or for each block of pixels. */
export interface JobCode {
  pixel?: string;
  block?: string;
  /**
   * Another statement for some of the pixels, once `turns` pixels of each invocation are done; and a
   * function of the first one that tells the next of them.
   */
  again?: { turns: string; next: string; pixel: string };
}

/**
 * WGSL of a kernel whose workgroups carry out the jobs of a picture one after the other: for each kind
 * a loop, which ends at once where the job is of another kind. (Processors run both sides of a branch
 * for every pixel, and the body of a loop that has nothing to do only once.)
 *
 * @param kinds in the order of their numbers
 * @param unroll pixels of an invocation at a time: more take less time and more code
 */
export function jobLoops(name: string, kinds: readonly JobCode[], unroll: number): string {
  const loops = kinds.map(({ pixel, block, again }, kind) =>
    again
      ? nested(kind, pixel!, again)
      : pixel
      ? pixelLoop(`first_pixel(job, ${kind}u, lane)`, "last_pixel()", pixel, unroll)
      : `for (var done = job.kind != ${kind}u; !done; done = true) { ${block}; }`
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
${loops.map(indented).join("\n")}
      }
    }
  }
}
`;
}

function pixelLoop(first: string, end: string, statement: string, unroll: number): string {
  const others = Array.from({ length: unroll - 1 }, () =>
    `  pixel += LANES;
  if (pixel < ${end}) { ${statement}; }`);
  return `for (var pixel = ${first}; pixel < ${end}; pixel += LANES) {
  ${statement};
${others.join("\n")}
}`;
}

function nested(
  kind: number,
  statement: string,
  { turns, next, pixel }: NonNullable<JobCode["again"]>,
): string {
  const end = `min(start + ${turns} * LANES, last_pixel())`;
  return `for (var start = first_pixel(job, ${kind}u, lane); start < last_pixel();
  start += ${turns} * LANES) {
  ${pixelLoop("start", end, statement, 1)}
  for (var pixel = ${next}(start); pixel < last_pixel(); pixel = ${next}(start)) { ${pixel}; }
}`;
}

/** A closing brace at the start of a line would end the function for whoever reads its source. */
function indented(code: string): string {
  return code.replace(/^/gm, "        ");
}
