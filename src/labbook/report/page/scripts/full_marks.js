// @ts-check
/** Marks that fill a panel: matrices, small images, parallel coordinates. */

import { placeOf, scaleOf, ticksOf, tickText } from "./axes.js";
import { boxed, pathIn, textIn, traced, widthOf, wrapped } from "./drawing.js";

/**
 * @typedef {import("./axes.js").Axis} Axis
 * @typedef {import("./axes.js").Scale} Scale
 * @typedef {import("./axes.js").Value} Value
 */

// Px from one small image to the next.
export const PICTURE = 84;

/** @type {import("./marks.js").Drawn} */
export const FULL = {
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
      textIn(
        svg,
        text,
        [point.px, point.py + 4],
        shade > 0.72 ? "middle light" : "middle name",
        point.c,
      );
    }
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
        if (d && level) pathIn(svg, d, "cell").style.fillOpacity = `${level / 15}`;
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
    const scales = axes.map((/** @type {Axis} */ axis, /** @type {number} */ i) => ({
      ...scaleOf(axis, values[i]),
      from: bottom - 6,
      to: top + 40,
    }));
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
      pathIn(
        svg,
        traced([
          [at, bottom - 6],
          [at, top + 40],
        ]),
        "axis",
        "muted",
      );
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
