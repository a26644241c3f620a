import { poisson } from "../../random/poisson.ts";
import type { Stream } from "../../random/stream.ts";
import type { Picture } from "./corruption.ts";

/** Normal noise of standard deviation `sigma` added to every value: `gaussian_noise`. */
export function addNormal(picture: Picture, sigma: number, random: Stream): Picture {
  return { ...picture, rgb: picture.rgb.map((value) => value + sigma * random.normal()) };
}

/** Photons counted, on average `photons` where the picture is white: `shot_noise`. */
export function countPhotons(picture: Picture, photons: number, random: Stream): Picture {
  return {
    ...picture,
    rgb: picture.rgb.map((value) => poisson(random, value * photons) / photons),
  };
}

/**
 * Every value, of each channel by itself, set to 0 or 1 with probability `share`, as often to the
 * one as to the other: `impulse_noise`, skimage.util.random_noise of mode "s&p".
 */
export function saltAndPepper(picture: Picture, share: number, random: Stream): Picture {
  const rgb = picture.rgb.map((value) => {
    const isFlipped = random.uniform() < share;
    const isSalt = random.uniform() < 0.5;
    return isFlipped ? Number(isSalt) : value;
  });
  return { ...picture, rgb };
}

/** Normal noise of standard deviation `sigma`, times the value it is added to: `speckle_noise`. */
export function addSpeckle(picture: Picture, sigma: number, random: Stream): Picture {
  return { ...picture, rgb: picture.rgb.map((value) => value + value * sigma * random.normal()) };
}
