import { markOf } from "../comparison/basis.ts";
import type { Cell } from "../comparison/cell.ts";
import type { ColumnId } from "../comparison/columns.ts";
import { isBest, type Table } from "../comparison/compare.ts";
import { type Group, lackOf } from "../comparison/group.ts";
import { fewer, percent, seedsOf, uncertainty } from "../figure_words.ts";
import { key } from "./legend.ts";
import { type Html, markup } from "./markup.ts";

/** The table of methods and suites; on a narrow screen each method becomes a card. */
export function mainTable(table: Table): Html {
  const heads = table.columns.map(({ title, about }) =>
    markup`<th role="columnheader" scope="col" title="${about}">${title}</th>`
  );
  const rows = table.groups.map((group, i) => row(table, group, i));
  return markup`<div class="wide"><table class="methods" role="table" aria-label="Methods and suites">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Method</th>${heads}</tr></thead>
<tbody role="rowgroup">${rows}</tbody></table></div>`;
}

function row(table: Table, group: Group, series: number): Html {
  const cells = table.columns.map((column) => {
    const { id, title } = column, cell = group.cells[id];
    const best = cell && isBest(table, id, cell) ? "best" : "";
    const shown = cell
      ? figure(table, id, cell, group)
      : markup`<span class="none">${lackOf(column, group)}</span>`;
    return markup`<td role="cell" data-title="${title}" class="${best}">${shown}</td>`;
  });
  const head = markup`${key(series)} ${group.label}<small>${seedsOf(group)}</small>`;
  return markup`<tr role="row"><th role="rowheader" scope="row">${head}</th>${cells}</tr>\n`;
}

function figure(table: Table, id: ColumnId, cell: Cell, group: Group): Html {
  const number = percent(cell.value), mark = markOf(table.bases[id]!, cell);
  const weight = cell.partial
    ? markup`<span class="partial">${number}</span>`
    : isBest(table, id, cell)
    ? markup`<b>${number}</b>`
    : number;
  const flag = mark && markup`<sup class="flag">${mark}</sup>`;
  const details = [uncertainty(cell), fewer(cell, group)].map((text) =>
    text && markup` <small>${text}</small>`
  );
  const partial = cell.partial && markup` <small class="flag">partial, ${cell.partial}</small>`;
  return markup`<span>${weight}${flag}${details}${partial}</span>`;
}
