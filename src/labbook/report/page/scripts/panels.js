// @ts-check
/** The panels of a figure in a grid. */

import { scaleOf } from "./axes.js";
import { boxed, pathIn, svgIn, textIn, wrapped } from "./drawing.js";
import { drawFoot, drawSide, footOf, sideOf } from "./frames.js";
import { PICTURE } from "./full_marks.js";
import { drawMark, NOTE } from "./marks.js";
import { pointsOf } from "./points.js";
import { filled, WORDS } from "./words.js";

/**
 * @typedef {import("./axes.js").Scale} Scale
 * @typedef {import("./axes.js").Value} Value
 * @typedef {import("./points.js").Mark} Mark
 * @typedef {import("./points.js").Panel} Panel
 * @typedef {import("./points.js").Point} Point
 * @typedef {{title: string, caption: string, alt: string, panels: Panel[], columns?: number,
 *   height?: number, width?: number, share_x?: boolean, share_y?: boolean,
 *   legend?: Record<string, string>}} Figure
 * @typedef {{log: string, smooth: string, runs: string, ends: string,
 *   hides: (mark: Mark) => boolean}} View
 * @typedef {{mark: Mark, points: Point[]}} Drawing of a mark
 * @typedef {{panel: Panel, drawings: Drawing[], x: Scale, y: Scale, box: number[], side: number,
 *   labels: {x: boolean, y: boolean}, free: boolean}} Part
 */

const NARROWEST = 205;
const LINE = 15;

/**
 * The numbers of marks along an axis; of lines only their last third, if the ends are asked for.
 * @param {Drawing[]} drawings
 * @param {"x" | "y"} which
 * @param {boolean} ends
 * @returns {Value[]}
 */
function numbersOf(drawings, which, ends) {
  return drawings.flatMap(({ mark, points }) => {
    if (mark.on_demand || mark.kind === "Parallel") return [];
    if (ends && !mark.smooth) return [];
    const zero = mark.kind === "Bars" && (mark.flat === false) === (which === "y") ? [0] : [];
    return points.slice(ends ? -points.length / 3 : 0).reduce(
      (all, point) => {
        all.push(point[which]);
        if (!ends) all.push(point[`${which}_low`], point[`${which}_high`]);
        return all;
      },
      /** @type {Value[]} */ (zero),
    );
  });
}

/**
 * @param {Figure} figure
 * @param {View} view
 * @param {number} columns
 * @returns {Part[]}
 */
function partsOf({ panels, ...shared }, view, columns) {
  const every = panels.map((panel) =>
    panel.marks
      .filter((mark) => !view.hides(mark) && (view.runs || !mark.on_demand))
      .map((mark) => ({ mark, points: pointsOf(mark, panel) })),
  );
  return panels.map((panel, i) => {
    const scale = (/** @type {"x" | "y"} */ which) => {
      const near = shared[`share_${which}`] ? every.flat() : every[i];
      const axis = panel[which] ?? {};
      const ends = which === "y" && view.ends ? numbersOf(near, which, true) : [];
      const log = axis.switch ? view.log.includes(which) : axis.log;
      const usual = ends.length ? { ...axis, low: undefined, high: undefined } : axis;
      return scaleOf(usual, ends.length ? ends : numbersOf(near, which, false), log);
    };
    const free = panel.marks.some(({ kind }) => kind === "Parallel" || kind === "Pictures");
    const labels = {
      x: !shared.share_x || i + columns >= panels.length,
      y: !shared.share_y || i % columns === 0,
    };
    return {
      panel,
      drawings: every[i],
      x: scale("x"),
      y: scale("y"),
      box: [],
      side: 0,
      labels,
      free,
    };
  });
}

const isPictures = (/** @type {Mark} */ { kind }) => kind === "Pictures";

/**
 * The least height of a panel's drawing: rows with names and small images have theirs.
 * @param {Part} part
 * @param {number} width
 */
function leastHeight({ panel, y }, width) {
  const images = panel.marks.find(isPictures)?.captions.length ?? 0;
  const rows = Math.ceil(images / Math.max(1, Math.floor(width / PICTURE)));
  return Math.max(90, (y.axis.names?.length ?? 0) * (width < 300 ? 28 : 17), rows * (PICTURE + 16));
}

