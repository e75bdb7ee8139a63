// @ts-check
/** The panels of a figure in a grid: their axes, titles and marks. */

import { placeOf, scaleOf, ticksOf, tickText } from "./axes.js";
import { boxed, pathIn, svgIn, textIn, traced, widthOf, wrapped } from "./drawing.js";
import { drawMark, PICTURE, pointsOf } from "./marks.js";
import { filled, WORDS } from "./words.js";

/**
 * @typedef {import("./axes.js").Axis} Axis
 * @typedef {import("./axes.js").Scale} Scale
 * @typedef {import("./marks.js").Mark} Mark
 * @typedef {import("./marks.js").Panel} Panel
 * @typedef {import("./marks.js").Point} Point
 * @typedef {import("./readout.js").Drawn} Drawn
 * @typedef {{title: string, caption: string, alt: string, panels: Panel[], columns?: number,
 *   height?: number, width?: number, share_x?: boolean, share_y?: boolean,
 *   legend?: Record<string, string>}} Figure
 * @typedef {{figure: Figure, log: Set<string>, smooth: number, runs: boolean, ends: boolean,
 *   hides: (mark: Mark) => boolean}} View
 * @typedef {{panel: Panel, marks: [Mark, Point[]][], x: Scale, y: Scale, free: boolean,
 *   column: number, row: number, labels: {x: boolean, y: boolean}}} Part
 */

const NARROWEST = 205; // px of a panel; fewer columns where they would be narrower
const LINE = 15; // px of a line of text
const RIGHT = 14; // px beside a panel, for half a tick's text

/**
 * The numbers of a panel along an axis.
 * @param {[Mark, Point[]][]} marks
 * @param {"x" | "y"} which
 */
function numbersOf(marks, which) {
  const beyond = marks.filter(([mark]) => !mark.on_demand);
  return beyond.flatMap(([mark, points]) => {
    const along = (mark.flat === false ? "y" : "x") === which;
    const zero = mark.kind === "Bars" && along ? [0] : [];
    const own = mark.kind === "Parallel" ? [] : points;
    return [...zero, ...own.flatMap((point) => [point[which], point[`${which}_low`], point[`${which}_high`]])];
  });
}

/**
 * The values of lines in the last third of their x, to see how they end.
 * @param {[Mark, Point[]][]} marks
 */
function endsOf(marks) {
  return marks.filter(([mark]) => mark.smooth && !mark.on_demand).flatMap(([, points]) => {
    const from = Number(points.at(-1)?.x) - (Number(points.at(-1)?.x) - Number(points[0]?.x)) / 3;
    return points.filter(({ x }) => Number(x) >= from).map(({ y }) => y);
  });
}

/**
 * @param {View} view
 * @param {number} columns
 * @returns {Part[]}
 */
function partsOf({ figure, log, runs, ends, hides }, columns) {
  const { panels, share_x, share_y } = figure;
  const marks = panels.map((panel) => panel.marks
    .filter((mark) => !hides(mark) && (runs || !mark.on_demand))
    .map((mark) => /** @type {[Mark, Point[]]} */ ([mark, pointsOf(mark, panel)])));
  return panels.map((panel, i) => {
    const scale = (/** @type {"x" | "y"} */ which, /** @type {boolean | undefined} */ shared) => {
      const axis = panel[which] ?? {};
      const near = shared ? marks.flat() : marks[i];
      const close = which === "y" && ends ? endsOf(near) : [];
      const free = close.length ? { ...axis, low: undefined, high: undefined } : axis;
      const logarithmic = axis.switch ? log.has(which) : axis.log;
      return scaleOf(free, close.length ? close : numbersOf(near, which), logarithmic ?? false);
    };
    const [column, row] = [i % columns, Math.floor(i / columns)];
    return {
      panel,
      marks: marks[i],
      x: scale("x", share_x),
      y: scale("y", share_y),
      free: panel.marks.some(({ kind }) => kind === "Parallel" || kind === "Pictures"),
      column,
      row,
      labels: { x: !share_x || i + columns >= panels.length, y: !share_y || column === 0 },
    };
  });
}

/**
 * Room for the y axis at the left, its names in lines.
 * @param {Part} part
 * @param {number} cell width of a column
 */
function leftOf({ y, labels, free }, cell) {
  if (free || !labels.y) return 8;
  const most = y.axis.names?.length ? 0.42 * cell : cell;
  const texts = ticksOf(y, 5).map((tick) => Math.min(widthOf(tickText(y, tick), y.axis.strong === tick), most));
  return Math.max(0, ...texts) + 10 + (y.axis.label ? LINE + 2 : 0);
}

