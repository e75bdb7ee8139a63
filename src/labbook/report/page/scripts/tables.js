// @ts-check
/** Tables that are worked with: sort, filter, hide columns, point out combinations, take along. */

import { numberOf, passes, textOf } from "./cells.js";
import { point, toggle } from "./highlight.js";
import { read, write } from "./state.js";
import { tableMenu } from "./table_export.js";
import { filled, WORDS } from "./words.js";

const FEW = 4; // rows that need no filter

/**
 * Give the tables of a room their tools, as the address has them.
 * @param {HTMLElement} article
 * @param {string} study
 */
export function enlivenTables(article, study) {
  for (const table of /** @type {NodeListOf<HTMLTableElement>} */ (article.querySelectorAll("table[data-table]"))) {
    const name = table.dataset.table ?? "";
    const rows = [...(table.tBodies[0]?.rows ?? [])];
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
    const tools = document.createElement("div");
    tools.className = "tools";
    if (rows.length > FEW) tools.append(...filterOf(name, heads, rows));
    // A cell over several columns cannot be hidden with one of them.
    if (heads.length > 3 && !table.querySelector("[colspan]")) tools.append(columnsOf(name, table, heads));
    tools.append(tableMenu(table, `${study}-${name}`));
    (table.closest(".scroll") ?? table).before(tools);
    if (rows.length > 1) makeSortable(name, heads, rows);
    makePointed(rows.filter((row) => row.dataset.c !== undefined));
  }
}

/**
 * @param {string} name
 * @param {HTMLTableCellElement[]} heads
 * @param {HTMLTableRowElement[]} rows
 */
function makeSortable(name, heads, rows) {
  const key = `sort.${name}`;
  const sorted = () => {
    const [column, way] = (read().values.get(key) ?? "").split(":");
    const by = column === "" ? -1 : Number(column);
    for (const [place, head] of heads.entries()) {
      if (place === by) head.ariaSort = way === "down" ? "descending" : "ascending";
      else head.removeAttribute("aria-sort");
    }
    rows[0].parentElement?.append(...(heads[by] ? inOrder(rows, by, way === "down" ? -1 : 1) : rows));
  };
  for (const [place, head] of heads.entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.onclick = () => {
      const next = { ascending: `${place}:down`, descending: null }[head.ariaSort ?? ""];
      write({ values: { [key]: next === undefined ? `${place}:up` : next } });
      sorted();
    };
  }
  sorted();
}

/**
 * Rows by a column's numbers, or by its texts where most are none; what has no number comes last.
 * @param {HTMLTableRowElement[]} rows
 * @param {number} column
 * @param {number} sign
 */
function inOrder(rows, column, sign) {
  const keyed = rows.map((row) => ({ row, value: numberOf(row.cells[column]), text: textOf(row.cells[column]) }));
  const numeric = 2 * keyed.filter(({ value }) => !Number.isNaN(value)).length >= rows.length;
  keyed.sort((a, b) => {
    if (!numeric) return sign * a.text.localeCompare(b.text, "en", { numeric: true });
    if (Number.isNaN(a.value) || Number.isNaN(b.value)) return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
    return sign * (a.value - b.value);
  });
  return keyed.map(({ row }) => row);
}

/**
 * A field for words and conditions, and how many rows pass.
 * @param {string} name
 * @param {HTMLTableCellElement[]} heads
 * @param {HTMLTableRowElement[]} rows
 */
function filterOf(name, heads, rows) {
  const key = `filter.${name}`;
  const names = heads.map(textOf);
  const field = Object.assign(document.createElement("input"), {
    type: "search", placeholder: WORDS.tables.filter, ariaLabel: filled(WORDS.tables.filterLabel, names[0]),
    title: WORDS.tables.conditions, value: read().values.get(key) ?? "",
  });
  const said = Object.assign(document.createElement("span"), { className: "quiet small" });
  said.setAttribute("role", "status");
  const filter = () => {
    const typed = field.value.trim();
    for (const row of rows) row.hidden = typed !== "" && !passes(typed, names, [...row.cells]);
    said.textContent = typed ? filled(WORDS.tables.shown, rows.filter((row) => !row.hidden).length, rows.length) : "";
    write({ values: { [key]: typed || null } });
  };
  field.addEventListener("input", filter);
  if (field.value) filter();
  return [field, said];
}

/**
 * A menu in which columns are shown or hidden; the first, which names the rows, stays.
 * @param {string} name
 * @param {HTMLTableElement} table
 * @param {HTMLTableCellElement[]} heads
 */
function columnsOf(name, table, heads) {
  const key = `hide.${name}`;
  const hidden = new Set((read().values.get(key) ?? "").split(",").filter(Boolean).map(Number));
  const menu = Object.assign(document.createElement("details"), { className: "menu" });
  menu.append(Object.assign(document.createElement("summary"), { textContent: WORDS.tables.columns }));
  const show = (/** @type {number} */ place) => {
    for (const row of table.rows) if (row.cells[place]) row.cells[place].hidden = hidden.has(place);
  };
  for (const [place, head] of heads.entries()) {
    if (place === 0) continue;
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: !hidden.has(place) });
    label.append(box, ` ${textOf(head)}`);
    box.addEventListener("change", () => {
      if (box.checked) hidden.delete(place);
      else hidden.add(place);
      show(place);
      write({ values: { [key]: [...hidden].sort((a, b) => a - b).join(",") || null } });
    });
    menu.append(label);
    show(place);
  }
  return menu;
}

/**
 * A row of a combination makes it stand out everywhere: by a click, or by arrow keys and Enter.
 * @param {HTMLTableRowElement[]} rows
 */
function makePointed(rows) {
  for (const [place, row] of rows.entries()) {
    const c = Number(row.dataset.c);
    row.tabIndex = place === 0 ? 0 : -1;
    row.addEventListener("pointerenter", () => point(c));
    row.addEventListener("pointerleave", () => point(null));
    row.addEventListener("focus", () => point(c));
    row.addEventListener("blur", () => point(null));
    row.addEventListener("click", (event) => {
      if (!(/** @type {Element} */ (event.target).closest("a, button, summary")) && !getSelection()?.toString()) toggle(c);
    });
    row.addEventListener("keydown", (event) => {
      if (event.target !== row) return;
      const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
      if (event.key === "Enter" || event.key === " ") toggle(c);
      else if (!step) return;
      event.preventDefault();
      if (step) walk(row, /** @type {"nextElementSibling"} */ (step));
    });
  }
}

/**
 * Go to the next row that is in sight.
 * @param {HTMLElement} row
 * @param {"nextElementSibling" | "previousElementSibling"} step
 */
function walk(row, step) {
  let next = /** @type {HTMLElement | null} */ (row[step]);
  while (next?.hidden) next = /** @type {HTMLElement | null} */ (next[step]);
  if (!next) return;
  row.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
