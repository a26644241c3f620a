/** How frames of a sequence are compared. */
export interface PerturbationOptions {
  /** Frames of each video, at least 2. */
  frames: number;
  /** At least 6. */
  classes: number;
  /** Floats from one row of logits to the next; `classes` by default. */
  stride?: number;
  /** Compare every frame with the first one of its video, not with the one before. */
  noise?: boolean;
  /** Frames from one to the next that is compared, 1 by default; noise keeps to 1. */
  difficulty?: number;
}

/** Sums over pairs of frames; whole numbers but for the last, so that parts add up exactly. */
export interface PerturbationSums {
  /** Pairs of frames that were compared. */
  pairs: number;
  /** Pairs with two different predictions. */
  flips: number;
  top5_distance: number;
  zipf_distance: number;
}

/** Means over pairs and videos. */
export interface PerturbationFigures {
  /** Share of pairs with two different predictions, in 0..1. */
  flip_probability: number;
  /** How far the five best classes move, from 0 on. */
  top5_distance: number;
  /** The same for all classes, the best ones weighing most. */
  zipf_distance: number;
}

/**
 * How often the prediction changes between frames that hardly differ, and how far ranks move.
 *
 * With sigma(i) the rank in the second frame of the class that had rank i in the first:
 * top-5 distance = Σ_{i ≤ 5} |t(i - 1) - t(sigma(i) - 1)|, t(n) = min(n, 5); Zipf distance =
 * Σ_i |1/i - 1/sigma(i)| / i. Of equal logits the first class ranks higher.
 * Source: Hendrycks and Dietterich 2019 (arXiv 1903.12261), section 4, and its `ImageNet-P/test.py`.
 *
 * @param logits (videos · frames × classes), frame after frame and video after video
 * @throws {RangeError} when there are no whole videos, fewer frames than can be compared, or fewer
 * classes than 6
 */
export function measurePerturbation(
  logits: Float32Array,
  { frames, classes, stride = classes, noise = false, difficulty = 1 }: PerturbationOptions,
): PerturbationSums {
  const step = noise ? 1 : difficulty;
  const videos = logits.length / stride / frames;
  check({ videos, frames, classes, step });
  const sums = { pairs: 0, flips: 0, top5_distance: 0, zipf_distance: 0 };
  for (let video = 0; video < videos; video++) {
    const ranks = Array.from({ length: frames }, (_, frame) => {
      const row = (video * frames + frame) * stride;
      return ranksOf(logits.subarray(row, row + classes));
    });
    for (let frame = step; frame < frames; frame++) {
      compare(ranks[noise ? 0 : frame - step]!, ranks[frame]!, sums);
    }
  }
  return sums;
}

/** The means of sums; all videos have as many frames, so the mean of their means is that of pairs. */
export function perturbationFigures(sums: PerturbationSums): PerturbationFigures {
  const { pairs, flips, top5_distance, zipf_distance } = sums;
  return {
    flip_probability: flips / pairs,
    top5_distance: top5_distance / pairs,
    zipf_distance: zipf_distance / pairs,
  };
}

/** Classes in order of their rank, and ranks (from 1 on) of the classes. */
interface Ranks {
  classes: Uint32Array;
  ranks: Uint32Array;
}

function ranksOf(logits: Float32Array): Ranks {
  const classes = Uint32Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
  const ranks = new Uint32Array(classes.length);
  classes.forEach((one, place) => ranks[one] = place + 1);
  return { classes, ranks };
}

function compare(before: Ranks, after: Ranks, sums: PerturbationSums): void {
  sums.pairs++;
  sums.flips += Number(before.classes[0] !== after.classes[0]);
  for (let i = 1; i <= before.classes.length; i++) {
    const sigma = after.ranks[before.classes[i - 1]!]!;
    sums.zipf_distance += Math.abs(1 / i - 1 / sigma) / i;
    if (i <= 5) sums.top5_distance += Math.abs(i - 1 - Math.min(sigma - 1, 5));
  }
}

function check(
  { videos, frames, classes, step }: {
    videos: number;
    frames: number;
    classes: number;
    step: number;
  },
): void {
  const refuse = (expected: string, found: number) => {
    throw new RangeError(`Cannot compare frames: expected ${expected} but found ${found}`);
  };
  if (!(classes >= 6)) refuse("at least 6 classes", classes);
  if (!(frames > step)) refuse(`more than ${step} frames`, frames);
  if (!(Number.isInteger(videos) && videos > 0)) refuse("logits of whole videos", videos);
}
