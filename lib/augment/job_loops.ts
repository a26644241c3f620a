/** What a kind of job runs: a WGSL statement for each pixel, or for each block of pixels. */
export interface JobCode {
  pixel?: string;
  block?: string;
  /** What is done before, once for a block. */
  before?: string;
  /** Whether the job reads a second picture. */
  isBlend?: boolean;
  /**
   * Another statement for some of the pixels, once `turns` pixels of each invocation are done; and a
   * function of the first one that tells the next of them.
   */
  again?: { turns: string; next: string; pixel: string };
}

/**
 * WGSL of a kernel whose workgroups carry out the jobs of some pictures: for each level, for each kind
 * its jobs, for each the pixels. (Processors run both sides of a branch for every pixel, and the body
 * of a loop that has nothing to do once.)
 *
 * @param kinds in the order of their numbers
 * @param unroll pixels of an invocation at a time: more take less time and more code
 */
export function jobLoops(name: string, kinds: readonly JobCode[], unroll: number): string {
  const loops = kinds.map((code, kind) =>
    `for (var item = rows[row + ${kind}u]; item < rows[row + ${kind + 1}u]; item++) {
  let job = placed(jobs[item], entry.z, ${code.isBlend ?? false});
  ${code.before ?? ""}
  ${statements(code, unroll)}
}`
  );
  return `@compute @workgroup_size(LANES)
fn ${name}(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  for (var round = 0u; round < ROUNDS; round++) {
    let entry = launch_table[round * GROUPS + group.x % GROUPS];
    for (block = group.x / GROUPS; block < blocks() && entry.y > 0u; block += PARTS) {
      for (var row = entry.x * ROW; row < (entry.x + entry.y) * ROW; row += ROW) {
${loops.map(indented).join("\n")}
      }
    }
  }
}
`;
}

function statements({ pixel, block, again }: JobCode, unroll: number): string {
  if (!pixel) return `${block};`;
  return again
    ? nested(pixel, again)
    : pixelLoop("first_pixel(lane)", "last_pixel()", pixel, unroll);
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
  statement: string,
  { turns, next, pixel }: NonNullable<JobCode["again"]>,
): string {
  const end = `min(start + ${turns} * LANES, last_pixel())`;
  return `for (var start = first_pixel(lane); start < last_pixel(); start += ${turns} * LANES) {
  ${pixelLoop("start", end, statement, 1)}
  for (var pixel = ${next}(start); pixel < last_pixel(); pixel = ${next}(start)) { ${pixel}; }
}`;
}

/** A closing brace at the start of a line would end the function for whoever reads its source. */
function indented(code: string): string {
  return code.replace(/^/gm, "        ");
}