/**
 * The texts of ticks along x: names in lines, or upright where they do not fit.
 * @param {Part} part
 * @param {number} width
 */
function below({ x, labels, free }, width) {
  if (free || !labels.x) return { ticks: [], upright: false, label: [], height: 6 };
  const { names, label } = x.axis;
  const spacing = names ? width / names.length : width;
  const widest = Math.max(0, ...(names ?? []).flatMap((name) => name.split(" ")).map((word) => widthOf(word)));
  const upright = widest > spacing - 4;
  const ticks = ticksOf(x, Math.max(2, Math.min(6, width / 75))).map((tick) => ({
    tick,
    lines: wrapped(tickText(x, tick), upright ? 110 : spacing - 4, upright ? 1 : 3),
  }));
  const lines = label ? wrapped(label, width, 2) : [];
  const tall = upright
    ? Math.max(...ticks.map((each) => widthOf(each.lines[0]))) + 8
    : Math.max(1, ...ticks.map((each) => each.lines.length)) * 13;
  return { ticks, upright, label: lines, height: 6 + tall + lines.length * LINE };
}

/**
 * The least height of a panel's drawing: rows with names and small images have theirs.
 * @param {Part} part
 * @param {number} width
 * @param {number} left
 */
function leastHeight({ panel, y }, width, left) {
  const tight = y.axis.names?.some((name) => widthOf(name) > left - 10);
  const rows = (y.axis.names?.length ?? 0) * (tight ? 28 : 17);
  const images = panel.marks.flatMap(({ kind, captions }) => (kind === "Pictures" ? captions : []));
  const across = Math.max(1, Math.floor(width / PICTURE));
  return Math.max(90, rows, Math.ceil(images.length / across) * (PICTURE + 16) + 8);
}

/**
 * @param {Element} svg
 * @param {View} view
 * @param {number} width
 * @param {number} top
 * @returns {{drawn: Drawn[], bottom: number}}
 */
export function drawPanels(svg, view, width, top) {
  const { figure } = view;
  const columns = Math.max(1, Math.min(figure.columns ?? 1, figure.panels.length, Math.floor(width / NARROWEST)));
  const parts = partsOf(view, columns);
  const lefts = Array.from({ length: columns }, (_, column) =>
    Math.max(...parts.filter((part) => part.column === column).map((part) => leftOf(part, width / columns))));
  const plot = (width - lefts.reduce((sum, left) => sum + left + RIGHT, 0)) / columns;
  const tall = (figure.height ?? 2.6) * Math.min(Math.max(width / (figure.width ?? 7.4), 84), 112);
  /** @type {Drawn[]} */
  const drawn = [];
  let bottom = top;
  for (let row = 0; row * columns < parts.length; row++) {
    const own = parts.slice(row * columns, (row + 1) * columns).map((part) => ({
      part,
      heading: headingOf(part.panel, plot),
      foot: below(part, plot),
    }));
    const above = Math.max(...own.map(({ heading }) => heading.length)) * LINE + 6;
    const under = Math.max(...own.map(({ foot }) => foot.height));
    let height = Math.max(tall - above - under, ...own.map(({ part }) => leastHeight(part, plot, lefts[part.column])));
    const square = own.some(({ part }) => part.panel.square);
    if (square) height = Math.min(plot, Math.max(height, 240));
    for (const { part, heading, foot } of own) {
      const left = lefts.slice(0, part.column + 1).reduce((sum, each) => sum + each + RIGHT, -RIGHT) + plot * part.column;
      const box = [left, bottom + above, left + (part.panel.square ? height : plot), bottom + above + height];
      drawn.push(drawPart(svg, part, box, heading, foot, { view, gutter: lefts[part.column] }));
    }
    bottom += above + height + under + 8;
  }
  return { drawn, bottom };
}

/**
 * @param {Panel} panel
 * @param {number} width
 */
function headingOf({ title, strong, marks }, width) {
  const legends = marks.flatMap(({ legend }) => legend ?? []);
  return [
    ...(title ? wrapped(title, width, 3, strong) : []).map((text) => ({ text, look: strong ? "title strong" : "title" })),
    ...legends.flatMap((/** @type {string} */ legend) => wrapped(legend, width, 2)).map((text) => ({ text, look: "" })),
  ];
}

/**
 * @param {Element} svg
 * @param {Part} part
 * @param {number[]} box
 * @param {{text: string, look: string}[]} heading
 * @param {ReturnType<typeof below>} foot
 * @param {{view: View, gutter: number}} more
 * @returns {Drawn}
 */
