import assert from "node:assert/strict";
import { CountingTuning, geometryOfKey } from "../../lib/bench/counting_tuning.ts";
import { convolutionKey, flops, type Geometry } from "../../lib/nn/convolution.ts";

const geometry: Geometry = {
  ...{ batch: 32, height: 16, width: 8, inputs: 24, outputs: 48 },
  ...{ kernel: 3, stride: 2, padding: 1, groups: 1 },
};

Deno.test("the sizes of a convolution can be read from its key", () => {
  for (const groups of [1, 4]) {
    const sizes = { ...geometry, groups };
    assert.deepEqual(geometryOfKey(convolutionKey("conv2d_forward", sizes)), sizes);
  }
  assert.throws(() => geometryOfKey("product 3"), /Cannot read the sizes of product 3/);
});

Deno.test("what convolutions compute is counted as often as they ask", () => {
  const tuning = new CountingTuning();
  for (const pass of ["conv2d_forward", "conv2d_weight_gradient"]) {
    tuning.choose(convolutionKey(pass, geometry), [{ name: "only", record() {} }]);
  }
  assert.equal(tuning.flops, 2 * flops(geometry));
});
