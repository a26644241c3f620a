import type { Results } from "../../robustness/results.ts";
import { ReportError } from "./error.ts";
import {
  count,
  flag,
  interval,
  number,
  provenance,
  share,
  text,
} from "../../robustness/results_shape.ts";
import { isObject, kind, listOf, object, orNull } from "../../shape.ts";
import { readJson, requireShape } from "./read_json.ts";

const SCHEMA = 2;

const bins = listOf(object({ count, confidence: orNull(share), accuracy: orNull(share) }));
const row = { count, error: share, rms: orNull(share), error_interval: interval };
const corruptions = object({
  ...{ complete: flag, mce: orNull(share), mce_interval: orNull(interval) },
  mce_alexnet: orNull(number),
  ...{
    mean_rms: orNull(share),
    partial_mean_error: orNull(share),
    partial_mean_rms: orNull(share),
  },
  missing: listOf(object({ corruption: text, severities: listOf(number) })),
  rows: listOf(object({ ...row, corruption: text, severity: number })),
}, { reliability: bins });
const sequences = object({
  ...{ complete: flag, mfp: orNull(share), partial_mfp: orNull(share), missing: listOf(text) },
  rows: listOf(object({ sequence: text, flip_probability: share })),
});
/** What a report reads of results; docs/results.schema.json has all of it. */
const results = object({
  ...provenance,
  suites: object({}, {
    clean: object(row, { reliability: bins }),
    ...{ c: corruptions, "c-bar": corruptions, p: sequences },
    ...{ r: object(row), a: object(row), pgd: object(row) },
  }),
  c_and_c_bar: orNull(object({ mean_error: share, interval: orNull(interval) })),
});

/**
 * What `layermix evaluate` wrote, from its text; undefined for a shard, which has no figures yet.
 *
 * @throws {ReportError} when it is damaged, of another schema, or something else
 */
export function parseResults(file: string, content: string): Results | undefined {
  const value = readJson(file, content);
  if (!isObject(value) || value.schema === undefined) {
    throw new ReportError(
      `Cannot read ${file}: expected what \`layermix evaluate\` wrote but found other JSON`,
    );
  }
  if (value.schema !== SCHEMA) {
    throw new ReportError(
      `Cannot read ${file}: expected results of schema ${SCHEMA} but found schema ${
        JSON.stringify(value.schema).slice(0, 60)
      }; evaluate again with this layermix`,
    );
  }
  if (value.kind === "shard") return undefined;
  requireShape(file, value, object({ kind: kind('"results"', (one) => one === "results") }));
  requireShape(file, value, results);
  const { suites, sources } = value as unknown as Results;
  for (const name of ["c", "c-bar", "r", "a", "p"] as const) {
    if (!suites[name] || sources[name]) continue;
    throw new ReportError(
      `Cannot read ${file}: expected sources.${name} beside suites.${name} but found nothing`,
    );
  }
  return value as unknown as Results;
}
