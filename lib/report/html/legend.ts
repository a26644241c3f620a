import type { Group } from "../comparison/group.ts";
import { type Html, markup } from "./markup.ts";
import { lookOf } from "./theme.ts";

/** Outlines of Vega's point shapes in a box of 10 × 10 around (13, 7). */
const outlines: Record<string, string> = {
  circle: "M8.5,7a4.5,4.5 0 1,0 9,0a4.5,4.5 0 1,0 -9,0Z",
  square: "M9,3h8v8h-8Z",
  "triangle-up": "M13,2.5L17.8,11H8.2Z",
  "triangle-down": "M13,11.5L17.8,3H8.2Z",
  diamond: "M13,1.5L17,7L13,12.5L9,7Z",
  cross: "M11.5,2.5h3v3h3v3h-3v3h-3v-3h-3v-3h3Z",
};

/** What a series looks like in bars, lines and points. */
export function key(series: number): Html {
  const { color, shape, dash } = lookOf(series);
  const line = markup`<path d="M0,7H26" stroke="${color}" stroke-width="2" stroke-dasharray="${
    dash.join(" ")
  }"/>`;
  const point = markup`<path d="${outlines[shape]}" fill="${color}"/>`;
  return markup`<svg class="key" width="26" height="14" viewBox="0 0 26 14" aria-hidden="true">${line}${point}</svg>`;
}

/** The names of all series beside their keys. */
export function legend(groups: readonly Group[]): Html {
  return markup`<ul class="legend" aria-label="Methods">${
    groups.map(({ label }, i) => markup`<li>${key(i)}<span>${label}</span></li>`)
  }</ul>`;
}
