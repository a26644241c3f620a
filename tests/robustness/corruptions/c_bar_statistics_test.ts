import assert from "node:assert/strict";
import { Purpose, Stream } from "../../../lib/random/stream.ts";
import { cBarCorruptions } from "../../../lib/robustness/corruptions/c_bar.ts";
import {
  pictureOfBytes,
  type Scale,
  type Severity,
} from "../../../lib/robustness/corruptions/corruption.ts";
import {
  cubicSpline,
  splineCoefficients,
} from "../../../lib/robustness/corruptions/cubic_spline.ts";
import { inverseFft2 } from "../../../lib/robustness/corruptions/fft.ts";
import { spectralNoise } from "../../../lib/robustness/corruptions/spectral_noise.ts";
import { agrees } from "../../random/distribution.ts";
import { noisy, plain } from "./pictures.ts";

const mean = (numbers: ArrayLike<number>) =>
  Array.from(numbers).reduce((a, b) => a + b) / numbers.length;
const deviation = (numbers: ArrayLike<number>) => {
  const middle = mean(numbers);
  return Math.sqrt(mean(Array.from(numbers, (value) => (value - middle) ** 2)));
};

/** The values of plain pictures, corrupted, each with numbers of its own. */
function values(
  name: string,
  level: number,
  severity: Severity,
  { scale = "cifar" as Scale, side = 32, count = 1 } = {},
): Float64Array[] {
  const corruption = cBarCorruptions[scale].find((corruption) => corruption.name === name)!;
  return Array.from({ length: count }, (_, index) => {
    const random = new Stream(3, Purpose.corrupt_c_bar, index, severity);
    const picture = plain(side, side, [level, level, level]);
    return corruption.corrupt(picture, severity, { random, scale }).rgb;
  });
}

Deno.test("inverseFft2() is the sum of waves, for sizes of any factors", () => {
  const sizes = [[1, 1], [8, 4], [7, 1], [1, 12], [15, 22], [13, 9], [67, 5], [3, 71]] as const;
  for (const [width, height] of sizes) {
    const random = new Stream(1, 99), count = width * height;
    const drawn = () => Float64Array.from({ length: count }, () => random.normal());
    const real = drawn(), imaginary = drawn();
    const expected = Array.from({ length: count }, (_, to) => {
      let x = 0, y = 0;
      for (let i = 0; i < count; i++) {
        const turn = (i % width) * (to % width) / width +
          Math.floor(i / width) * Math.floor(to / width) / height;
        const cosine = Math.cos(2 * Math.PI * turn), sine = Math.sin(2 * Math.PI * turn);
        x += real[i]! * cosine - imaginary[i]! * sine;
        y += real[i]! * sine + imaginary[i]! * cosine;
      }
      return [x / count, y / count];
    });
    const found = inverseFft2({ real, imaginary }, width, height);
    for (const [i, [x, y]] of expected.entries()) {
      assert.ok(Math.abs(found.real[i]! - x!) < 1e-12, `${width} x ${height}`);
      assert.ok(Math.abs(found.imaginary[i]! - y!) < 1e-12, `${width} x ${height}`);
    }
  }
});

Deno.test("a spline goes through the values its coefficients are of, for few values too", () => {
  for (const [width, height, channels] of [[1, 1, 1], [2, 3, 1], [5, 1, 2], [4, 7, 3]] as const) {
    const random = new Stream(1, 99);
    const values = Float64Array.from(
      { length: width * height * channels },
      () => random.normal(),
    );
    const add = cubicSpline(splineCoefficients({ width, height, channels, values }));
    const found = new Float64Array(values.length);
    for (let i = 0; i < width * height; i++) {
      add(i % width, Math.floor(i / width), 1, found, i * channels);
    }
    for (const [i, value] of values.entries()) {
      assert.ok(Math.abs(found[i]! - value) < 1e-12, `${width} x ${height}`);
    }
    add(-0.01, 0, 1, found, 0);
    add(0, height - 0.99, 1, found, 0);
    assert.ok(Math.abs(found[0]! - values[0]!) < 1e-12, "nothing outside");
  }
});

