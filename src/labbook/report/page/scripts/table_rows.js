// @ts-check
/** The rows of a table that is taken along: as it is shown, or as numbers for programs. */

import { textOf } from "./cells.js";
import { filled, WORDS } from "./words.js";

const NUMBER = /[−-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:×10⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?/g;
const WHOLE = new RegExp(`^[×+]?${NUMBER.source}\\s?%?$`);
const RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * What a cell says: its text, remarks beside it (`best`), and what only readers of screens hear.
 * @typedef {{text: string, remarks: string, label: string, value?: string}} Said
 * @typedef {{head: Said, hidden: boolean, ends?: string, factor: boolean, cells: Said[]}} Column
 */

/** @param {HTMLTableCellElement | null} cell @returns {Said} */
function saidBy(cell) {
  if (!cell) return { text: "", remarks: "", label: "" };
  const copy = /** @type {Element} */ (cell.cloneNode(true));
  const taken = (/** @type {string} */ parts) =>
    [...copy.querySelectorAll(parts)].map((part) => {
      part.remove();
      return textOf(part);
    });
  taken("summary, svg");
  const label = taken(".unseen").join(" ");
  const remarks = taken(".tag, .sub").join("; ");
  return { text: textOf(copy), remarks, label, value: cell.dataset.value };
}

/**
 * Columns with the rows that are shown; those in which nothing is written stay behind.
 * @param {HTMLTableElement} table
 * @returns {Column[]}
 */
function columnsOf(table) {
  const [heads, ...rows] = [...table.rows]
    .filter((row) => !row.hidden)
    .map((row) => [...row.cells].flatMap((cell) => [cell, ...Array(cell.colSpan - 1).fill(null)]));
  return heads
    .map((head, place) => ({
      head: saidBy(head), hidden: head.hidden, ends: head.dataset.ends,
      factor: head.dataset.factor !== undefined, cells: rows.map((row) => saidBy(row[place])),
    }))
    .filter(({ cells }) => cells.some(({ text }) => text));
}

/**
 * Heads and rows as they are shown: what is hidden stays behind.
 * @param {HTMLTableElement} table
 */
export function shownRows(table) {
  const shown = (/** @type {Said} */ { text, remarks }) => (remarks ? `${text} (${remarks})` : text);
  return turned(columnsOf(table)
    .filter(({ hidden }) => !hidden)
    .map(({ head, cells }) => [head, ...cells].map(shown)));
}

/**
 * The same for programs: a number is a plain one, an interval's ends stand apart, and so do remarks.
 * @param {HTMLTableElement} table
 */
export function dataRows(table) {
  let before = "";
  return turned(columnsOf(table).flatMap((column) => {
    const own = column.factor ? filled(WORDS.tables.factor, column.head.text) : column.head.text;
    if (column.ends !== "alone") before = own; // an interval alone is that of the column before
    return column.hidden ? [] : apart(column, before);
  }));
}

/**
 * @param {Column} column
 * @param {string} name
 */
function apart({ ends, factor, cells }, name) {
  const { label, remarks, low, high } = WORDS.tables;
  const all = [];
  if (cells.some((cell) => cell.label)) all.push([label, ...cells.map((cell) => cell.label)]);
  if (!ends) all.push([name, ...cells.map((cell) => cell.value ?? plain(cell.text, factor))]);
  else {
    const parts = cells.map((cell) => partsOf(cell, ends, factor));
    if (ends === "beside") all.push([name, ...parts.map(([value]) => value)]);
    all.push([filled(low, name), ...parts.map((three) => three[1])]);
    all.push([filled(high, name), ...parts.map((three) => three[2])]);
  }
  if (cells.some((cell) => cell.remarks)) all.push([remarks, ...cells.map((cell) => cell.remarks)]);
  return all;
}

/**
 * A number and the ends of its interval, empty where there is none.
 * @param {Said} cell
 * @param {string} ends
 * @param {boolean} factor
 */
function partsOf({ text, value }, ends, factor) {
  const found = (text.match(NUMBER) ?? []).map((one) => bare(one, text.includes("%"), factor));
  const first = ends === "beside" ? (found.shift() ?? "") : "";
  if (found.length === 1) {
    const fromHere = WORDS.tables.least.split("{0}").every((piece) => text.includes(piece.trim()));
    found.splice(fromHere ? 1 : 0, 0, "");
  }
  return [value ?? first, found[0] ?? "", found[1] ?? ""];
}

/**
 * A text that is a number as programs write it, none for a dash; any other text as it is.
 * @param {string} text
 * @param {boolean} factor
 */
function plain(text, factor) {
  if (text === "–") return "";
  return WHOLE.test(text) ? bare((text.match(NUMBER) ?? [])[0] ?? "", text.includes("%"), factor) : text;
}

/**
 * `−1,200` as `-1200`, `2.5×10⁻⁵` as `2.5e-5`, `30 %` as `0.30`, and as a factor `−8 %` as `0.92`.
 * @param {string} text
 * @param {boolean} percent
 * @param {boolean} factor
 */
function bare(text, percent, factor) {
  const [digits, power] = text.replace("−", "-").replaceAll(",", "").split("×10");
  if (percent) {
    const places = digits.split(".")[1]?.length ?? 0;
    return (Number(digits) / 100 + Number(factor)).toFixed(places + 2);
  }
  return power ? `${digits}e${[...power].map((sign) => "-0123456789"[RAISED.indexOf(sign)]).join("")}` : digits;
}

/** @param {string[][]} columns */
function turned(columns) {
  return (columns[0] ?? []).map((_, row) => columns.map((column) => column[row]));
}
