// @ts-check
/** How each kind of mark is drawn. */

import { endOf, placeOf, scaleOf, ticksOf, tickText } from "./axes.js";
import { boxed, pathIn, textIn, traced, widthOf, wrapped } from "./drawing.js";

/**
 * @typedef {import("./axes.js").Axis} Axis
 * @typedef {import("./axes.js").Scale} Scale
 * @typedef {import("./axes.js").Value} Value
 * @typedef {import("./drawing.js").Place} Place
 * @typedef {import("./points.js").Mark} Mark
 * @typedef {import("./points.js").Point} Point
 * @typedef {{group: Element, svg: Element, x: Scale, y: Scale, box: number[], smooth: number}} Frame
 */

// Px from one small image to the next, and of a note beside its row.
export const PICTURE = 84;
export const NOTE = 86;

/**
 * A moving average over `span` points; a place without a value keeps none.
 * @param {Value[]} values
 * @param {number} span
 */
function smoothed(values, span) {
  return values.map((value, i) => {
    if (value == null) return null;
    const half = Math.min((span - 1) / 2, i, values.length - 1 - i);
    const near = values.slice(i - half, i + half + 1).filter((each) => each != null);
    return near.reduce((sum, each) => sum + each, 0) / near.length;
  });
}

/**
 * What lies between the ends of points, as far as both are there.
 * @param {Point[]} points
 * @param {Scale} y
 */
function band(points, y) {
  let d = "";
  /** @type {Place[]} */
  let edge = [];
  for (const { px, y_low, y_high } of [...points, { px: 0, y_low: null, y_high: null }]) {
    if (y_low != null && y_high != null) {
      edge.push([px, endOf(y, y_high)]);
      edge.unshift([px, endOf(y, y_low)]);
    } else if (edge.length) {
      d += `${traced(edge)}Z`;
      edge = [];
    }
  }
  return d;
}

