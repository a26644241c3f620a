/**
 * The 15 corruptions of CIFAR-10-C and ImageNet-C that count in its mean, in their published order.
 * Source: Hendrycks and Dietterich 2019 (arXiv 1903.12261).
 */
export const corruptionsOfC: readonly string[] = [
  ...["gaussian_noise", "shot_noise", "impulse_noise"],
  ...["defocus_blur", "glass_blur", "motion_blur", "zoom_blur"],
  ...["snow", "frost", "fog", "brightness"],
  ...["contrast", "elastic_transform", "pixelate", "jpeg_compression"],
];

/** The ten sequences of P that count in its mean, in their published order; source as of C. */
export const sequencesOfP: readonly string[] = [
  ...["gaussian_noise", "shot_noise", "motion_blur", "zoom_blur", "snow"],
  ...["brightness", "translate", "rotate", "tilt", "scale"],
];
