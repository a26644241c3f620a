import type { Profile } from "./profile.ts";
import type { BenchRecord, Row, StepRow } from "./record.ts";

const columns = ["ms", "GFLOP/s", "GB/s", "tfjs", "jaxjs"];

/** Kernels below this share of a step are summed up in one line. */
const LEAST_SHARE = 0.01;

/** What was measured, where and how. */
export function titleLines(record: BenchRecord): string[] {
  const { adapter, commit, date, clock, cores, tuned } = record;
  const of = clock === "cpu" ? `processor time / ${cores} cores` : "time on the clock";
  return [
    `adapter ${adapter}`,
    `commit ${commit}, ${date}; ms are ${of}; ${tuned ? "tuned" : "fixed"} kernels`,
    "",
    cells("", columns),
  ];
}

/** A measurement under the columns of the title. */
export function rowLine({ name, ms, gflops, gbs, ratio }: Row): string {
  const times = (ratio: number | null) => ratio === null ? "-" : `${ratio.toFixed(1)}x`;
  return cells(name, [
    ms.toFixed(ms < 100 ? 2 : 0),
    gflops === null ? "-" : gflops.toFixed(1),
    gbs.toFixed(1),
    times(ratio.tfjs),
    times(ratio.jaxjs),
  ]);
}

/** What is told of a step beside its row. */
export function stepLine(row: StepRow): string {
  const share = row.convolution_share === undefined
    ? ""
    : `, ${(100 * row.convolution_share).toFixed(0)} % in convolutions`;
  return `  ${row.pictures_per_second.toFixed(1)} pictures/s, ${row.buffers_mib.toFixed(0)} MiB, ` +
    `JavaScript ${row.host_ms.toFixed(1)} ms${share}`;
}

/** The kernels of a step, the slowest first; `flops` are those of its convolutions. */
export function profileLines(
  { kernels, convolutionMs, convolutionShare }: Profile,
  flops: number,
): string[] {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const shown = kernels.filter(({ share }) => share >= LEAST_SHARE);
  const rest = kernels.slice(shown.length);
  const sum = (pick: (kernel: Profile["kernels"][number]) => number) =>
    rest.reduce((total, kernel) => total + pick(kernel), 0);
  const lines = [
    cells("  kernel", ["launches", "ms", "share", "GB/s"]),
    ...shown.map(({ kernel, launches, ms, share, gbs }) =>
      cells(`  ${kernel}`, [`${launches}`, ms.toFixed(2), percent(share), gbs.toFixed(1)])
    ),
  ];
  if (rest.length) {
    const [launches, ms, share] = [
      sum(({ launches }) => launches),
      sum(({ ms }) => ms),
      sum(({ share }) => share),
    ];
    lines.push(
      cells(`  ${rest.length} others`, [`${launches}`, ms.toFixed(2), percent(share), ""]),
    );
  }
  const speed = `${(flops / 1e6 / convolutionMs).toFixed(1)} GFLOP/s`;
  return [...lines, `  convolutions: ${percent(convolutionShare)} of the kernels' time, ${speed}`];
}

function cells(name: string, values: readonly string[]): string {
  return (name.padEnd(40) + values.map((value) => value.padStart(10)).join("")).trimEnd();
}
