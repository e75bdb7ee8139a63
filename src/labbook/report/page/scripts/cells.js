// @ts-check
/** What a table's cells say: texts, and numbers to sort and choose by. */

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * A cell's text as it is read.
 * @param {Element | undefined} cell
 */
export function textOf(cell) {
  return (cell?.textContent ?? "").replace(/\s+/g, " ").trim();
}

/**
 * A cell's number: what it says to sort by, else the number that its text begins with; NaN for none.
 * @param {Element | undefined} cell
 */
export function numberOf(cell) {
  const known = cell?.getAttribute("data-value");
  if (known != null) return known === "" ? Number.NaN : Number(known);
  return firstNumber(textOf(cell));
}

/**
 * The number at the beginning of a text as the page writes it: `−1,200`, `×1.3`, `2.5×10⁻⁵`, `< 0.001`.
 * @param {string} text
 */
export function firstNumber(text) {
  const found = /^[×<=>+ ]*([−-]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?)(?:×10(⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))?/.exec(text);
  if (!found) return Number.NaN;
  const power = [...(found[2] ?? "")].map((sign) => (sign === "⁻" ? "-" : RAISED.indexOf(sign)));
  return Number(`${found[1].replace("−", "-").replaceAll(",", "")}${power.length ? `e${power.join("")}` : ""}`);
}

/**
 * Whether a row has all that a reader typed: words anywhere, and conditions on columns such as
 * `rate <= 0.01` or `geometric mean<1`; one that has no value yet asks for nothing.
 * @param {string} typed
 * @param {string[]} heads
 * @param {Element[]} cells
 */
export function passes(typed, heads, cells) {
  const words = [];
  let rest = 0;
  for (const piece of typed.matchAll(/([^<>=]*)(<=|>=|<|>|=)\s*([^\s<>=]*)/g)) {
    const before = piece[1].split(/\s+/).filter(Boolean);
    const [column, others] = columnAtEnd(before, heads);
    rest = piece.index + piece[0].length;
    if (column < 0) words.push(...piece[0].split(/\s+/));
    else if (piece[3] && !meets(cells[column], piece[2], piece[3])) return false;
    else words.push(...before.slice(0, others));
  }
  words.push(...typed.slice(rest).split(/\s+/));
  return words.every((word) => cells.some((cell) => textOf(cell).toLowerCase().includes(word.toLowerCase())));
}

/**
 * The column that the last of some words name, and how many come before its name: a whole head
 * before a part of one, and the longest name.
 * @param {string[]} words
 * @param {string[]} heads
 */
function columnAtEnd(words, heads) {
  const lower = heads.map((head) => head.toLowerCase());
  const names = words.map((_, from) => words.slice(from).join(" ").toLowerCase());
  for (const [from, name] of names.entries()) {
    if (lower.includes(name)) return [lower.indexOf(name), from];
  }
  for (const [from, name] of names.entries()) {
    const column = lower.findIndex((head) => head.includes(name));
    if (column >= 0) return [column, from];
  }
  return [-1, 0];
}

/**
 * @param {Element} cell
 * @param {string} sign
 * @param {string} wanted
 */
function meets(cell, sign, wanted) {
  const [mine, theirs] = [numberOf(cell), firstNumber(wanted)];
  if (sign === "=" && Number.isNaN(theirs)) return textOf(cell).toLowerCase() === wanted.toLowerCase();
  if (sign === "<") return mine < theirs;
  if (sign === ">") return mine > theirs;
  if (sign === "<=") return mine <= theirs;
  return sign === ">=" ? mine >= theirs : mine === theirs;
}
