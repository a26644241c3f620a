import assert from "node:assert/strict";
import type { Work } from "../../lib/bench/clock.ts";
import { openOperation, passNames } from "../../lib/bench/operations.ts";
import type { Peer } from "../../lib/bench/peer.ts";
import { openBench } from "../../lib/bench/run.ts";
import { benchAugment, benchOperations, benchStep } from "../../lib/bench/suite.ts";
import { flops } from "../../lib/nn/convolution.ts";
import { gpuTest } from "../gpu.ts";

const sizes = { batch: 1, height: 8, width: 8, inputs: 4, outputs: 8, groups: 1 };
const operation = {
  name: "conv3x3",
  passes: passNames,
  geometry: { ...sizes, kernel: 3, stride: 2, padding: 1 },
};

gpuTest("each pass of an operation has launches of its own", async (gpu) => {
  const opened = await openOperation(gpu, operation);
  assert.deepEqual(opened.passes.map(({ name }) => name), passNames);
  for (const pass of opened.passes) {
    assert.equal(pass.flops, flops(operation.geometry));
    assert(pass.bytes > 0, pass.name);
    pass.work.call();
  }
  await gpu.idle();
  opened.release();
});

/** A peer whose work takes no time, and fails at what `fails` names. */
function peer(released: string[]): Peer {
  const work = (name: string): Work => ({
    call() {},
    idle: () => Promise.resolve(),
    release: () => released.push(name),
  });
  return {
    name: "jaxjs",
    title: "peer 1",
    operation(_, pass) {
      if (pass === "weight_gradient") throw new Error("no such gradient\nat some place");
      return work(pass);
    },
    step: () => work("step"),
  };
}

gpuTest(
  "a peer that fails is left out with its reason, and the others are measured",
  async (gpu) => {
    const [lines, released]: [string[], string[]] = [[], []];
    const print = (line: string) => lines.push(line);
    const { suite } = await openBench(gpu, { isQuick: true, peers: [peer(released)], print });
    const rows = await benchOperations(suite, [operation]);
    assert.deepEqual(rows.map(({ name }) => name), passNames.map((pass) => `conv3x3_${pass}`));
    for (const { name, ratio } of rows) {
      assert.equal(ratio.tfjs, null);
      assert.equal(ratio.jaxjs === null, name === "conv3x3_weight_gradient");
    }
    assert(lines.includes("note: peer 1 has no conv3x3_weight_gradient: no such gradient"));
    assert.deepEqual(released, ["forward", "input_gradient"]);
  },
);

gpuTest("a step that does not fit is skipped with a line", async (gpu) => {
  const lines: string[] = [];
  const { suite } = await openBench(gpu, { isQuick: true, print: (line) => lines.push(line) });
  const size = { layers: 10, widenFactor: 4, batchSize: 1e5 };
  assert.equal(await benchStep(suite, size), undefined);
  assert.match(lines.at(-1)!, /^note: skipped step_wrn10_4_b100000: Cannot train with a batch of/);
});

gpuTest("an augmentation is measured at sizes beyond the built-in pictures", async (gpu) => {
  const lines: string[] = [];
  const { suite } = await openBench(gpu, { isQuick: true, print: (line) => lines.push(line) });
  const { row } = await benchAugment(suite, { method: "pixmix", side: 96, batchSize: 3 });
  assert.equal(row.name, "augment_pixmix_96_b3");
  assert.equal(row.pictures_per_second, 3000 / row.ms);
  assert(row.buffers_mib > 3 * 96 * 96 * 20 / 2 ** 20 && row.host_ms > 0);
  assert.match(lines.at(-1)!, /pictures\/s, .* MiB, JavaScript/);
});
