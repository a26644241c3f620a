/** PyTorch's SGD with Nesterov momentum: changes `weights` and `velocity` in place. */
export function sgd(
  weights: Float64Array,
  velocity: Float64Array,
  gradient: ArrayLike<number>,
  { rate, momentum, decay }: { rate: number; momentum: number; decay: number },
): void {
  weights.forEach((weight, i) => {
    const g = gradient[i]! + decay * weight;
    velocity[i] = momentum * velocity[i]! + g;
    weights[i] = weight - rate * (g + momentum * velocity[i]!);
  });
}
