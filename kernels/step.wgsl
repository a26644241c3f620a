// What changes from step to step; lib/gpu/step.ts writes it.
struct Step {
  // How many rows (pictures, or views of them) are real; the rest are padding and must not count.
  batch: u32,
  // Steps done since training began.
  number: u32,
  seed: u32,
  learning_rate: f32,
  // Rows that the loss is the mean of: those of all parts of the batch, one part at a time.
  total: u32,
  // The first row of this part.
  first: u32,
  // 1 for the last part, after which parameters change.
  is_last: u32,
  unused: u32,
}
