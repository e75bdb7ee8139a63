// @ts-check
/** Marks of live figures: their numbers as points, and how each kind is drawn. */

import { endOf, placeOf, scaleOf, ticksOf, tickText } from "./axes.js";
import { boxed, pathIn, textIn, traced, widthOf, wrapped } from "./drawing.js";

/**
 * @typedef {import("./axes.js").Axis} Axis
 * @typedef {import("./axes.js").Scale} Scale
 * @typedef {{kind: string, name?: string, color?: string, combination?: number, dashed?: boolean,
 *   thin?: boolean, on_demand?: boolean, smooth?: boolean, [field: string]: any}} Mark of any kind
 * @typedef {{marks: Mark[], x?: Axis, y?: Axis, title?: string, strong?: boolean,
 *   combination?: number, square?: boolean}} Panel
 * @typedef {number | null | undefined} Value
 * @typedef {{kind: string, name: string, c: number | null, px: number, py: number, group: number,
 *   x?: Value, x_low?: Value, x_high?: Value, y?: Value, y_low?: Value, y_high?: Value,
 *   value?: Value | string, text?: string, axis?: Axis, area?: number[]}} Point
 * @typedef {{svg: Element, x: Scale, y: Scale, box: number[], smooth: number}} Frame
 */

/** @type {Record<string, (mark: Mark) => Partial<Point>[]>} */
const POINTS = {
  Line: (mark) => dotted(mark, { y_low: "low", y_high: "high" }),
  Dots: (mark) =>
    dotted(mark, { x_low: "x_low", x_high: "x_high", y_low: "y_low", y_high: "y_high" }),
  Bars: ({ length, places, edges, low, high, texts, combinations, flat }) =>
    length.map((/** @type {Value} */ size, /** @type {number} */ i) => {
      const [across, along] = flat === false ? ["x", "y"] : ["y", "x"];
      return {
        [across]: places?.[i],
        [`${across}_low`]: edges?.[i],
        [`${across}_high`]: edges?.[i + 1],
        [along]: size,
        [`${along}_low`]: low?.[i],
        [`${along}_high`]: high?.[i],
        text: texts?.[i],
        c: combinations?.[i],
      };
    }),
  Cells: ({ values, readouts, texts, combinations }) =>
    values.flatMap((/** @type {Value[]} */ row, /** @type {number} */ y) =>
      row.map((value, x) => ({
        x,
        y,
        value,
        text: readouts?.[y]?.[x] ?? texts?.[y]?.[x],
        c: combinations?.[y]?.[x],
      })),
    ),
  Rule: ({ x, y }) => [{ x, y }],
  Note: ({ row, text }) => [{ y: row, text }],
  Pictures: ({ captions, pixels }) =>
    captions.map((/** @type {string} */ text, /** @type {number} */ i) => ({
      text,
      value: pixels[i].join(" "),
    })),
  Parallel: ({ axes, values, combinations, texts }) =>
    combinations.flatMap((/** @type {number} */ c, /** @type {number} */ line) =>
      axes.map((/** @type {Axis} */ axis, /** @type {number} */ x) => ({
        x,
        y: values[x][line],
        axis,
        c,
        name: texts?.[line],
      })),
    ),
};

/**
 * @param {Mark} mark
 * @param {Record<string, string>} ends
 */
function dotted(mark, ends) {
  return mark.x.map((/** @type {Value} */ x, /** @type {number} */ i) => {
    const point = { x, y: mark.y[i], text: mark.texts?.[i], c: mark.combinations?.[i] };
    for (const [end, field] of Object.entries(ends)) {
      Object.assign(point, { [end]: mark[field]?.[i] });
    }
    return point;
  });
}

/**
 * The numbers of a mark, a point each; places in px follow when it is drawn.
 * @param {Mark} mark
 * @param {Panel} panel
 * @returns {Point[]}
 */
export function pointsOf(mark, panel) {
  const c = mark.combination ?? panel.combination ?? null;
  return POINTS[mark.kind](mark).map((point) => ({
    ...point,
    kind: mark.kind,
    name: point.name ?? mark.name ?? "",
    c: point.c ?? c,
    px: Number.NaN,
    py: Number.NaN,
    group: 0,
  }));
}

/**
 * A moving average over `span` points; a place without a value keeps none.
 * @param {Value[]} values
 * @param {number} span
 */
export function smoothed(values, span) {
  return values.map((value, i) => {
    if (value == null) return null;
    const half = Math.min((span - 1) / 2, i, values.length - 1 - i);
    const near = values.slice(i - half, i + half + 1).filter((each) => each != null);
    return near.reduce((sum, each) => sum + Number(each), 0) / near.length;
  });
}

