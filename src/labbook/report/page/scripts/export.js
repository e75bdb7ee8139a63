// @ts-check
/** What a reader takes along: files made in the page, without a server. */

import { pdfOf } from "./pdf.js";
import { pointsOf } from "./points.js";
import { filled, WORDS } from "./words.js";

/** @typedef {import("./panels.js").Figure} Figure */

/**
 * Give a file to the reader.
 * @param {string} name
 * @param {string} type
 * @param {BlobPart} content
 */
export function saved(name, type, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** @param {any[][]} rows */
export function csvOf(rows) {
  const cell = (/** @type {any} */ value) =>
    `${value ?? ""}`.replace(/^.*[",\r\n][\s\S]*$/, (text) => `"${text.replaceAll('"', '""')}"`);
  return rows.map((row) => `${row.map(cell).join()}\n`).join("");
}

/**
 * All numbers of a figure's marks, a row for each point.
 * @param {Figure} figure
 */
function rowsOf({ panels }) {
  const fields = /** @type {const} */ (["x", "x_low", "x_high", "y", "y_low", "y_high", "value", "text"]);
  const rows = panels.flatMap((panel) =>
    panel.marks.flatMap((mark) =>
      pointsOf(mark, panel).map(({ axis, name, c, ...point }) => {
        const axes = axis ? { x: { names: mark.axes.map((/** @type {any} */ each) => each.label) }, y: axis } : panel;
        const cells = fields.map((field) =>
          (field === "x" || field === "y") ? (axes[field]?.names?.[point[field] ?? -1] ?? point[field]) : point[field]);
        return [panel.title, mark.kind, name, c, ...cells];
      }),
    ),
  );
  return [["panel", "mark", "name", "combination", ...fields], ...rows];
}

const LOOKS = [
  "fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray",
  "stroke-linecap", "opacity", "font-size", "font-weight", "text-anchor", "paint-order",
];

/**
 * A copy of a drawing that needs no style sheet, in the colours of light paper.
 * @param {SVGElement} svg
 */
export function sheetOf(svg) {
  const copy = /** @type {SVGElement} */ (svg.cloneNode(true));
  const { dataset } = document.documentElement;
  const { theme } = dataset;
  dataset.theme = "light";
  const copies = copy.querySelectorAll("path, text");
  svg.querySelectorAll("path, text").forEach((shape, i) => {
    const style = getComputedStyle(shape);
    for (const look of LOOKS) copies[i].setAttribute(look, style.getPropertyValue(look));
    copies[i].removeAttribute("style");
  });
  const paper = document.createElementNS(svg.namespaceURI, "path");
  paper.setAttribute("d", "M0 0L9999 0L9999 9999L0 9999Z");
  paper.setAttribute("fill", getComputedStyle(svg).backgroundColor);
  copy.prepend(paper);
  copy.setAttribute("font-family", "Helvetica, Arial, sans-serif");
  for (const aid of copy.querySelectorAll(".aid")) aid.remove();
  if (theme) dataset.theme = theme;
  else delete dataset.theme;
  return copy;
}

/** @param {SVGElement} sheet */
function svgOf(sheet) {
  return new XMLSerializer().serializeToString(sheet);
}

/**
 * @param {SVGElement} sheet
 * @param {(picture: Blob) => void} done
 */
function pngOf(sheet, done) {
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = 3 * image.width;
    canvas.height = 3 * image.height;
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => blob && done(blob));
  };
  image.src = `data:image/svg+xml,${encodeURIComponent(svgOf(sheet))}`;
}

/**
 * The menu beside a figure.
 * @param {Figure} figure
 * @param {SVGElement} svg
 * @param {string} file its name without ending
 */
export function exportMenu(figure, svg, file) {
  const menu = document.createElement("details");
  menu.className = "take";
  menu.innerHTML = "<summary></summary><p role=status></p>";
  const [title, said] = menu.children;
  title.textContent = WORDS.figures.take;
  const ways = {
    SVG: () => saved(`${file}.svg`, "image/svg+xml", svgOf(sheetOf(svg))),
    PNG: () => pngOf(sheetOf(svg), (picture) => saved(`${file}.png`, "image/png", picture)),
    PDF: () => {
      const { bytes, unknown } = pdfOf(sheetOf(svg));
      if (unknown) said.textContent = filled(WORDS.figures.unwritable, unknown);
      else saved(`${file}.pdf`, "application/pdf", bytes);
    },
    CSV: () => saved(`${file}.csv`, "text/csv", csvOf(rowsOf(figure))),
  };
  for (const [textContent, onclick] of Object.entries(ways)) {
    said.before(Object.assign(document.createElement("button"), { textContent, onclick }));
  }
  return menu;
}
