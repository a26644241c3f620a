import code from "../../kernels/conv2d.wgsl" with { type: "text" };
import type { Launch, Region } from "../gpu/kernel.ts";
import type { Tape } from "../gpu/tape.ts";
import type { Geometry } from "./convolution.ts";
import { quads } from "./product/tile.ts";

/** Groups of a convolution as its kernels run them. */
export interface UnitedGroups {
  /** The same convolution with fewer, larger groups. */
  geometry: Geometry;
  /** Groups that make one of those; 1 where nothing changes. */
  together: number;
}

/**
 * Unites groups whose channels do not come in fours, until they do: kernels read vec4. Between
 * groups of a union the weights are zero.
 */
export function unitedGroups(geometry: Geometry): UnitedGroups {
  const { inputs, outputs, groups } = geometry;
  const fits = (together: number) =>
    groups % together === 0 && (together === groups ||
      (inputs / groups * together % 4 === 0 && outputs / groups * together % 4 === 0));
  let together = 1;
  while (!fits(together)) together++;
  return { geometry: { ...geometry, groups: groups / together }, together };
}

/** Launches that make, from weights (taps × inputs of a group × outputs), those of united groups. */
export function expandWeights(
  tape: Tape,
  geometry: Geometry,
  united: UnitedGroups,
  w: Region,
): { launches: Launch[]; expanded: Region } {
  const { constants, vectors } = sizes(geometry, united);
  const expanded = tape.scratch("conv2d.expanded", 16 * vectors.expanded);
  const launch = {
    kernel: "conv2d_expand_groups",
    code,
    constants,
    bindings: { w, expanded },
    groups: [Math.ceil(vectors.expanded / 64)] as const,
  };
  return { launches: [launch], expanded };
}

/** A buffer for the gradient of united weights, and the launch that takes `dw` from it. */
export function contractGradient(
  tape: Tape,
  geometry: Geometry,
  united: UnitedGroups,
  dw: Region,
): { launches: Launch[]; dexpanded: Region } {
  const { constants, vectors } = sizes(geometry, united);
  const dexpanded = tape.scratch("conv2d.dexpanded", 16 * vectors.expanded);
  const launch = {
    kernel: "conv2d_contract_groups",
    code,
    constants,
    bindings: { dexpanded, dw },
    groups: [Math.ceil(vectors.own / 64)] as const,
  };
  return { launches: [launch], dexpanded };
}

function sizes({ inputs, outputs, kernel, groups }: Geometry, united: UnitedGroups) {
  const constants = {
    TAPS: kernel * kernel,
    INPUTS4: quads(inputs / groups),
    OUTPUTS4: quads(outputs),
    UNION4: quads(inputs / united.geometry.groups),
    GROUP_INPUTS: inputs / groups,
    GROUP_OUTPUTS: outputs / groups,
    TOGETHER: united.together,
  };
  const columns = 4 * constants.TAPS * constants.OUTPUTS4;
  return {
    constants,
    vectors: { expanded: columns * constants.UNION4, own: columns * constants.INPUTS4 },
  };
}
