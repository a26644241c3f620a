import assert from "node:assert/strict";
import { poisson } from "../../lib/random/poisson.ts";
import { Stream } from "../../lib/random/stream.ts";
import { agrees } from "./distribution.ts";

for (const mean of [0.05, 3, 9.99, 10, 40, 480]) {
  Deno.test(`poisson() of mean ${mean} has its distribution`, () => {
    const random = new Stream(8, 99), draws = 40_000;
    const found = Array.from({ length: draws }, () => poisson(random, mean));
    const most = Math.ceil(mean + 8 * Math.sqrt(mean)) + 8;
    const likely = Array.from({ length: most }, (_, count) => count)
      .filter((count) => probability(count, mean) > 1e-3);
    const counts = likely.map((count) => found.filter((one) => one === count).length);
    const shares = likely.map((count) => probability(count, mean));
    const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b);
    agrees([...counts, draws - sum(counts)], [...shares, 1 - sum(shares)], `mean ${mean}`);
  });
}

Deno.test("poisson() of mean 0 is 0", () => {
  assert.equal(poisson(new Stream(1, 99), 0), 0);
});

function probability(count: number, mean: number): number {
  let log = -mean;
  for (let n = 1; n <= count; n++) log += Math.log(mean / n);
  return Math.exp(log);
}
