// @ts-check
/** SVG elements and texts that fit. All shapes are paths of M, L and Z: export.js writes them. */

const SVG = "http://www.w3.org/2000/svg";
/** @type {CanvasRenderingContext2D | null} */
let ruler = null;

/**
 * @param {Element} parent
 * @param {string} tag
 * @param {Record<string, string | number | null | undefined>} [attributes]
 */
export function svgIn(parent, tag, attributes = {}) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value != null) element.setAttribute(name, String(value));
  }
  parent.append(element);
  return /** @type {SVGElement} */ (element);
}

/**
 * A path in a colour of the page, `--NAME` of its style sheet; `c` is its combination.
 * @param {Element} parent
 * @param {string} d
 * @param {string} look class names
 * @param {string} [color]
 * @param {number | null} [c]
 */
export function pathIn(parent, d, look, color = "ink", c) {
  const path = svgIn(parent, "path", { d, class: look, "data-c": c });
  path.style.setProperty("--c", `var(--${color})`);
  return path;
}

/**
 * @param {Element} parent
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {string} [look] class names
 * @param {number | null} [c]
 */
export function textIn(parent, text, x, y, look = "", c) {
  const places = { x: x.toFixed(1), y: y.toFixed(1), class: look, "data-c": c };
  const element = svgIn(parent, "text", places);
  element.textContent = text;
  return element;
}

/** @param {[number, number][]} points those without a place interrupt the line */
export function traced(points) {
  let d = "";
  let drawn = false;
  for (const [x, y] of points) {
    const has = Number.isFinite(x) && Number.isFinite(y);
    if (has) d += `${drawn ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    drawn = has;
  }
  return d;
}

/**
 * @param {number} left
 * @param {number} top
 * @param {number} right
 * @param {number} bottom
 */
export function boxed(left, top, right, bottom) {
  return `${traced([[left, top], [right, top], [right, bottom], [left, bottom]])}Z`;
}

/**
 * The width of a text in px, at the size of ticks.
 * @param {string} text
 * @param {boolean} [strong]
 */
export function widthOf(text, strong = false) {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (!ruler) return text.length * 6;
  ruler.font = `${strong ? 600 : 400} 11.5px ${getComputedStyle(document.body).fontFamily}`;
  return ruler.measureText(text).width;
}

/**
 * A text in at most `most` lines that are not wider than `width`, cut at its end where it must be.
 * @param {string} text
 * @param {number} width
 * @param {number} most
 * @param {boolean} [strong]
 */
export function wrapped(text, width, most, strong = false) {
  /** @type {string[]} */
  const lines = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line ? `${line} ${word}` : word;
    if (line && widthOf(longer, strong) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  lines.push(line);
  const kept = lines.slice(0, most);
  if (lines.length > most) kept[most - 1] = lines.slice(most - 1).join(" ");
  return kept.map((each) => shortened(each, width, strong));
}

/**
 * @param {string} text
 * @param {number} width
 * @param {boolean} strong
 */
function shortened(text, width, strong) {
  if (widthOf(text, strong) <= width) return text;
  let [fits, most] = [1, text.length];
  while (most - fits > 1) {
    const middle = (fits + most) >> 1;
    if (widthOf(`${text.slice(0, middle)}…`, strong) > width) most = middle;
    else fits = middle;
  }
  return `${text.slice(0, fits).trimEnd()}…`;
}
