// @ts-check
/** Live figures: each static picture gives way to one that can be read, changed and taken along. */

import { brushes } from "./brushes.js";
import { pathIn, svgIn, textIn, traced, widthOf, wrapped } from "./drawing.js";
import { exportMenu } from "./export.js";
import { attend, repaint } from "./highlight.js";
import { drawPanels } from "./panels.js";
import { readable } from "./readout.js";
import { read, write } from "./state.js";
import { filled, WORDS } from "./words.js";

/**
 * @typedef {import("./panels.js").Figure} Figure
 * @typedef {import("./panels.js").View} View
 * @typedef {import("./points.js").Mark} Mark
 * @typedef {{name: string, look: string, color: string, hidden: boolean,
 *   covers: (mark: Mark) => boolean}} Entry of a legend
 */

// Px; what is narrower is not in sight.
const LEAST = 150;

/**
 * Put live figures in the place of a study's static ones.
 * @param {Element} article
 * @param {{figures?: Record<string, Figure>} | undefined} study
 */
export function enlivenFigures(article, study) {
  attend(article);
  for (const [name, figure] of Object.entries(study?.figures ?? {})) {
    const picture = article.querySelector(`[data-figure="${CSS.escape(name)}"] .picture`);
    if (!picture || picture.querySelector(".live")) continue;
    const file = `${article.id.replace("study-", "")}-${name}`;
    picture.append(liveFigure(figure, name, file));
  }
}

/**
 * @param {Figure} figure
 * @param {string} name
 * @param {string} file its name without ending
 */
function liveFigure(figure, name, file) {
  const live = document.createElement("div");
  live.className = "live";
  live.innerHTML = "<div class=choices></div><svg></svg><div class=readout hidden></div><p class=unseen aria-live=polite></p>";
  const [choices, svg, box, said] = /** @type {[HTMLElement, SVGElement, HTMLElement, HTMLElement]} */ (
    /** @type {unknown} */ ([...live.children]));
  const marks = figure.panels.flatMap((panel) => panel.marks);
  const entries = legendOf(figure, marks);
  /** @type {View} */
  const view = { ...stateOf(figure, name), hides: (mark) => entries.some((entry) => entry.hidden && entry.covers(mark)) };
  let width = 0;

  const draw = () => {
    const focus = [...svg.querySelectorAll("[tabindex]")].indexOf(/** @type {Element} */ (document.activeElement));
    svg.replaceChildren();
    const top = drawLegend(svg, entries, width, draw);
    const { read: panels, bottom } = drawPanels(svg, figure, view, width, top);
    const size = { width, height: Math.ceil(bottom), role: "group", "aria-label": figure.alt };
    for (const [key, value] of Object.entries(size)) svg.setAttribute(key, `${value}`);
    for (const panel of panels) readable(panel, { svg, box, said });
    repaint();
    /** @type {SVGElement | undefined} */ (svg.querySelectorAll("[tabindex]")[focus])?.focus();
  };
  choices.append(...choicesOf(figure, marks, name, view, draw), exportMenu(figure, svg, file));
  const parallel = marks.find(({ kind }) => kind === "Parallel");
  if (parallel) live.append(brushes(parallel));
  new ResizeObserver(() => {
    if (live.clientWidth < LEAST || live.clientWidth === width) return;
    width = live.clientWidth;
    draw();
  }).observe(live);
  return live;
}

/**
 * How a figure is shown, as the address says.
 * @param {Figure} figure
 * @param {string} name
 */
function stateOf({ panels }, name) {
  const { values } = read();
  const usual = ["x", "y"].filter((which) => panels.some((panel) => panel[/** @type {"x"} */ (which)]?.log));
  const known = (/** @type {string} */ key) => values.get(`${key}.${name}`) ?? "";
  return { log: known("log") || usual.join(""), smooth: known("smooth"), runs: known("runs"), ends: known("ends") };
}

/**
 * What a reader may change.
 * @param {Figure} figure
 * @param {Mark[]} marks
 * @param {string} name
 * @param {View} view
 * @param {() => void} draw
 */
