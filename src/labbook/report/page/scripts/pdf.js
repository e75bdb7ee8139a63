// @ts-check
/** A figure as a PDF of one page: paths, and texts in Helvetica, which every reader has. */

/** @typedef {import("./export.js").Sheet} Sheet */

const POINT = 0.75; // of a px
// Widths of the characters from space to ~ in 1/1000 of the size, a letter of WIDTHS each.
const WIDTHS = [191, 222, 260, 278, 333, 334, 355, 389, 469, 500, 556, 584, 611, 667, 722, 778, 833, 889, 944, 1015];
const ASCII =
  "ddgkkrnaeehldedd" + "kkkkkkkkkkddlllk" + "tnnoonmpodjnkqop" + "nponmonsnnmdddik" + "ekkjkkdkkbbjbqkk" + "kkejdkjojjjfcfl";
const BEYOND = "−–—…•‘’“”€✕"; // WinAnsi has these, or what looks alike, at other places
const PLACES = "\x96\x96\x97\x85\x95\x91\x92\x93\x94\x80\xd7";
const RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹";

/** @param {string} text */
function widthIn(text) {
  let width = 0;
  for (const sign of text) width += WIDTHS[(ASCII.charCodeAt(sign.charCodeAt(0) - 32) || 107) - 97];
  return width / 1000;
}

/**
 * Text in the font's encoding, in parts that are raised or not.
 * @param {string} text
 */
function partsOfText(text) {
  return (text.match(/[⁻⁰¹²³⁴-⁹]+|[^⁻⁰¹²³⁴-⁹]+/g) ?? []).map((part) => {
    const up = RAISED.includes(part[0]);
    const signs = [...part].map((sign) => {
      const place = BEYOND.indexOf(sign);
      return up ? "\x960123456789"[RAISED.indexOf(sign)] : place < 0 ? sign : PLACES[place];
    });
    return { up, text: signs.join("") };
  });
}

/** @param {string} color */
function amounts(color) {
  return (color.match(/[\d.]+/g) ?? []).slice(0, 3).map((part) => (Number(part) / 255).toFixed(3)).join(" ");
}

/** @param {string} d */
function commands(d) {
  return d.replace(/([MLZ])([^MLZ]*)/g, (_, command, places) => (command === "Z" ? "h " : `${places} ${command.toLowerCase()} `));
}

/**
 * The bytes of a PDF; `unknown` are the characters that its font lacks.
 * @param {Sheet} sheet
 */
export function pdfOf({ width, height, shapes }) {
  /** @type {Set<string>} */
  const unknown = new Set();
  /** @type {Map<string, string>} */
  const states = new Map();
  let page = `${POINT} 0 0 -${POINT} 0 ${height * POINT} cm\n`;
  for (const { d, text, x, y, clip, ...shape } of shapes) {
    const opacity = `/ca ${shape.fillOpacity} /CA ${shape.strokeOpacity}`;
    if (!states.has(opacity)) states.set(opacity, `G${states.size}`);
    page += `q /${states.get(opacity)} gs ${clip && `${clip} re W n `}`;
    if (shape.fill !== "none") page += `${amounts(shape.fill)} rg `;
    if (d != null) {
      const dashes = shape.dashes === "none" ? "" : shape.dashes;
      if (shape.stroke !== "none") page += `${amounts(shape.stroke)} RG ${shape.width} w [${dashes}] 0 d ${shape.cap === "round" ? 1 : 0} J 1 j `;
      page += `${commands(d)}${shape.fill === "none" ? "S" : shape.stroke === "none" ? "f" : "B"} Q\n`;
      continue;
    }
    const parts = partsOfText(text ?? "");
    const size = (/** @type {boolean} */ up) => (up ? 0.7 * shape.size : shape.size);
    const long = parts.reduce((sum, part) => sum + widthIn(part.text) * size(part.up), 0);
    const back = { middle: long / 2, end: long }[shape.anchor] ?? 0;
    page += `BT ${shape.turned ? `0 -1 -1 0 ${x} ${(y + back).toFixed(2)}` : `1 0 0 -1 ${(x - back).toFixed(2)} ${y}`} Tm `;
    for (const part of parts) {
      for (const sign of part.text.match(/[^\x20-\x7e\xa0-\xff\x80\x85\x91-\x97]/gu) ?? []) unknown.add(sign);
      page += `/${shape.bold ? "B" : "F"} ${size(part.up)} Tf ${part.up ? 0.35 * shape.size : 0} Ts (${part.text.replace(/[\\()]/g, "\\$&")}) Tj `;
    }
    page += "ET Q\n";
  }
  const font = (/** @type {string} */ name) => `<</Type/Font/Subtype/Type1/BaseFont/${name}/Encoding/WinAnsiEncoding>>`;
  const looks = [...states].map(([opacity, name]) => `/${name}<<${opacity}>>`).join("");
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${width * POINT} ${height * POINT}]/Contents 4 0 R/Resources<</Font<</F ${font("Helvetica")}/B ${font("Helvetica-Bold")}>>/ExtGState<<${looks}>>>>>>`,
    `<</Length ${page.length}>>stream\n${page}\nendstream`,
  ];
  let pdf = "%PDF-1.4\n";
  const starts = objects.map((object, i) => {
    const start = pdf.length;
    pdf += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(start).padStart(10, "0")} 00000 n \n`;
  });
  const table = pdf.length;
  pdf += `xref\n0 5\n0000000000 65535 f \n${starts.join("")}trailer<</Size 5/Root 1 0 R>>\nstartxref\n${table}\n%%EOF\n`;
  const bytes = Uint8Array.from(pdf, (sign) => sign.charCodeAt(0));
  return { bytes, unknown: [...unknown].join(" ") };
}
