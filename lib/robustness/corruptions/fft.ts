/** A larger prime factor takes longer by itself than Bluestein's three transforms. */
const LARGEST_FACTOR = 64;

/** Complex numbers, real and imaginary parts apart. */
export interface Complex {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/**
 * The inverse discrete Fourier transform of (height × width) complex numbers, divided by their
 * count, as SciPy's ifft2. Any size. The numbers given are overwritten.
 *
 * Source: Stockham's order of Cooley and Tukey 1965, for any factors; for sides with a large prime
 * factor Bluestein 1970.
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
  const factors = primeFactors(count);
  if (factors.some((factor) => factor > LARGEST_FACTOR)) return chirped(values, count, inner);
  const roots = rootsOfUnity(count);
  let from = values, to = zeros(values.real.length);
  let done = 1, rest = count;
  for (const factor of factors) {
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

function primeFactors(number: number): number[] {
  const factors: number[] = [];
  for (let factor = 2; number > 1;) {
    if (factor * factor > number) factor = number;
    if (number % factor === 0) {
      factors.push(factor);
      number /= factor;
    } else factor++;
  }
  return factors;
}

function zeros(length: number): Complex {
  return { real: new Float64Array(length), imaginary: new Float64Array(length) };
}

/**
 * As `transform()`, as a convolution whose length is a power of two: where c(t) is
 * exp(iπ t² / count), 2 j k is j² + k² - (k - j)², so that number k is c(k) times the sum of all
 * x(j) c(j) / c(k - j).
 */
function chirped(values: Complex, count: number, inner: number): Complex {
  const size = 2 ** Math.ceil(Math.log2(2 * count - 1));
  const chirp = zeros(count), filter = zeros(size), padded = zeros(size * inner);
  for (let t = 0; t < count; t++) {
    // Squares grow past what a cosine is exact for.
    const angle = Math.PI * (t * t % (2 * count)) / count;
    chirp.real[t] = filter.real[t] = filter.real[(size - t) % size] = Math.cos(angle);
    chirp.imaginary[t] = Math.sin(angle);
    filter.imaginary[t] = filter.imaginary[(size - t) % size] = -Math.sin(angle);
  }
  multiply(values, chirp, inner, padded);
  const product = transform(padded, size, inner);
  multiply(product, transform(filter, size, 1), inner, product);
  // The inverse of a transform is the conjugate of that of the conjugate, divided.
  product.imaginary.forEach((value, i) => product.imaginary[i] = -value);
  const sums = transform(product, size, inner);
  for (let i = 0; i < count * inner; i++) {
    values.real[i] = sums.real[i]! / size;
    values.imaginary[i] = -sums.imaginary[i]! / size;
  }
  multiply(values, chirp, inner, values);
  return values;
}

/** Writes number t × inner + i of `values` times number t of `factors` to `into`, for all t. */
function multiply(values: Complex, factors: Complex, inner: number, into: Complex): void {
  for (let t = 0, at = 0; t < factors.real.length; t++) {
    const cosine = factors.real[t]!, sine = factors.imaginary[t]!;
    for (let i = 0; i < inner; i++, at++) {
      const x = values.real[at]!, y = values.imaginary[at]!;
      into.real[at] = x * cosine - y * sine;
      into.imaginary[at] = x * sine + y * cosine;
    }
  }
}
