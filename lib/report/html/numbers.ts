import type { Table } from "../comparison/compare.ts";
import { errorOf, type ListedSuite, namesIn, type Spread } from "../comparison/suite_errors.ts";
import { percent, spaced, uncertainty } from "../figure_words.ts";
import { type Html, markup } from "./markup.ts";

/** The figures of bars as a table, for those who read numbers. */
export function numbersTable({ groups }: Table, suites: readonly [ListedSuite, string][]): Html {
  const heads = groups.map(({ label }) => markup`<th scope="col">${label}</th>`);
  const rows = suites.flatMap(([suite, title]) =>
    namesIn(groups, suite).map((name) => {
      const cells = cellsOf(groups.map((group) => errorOf(group, suite, name)));
      return markup`<tr><th scope="row">${title} ${spaced(name)}</th>${cells}</tr>\n`;
    })
  );
  return markup`<details><summary>The same in numbers, %</summary><div class="wide"><table>
<thead><tr><th scope="col">Suite and corruption</th>${heads}</tr></thead>
<tbody>${rows}</tbody></table></div></details>`;
}

/** The cells of a row, the least in bold. */
function cellsOf(errors: readonly (Spread | undefined)[]): Html[] {
  const shown = errors.map((one) => one && percent(one.value));
  const least = Math.min(...shown.filter((text) => text !== undefined).map(Number));
  return errors.map((one, i) => {
    if (!one) return markup`<td class="none">–</td>`;
    const isLeast = errors.length > 1 && Number(shown[i]) === least;
    const spread = uncertainty({ ...one, interval: null });
    return markup`<td>${isLeast ? markup`<b>${shown[i]}</b>` : shown[i]}${
      spread && markup`<small>${spread}</small>`
    }</td>`;
  });
}
