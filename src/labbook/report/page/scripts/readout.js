// @ts-check
/** Values read out: by pointer, touch and keys. */

import { point as pointAt, toggle } from "./highlight.js";
import { traced } from "./drawing.js";
import { digits, number } from "./wording.js";
import { filled, WORDS } from "./words.js";

/**
 * @typedef {import("./axes.js").Axis} Axis
 * @typedef {import("./marks.js").Point} Point
 * @typedef {{group: SVGElement, ring: SVGElement, points: Point[], x: Axis, y: Axis}} Drawn
 * @typedef {{svg: SVGElement, box: HTMLElement, said: HTMLElement}} Places
 */

/**
 * How far a point is from a place; lines are read at the nearest x.
 * @param {Point} point
 * @param {number} x
 * @param {number} y
 */
function distance({ kind, px, py, area }, x, y) {
  if (area) {
    const [left, top, right, bottom] = area;
    return Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
  }
  if (kind === "Line" || kind === "Parallel") return Math.abs(px - x) + Math.abs(py - y) / 100;
  return Math.hypot(px - x, py - y) - 10;
}

/**
 * @param {Point[]} points
 * @param {number} x
 * @param {number} y
 */
export function nearest(points, x, y) {
  let [found, least] = [/** @type {Point | null} */ (null), 60];
  for (const point of points) {
    const far = distance(point, x, y);
    if (far < least) [found, least] = [point, far];
  }
  return found;
}

/**
 * Where an arrow key leads: along a line, or to the nearest point of the next line up or down.
 * @param {Point[]} points
 * @param {Point} from
 * @param {string} key
 */
export function stepped(points, from, key) {
  const own = points.filter(({ group }) => group === from.group).sort((a, b) => a.px - b.px);
  const at = own.indexOf(from);
  const along = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: own.length - 1 }[key];
  if (along != null) return own[along] ?? from;
  const down = key === "ArrowDown" ? 1 : -1;
  /** @type {Map<number, Point>} */
  const others = new Map();
  for (const point of points) {
    const best = others.get(point.group) ?? point;
    const nearer = Math.abs(point.px - from.px) <= Math.abs(best.px - from.px);
    if (nearer && point.group !== from.group) others.set(point.group, point);
  }
  const order = (/** @type {Point} */ { py, group }) =>
    down * (py - from.py || (group - from.group) * 1e-6);
  const beyond = [...others.values()].filter((point) => order(point) > 0);
  return beyond.sort((a, b) => order(a) - order(b))[0] ?? from;
}

/**
 * What is said of a point: its name first, then its numbers.
 * @param {Point} point
 * @param {{x: Axis, y: Axis}} axes
 */
export function described(point, { x, y }) {
  const words = WORDS.figures;
  const names = [point.name];
  const lines = point.text ? [point.text] : [];
  if (!point.text && typeof point.value === "number") lines.push(number(point.value));
  for (const [axis, value, low, high] of /** @type {const} */ ([
    [point.axis ? {} : x, point.axis ? null : point.x, point.x_low, point.x_high],
    [point.axis ?? y, point.y, point.y_low, point.y_high],
  ])) {
    let text = "";
    if (axis.names?.length && value != null) {
      const name = axis.names[Math.round(value)] ?? "";
      if (point.axis) text = name;
      else names.push(name);
    } else if (value == null) {
      if (low != null) text = filled(words.range, number(low), number(high));
    } else {
      const [mean, least, most] = digits([value, low, high]);
      text = low == null && high == null ? mean : filled(words.interval, mean, least, most);
    }
    if (text) lines.push(axis.label ? filled(words.of, axis.label, text) : text);
  }
  const head = [...new Set(names.filter(Boolean))].join(" · ");
  return head ? [head, ...lines] : lines;
}

/**
 * Let a panel say its values.
 * @param {Drawn} drawn
 * @param {Places} places
 */
export function readable({ group, ring, points, x, y }, { svg, box, said }) {
  /** @type {Point | null} */
  let current = null;

  const show = (/** @type {Point | null} */ point, aloud = false) => {
    current = point;
    box.hidden = !point;
    ring.setAttribute("d", point ? traced([[point.px, point.py], [point.px, point.py]]) : "");
    pointAt(point?.c ?? null);
    if (!point) return;
    const lines = described(point, { x, y });
    box.replaceChildren(...lines.map((line) => Object.assign(document.createElement("div"), { textContent: line })));
    const right = point.px > svg.clientWidth / 2;
    Object.assign(box.style, {
      left: right ? "" : `${point.px + 12}px`,
      right: right ? `${svg.clientWidth - point.px + 12}px` : "",
      top: `${point.py}px`,
    });
    if (aloud) said.textContent = lines.join(", ");
  };
  const leave = () => show(null);
  const at = (/** @type {PointerEvent} */ { clientX, clientY }) => {
    const { left, top } = svg.getBoundingClientRect();
    show(nearest(points, clientX - left, clientY - top));
  };
  group.addEventListener("pointermove", at);
  group.addEventListener("pointerdown", at);
  group.addEventListener("pointerleave", leave);
  group.addEventListener("blur", leave);
  group.addEventListener("focus", () => {
    if (group.matches(":focus-visible")) show(points[0] ?? null, true);
  });
  group.addEventListener("click", (event) => {
    const named = /** @type {Element} */ (event.target).closest("text[data-c]");
    const c = named ? Number(named.getAttribute("data-c")) : current?.c;
    if (c != null) toggle(c);
  });
  group.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") {
      group.blur();
    } else if (event.key === "Enter" || event.key === " ") {
      if (current?.c != null) toggle(current.c);
    } else if (/^(Arrow|Home|End)/.test(event.key) && points.length) {
      show(current ? stepped(points, current, event.key) : points[0], true);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
