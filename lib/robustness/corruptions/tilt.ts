import { takenFrom } from "./bilinear.ts";
import type { Picture } from "./corruption.ts";
import { mapped, pictureOf, rasterOf } from "./raster.ts";
import { roundToEven } from "./rounding.ts";
import type { Window } from "./window.ts";

type Vector = readonly [number, number, number];

/**
 * What is seen in a window of a picture tilted about both of its axes by an angle in degrees, from as
 * far away as its diagonal is long, bilinear; black outside. Values are multiples of 1/255 before and
 * after, places are rounded to 1/32 pixel.
 *
 * Source: make_cifar_p.py of github.com/hendrycks/robustness, with OpenCV's warpPerspective.
 */
export function tilted(picture: Picture, degrees: number, window: Window): Picture {
  const { width, height } = picture;
  const [toX, toY, toDepth] = inverse(perspective(Math.hypot(width, height), degrees));
  const bytes = pictureOf(mapped(rasterOf(picture), (value) => value * 255));
  const tilted = takenFrom(bytes, (x, y, place) => {
    const from: Vector = [x - width / 2, y - height / 2, 1];
    const depth = dot(toDepth, from);
    place[0] = roundToEven((dot(toX, from) / depth + width / 2) * 32) / 32;
    place[1] = roundToEven((dot(toY, from) / depth + height / 2) * 32) / 32;
  }, window);
  return pictureOf(mapped(rasterOf(tilted), (value) => Math.floor(value + 0.5) / 255));
}

/**
 * The rows of the map from (x, y, 1) about the middle of the picture to (x, y, depth) of what is
 * seen: turned about the vertical axis, then about the horizontal one, then moved away.
 */
function perspective(distance: number, degrees: number): [Vector, Vector, Vector] {
  const cosine = Math.cos(degrees * Math.PI / 180), sine = Math.sin(degrees * Math.PI / 180);
  return [
    [distance * cosine, 0, -distance * sine],
    [-distance * sine * sine, distance * cosine, -distance * sine * cosine],
    [cosine * sine, sine, cosine * cosine + distance],
  ];
}

/** The inverse of a matrix, times its determinant, which dividing by the depth takes away. */
function inverse([a, b, c]: [Vector, Vector, Vector]): [Vector, Vector, Vector] {
  const columns = [cross(b, c), cross(c, a), cross(a, b)] as const;
  const row = (i: 0 | 1 | 2): Vector => [columns[0][i], columns[1][i], columns[2][i]];
  return [row(0), row(1), row(2)];
}

function cross([a, b, c]: Vector, [d, e, f]: Vector): Vector {
  return [b * f - c * e, c * d - a * f, a * e - b * d];
}

function dot([a, b, c]: Vector, [d, e, f]: Vector): number {
  return a * d + b * e + c * f;
}