/** The slope of log amplitude over log frequency, between 4 and 28 cycles of a 64 × 64 noise. */
function spectrumSlope(noise: Float64Array): number {
  const { real, imaginary } = inverseFft2(
    { real: noise.slice(), imaginary: new Float64Array(noise.length) },
    64,
    64,
  );
  const points: [number, number][] = [];
  for (let ring = 4; ring < 28; ring++) {
    const powers = [...real.keys()].filter((i) => {
      const distance = Math.hypot((i % 64 + 32) % 64 - 32, (Math.floor(i / 64) + 32) % 64 - 32);
      return Math.floor(distance) === ring;
    }).map((i) => real[i]! ** 2 + imaginary[i]! ** 2);
    points.push([Math.log(ring + 0.5), Math.log(mean(powers)) / 2]);
  }
  const x = mean(points.map(([x]) => x)), y = mean(points.map(([, y]) => y));
  return mean(points.map(([a, b]) => (a - x) * (b - y))) / mean(points.map(([a]) => (a - x) ** 2));
}

Deno.test("noises have the spectrum that is asked for, and a standard deviation of 1", () => {
  const picture = plain(64, 64, [0, 0, 0]);
  for (const power of [-2, 0, 1]) {
    const noise = spectralNoise(
      picture,
      (distance) => (distance + 1e-3) ** power,
      new Stream(4, 99),
    );
    assert.ok(Math.abs(deviation(noise) - 1) < 1e-9);
    const slope = spectrumSlope(noise);
    assert.ok(Math.abs(slope - power) < 0.15, `${slope} instead of ${power}`);
  }
});

Deno.test("brownish noise has the published deviation, and each channel its own", () => {
  const [rgb] = values("brownish_noise", 0.5, 5, { side: 64 });
  const channels = [0, 1, 2].map((c) => rgb!.filter((_, i) => i % 3 === c));
  for (const channel of channels) {
    assert.ok(Math.abs(deviation(channel) - 0.7 * 64 / 255) < 1e-9);
    assert.ok(spectrumSlope(channel) < -1.7);
  }
  const [red, green] = channels as [Float64Array, Float64Array];
  const product = mean(red.map((value, i) => (value - mean(red)) * (green[i]! - mean(green))));
  assert.ok(Math.abs(product / deviation(red) / deviation(green)) < 0.6);
});

Deno.test("blue noise blackens the published share of pixels, with few black neighbours", () => {
  // The standard normal distribution at 3 × 0.42 - 2.5 and 3 × 0.07 - 2.5.
  for (const [severity, share] of [[5, 0.1075], [1, 0.0110]] as const) {
    const [rgb] = values("blue_noise_sample", 0.5, severity, { side: 128 });
    const isBlack = rgb!.filter((_, i) => i % 3 === 0).map((value) => Number(value === 0));
    assert.deepEqual(new Set(rgb), new Set([0, 0.5]));
    assert.ok(rgb!.every((value, i) => value === rgb![i - i % 3]), "one mask for all channels");
    assert.ok(Math.abs(mean(isBlack) - share) < 0.25 * share, `${mean(isBlack)}`);
    const pairs = mean(isBlack.map((black, i) => black & isBlack[i + 1]!));
    assert.ok(pairs < 0.6 * share * share, `${pairs} of neighbours are both black`);
  }
});

Deno.test("half of the checkerboard is cut with the published probability", () => {
  for (const severity of [1, 3, 5] as const) {
    const shares = values("checkerboard_cutout", 0, severity, { count: 400 })
      .map((rgb) => mean(rgb.map((value) => Number(value === 128 / 255))));
    const error = 4 * deviation(shares) / Math.sqrt(shares.length);
    const expected = severity / 20;
    assert.ok(Math.abs(mean(shares) - expected) < error, `${mean(shares)} ± ${error / 4}`);
  }
});

/** The numbers are those of 150 pictures by NumPy. */
Deno.test("Perlin's clouds have the mean and deviation of the published ones", () => {
  const clouds = values("perlin_noise", 0, 5, { scale: "imagenet", count: 100 })
    .map((rgb) => rgb.map((value) => value / 0.44));
  const means = clouds.map(mean), deviations = clouds.map(deviation);
  assert.ok(Math.abs(mean(means) - 0.7415) < 0.006, `mean ${mean(means)}`);
  assert.ok(Math.abs(mean(deviations) - 0.1077) < 0.006, `${mean(deviations)}`);
});