function drawPart(svg, part, box, heading, foot, { view, gutter }) {
  const { panel, marks, x, y, free } = part;
  const [left, top, right, bottom] = box;
  [x.from, x.to] = [left, right];
  [y.from, y.to] = y.axis.names?.length ? [top, bottom] : [bottom, top];
  const label = filled(WORDS.figures.keys, panel.title || view.figure.title);
  const group = svgIn(svg, "g", { class: "panel", tabindex: 0, role: "application", "aria-label": label });
  pathIn(group, boxed(left, top, right, bottom), "aid");
  heading.forEach(({ text, look }, i) => {
    textIn(group, text, left, top - 6 - LINE * (heading.length - 1 - i), look, panel.combination);
  });
  if (!free) {
    drawRows(group, part, box, gutter);
    drawFoot(group, part, box, foot);
  }
  const [wide, high] = [right - left + 12, bottom - top + 12];
  const clip = svgIn(group, "svg", {
    x: left - 6, y: top - 6, width: wide, height: high, viewBox: [left - 6, top - 6, wide, high].join(" "),
  });
  marks.forEach(([mark, points], i) => {
    drawMark(mark, points, { svg: clip, x, y, box, smooth: view.smooth });
    const lines = mark.axes?.length;
    points.forEach((point, place) => {
      const named = y.axis.names?.length && point.y != null;
      point.group = lines ? Math.floor(place / lines) : named ? Math.round(Number(point.y)) : i;
    });
  });
  const read = marks.flatMap(([mark, points]) => (mark.kind === "Rule" || mark.kind === "Note" ? [] : points));
  const within = read.filter(({ px, py }) => px >= left - 6 && px <= right + 6 && py >= top - 6 && py <= bottom + 6);
  return { group, ring: pathIn(group, "", "aid ring"), points: within, x: x.axis, y: y.axis };
}

/**
 * Ticks and names along y.
 * @param {Element} group
 * @param {Part} part
 * @param {number[]} box
 * @param {number} gutter
 */
function drawRows(group, { y, labels }, [left, top, right, bottom], gutter) {
  const { names, label, combinations, strong } = y.axis;
  for (const tick of ticksOf(y, Math.max(3, Math.min(6, (bottom - top) / 40)))) {
    const at = placeOf(y, tick);
    if (!names?.length) pathIn(group, traced([[left, at], [right, at]]), "grid", "line");
    if (!labels.y) continue;
    const lines = wrapped(tickText(y, tick), gutter - (label ? LINE + 12 : 10), 2, strong === tick);
    lines.forEach((text, i) => {
      const look = `end${names?.length ? " name" : ""}${strong === tick ? " strong" : ""}`;
      textIn(group, text, left - 7, at + 4 + 13 * (i - (lines.length - 1) / 2), look, combinations?.[tick]);
    });
  }
  if (!label || !labels.y) return;
  const [x, middle] = [left - gutter + 12, (top + bottom) / 2];
  const [text] = wrapped(label, bottom - top + 20, 1);
  textIn(group, text, x, middle, "middle").setAttribute("transform", `rotate(-90 ${x.toFixed(1)} ${middle.toFixed(1)})`);
}

/**
 * Ticks, names and the label along x.
 * @param {Element} group
 * @param {Part} part
 * @param {number[]} box
 * @param {ReturnType<typeof below>} foot
 */
function drawFoot(group, { x }, [left, top, right, bottom], { ticks, upright, label, height }) {
  pathIn(group, traced([[left, bottom], [right, bottom]]), "axis", "muted");
  const { names, combinations, strong } = x.axis;
  for (const tick of names?.length ? [] : ticksOf(x, Math.max(2, Math.min(6, (right - left) / 75)))) {
    pathIn(group, traced([[placeOf(x, tick), top], [placeOf(x, tick), bottom]]), "grid", "line");
  }
  for (const { tick, lines } of ticks) {
    const at = placeOf(x, tick);
    const look = `${upright ? "end" : "middle"}${names?.length ? " name" : ""}${strong === tick ? " strong" : ""}`;
    lines.forEach((line, i) => {
      const text = textIn(group, line, at + (upright ? 4 : 0), bottom + (upright ? 6 : 15) + 13 * i, look, combinations?.[tick]);
      if (upright) text.setAttribute("transform", `rotate(-90 ${(at + 4).toFixed(1)} ${(bottom + 6).toFixed(1)})`);
    });
  }
  label.forEach((text, i) => {
    textIn(group, text, (left + right) / 2, bottom + height - 4 - LINE * (label.length - 1 - i), "middle");
  });
}
