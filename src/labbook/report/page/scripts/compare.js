// @ts-check
/** The combinations that a reader has pointed out, side by side: what differs, and what came of it. */

import { textOf } from "./cells.js";
import { choose, highlighted } from "./highlight.js";
import { filled, WORDS } from "./words.js";

const MOST = 6; // columns

/**
 * A bar that says how many stand out, and opens what they have in common and what not.
 * @param {HTMLElement} article
 */
export function enlivenComparison(article) {
  const bar = document.createElement("aside");
  bar.className = "compare";
  bar.ariaLabel = WORDS.compare.label;
  const fold = document.createElement("details");
  const head = document.createElement("summary");
  const table = document.createElement("table");
  const clear = Object.assign(document.createElement("button"), { type: "button", textContent: WORDS.compare.clear });
  clear.onclick = () => choose([]);
  fold.append(head, table);
  bar.append(fold, clear);
  const show = () => {
    const places = [...highlighted()];
    bar.hidden = places.length === 0;
    const { one, several, some } = WORDS.compare;
    head.textContent = places.length > MOST
      ? filled(some, MOST, places.length)
      : filled(places.length > 1 ? several : one, places.length);
    if (fold.open) table.replaceChildren(...rowsOfComparison(article, places.slice(0, MOST)));
  };
  fold.addEventListener("toggle", show);
  article.addEventListener("highlight", show);
  article.append(bar);
  show();
}

/**
 * A row for each column of the room's tables of combinations, a cell for each of these combinations.
 * @param {HTMLElement} article
 * @param {number[]} places
 */
function rowsOfComparison(article, places) {
  const rows = [];
  for (const table of /** @type {NodeListOf<HTMLTableElement>} */ (article.querySelectorAll("table[data-table]"))) {
    const chosen = places.map((c) => table.querySelector(`tr[data-c="${c}"]`)).filter((row) => row !== null);
    if (chosen.length < places.length) continue;
    const heads = [...(table.tHead?.rows[0].cells ?? [])].map(textOf);
    for (const [column, name] of heads.entries()) {
      if (column === 0 && rows.length) continue;
      const texts = chosen.map((row) => textOf(/** @type {HTMLTableRowElement} */ (row).cells[column]));
      rows.push(rowOf(name, texts, column === 0));
    }
  }
  return rows;
}

/**
 * @param {string} name
 * @param {string[]} texts
 * @param {boolean} first the row of names
 */
function rowOf(name, texts, first) {
  const row = document.createElement("tr");
  row.classList.toggle("differs", !first && texts.some((text) => text !== texts[0]));
  const cells = [name, ...texts].map((textContent, place) => {
    const cell = document.createElement(first || place === 0 ? "th" : "td");
    cell.scope = first ? "col" : "row";
    return Object.assign(cell, { textContent });
  });
  row.append(...cells);
  return row;
}
