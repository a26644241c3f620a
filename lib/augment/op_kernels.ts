import affine from "../../kernels/augment/affine.wgsl" with { type: "text" };
import affineLine from "../../kernels/augment/affine_line.wgsl" with { type: "text" };
import autocontrast from "../../kernels/augment/autocontrast.wgsl" with { type: "text" };
import brightness from "../../kernels/augment/brightness.wgsl" with { type: "text" };
import color from "../../kernels/augment/color.wgsl" with { type: "text" };
import contrast from "../../kernels/augment/contrast.wgsl" with { type: "text" };
import equalize from "../../kernels/augment/equalize.wgsl" with { type: "text" };
import grayscale from "../../kernels/augment/grayscale.wgsl" with { type: "text" };
import invert from "../../kernels/augment/invert.wgsl" with { type: "text" };
import pilAffine from "../../kernels/augment/pil_affine.wgsl" with { type: "text" };
import pilAffineLine from "../../kernels/augment/pil_affine_line.wgsl" with { type: "text" };
import pilAutocontrast from "../../kernels/augment/pil_autocontrast.wgsl" with { type: "text" };
import pilAutocontrastTrimmed from "../../kernels/augment/pil_autocontrast_trimmed.wgsl" with {
  type: "text",
};
import pilBrightness from "../../kernels/augment/pil_brightness.wgsl" with { type: "text" };
import pilColor from "../../kernels/augment/pil_color.wgsl" with { type: "text" };
import pilContrast from "../../kernels/augment/pil_contrast.wgsl" with { type: "text" };
import pilInvert from "../../kernels/augment/pil_invert.wgsl" with { type: "text" };
import pilPosterize from "../../kernels/augment/pil_posterize.wgsl" with { type: "text" };
import pilSharpness from "../../kernels/augment/pil_sharpness.wgsl" with { type: "text" };
import pilSolarize from "../../kernels/augment/pil_solarize.wgsl" with { type: "text" };
import posterize from "../../kernels/augment/posterize.wgsl" with { type: "text" };
import sharpness from "../../kernels/augment/sharpness.wgsl" with { type: "text" };
import solarize from "../../kernels/augment/solarize.wgsl" with { type: "text" };
import translate from "../../kernels/augment/translate.wgsl" with { type: "text" };

/** WGSL of the functions that ops name, each (job, pixel) → color; some serve several ops. */
export const opKernels = {
  affine,
  affine_line: affineLine,
  autocontrast,
  brightness,
  color,
  contrast,
  equalize,
  grayscale,
  invert,
  pil_affine: pilAffine,
  pil_affine_line: pilAffineLine,
  pil_autocontrast: pilAutocontrast,
  pil_autocontrast_trimmed: pilAutocontrastTrimmed,
  pil_brightness: pilBrightness,
  pil_color: pilColor,
  pil_contrast: pilContrast,
  pil_invert: pilInvert,
  pil_posterize: pilPosterize,
  pil_sharpness: pilSharpness,
  pil_solarize: pilSolarize,
  posterize,
  sharpness,
  solarize,
  translate,
};
/** The name of one of them. */
export type OpKernel = keyof typeof opKernels;
