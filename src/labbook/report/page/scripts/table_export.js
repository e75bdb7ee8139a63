// @ts-check
/** A table to take along, made in the page: LaTeX and Markdown as it is shown, CSV for programs. */

import { textOf } from "./cells.js";
import { csvOf, saved } from "./export.js";
import { dataRows, shownRows } from "./table_rows.js";
import { WORDS } from "./words.js";

const SIGNS = /** @type {Record<string, string>} */ ({
  "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "−": "$-$", "×": "$\\times$",
  "–": "--", "±": "$\\pm$", "…": "\\dots{}",
});
const RAISED_SIGNS = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * @param {HTMLTableElement} table
 * @param {string} file its name without ending
 */
export function tableMenu(table, file) {
  const menu = Object.assign(document.createElement("details"), { className: "menu take" });
  menu.append(Object.assign(document.createElement("summary"), { textContent: WORDS.tables.take }));
  const ways = {
    CSV: () => saved(`${file}.csv`, "text/csv", csvOf(dataRows(table))),
    LaTeX: () => saved(`${file}.tex`, "application/x-tex", latexOf(shownRows(table), captionOf(table))),
    Markdown: () => saved(`${file}.md`, "text/markdown", markdownOf(shownRows(table))),
  };
  for (const [name, make] of Object.entries(ways)) {
    menu.append(Object.assign(document.createElement("button"), { type: "button", textContent: name, onclick: make }));
  }
  return menu;
}

/** @param {HTMLTableElement} table */
function captionOf(table) {
  return textOf(table.caption ?? undefined);
}

/** @param {string[][]} rows */
export function markdownOf(rows) {
  const written = (/** @type {string[]} */ cells) => `| ${cells.map((text) => text.replace(/[\\|]/g, "\\$&")).join(" | ")} |\n`;
  const [head, ...body] = rows;
  return [head, head.map(() => "---"), ...body].map(written).join("");
}

/**
 * @param {string[][]} rows
 * @param {string} caption
 */
export function latexOf(rows, caption) {
  const written = (/** @type {string[]} */ cells) => `${cells.map(latexText).join(" & ")} \\\\\n`;
  const [head, ...body] = rows;
  return [
    "% \\usepackage{booktabs}\n\\begin{table}\n\\centering\n",
    `\\caption{${latexText(caption)}}\n\\begin{tabular}{${"l".repeat(head.length)}}\n\\toprule\n`,
    `${written(head)}\\midrule\n${body.map(written).join("")}\\bottomrule\n\\end{tabular}\n\\end{table}\n`,
  ].join("");
}

/** @param {string} text */
function latexText(text) {
  return text.replace(/[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|[\\~^−×–±…&%#_${}]/g, (sign) => {
    const power = [...sign].map((one) => "-0123456789"[RAISED_SIGNS.indexOf(one)]).join("");
    return power ? `$^{${power}}$` : (SIGNS[sign] ?? `\\${sign}`);
  });
}
