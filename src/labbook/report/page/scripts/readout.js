// @ts-check
/** Values read out: by pointer, touch and keys. */

import { traced } from "./drawing.js";
import { point, toggle } from "./highlight.js";
import { digits, number } from "./wording.js";
import { filled, WORDS } from "./words.js";

/**
 * @typedef {import("./axes.js").Axis} Axis
 * @typedef {import("./axes.js").Value} Value
 * @typedef {import("./points.js").Point} Point
 * @typedef {{group: SVGElement, ring: SVGElement, points: Point[], x: Axis, y: Axis}} Read
 * @typedef {{svg: SVGElement, box: HTMLElement, said: HTMLElement}} Places
 */

/**
 * How far a point is from a place; lines are read at the nearest x.
 * @param {Point} point
 * @param {number} x
 * @param {number} y
 */
function distance({ kind, px, py, area: [left, top, right, bottom] = [px, py, px, py] }, x, y) {
  const across = Math.max(left - x, 0, x - right);
  const down = Math.max(top - y, 0, y - bottom);
  if (kind === "Line" || kind === "Parallel") return across + down / 100;
  return Math.hypot(across, down) - (kind === "Dots" ? 10 : 0);
}

/**
 * Where an arrow key leads: along a line, or to the nearest point of the next line up or down.
 * @param {Point[]} points
 * @param {Point} from
 * @param {string} key
 */
function stepped(points, from, key) {
  const own = points.filter(({ group }) => group === from.group).sort((a, b) => a.px - b.px);
  const at = own.indexOf(from);
  const along = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: own.length - 1 }[key];
  if (along != null) return own[along] ?? from;
  const sign = key === "ArrowDown" ? 1 : -1;
  /** @type {Map<number, Point>} */
  const nearest = new Map();
  for (const point of points) {
    const before = nearest.get(point.group) ?? point;
    if (Math.abs(point.px - from.px) <= Math.abs(before.px - from.px)) nearest.set(point.group, point);
  }
  const beyond = (/** @type {Point} */ { py, group }) =>
    sign * (py - from.py || (group - from.group) / 1e6);
  nearest.delete(from.group);
  const others = [...nearest.values()].filter((point) => beyond(point) > 0);
  return others.sort((a, b) => beyond(a) - beyond(b))[0] ?? from;
}

/**
 * A value with its interval, or what lies between two ends.
 * @param {Value} value
 * @param {Value} low
 * @param {Value} high
 */
function valueText(value, low, high) {
  if (low == null && high == null) return value == null ? "" : number(value);
  if (value == null) return filled(WORDS.figures.range, number(low), number(high));
  return filled(WORDS.figures.interval, ...digits([value, low, high]));
}

/**
 * What is said of a point: its names first, then its numbers.
 * @param {Point} point
 * @param {Axis} x
 * @param {Axis} y
 */
function described({ text, value: said, axis, ...point }, x, y) {
  const names = [point.name];
  const lines = text ? [text] : typeof said === "number" ? [number(said)] : [];
  for (const which of /** @type {const} */ (["x", "y"])) {
    const { label, names: known } = axis ?? { x, y }[which];
    const value = point[which];
    if (axis && which === "x") continue;
    const words = known ? known[value ?? -1] : valueText(value, point[`${which}_low`], point[`${which}_high`]);
    if (words) (known && !axis ? names : lines).push(label ? filled(WORDS.figures.of, label, words) : words);
  }
  return [[...new Set(names)].filter(Boolean).join(" · "), ...lines].filter(Boolean);
}

/**
 * Let a panel say its values.
 * @param {Read} read
 * @param {Places} places
 */
export function readable({ group, ring, points, x, y }, { svg, box, said }) {
  /** @type {Point | undefined} */
  let current;

  const say = (/** @type {Point | undefined} */ found, aloud = false) => {
    current = found;
    box.hidden = !found;
    point(found?.c ?? null);
    ring.setAttribute("d", found ? traced([[found.px, found.py], [found.px, found.py]]) : "");
    if (!found) return;
    const { px, py } = found;
    const lines = described(found, x, y);
    box.textContent = lines.join("\n");
    const room = svg.clientWidth - px;
    const right = room < px;
    box.style.cssText = `top:${py}px;${right ? "right" : "left"}:${(right ? room : px) + 12}px`;
    if (aloud) said.textContent = lines.join(", ");
  };
  const follow = (/** @type {MouseEvent} */ { clientX, clientY }) => {
    const { left, top } = svg.getBoundingClientRect();
    const far = (/** @type {Point} */ each) => distance(each, clientX - left, clientY - top);
    const [first, ...others] = points;
    const nearest = others.reduce((best, each) => (far(each) < far(best) ? each : best), first);
    say(nearest && far(nearest) < 60 ? nearest : undefined);
  };
  group.onpointermove = follow;
  group.onpointerdown = follow;
  group.onpointerleave = group.onblur = () => say(undefined);
  group.onfocus = () => {
    if (group.matches(":focus-visible")) say(points[0], true);
  };
  group.onclick = ({ target }) => {
    const named = /** @type {Element} */ (target).closest("text[data-c]")?.getAttribute("data-c");
    const c = named ? Number(named) : current?.c;
    if (c != null) toggle(c);
  };
  group.onkeydown = (event) => {
    const { key } = event;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (key === "Escape") group.blur();
    else if (key === "Enter") current?.c != null && toggle(current.c);
    else if (/^(Arrow|Home|End)/.test(key)) say(current && stepped(points, current, key), true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
}
