import type { Stream } from "../random/stream.ts";

/** The size of the pictures in pixels and the strength of the ops, 0 … 10. */
export interface OpSettings {
  /** Strength of ops, 0.1 to 10. */
  magnitude: number;
  /** Pixels across. */
  width: number;
  /** Pixels down. */
  height: number;
}

/** Draws an op's value in its own unit. */
export type Rule = (stream: Stream, settings: OpSettings) => number;

/** The published LayerMix code's levels: U(0.1, max · magnitude / 10). */
export function level(max: number): Rule {
  return (stream, { magnitude }) => stream.between(0.1, max * magnitude / 10);
}

/** AugMix's levels (its `float_parameter`): max · l / 10 with l ~ U(0.1, magnitude). */
export function scaled(max: number): Rule {
  return (stream, { magnitude }) => max * stream.between(0.1, magnitude) / 10;
}

/** AugMix's whole levels (its `int_parameter`). */
export function whole(max: number): Rule {
  return changed(scaled(max), Math.trunc);
}

/** Either sign, equally likely. */
export function signed(rule: Rule): Rule {
  return (stream, settings) => {
    const size = rule(stream, settings);
    return stream.chance() ? -size : size;
  };
}

/** A draw of `rule`, changed by `change`. */
export function changed(rule: Rule, change: (value: number) => number): Rule {
  return (stream, settings) => change(rule(stream, settings));
}

/** A rule that depends on the picture's width or height. */
export function bySide(side: "width" | "height", rule: (pixels: number) => Rule): Rule {
  return (stream, settings) => rule(settings[side])(stream, settings);
}
