import type { Table } from "../comparison/compare.ts";
import { errorOf, type ListedSuite, namesIn } from "../comparison/suite_errors.ts";
import { percent, spaced, uncertainty } from "../figure_words.ts";
import { type Html, markup } from "./markup.ts";

/** The figures of bars as a table, for those who read numbers. */
export function numbersTable({ groups }: Table, suites: readonly [ListedSuite, string][]): Html {
  return markup`
    <details>
      <summary>The same in numbers, %</summary>
      <div class="wide">
        <table>
          <thead>
            <tr><th scope="col">Suite and corruption</th>${
    groups.map(({ label }) => markup`<th scope="col">${label}</th>`)
  }</tr>
          </thead>
          <tbody>${
    suites.flatMap(([suite, title]) =>
      namesIn(groups, suite).map((name) => {
        const found = groups.map((group) => errorOf(group, suite, name));
        const shown = found.map((one) => one && Number(percent(one.value)));
        const least = Math.min(...shown.filter((value) => value !== undefined));
        return markup`
                <tr><th scope="row">${title} ${spaced(name)}</th>${
          found.map((one, i) => {
            if (!one) return markup`<td class="none">–</td>`;
            const number = percent(one.value);
            const isLeast = groups.length > 1 && shown[i] === least;
            const spread = uncertainty({ ...one, interval: null });
            return markup`<td>${isLeast ? markup`<b>${number}</b>` : number}${
              spread && markup`<small>${spread}</small>`
            }</td>`;
          })
        }</tr>
              `;
      })
    )
  }</tbody>
        </table>
      </div>
    </details>
  `;
}
