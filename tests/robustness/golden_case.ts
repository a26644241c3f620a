import { goldenFile } from "../golden.ts";

/** One case of tests/golden/metrics.json. */
export interface GoldenCase<Params, Expected> {
  name: string;
  op: string;
  params: Params;
  expected: Expected;
}

/** The case of this name. */
export function goldenCase<Params, Expected>(name: string): GoldenCase<Params, Expected> {
  const cases: GoldenCase<Params, Expected>[] = JSON.parse(
    Deno.readTextFileSync(goldenFile("metrics.json")),
  );
  const found = cases.find((one) => one.name === name);
  if (!found) throw new Error(`no golden case ${name}`);
  return found;
}