/** @type {Record<string, (mark: Mark, points: Point[], frame: Frame) => void>} */
const DRAWN = {
  Line({ color = "main", dashed, thin, on_demand, smooth }, points, { svg, y, smooth: span }) {
    const look = `line${dashed ? " dashed" : ""}${thin || on_demand ? " thin" : ""}`;
    const line = (/** @type {number[]} */ ys, /** @type {string} */ more) =>
      pathIn(svg, traced(points.map(({ px }, i) => [px, ys[i]])), look + more, color, points[0]?.c);
    pathIn(svg, band(points, y), "band", color, points[0]?.c);
    const averaged = smooth && span > 1;
    line(points.map(({ py }) => py), averaged ? " raw" : "");
    if (!averaged) return;
    line(smoothed(points.map((point) => point.y), span).map((value) => placeOf(y, value)), "");
  },

  Dots({ color = "main", size = 6, sizes, shades, faint, hollow, combinations }, points, { svg, x, y }) {
    const single = sizes ?? shades ?? combinations;
    (single ? points.map((point) => [point]) : [points]).forEach((group, i) => {
      const c = group[0]?.c;
      const ends = group.map(({ px, py, ...ends }) =>
        traced([[endOf(x, ends.x_low), py], [endOf(x, ends.x_high), py], [NaN, 0],
          [px, endOf(y, ends.y_low)], [px, endOf(y, ends.y_high)]])).join("");
      const d = group.map(({ px, py }) => traced([[px, py], [px, py]])).join("");
      const dot = (/** @type {string} */ look, /** @type {string} */ paint, /** @type {number} */ more) => {
        const path = pathIn(svg, d, look, paint, c);
        path.style.strokeWidth = `${(sizes?.[i] ?? size) + more}px`;
        return path;
      };
      pathIn(svg, ends, "interval", color, c);
      if (ends) dot("dot", "paper", 2);
      const path = dot(faint ? "dot faint" : "dot", color, 0);
      if (hollow) dot("dot", "paper", -3);
      if (shades) path.style.strokeOpacity = `${0.15 + 0.85 * shades[i]}`;
    });
  },

  Bars({ flat, color = "main", colors }, points, { svg, x, y, box }) {
    const upright = flat === false;
    const [across, along] = upright ? [x, y] : [y, x];
    /** @type {("x" | "y")[]} */
    const [a, b] = upright ? ["x", "y"] : ["y", "x"];
    const at = (/** @type {number} */ first, /** @type {number} */ second) =>
      /** @type {Place} */ (upright ? [first, second] : [second, first]);
    points.forEach((point, i) => {
      const middle = point[a];
      const [first, last] = [point[`${a}_low`], point[`${a}_high`]].map((edge, end) =>
        placeOf(across, middle == null ? edge : middle + (end ? 0.36 : -0.36)));
      const center = (first + last) / 2;
      const [low, high, end] = [point[`${b}_low`], point[`${b}_high`], point[b]].map((value) => endOf(along, value));
      pathIn(svg, boxed(at(first, endOf(along, 0)), at(last, end)), "bar", colors?.[i] ?? color, point.c);
      pathIn(svg, traced([at(center, low), at(center, high)]), "interval thin", "ink", point.c);
      [point.px, point.py] = at(center, end);
      point.area = upright ? [first, box[1], last, box[3]] : [box[0], first, box[2], last];
    });
  },

  Cells({ values, shades, texts, wrong }, points, { svg, x, y }) {
    const known = values.flat().filter((/** @type {Value} */ value) => value != null);
    const [least, most] = [Math.min(...known), Math.max(...known)];
    for (const point of points) {
      const [row, column] = [Number(point.y), Number(point.x)];
      const [left, right] = [-0.5, 0.5].map((half) => placeOf(x, column + half));
      const [top, bottom] = [-0.5, 0.5].map((half) => placeOf(y, row + half));
      point.area = [left, top, right, bottom];
      if (point.value == null) continue;
      const shade = shades?.[row][column] ?? (Number(point.value) - least) / (most - least || 1);
      const cell = boxed([left + 1, top + 1], [right - 1, bottom - 1]);
      const path = pathIn(svg, cell, "cell", wrong?.[row][column] ? "bad" : "main", point.c);
      path.style.fillOpacity = `${0.06 + 0.9 * shade}`;
      const text = texts?.[row][column] ?? "";
      if (widthOf(text) > right - left - 2) continue;
      textIn(svg, text, [point.px, point.py + 4], shade > 0.72 ? "middle light" : "middle name", point.c);
    }
  },

  Rule({ color = "muted", ...rule }, [{ px, py }], { svg, x, y, box }) {
    const [low, high] = [Math.max(x.low, y.low), Math.min(x.high, y.high)];
    /** @type {Place[]} */
    let ends = [[placeOf(x, low), placeOf(y, low)], [placeOf(x, high), placeOf(y, high)]];
    if (rule.x != null) ends = [[px, box[1]], [px, box[3]]];
    if (rule.y != null) ends = [[box[0], py], [box[2], py]];
    pathIn(svg, traced(ends), "rule", color);
  },

  Note({ text, row, color = "bad" }, [{ py }], { group, box: [, top, right] }) {
    const lines = wrapped(text, row == null ? right : NOTE, 3);
    lines.forEach((line, i) => {
      const place = row == null ? top + 12 + 14 * i : py + 4 + 13 * (i - (lines.length - 1) / 2);
      const note = textIn(group, line, [right + (row == null ? -4 : 6), place], row == null ? "end note" : "note");
      note.style.setProperty("--c", `var(--${color})`);
    });
  },

  Pictures({ pixels, side, captions }, points, { svg, box }) {
    const across = Math.max(1, Math.floor((box[2] - box[0]) / PICTURE));
    const size = (PICTURE - 12) / side;
    points.forEach((point, i) => {
      const left = box[0] + PICTURE * (i % across);
      const top = box[1] + (PICTURE + 16) * Math.floor(i / across);
      const levels = Array(16).fill("");
      pixels[i].forEach((/** @type {number} */ grey, /** @type {number} */ at) => {
        const [x, y] = [left + size * (at % side), top + size * Math.floor(at / side)];
        levels[Math.round(grey / 17)] += boxed([x, y], [x + size, y + size]);
      });
      levels.forEach((d, level) => {
        pathIn(svg, d, "cell").style.fillOpacity = `${level / 15}`;
      });
      wrapped(captions[i], PICTURE - 4, 2).forEach((line, row) => {
        textIn(svg, line, [left, top + PICTURE + 12 * row], "little");
      });
      point.area = [left, top, left + PICTURE - 12, top + PICTURE + 16];
      [point.px, point.py] = [left + PICTURE / 2, top + PICTURE / 2];
    });
  },

  Parallel({ axes, values, combinations, shades }, points, { svg, box }) {
    const [left, top, right, bottom] = box;
    const spacing = (right - left) / axes.length;
    const scales = axes.map((/** @type {Axis} */ axis, /** @type {number} */ i) =>
      ({ ...scaleOf(axis, values[i]), from: bottom - 6, to: top + 40 }));
    for (const point of points) {
      point.px = left + spacing * (Number(point.x) + 0.5);
      point.py = placeOf(scales[Number(point.x)], point.y);
    }
    combinations.forEach((/** @type {number} */ c, /** @type {number} */ i) => {
      const own = points.filter(({ group }) => group === i);
      const path = pathIn(svg, traced(own.map(({ px, py }) => [px, py])), "line", "main", c);
      path.style.strokeOpacity = `${0.15 + 0.85 * (shades?.[i] ?? 0.5)}`;
    });
    scales.forEach((/** @type {Scale} */ scale, /** @type {number} */ i) => {
      const at = left + spacing * (i + 0.5);
      pathIn(svg, traced([[at, bottom - 6], [at, top + 40]]), "axis", "muted");
      wrapped(scale.axis.label ?? "", spacing - 6, 2).forEach((line, row) => {
        textIn(svg, line, [at, top + 14 + 13 * row], "middle");
      });
      for (const tick of ticksOf(scale, 4)) {
        const [text] = wrapped(tickText(scale, tick), spacing - 10, 1);
        textIn(svg, text, [at + 4, placeOf(scale, tick) + 4], "little over");
      }
    });
  },
};

/**
 * @param {Mark} mark
 * @param {Point[]} points they get their places in px
 * @param {Frame} frame
 */
export function drawMark(mark, points, frame) {
  for (const point of points) {
    point.px = placeOf(frame.x, point.x);
    point.py = placeOf(frame.y, point.y);
  }
  DRAWN[mark.kind](mark, points, frame);
}
