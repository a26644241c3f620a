/** Complex numbers, real and imaginary parts apart. */
export interface Complex {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/**
 * The inverse discrete Fourier transform of (height × width) complex numbers, divided by their
 * count, as SciPy's ifft2. Any size; it takes time in proportion to the sum of the sides' prime
 * factors. The numbers given are overwritten.
 *
 * Source: Stockham's order of Cooley and Tukey 1965, for any factors.
 */
export function inverseFft2(values: Complex, width: number, height: number): Complex {
  const columns = transform(values, height, width);
  const rows = transform(transposed(columns, width, height), width, height);
  const { real, imaginary } = transposed(rows, height, width);
  const scale = 1 / (width * height);
  return {
    real: real.map((value) => value * scale),
    imaginary: imaginary.map((value) => value * scale),
  };
}

function transposed({ real, imaginary }: Complex, width: number, height: number): Complex {
  const turned = (values: Float64Array) =>
    values.map((_, i) => values[i % height * width + Math.floor(i / height)]!);
  return { real: turned(real), imaginary: turned(imaginary) };
}

/**
 * `inner` transforms of `count` numbers each, number t of transform i at t × inner + i, not divided.
 * The numbers given are overwritten.
 */
function transform(values: Complex, count: number, inner: number): Complex {
  const roots = rootsOfUnity(count);
  const { length } = values.real;
  let from = values,
    to: Complex = { real: new Float64Array(length), imaginary: new Float64Array(length) };
  for (let done = 1, rest = count; rest > 1;) {
    const factor = smallestFactor(rest);
    rest /= factor;
    combine(from, to, roots, { done, factor, inner: rest * inner, step: rest });
    done *= factor;
    [from, to] = [to, from];
  }
  return from;
}

/** Makes transforms of `factor × done` numbers out of `factor` ones of `done` numbers each. */
function combine(
  from: Complex,
  to: Complex,
  roots: Complex,
  { done, factor, inner, step }: { done: number; factor: number; inner: number; step: number },
): void {
  const { real, imaginary } = from, { real: sumReal, imaginary: sumImaginary } = to;
  const length = done * factor;
  for (let frequency = 0; frequency < length; frequency++) {
    const start = frequency * inner;
    sumReal.fill(0, start, start + inner);
    sumImaginary.fill(0, start, start + inner);
    for (let r = 0; r < factor; r++) {
      const turn = (frequency * r % length) * step;
      const cosine = roots.real[turn]!, sine = roots.imaginary[turn]!;
      const source = ((frequency % done) * factor + r) * inner;
      for (let i = 0; i < inner; i++) {
        const x = real[source + i]!, y = imaginary[source + i]!;
        sumReal[start + i]! += x * cosine - y * sine;
        sumImaginary[start + i]! += x * sine + y * cosine;
      }
    }
  }
}

function rootsOfUnity(count: number): Complex {
  const angles = Float64Array.from({ length: count }, (_, i) => 2 * Math.PI * i / count);
  return { real: angles.map(Math.cos), imaginary: angles.map(Math.sin) };
}

function smallestFactor(number: number): number {
  for (let factor = 2; factor * factor <= number; factor++) {
    if (number % factor === 0) return factor;
  }
  return number;
}