Deno.test("plasma, rings and waves have a middle of grey and the published amplitude", () => {
  const scale = "imagenet";
  const mostOf = (name: string, middle: number) => {
    const all = values(name, 0.5, 5, { scale, count: 200 });
    assert.ok(Math.abs(mean(all.map(mean)) - middle) < 0.015, `${name}: ${mean(all.map(mean))}`);
    return Math.max(...all.map((rgb) => Math.max(...rgb.map((value) => Math.abs(value - middle)))));
  };
  const limits = {
    plasma_noise: [64 / 255, 0.5 * (1 - 64 / 255)],
    cocentric_sine_waves: [64 / 255, 0.5],
    single_frequency_greyscale: [98 / 255, 0.5],
  };
  for (const [name, [limit, middle]] of Object.entries(limits)) {
    const most = mostOf(name, middle!);
    assert.ok(most <= limit! + 1e-9 && most > 0.99 * limit!, `${name}: ${most} of ${limit}`);
  }
});

Deno.test("sparkles only lighten, and all but one star is white where they are inverse", () => {
  for (const rgb of values("sparkles", 0.3, 5, { count: 20 })) {
    assert.ok(rgb.every((value) => value >= 0.3 && value <= 1));
    assert.ok(rgb.some((value) => value > 0.9), "a centre is white");
    assert.ok(rgb.some((value) => value < 0.7), "far from centres there is little light");
  }
  const stars = values("inverse_sparkles", 0.3, 5, { count: 20 });
  assert.ok(mean(stars.map((rgb) => rgb[0]!)) > 0.75, "corners are white");
  for (const rgb of stars) {
    assert.ok(rgb.every((value) => value >= 0.3 - 1e-9 && value <= 1));
    assert.ok(rgb.some((value) => value < 0.31), "the star is seen through");
  }
});

Deno.test("lines are grey, thin, and more of them with severity", () => {
  const shares = ([1, 3, 5] as const).map((severity) => {
    const all = values("lines", 1, severity, { count: 50 });
    assert.ok(all.every((rgb) => rgb.every((value) => value >= 128 / 255)));
    return mean(all.map((rgb) => mean(rgb.map((value) => Number(value < 1)))));
  });
  assert.ok(shares[0]! > 0.03 && shares[0]! < shares[1]! && shares[1]! < shares[2]!, `${shares}`);
  assert.ok(shares[2]! < 0.6, `${shares}`);
});

Deno.test("a turned picture is dark in its corners alone, a rippled one along its edge alone", () => {
  const [turned] = values("circular_motion_blur", 0.8, 5);
  const at = (rgb: Float64Array, x: number, y: number) => rgb[3 * (32 * y + x)]!;
  assert.ok(at(turned!, 0, 0) < 0.6 && at(turned!, 31, 0) < 0.6);
  assert.ok(Math.abs(at(turned!, 16, 16) - 0.8) < 1e-9);
  assert.ok(Math.abs(at(turned!, 16, 8) - 0.8) < 1e-9);
  const [rippled] = values("ripple", 0.8, 5);
  for (let y = 2; y < 30; y++) {
    for (let x = 2; x < 30; x++) assert.ok(Math.abs(at(rippled!, x, y) - 0.8) < 1e-9);
  }
  assert.ok(rippled!.some((value) => value < 0.75));
});

Deno.test("pinching and refraction keep a plain colour, but for light on waves", () => {
  const [pinched] = values("pinch_and_twirl", 0.7, 5);
  assert.ok(pinched!.every((value) => Math.abs(value - 0.7) < 1e-9));
  const caustics = values("caustic_refraction", 0.5, 5, { scale: "imagenet", side: 48, count: 20 });
  const lightest = Math.max(...caustics.map((rgb) => Math.max(...rgb)));
  const darkest = Math.min(...caustics.map((rgb) => Math.min(...rgb)));
  assert.ok(lightest > 0.7 && darkest < 0.3, `${darkest} … ${lightest}`);
  assert.ok(Math.abs(mean(caustics.map(mean)) - 0.5) < 0.05);
});

Deno.test("the six orders of enlarged colours are drawn equally often", () => {
  const picture = noisy(16, 16);
  const { corrupt } = cBarCorruptions.cifar.at(-1)!;
  const counts = new Map<string, number>();
  for (let index = 0; index < 300; index++) {
    const random = new Stream(3, Purpose.corrupt_c_bar, index);
    const { rgb } = corrupt(picture, 5, { random, scale: "cifar" });
    const key = [0, 1, 2].map((c) => rgb[3 * 100 + c]).join(" ");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  agrees([...counts.values()], Array(6).fill(1 / 6), "orders");
  const one = pictureOfBytes([10, 20, 30], 1, 1);
  const { rgb } = corrupt(one, 5, { random: new Stream(1, 99), scale: "cifar" });
  assert.deepEqual([...rgb].map((value) => Math.round(value * 255)), [10, 20, 30]);
});
