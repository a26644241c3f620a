/// <reference lib="dom" />
import { SIDE } from "./material.ts";

/**
 * The middle of a picture file, as bytes r, g, b, 255.
 *
 * @throws {Error} when the browser cannot show it
 */
export async function readPicture(file: File): Promise<Uint8ClampedArray<ArrayBuffer>> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`Cannot read ${file.name}: expected a picture that this browser can show`);
  });
  const side = Math.min(bitmap.width, bitmap.height);
  const [left, top] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
  return pixelsOf((context) => {
    context.imageSmoothingQuality = "high";
    // Where it is transparent.
    context.fillStyle = "white";
    context.fillRect(0, 0, SIDE, SIDE);
    context.drawImage(bitmap, left, top, side, side, 0, 0, SIDE, SIDE);
    bitmap.close();
  });
}

/** A boat at sunset, painted anew. */
export function builtInPicture(): Promise<Uint8ClampedArray<ArrayBuffer>> {
  return Promise.resolve(pixelsOf((context) => {
    context.scale(SIDE / 224, SIDE / 224);
    sky(context);
    hills(context);
    boat(context);
  }));
}

function pixelsOf(
  paint: (context: CanvasRenderingContext2D) => void,
): Uint8ClampedArray<ArrayBuffer> {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [SIDE, SIDE];
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  paint(context);
  return context.getImageData(0, 0, SIDE, SIDE).data as Uint8ClampedArray<ArrayBuffer>;
}

function fade(context: CanvasRenderingContext2D, from: number, to: number, colors: string[]) {
  const gradient = context.createLinearGradient(0, from, 0, to);
  colors.forEach((color, i) => gradient.addColorStop(i / (colors.length - 1), color));
  context.fillStyle = gradient;
}

function shape(context: CanvasRenderingContext2D, color: string, ...points: number[]): void {
  if (color) context.fillStyle = color;
  context.beginPath();
  for (let i = 0; i < points.length; i += 2) context.lineTo(points[i]!, points[i + 1]!);
  context.fill();
}

function disc(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function sky(context: CanvasRenderingContext2D): void {
  fade(context, 0, 140, ["#20407f", "#8b6fb5", "#f0956b", "#ffd98a"]);
  context.fillRect(0, 0, 224, 140);
  context.fillStyle = "#fff3c4";
  disc(context, 156, 100, 22);
  context.fillStyle = "#ffffffb0";
  for (
    const [x, y, radius] of [[48, 44, 11], [62, 38, 15], [78, 45, 10], [120, 24, 8], [131, 20, 10]]
  ) {
    disc(context, x!, y!, radius!);
  }
}

function hills(context: CanvasRenderingContext2D): void {
  shape(context, "#5a4f7c", 0, 140, 0, 112, 34, 84, 70, 118, 96, 100, 138, 140);
  shape(context, "#3f3a63", 150, 140, 186, 104, 206, 122, 224, 110, 224, 140);
  fade(context, 140, 224, ["#f2b27c", "#5f7fb0", "#17305e"]);
  context.fillRect(0, 140, 224, 84);
  context.fillStyle = "#ffe9b080";
  for (let i = 0; i < 12; i++) {
    const width = 46 - 3 * i;
    context.fillRect(156 - width / 2 + 7 * Math.sin(3 * i), 144 + 6.5 * i, width, 2);
  }
}

function boat(context: CanvasRenderingContext2D): void {
  shape(context, "#7a2f2a", 50, 168, 128, 168, 116, 188, 64, 188);
  context.fillStyle = "#3b1f1c";
  context.fillRect(86, 92, 3, 77);
  shape(context, "#f7f3ea", 91, 94, 91, 160, 126, 160);
  shape(context, "#e2574c", 84, 100, 84, 160, 58, 160);
}
