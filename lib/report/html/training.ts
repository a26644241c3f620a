import type { Table } from "../comparison/compare.ts";
import type { LoggedEpoch, Run } from "../comparison/read_run.ts";
import type { Chart } from "./chart.ts";
import { lines, upright } from "./curves.ts";

const figures = {
  train_loss: { title: "training loss, nats", scale: 1 },
  test_error: { title: "test error, %", scale: 100 },
} as const;

/** A run's log, and the number of the group that it is drawn as. */
interface Curve {
  run: Run;
  series: number;
}

/** The runs that have a log, each once, also where two of its checkpoints were evaluated. */
export function curvesOf({ groups }: Table): Curve[] {
  const all = groups.flatMap(({ entries }, series) => entries.map(({ run }) => ({ run, series })));
  return all.filter(({ run }, i) =>
    run.log.length > 0 && all.findIndex((other) => other.run === run) === i
  );
}

/** One figure of the logs by epoch, a line for each run. */
export function trainingChart(table: Table, figure: keyof typeof figures): Chart {
  const { title, scale } = figures[figure];
  const curves = curvesOf(table);
  const rows = curves.flatMap(({ run, series }, line) =>
    run.log.flatMap((epoch) => {
      const y = valueOf(epoch, figure, scale);
      return y === null ? [] : [{ series, line, x: epoch.epoch, y, low: y, high: y }];
    })
  );
  const epochs = Math.max(...rows.map(({ x }) => x), 2);
  const ends = curves.map(({ run, series }) => {
    const last = run.log.at(-1)!;
    const y = valueOf(last, figure, scale);
    return `${table.groups[series]!.label}: ${
      y?.toFixed(2) ?? "not finite"
    } at epoch ${last.epoch}`;
  });
  return {
    alt: `Lines, ${title}, by epoch. At the end, ${ends.join("; ")}.`,
    ...{ width: 300, height: 200, padding: { left: 36, right: 12, top: 28, bottom: 38 } },
    rows,
    layer: lines(table.groups.length, {
      x: {
        ...{ title: "epoch", scale: { domain: [1, epochs], nice: false } },
        axis: { grid: false, format: "d", tickMinStep: 1, tickCount: 6 },
      },
      y: { axis: { ...upright(title, 36), tickCount: 5 }, scale: { zero: false } },
    }, epochs <= 20 ? 30 : 0),
  };
}

function valueOf(
  epoch: LoggedEpoch,
  figure: keyof typeof figures,
  scale: number,
): number | null {
  const value = epoch[figure];
  return value === null ? null : scale * value;
}
