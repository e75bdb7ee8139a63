// @ts-check
/** SVG elements, and texts that fit. All shapes are paths of M, L and Z: pdf.js writes them. */

/** @typedef {[number, number]} Place in px */

/** @type {CanvasRenderingContext2D | null | undefined} */
let ruler;

/**
 * @param {Element} parent
 * @param {string} tag
 * @param {Record<string, any>} attributes those that are null are left out
 */
export function svgIn(parent, tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value != null) element.setAttribute(name, value);
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
 * @param {Place} place
 * @param {string} [look] class names
 * @param {number | null} [c]
 * @param {boolean} [upright]
 */
export function textIn(parent, text, [left, top], look, c, upright) {
  const [x, y] = [left.toFixed(1), top.toFixed(1)];
  const transform = upright ? `rotate(-90 ${x} ${y})` : null;
  const element = svgIn(parent, "text", { x, y, transform, class: look, "data-c": c });
  element.textContent = text;
  return element;
}

/** @param {Place[]} points those without a place interrupt the line */
export function traced(points) {
  let [d, next] = ["", "M"];
  for (const [x, y] of points) {
    const has = Number.isFinite(x + y);
    if (has) d += `${next}${x.toFixed(1)} ${y.toFixed(1)}`;
    next = has ? "L" : "M";
  }
  return d;
}

/**
 * @param {Place} corner
 * @param {Place} other
 */
export function boxed([left, top], [right, bottom]) {
  return `${traced([[left, top], [right, top], [right, bottom], [left, bottom]])}Z`;
}

/**
 * The width of a text in px, at the size of ticks.
 * @param {string} text
 */
export function widthOf(text) {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (!ruler) return 6 * text.length;
  ruler.font = `11.5px ${getComputedStyle(document.body).fontFamily}`;
  return ruler.measureText(text).width;
}

/**
 * A text in at most `most` lines that are not wider than `width`, cut at its end where it must be.
 * @param {string} text
 * @param {number} width
 * @param {number} most
 */
export function wrapped(text, width, most) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines[0]} ${word}`.trim();
    if (lines.length < most && lines[0] && widthOf(longer) > width) lines.unshift(word);
    else lines[0] = longer;
  }
  return lines.reverse().map((line) => {
    let cut = line;
    while (cut.length > 1 && widthOf(cut) > width) cut = `${cut.slice(0, -2).trimEnd()}…`;
    return cut;
  });
}