/**
 * Draw all panels; what of them can be read out.
 * @param {Element} svg
 * @param {Figure} figure
 * @param {View} view
 * @param {number} width
 * @param {number} top
 */
export function drawPanels(svg, figure, view, width, top) {
  const { panels, columns: most = 1, height = 2.6, width: inches = 7.4 } = figure;
  const columns = Math.max(1, Math.min(most, panels.length, Math.floor(width / NARROWEST)));
  const parts = partsOf(figure, view, columns);
  const sides = Array(columns).fill(0);
  parts.forEach((part, i) => {
    sides[i % columns] = Math.max(sides[i % columns], sideOf(part, width / columns));
  });
  const noted = panels.some(({ marks }) => marks.some(({ row }) => row != null));
  const beside = noted ? NOTE : 14;
  const plot = (width - sides.reduce((sum, side) => sum + side + beside, 0)) / columns;
  const tall = height * Math.min(Math.max(width / inches, 84), 112);
  /** @type {import("./readout.js").Read[]} */
  const read = [];
  let bottom = top;
  for (let first = 0; first < parts.length; first += columns) {
    const row = parts.slice(first, first + columns).map((part) => {
      const { title, strong, marks } = part.panel;
      const legends = marks.flatMap(({ legend }) => legend ?? []);
      const heading = [title, ...legends].flatMap((text) =>
        text ? wrapped(text, strong ? 0.9 * plot : plot, 3) : [],
      );
      return { part, heading, foot: footOf(part, plot) };
    });
    const above = 10 + LINE * Math.max(...row.map(({ heading }) => heading.length));
    const under = Math.max(...row.map(({ foot }) => foot.height));
    const images = row.every(({ part }) => part.panel.marks.some(isPictures)); // as high as they are
    const usual = images ? 0 : tall - above - under;
    let high = Math.max(usual, ...row.map(({ part }) => leastHeight(part, plot)));
    if (row.some(({ part }) => part.panel.square)) high = Math.min(plot, Math.max(high, 240));
    let left = 0;
    row.forEach(({ part, heading, foot }, i) => {
      part.side = sides[i];
      left += sides[i];
      const right = left + (part.panel.square ? high : plot);
      part.box = [left, bottom + above, right, bottom + above + high];
      read.push(drawPart(svg, part, heading, foot, figure.title, Number(view.smooth)));
      left += plot + beside;
    });
    bottom += above + high + under + 8;
  }
  return { read, bottom };
}

/**
 * @param {Element} svg
 * @param {Part} part
 * @param {string[]} heading
 * @param {ReturnType<typeof footOf>} foot
 * @param {string} title of the figure
 * @param {number} smooth
 */
function drawPart(svg, part, heading, foot, title, smooth) {
  const { panel, drawings, x, y, box } = part;
  const [left, top, right, bottom] = box;
  [x.from, x.to] = [left, right];
  [y.from, y.to] = y.axis.names ? [top, bottom] : [bottom, top];
  const label = filled(WORDS.figures.keys, panel.title ?? title);
  const group = svgIn(svg, "g", {
    class: "panel",
    tabindex: 0,
    role: "application",
    "aria-label": label,
  });
  pathIn(group, boxed([left, top], [right, bottom]), "aid");
  heading.forEach((text, i) => {
    const place = top - 8 - LINE * (heading.length - 1 - i);
    textIn(group, text, [left, place], panel.strong ? "name strong" : "name", panel.combination);
  });
  if (!part.free) {
    drawSide(group, part);
    drawFoot(group, part, foot);
  }
  const [wide, high] = [right - left + 12, bottom - top + 12];
  const view = { x: left - 6, y: top - 6, width: wide, height: high };
  const clip = svgIn(group, "svg", { ...view, viewBox: Object.values(view).join(" ") });
  /** @type {Point[]} */
  const points = [];
  drawings.forEach(({ mark, points: own }, i) => {
    drawMark(mark, own, { group, svg: clip, x, y, box, smooth });
    for (const point of mark.kind === "Rule" || mark.kind === "Note" ? [] : own) {
      if (mark.kind !== "Parallel") point.group = y.axis.names ? Math.round(point.y ?? i) : i;
      const within = point.px > left - 6 && point.px < right + 6;
      if (within && point.py > top - 6 && point.py < bottom + 6) points.push(point);
    }
  });
  return { group, ring: pathIn(group, "", "aid ring"), points, x: x.axis, y: y.axis };
}
