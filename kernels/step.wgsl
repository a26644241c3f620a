// What changes from step to step; lib/gpu/step.ts writes it.
struct Step {
  // How many pictures of the batch are real; the rest are padding and must not count.
  batch: u32,
  // Steps done since training began.
  number: u32,
  seed: u32,
  learning_rate: f32,
}