function choicesOf({ panels }, marks, name, view, draw) {
  const words = WORDS.figures;
  /** @type {HTMLElement[]} */
  const choices = [];
  const set = (/** @type {"log" | "smooth" | "runs" | "ends"} */ key, /** @type {string} */ value) => {
    view[key] = value;
    write({ values: { [`${key}.${name}`]: value || null } });
    draw();
  };
  const offer = (/** @type {string} */ textContent, /** @type {() => boolean} */ on, /** @type {() => void} */ change) => {
    const button = Object.assign(document.createElement("button"), { textContent });
    const show = () => button.setAttribute("aria-pressed", `${on()}`);
    button.onclick = () => {
      change();
      show();
    };
    show();
    choices.push(button);
  };
  for (const which of /** @type {const} */ (["x", "y"])) {
    if (!panels.some((panel) => panel[which]?.switch)) continue;
    const on = () => view.log.includes(which);
    offer(filled(words.log, which), on, () =>
      set("log", on() ? view.log.replace(which, "") || "-" : view.log.replace("-", "") + which));
  }
  const smooth = marks.some((mark) => mark.smooth);
  for (const key of /** @type {const} */ (["runs", "ends"])) {
    if (!(key === "ends" ? smooth : marks.some((mark) => mark.on_demand))) continue;
    offer(words[key], () => !!view[key], () => set(key, view[key] ? "" : "1"));
  }
  if (smooth) {
    const select = document.createElement("select");
    select.ariaLabel = words.smoothing;
    for (const span of ["", "3", "9", "27"]) {
      select.add(new Option(span ? filled(words.smooth, span) : words.raw, span, false, span === view.smooth));
    }
    select.onchange = () => set("smooth", select.value);
    choices.push(select);
  }
  return choices;
}

/**
 * What the legend explains: the figure's own names, else those of lines, dots and rules.
 * @param {Figure} figure
 * @param {Mark[]} marks
 * @returns {Entry[]}
 */
function legendOf({ panels, legend }, marks) {
  const rows = panels.flatMap(({ x, y }) => [...(x?.names ?? []), ...(y?.names ?? [])]);
  const named = marks.filter(({ name, kind, on_demand }) =>
    name && !rows.includes(name) && !on_demand && kind !== "Bars");
  return (legend ? Object.keys(legend) : [...new Set(named.map(({ name }) => name ?? ""))]).map((name) => {
    const own = marks.find((mark) => mark.name === name);
    const color = legend?.[name] ?? own?.color ?? (own?.kind === "Rule" ? "muted" : "main");
    const looks = { Line: own?.dashed ? "line dashed" : "line", Rule: "rule" };
    return {
      name,
      color,
      look: looks[/** @type {"Line"} */ (own?.kind ?? "")] ?? "dot key",
      hidden: false,
      covers: (mark) => (own ? mark.name === name : (mark.color ?? "main") === color),
    };
  });
}

/**
 * @param {Element} svg
 * @param {Entry[]} entries
 * @param {number} width
 * @param {() => void} draw
 */
function drawLegend(svg, entries, width, draw) {
  let [left, top] = [4, 14];
  for (const entry of entries) {
    const [text] = wrapped(entry.name, width - 40, 1);
    const room = widthOf(text) + 46;
    if (left > 4 && left + room > width) [left, top] = [4, top + 20];
    const group = svgIn(svg, "g", { class: "entry", tabindex: 0, role: "button", "aria-pressed": !entry.hidden });
    const long = entry.look === "dot key" ? 0 : 20;
    pathIn(group, traced([[left, top - 4], [left + long, top - 4]]), entry.look, entry.color);
    textIn(group, text, [left + 8 + long, top], "name");
    group.onclick = () => {
      entry.hidden = !entry.hidden;
      draw();
    };
    group.onkeydown = ({ key }) => {
      if (key === "Enter") group.onclick?.(/** @type {any} */ (null));
    };
    left += room;
  }
  return entries.length ? top + 10 : 0;
}
