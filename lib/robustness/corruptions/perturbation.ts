import type { Stream } from "../../random/stream.ts";
import type { Picture, Scale } from "./corruption.ts";

/** How strong noises are: 1 as in the benchmark, 2 and 3 as in its harder variants. */
export type Difficulty = 1 | 2 | 3;

/** What a perturbation may draw from, and which part of the picture is shown. */
export interface PerturbationSurroundings {
  /** Random numbers of this picture, perturbation and difficulty alone. */
  random: Stream;
  /** Which table of settings. */
  scale: Scale;
  /** 1 by default. */
  difficulty?: Difficulty;
  /**
   * Frames show so many pixels of both sides, in the middle of the picture; all of it by default.
   * What moves comes in from outside of it: ImageNet-P shows 224 pixels of pictures whose shorter
   * side has 256. What does not move looks at these pixels only.
   */
  shown?: number;
}

/** One perturbation of a benchmark: a few frames in which little changes from one to the next. */
export interface Perturbation {
  /** The official name of its file or folder. */
  readonly name: string;
  /** How many frames there are. */
  frames(scale: Scale): number;
  /** The frames, not yet clipped nor rounded; the picture given is left as it is. */
  sequence(picture: Picture, surroundings: PerturbationSurroundings): Iterable<Picture>;
}
