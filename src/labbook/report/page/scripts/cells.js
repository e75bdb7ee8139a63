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
 * Whether a row has all that a reader typed: words anywhere, and conditions such as `rate<=0.01` on
 * the first column whose name holds the word before the sign.
 * @param {string} typed
 * @param {string[]} heads
 * @param {Element[]} cells
 */
export function passes(typed, heads, cells) {
  return typed.split(/\s+/).every((word) => {
    const condition = /^([^<>=]+)(<=|>=|<|>|=)(.+)$/.exec(word);
    const column = condition ? heads.findIndex((head) => head.toLowerCase().includes(condition[1].toLowerCase())) : -1;
    if (!condition || column < 0) return cells.some((cell) => textOf(cell).toLowerCase().includes(word.toLowerCase()));
    return meets(cells[column], condition[2], condition[3]);
  });
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
