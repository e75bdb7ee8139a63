// @ts-check
/** A drawing as a PDF of one page: paths, and texts in Helvetica, which every reader has. */

const POINT = 0.75;
// Widths of the characters from space to ~ in 1/1000 of the size: a letter of SIGNS each, a first.
const WIDTHS = [
  191, 222, 260, 278, 333, 334, 355, 389, 469, 500, 556, 584, 611, 667, 722, 778, 833, 889, 944,
  1015,
];
const SIGNS =
  "ddgkkrnaeehlddddkkkkkkkkkkddlllktnnoonmpodjnkqopnponmonsnnmdddikekkjkkdkkbbjbqkkkkejdkjojjjfcfl";
// WinAnsi has these, or what looks alike, at other places.
const BEYOND = "−–—…•‘’“”€✕";
const PLACES = "\x96\x96\x97\x85\x95\x91\x92\x93\x94\x80\xd7";
const RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * Text in the font's encoding, in parts that are raised or not.
 * @param {string} text
 * @param {number} size
 */
function partsOfText(text, size) {
  return (text.match(/[⁻⁰¹²³⁴-⁹]+|[^⁻⁰¹²³⁴-⁹]+/g) ?? []).map((part) => {
    const up = RAISED.includes(part[0]);
    let [written, width] = ["", 0];
    for (const sign of part) {
      const place = BEYOND.indexOf(sign);
      const own = up ? "\x960123456789"[RAISED.indexOf(sign)] : place < 0 ? sign : PLACES[place];
      const known = SIGNS.charCodeAt(own.charCodeAt(0) - 32) || 107;
      width += (WIDTHS[known - 97] / 1000) * size * (up ? 0.7 : 1);
      written += own;
    }
    return { up, written, width };
  });
}

/** @param {string} color */
function amounts(color) {
  const parts = color.match(/[\d.]+/g) ?? [];
  return parts
    .slice(0, 3)
    .map((part) => (Number(part) / 255).toFixed(3))
    .join(" ");
}

/**
 * The bytes of a PDF of a sheet (export.js); `unknown` are characters that its font lacks, the first ten.
 * @param {SVGElement} sheet
 */
export function pdfOf(sheet) {
  const [width, height] = ["width", "height"].map(
    (name) => Number(sheet.getAttribute(name)) * POINT,
  );
  /** @type {Set<string>} */
  const unknown = new Set();
  /** @type {Set<string>} */
  const states = new Set();
  let page = `${POINT} 0 0 -${POINT} 0 ${height} cm\n`;
  for (const shape of sheet.querySelectorAll("path, text")) {
    const look = (/** @type {string} */ name) => shape.getAttribute(name) ?? "none";
    const [x, y, size, opacity, fill, stroke] = [
      "x",
      "y",
      "font-size",
      "opacity",
      "fill-opacity",
      "stroke-opacity",
    ].map((name) => Number.parseFloat(look(name)));
    const faded = (/** @type {number} */ own) => (own * opacity || 1).toFixed(2);
    const state = `/ca ${faded(fill)}/CA ${faded(stroke)}`;
    const clip = shape.parentElement?.closest("svg svg")?.getAttribute("viewBox");
    states.add(state);
    page += `q /G${[...states].indexOf(state)} gs ${clip ? `${clip} re W n ` : ""}${amounts(look("fill"))} rg `;
    if (shape.tagName === "path") {
      const dashes = look("stroke-dasharray").replace(/px|,|none/g, "");
      const line = look("stroke") !== "none";
      if (line)
        page += `${amounts(look("stroke"))} RG ${Number.parseFloat(look("stroke-width"))} w [${dashes}] 0 d ${look("stroke-linecap") === "round" ? 1 : 0} J `;
      page += look("d").replace(/([MLZ])([^MLZ]*)/g, (_, command, places) =>
        command === "Z" ? "h " : `${places} ${command.toLowerCase()} `,
      );
      page += `${line ? "S" : "f"} Q\n`;
      continue;
    }
    const parts = partsOfText(shape.textContent ?? "", size);
    const long = parts.reduce((sum, part) => sum + part.width, 0);
    const back = { middle: long / 2, end: long }[look("text-anchor")] ?? 0;
    page += `BT ${shape.hasAttribute("transform") ? `0 -1 -1 0 ${x} ${y + back}` : `1 0 0 -1 ${x - back} ${y}`} Tm `;
    for (const { up, written } of parts) {
      for (const sign of written.replace(/[\x20-\x7e\xa0-\xff\x80\x85\x91-\x97]/g, "")) unknown.add(sign);
      page += `/${Number(look("font-weight")) > 500 ? "B" : "F"} ${up ? 0.7 * size : size} Tf ${up ? 0.35 * size : 0} Ts `;
      page += `(${written.replace(/[\\()]/g, "\\$&")}) Tj `;
    }
    page += "ET Q\n";
  }
  const font = (/** @type {string} */ name) =>
    `<</Type/Font/Subtype/Type1/BaseFont/${name}/Encoding/WinAnsiEncoding>>`;
  const looks = [...states].map((state, i) => `/G${i}<<${state}>>`).join("");
  let pdf = "%PDF-1.4\n";
  const starts = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${width} ${height}]/Contents 4 0 R/Resources<</Font<</F ${font("Helvetica")}/B ${font("Helvetica-Bold")}>>/ExtGState<<${looks}>>>>>>`,
    `<</Length ${page.length}>>stream\n${page}\nendstream`,
  ].map((object, i) => {
    const start = `${pdf.length}`.padStart(10, "0");
    pdf += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return `${start} 00000 n \n`;
  });
  pdf += `xref\n0 5\n0000000000 65535 f \n${starts.join("")}trailer<</Size 5/Root 1 0 R>>\nstartxref\n${pdf.length}\n%%EOF\n`;
  return { bytes: Uint8Array.from(pdf, (sign) => sign.charCodeAt(0)), unknown: [...unknown].slice(0, 10).join("") };
}