/**
 * Paths that enclose what lies between the ends of points, as far as both are there.
 * @param {Point[]} points
 * @param {Frame} frame
 */
function band(points, { y }) {
  let d = "";
  /** @type {Point[]} */
  let run = [];
  for (const point of [...points, null]) {
    if (point?.y_low != null && point.y_high != null) {
      run.push(point);
      continue;
    }
    /** @type {[number, number][]} */
    const there = run.map((each) => [each.px, endOf(y, each.y_high)]);
    /** @type {[number, number][]} */
    const back = run.reverse().map((each) => [each.px, endOf(y, each.y_low)]);
    if (run.length) d += `${traced([...there, ...back])}Z`;
    run = [];
  }
  return d;
}

/** @type {Record<string, (mark: Mark, points: Point[], frame: Frame) => void>} */
const DRAWN = {
  Line(mark, points, frame) {
    const { color = "main", on_demand } = mark;
    const c = points[0]?.c;
    const thin = mark.thin || on_demand;
    const look = `line${mark.dashed ? " dashed" : ""}${thin ? " thin" : ""}`;
    const between = band(points, frame);
    if (between) pathIn(frame.svg, between, "band", color, c);
    const raw = frame.smooth > 1 && mark.smooth;
    pathIn(frame.svg, traced(points.map(({ px, py }) => [px, py])), look + (raw ? " raw" : ""), color, c);
    if (!raw) return;
    const values = smoothed(points.map(({ y }) => y), frame.smooth);
    pathIn(frame.svg, traced(points.map(({ px }, i) => [px, placeOf(frame.y, values[i])])), look, color, c);
  },

  Dots(mark, points, { svg, x, y }) {
    const { color = "main", size = 6, sizes, shades, faint, combinations } = mark;
    const each = sizes || shades || combinations;
    const groups = each ? points.map((point) => [point]) : [points];
    groups.forEach((group, i) => {
      const c = group[0]?.c;
      const bars = group.map((point) =>
        (point.x_low == null || point.x_high == null ? "" : traced([[endOf(x, point.x_low), point.py], [endOf(x, point.x_high), point.py]])) +
        (point.y_low == null || point.y_high == null ? "" : traced([[point.px, endOf(y, point.y_low)], [point.px, endOf(y, point.y_high)]])),
      ).join("");
      if (bars) pathIn(svg, bars, "interval", color, c);
      const d = group.map(({ px, py }) => traced([[px, py], [px, py]])).join("");
      const width = sizes?.[i] ?? size;
      if (bars) pathIn(svg, d, "dot", "paper", c).style.strokeWidth = `${width + 2}px`;
      const dot = pathIn(svg, d, faint ? "dot faint" : "dot", color, c);
      dot.style.strokeWidth = `${width}px`;
      if (shades) dot.style.strokeOpacity = String(0.15 + 0.85 * (shades[i] ?? 0));
    });
  },

  Bars(mark, points, { svg, x, y, box }) {
    const { colors, color = "main", flat } = mark;
    const [across, along] = flat === false ? [x, y] : [y, x];
    points.forEach((point, i) => {
      const [middle, low, high, size, least, most] =
        flat === false
          ? [point.x, point.x_low, point.x_high, point.px && point.y, point.y_low, point.y_high]
          : [point.y, point.y_low, point.y_high, point.x, point.x_low, point.x_high];
      const [first, last] =
        middle == null
          ? [placeOf(across, low), placeOf(across, high)]
          : [placeOf(across, middle - 0.36), placeOf(across, middle + 0.36)];
      const center = (first + last) / 2;
      const [start, end] = [endOf(along, 0), endOf(along, size)];
      const turned = (/** @type {number[]} */ [a, b, c, d]) =>
        flat === false ? [a, b, c, d] : [b, a, d, c];
      const [left, top, right, bottom] = turned([first, start, last, end]);
      pathIn(svg, boxed(left, top, right, bottom), "bar", colors?.[i] ?? color, point.c);
      if (least != null && most != null) {
        const [x0, y0, x1, y1] = turned([center, endOf(along, least), center, endOf(along, most)]);
        pathIn(svg, traced([[x0, y0], [x1, y1]]), "interval thin", "ink", point.c);
      }
      [point.px, point.py] = turned([center, end, 0, 0]);
      point.area = flat === false ? [first, box[1], last, box[3]] : [box[0], first, box[2], last];
    });
  },

  Cells(mark, points, { svg, x, y }) {
    const known = points.map(({ value }) => Number(value ?? Number.NaN)).filter(Number.isFinite);
    const [least, most] = [Math.min(...known), Math.max(...known)];
    const columns = mark.values[0]?.length;
    points.forEach((point, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      const [left, right] = [-0.5, 0.5].map((half) => placeOf(x, column + half));
      const [top, bottom] = [-0.5, 0.5].map((half) => placeOf(y, row + half));
      point.area = [left, top, right, bottom];
      if (point.value == null) return;
      const shade = mark.shades?.[row]?.[column] ?? (Number(point.value) - least) / (most - least || 1);
      const color = mark.wrong?.[row]?.[column] ? "bad" : "main";
      const cell = boxed(left + 1, top + 1, right - 1, bottom - 1);
      pathIn(svg, cell, "cell", color, point.c).style.fillOpacity = String(0.06 + 0.9 * shade);
      const text = mark.texts?.[row]?.[column] ?? "";
      if (widthOf(text) > right - left - 2 || bottom - top < 12) return;
      textIn(svg, text, point.px, point.py + 4, shade > 0.72 ? "middle light" : "middle", point.c);
    });
  },

  Rule({ x: at, y: level, color = "muted" }, points, { svg, x, y, box }) {
    const [left, top, right, bottom] = box;
    const [{ px, py }] = points;
    const [low, high] = [Math.max(x.low, y.low), Math.min(x.high, y.high)];
    /** @type {[number, number][]} */
    const ends =
      at != null
        ? [[px, top], [px, bottom]]
        : level != null
          ? [[left, py], [right, py]]
          : [[placeOf(x, low), placeOf(y, low)], [placeOf(x, high), placeOf(y, high)]];
    pathIn(svg, traced(ends), "rule", color);
  },

  Note({ text, row, color = "bad" }, [{ py }], { svg, box }) {
    wrapped(text, box[2] - box[0] - 12, row == null ? 3 : 1).forEach((line, i) => {
      const place = row == null ? box[1] + 14 : py + 4;
      textIn(svg, line, box[2] - 4, place + 15 * i, "end note").style.setProperty("--c", `var(--${color})`);
    });
  },

  Pictures({ pixels, side, captions }, points, { svg, box }) {
    const across = Math.max(1, Math.floor((box[2] - box[0]) / PICTURE));
    points.forEach((point, i) => {
      const left = box[0] + PICTURE * (i % across);
      const top = box[1] + (PICTURE + 16) * Math.floor(i / across);
      const size = (PICTURE - 12) / side;
      /** @type {string[]} */
      const levels = [];
      pixels[i].forEach((/** @type {number} */ grey, /** @type {number} */ at) => {
        const [x, y] = [left + size * (at % side), top + size * Math.floor(at / side)];
        const level = Math.round(grey / 17);
        levels[level] = (levels[level] ?? "") + boxed(x, y, x + size, y + size);
      });
      levels.forEach((d, level) => {
        if (level) pathIn(svg, d, "pixels").style.fillOpacity = String(level / 15);
      });
      wrapped(captions[i], PICTURE - 4, 2).forEach((line, row) => {
        textIn(svg, line, left, top + PICTURE + 12 * row, "small");
      });
      point.area = [left, top, left + PICTURE - 12, top + PICTURE + 16];
      [point.px, point.py] = [left + PICTURE / 2 - 6, top + PICTURE / 2 - 6];
    });
  },

  Parallel({ axes, values, combinations, shades }, points, { svg, box }) {
    const [left, top, right, bottom] = box;
    const spacing = (right - left) / axes.length;
    axes.forEach((/** @type {Axis} */ axis, /** @type {number} */ i) => {
      const scale = scaleOf(axis, values[i], axis.log ?? false);
      const at = left + spacing * (i + 0.5);
      [scale.from, scale.to] = [bottom - 6, top + 40];
      points.forEach((point, place) => {
        if (place % axes.length === i) [point.px, point.py] = [at, placeOf(scale, point.y)];
      });
      pathIn(svg, traced([[at, scale.from], [at, scale.to]]), "axis", "muted");
      wrapped(axis.label ?? "", spacing - 6, 2).forEach((line, row) => {
        textIn(svg, line, at, top + 14 + 13 * row, "middle");
      });
      for (const tick of ticksOf(scale, 4)) {
        const [text] = wrapped(tickText(scale, tick), spacing - 10, 1);
        textIn(svg, text, at + 4, placeOf(scale, tick) + 4, "small over");
      }
    });
    combinations.forEach((/** @type {number} */ c, /** @type {number} */ line) => {
      const own = points.slice(line * axes.length, (line + 1) * axes.length);
      const path = pathIn(svg, traced(own.map(({ px, py }) => [px, py])), "line", "main", c);
      path.style.strokeOpacity = String(shades ? 0.15 + 0.85 * (shades[line] ?? 0) : 0.6);
      svg.prepend(path);
    });
  },
};

export const PICTURE = 84; // px from one small image to the next

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
