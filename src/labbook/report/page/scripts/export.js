// @ts-check
/** What a reader takes along: files made in the page, without a server. */

import { pointsOf } from "./marks.js";
import { pdfOf } from "./pdf.js";
import { filled, WORDS } from "./words.js";

/**
 * @typedef {import("./panels.js").Figure} Figure
 * @typedef {{d?: string, text?: string, x: number, y: number, turned: boolean, anchor: string,
 *   size: number, bold: boolean, fill: string, stroke: string, fillOpacity: number,
 *   strokeOpacity: number, width: number, dashes: string, cap: string, clip: string}} Shape
 * @typedef {{width: number, height: number, paper: string, shapes: Shape[]}} Sheet
 */

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

/** @param {(string | number | null | undefined)[][]} rows */
export function csvOf(rows) {
  const cell = (/** @type {string | number | null | undefined} */ value) => {
    const text = String(value ?? "");
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => `${row.map(cell).join(",")}\n`).join("");
}

const FIELDS = /** @type {const} */ (["x", "x_low", "x_high", "y", "y_low", "y_high", "value", "text"]);

/**
 * All numbers of a figure's marks, a row for each point.
 * @param {Figure} figure
 */
export function rowsOf({ panels }) {
  const rows = panels.flatMap((panel) =>
    panel.marks.flatMap((mark) =>
      pointsOf(mark, panel).map((point) => {
        const named = { ...point };
        if (point.axis) Object.assign(named, { name: point.axis.label, text: point.name });
        const { x, y } = mark.kind === "Parallel" ? { x: {}, y: point.axis } : panel;
        const place = (/** @type {"x" | "y"} */ which) =>
          ({ x, y })[which]?.names?.[Number(point[which] ?? -1)] ?? point[which];
        const fields = FIELDS.map((field) => (field === "x" || field === "y" ? place(field) : named[field]));
        return [panel.title, mark.kind, named.name, point.c, ...fields];
      }),
    ),
  );
  return [["panel", "mark", "name", "combination", ...FIELDS], ...rows];
}

/**
 * The shapes of a drawing with their colours, as on light paper.
 * @param {SVGElement} svg
 * @returns {Sheet}
 */
export function sheetOf(svg) {
  const { dataset } = document.documentElement;
  const theme = dataset.theme;
  dataset.theme = "light";
  const shapes = [...svg.querySelectorAll("path:not(.aid), text")].map((element) => {
    const style = getComputedStyle(element);
    const attribute = (/** @type {string} */ name) => element.getAttribute(name);
    const faded = Number(style.opacity);
    return {
      d: attribute("d") ?? undefined,
      text: element.tagName === "text" ? (element.textContent ?? "") : undefined,
      x: Number(attribute("x")),
      y: Number(attribute("y")),
      turned: element.hasAttribute("transform"),
      anchor: style.textAnchor,
      size: Number.parseFloat(style.fontSize),
      bold: Number(style.fontWeight) > 500,
      fill: style.fill,
      stroke: style.stroke,
      fillOpacity: Number(style.fillOpacity) * faded,
      strokeOpacity: Number(style.strokeOpacity) * faded,
      width: Number.parseFloat(style.strokeWidth),
      dashes: style.strokeDasharray.replaceAll("px", "").replaceAll(",", ""),
      cap: style.strokeLinecap,
      clip: element.parentElement?.closest("svg svg")?.getAttribute("viewBox") ?? "",
    };
  });
  const paper = getComputedStyle(svg).backgroundColor;
  if (theme) dataset.theme = theme;
  else delete dataset.theme;
  const [width, height] = ["width", "height"].map((name) => Number(svg.getAttribute(name)));
  return { width, height, paper, shapes };
}

const ESCAPES = /** @type {Record<string, string>} */ ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" });

/** @param {Sheet} sheet */
export function svgOf({ width, height, paper, shapes }) {
  const written = (/** @type {string} */ tag, /** @type {Record<string, any>} */ fields, text = "") => {
    const known = Object.entries(fields).filter(([, value]) => value !== "");
    const escaped = (/** @type {any} */ value) => String(value).replace(/[&<>"]/g, (sign) => ESCAPES[sign]);
    return `<${tag}${known.map(([name, value]) => ` ${name}="${escaped(value)}"`).join("")}>${text && escaped(text)}`;
  };
  const size = { width, height, viewBox: `0 0 ${width} ${height}` };
  let text = written("svg", { xmlns: "http://www.w3.org/2000/svg", ...size, "font-family": "Helvetica, Arial, sans-serif" });
  text += `${written("rect", { width, height, fill: paper })}</rect>`;
  let clip = "";
  for (const shape of [...shapes, null]) {
    if ((shape?.clip ?? "") !== clip) {
      if (clip) text += "</svg>";
      clip = shape?.clip ?? "";
      const [x, y, wide, high] = clip.split(" ");
      if (clip) text += written("svg", { x, y, width: wide, height: high, viewBox: clip });
    }
    if (!shape) continue;
    const { d, x, y, fill, stroke } = shape;
    const paint = { fill, "fill-opacity": shape.fillOpacity === 1 ? "" : shape.fillOpacity };
    if (d != null) {
      const line = stroke === "none" ? {} : {
        stroke, "stroke-width": shape.width, "stroke-opacity": shape.strokeOpacity === 1 ? "" : shape.strokeOpacity,
        "stroke-dasharray": shape.dashes === "none" ? "" : shape.dashes, "stroke-linecap": shape.cap,
      };
      text += `${written("path", { d, ...paint, ...line })}</path>`;
    } else {
      const turn = shape.turned ? `rotate(-90 ${x} ${y})` : "";
      const look = { "font-size": shape.size, "font-weight": shape.bold ? 600 : "", "text-anchor": shape.anchor, transform: turn };
      text += `${written("text", { x, y, ...paint, ...look }, shape.text)}</text>`;
    }
  }
  return `${text}</svg>\n`;
}

/**
 * @param {Sheet} sheet
 * @param {(picture: Blob) => void} done
 */
function pngOf(sheet, done) {
  const image = new Image();
  image.onload = () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 3 * sheet.width, height: 3 * sheet.height });
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(image.src);
    canvas.toBlob((blob) => blob && done(blob));
  };
  image.src = URL.createObjectURL(new Blob([svgOf(sheet)], { type: "image/svg+xml" }));
}

/**
 * The menu beside a figure.
 * @param {Figure} figure
 * @param {SVGElement} svg
 * @param {string} file its name without ending
 */
export function exportMenu(figure, svg, file) {
  const menu = Object.assign(document.createElement("details"), { className: "take" });
  const said = Object.assign(document.createElement("p"), { role: "status" });
  const save = (/** @type {string} */ end, /** @type {string} */ type, /** @type {BlobPart} */ content) =>
    saved(`${file}.${end}`, type, content);
  const ways = {
    SVG: () => save("svg", "image/svg+xml", svgOf(sheetOf(svg))),
    PNG: () => pngOf(sheetOf(svg), (picture) => save("png", "image/png", picture)),
    PDF: () => {
      const { bytes, unknown } = pdfOf(sheetOf(svg));
      if (unknown) said.textContent = filled(WORDS.figures.unwritable, unknown);
      else save("pdf", "application/pdf", bytes);
    },
    CSV: () => save("csv", "text/csv", csvOf(rowsOf(figure))),
  };
  menu.append(Object.assign(document.createElement("summary"), { textContent: WORDS.figures.take }));
  for (const [name, make] of Object.entries(ways)) {
    menu.append(Object.assign(document.createElement("button"), { textContent: name, onclick: make }));
  }
  menu.append(said);
  return menu;
}
