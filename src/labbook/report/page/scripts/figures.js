// @ts-check
/** Live figures: each static picture gives way to one that can be read, changed and taken along. */

import { svgIn, pathIn, textIn, traced, widthOf } from "./drawing.js";
import { exportMenu } from "./export.js";
import { attend, choose, repaint } from "./highlight.js";
import { drawPanels } from "./panels.js";
import { readable } from "./readout.js";
import { brushes } from "./brushes.js";
import { read, write } from "./state.js";
import { filled, WORDS } from "./words.js";

/**
 * @typedef {import("./panels.js").Figure} Figure
 * @typedef {import("./panels.js").View} View
 * @typedef {import("./marks.js").Mark} Mark
 * @typedef {{name: string, color: string, dashed: boolean, dots: boolean,
 *   covers: (mark: Mark) => boolean}} Entry of a legend
 */

/**
 * Put live figures in the place of a study's static ones.
 * @param {Element} article
 * @param {{figures?: Record<string, Figure>} | undefined} study
 */
export function enlivenFigures(article, study) {
  attend(article);
  for (const host of /** @type {NodeListOf<HTMLElement>} */ (
    article.querySelectorAll("[data-figure]")
  )) {
    const name = host.dataset.figure ?? "";
    const picture = host.querySelector(".picture");
    const figure = study?.figures?.[name];
    if (!figure || !picture || picture.querySelector(".live")) continue;
    for (const child of picture.children) child.classList.add("still");
    const file = `${article.id.replace(/^study-/, "")}-${name}`;
    picture.append(liveFigure(figure, name, file));
  }
}

/**
 * @param {Figure} figure
 * @param {string} name
 * @param {string} file its name without ending
 */
function liveFigure(figure, name, file) {
  const live = element("div", "live");
  const bar = element("div", "choices");
  const places = {
    svg: svgIn(live, "svg"),
    box: element("div", "readout"),
    said: element("p", "unseen"),
  };
  places.said.setAttribute("aria-live", "polite");
  places.box.hidden = true;
  const entries = legendOf(figure);
  /** @type {Set<Entry>} */
  const hidden = new Set();
  const view = { ...viewOf(figure, name), hides: (/** @type {Mark} */ mark) => [...hidden].some((entry) => entry.covers(mark)) };
  let width = 0;

  const draw = () => {
    const focus = [...places.svg.querySelectorAll("[tabindex]")].indexOf(/** @type {Element} */ (document.activeElement));
    places.svg.replaceChildren();
    const top = drawLegend(places.svg, entries, hidden, width, draw);
    const { drawn, bottom } = drawPanels(places.svg, view, width, top);
    const size = { width, height: Math.ceil(bottom), role: "group", "aria-label": figure.alt };
    for (const [key, value] of Object.entries({ ...size, viewBox: `0 0 ${width} ${size.height}` })) {
      places.svg.setAttribute(key, String(value));
    }
    for (const panel of drawn) readable(panel, places);
    repaint();
    const again = places.svg.querySelectorAll("[tabindex]")[focus];
    if (again instanceof SVGElement) again.focus();
  };

  live.prepend(bar);
  live.append(places.box, places.said);
  live.append(...brushes(figure, choose));
  bar.append(...choicesOf(figure, name, view, draw), exportMenu(figure, places.svg, file));
  new ResizeObserver(() => {
    const room = Math.floor(live.clientWidth);
    if (!room || room === width) return;
    width = room;
    draw();
  }).observe(live);
  return live;
}

/**
 * @param {string} tag
 * @param {string} [look] class names
 * @param {string} [text]
 */
export function element(tag, look = "", text = "") {
  return Object.assign(document.createElement(tag), { className: look, textContent: text });
}

/**
 * How a figure is shown, as the address says.
 * @param {Figure} figure
 * @param {string} name
 */
function viewOf(figure, name) {
  const { values } = read();
  const axes = /** @type {const} */ (["x", "y"]);
  const usual = axes.filter((which) => figure.panels.some((panel) => panel[which]?.log));
  return {
    figure,
    log: new Set((values.get(`log.${name}`) ?? usual.join("")).replace("-", "")),
    smooth: Number(values.get(`smooth.${name}`) ?? 1),
    runs: values.has(`runs.${name}`),
    ends: values.has(`ends.${name}`),
  };
}

/**
 * Buttons for what a reader may change.
 * @param {Figure} figure
 * @param {string} name
 * @param {ReturnType<typeof viewOf>} view
 * @param {() => void} draw
 */
function choicesOf({ panels }, name, view, draw) {
  const words = WORDS.figures;
  const marks = panels.flatMap((panel) => panel.marks);
  /** @type {HTMLElement[]} */
  const choices = [];
  const offer = (/** @type {string} */ text, /** @type {boolean} */ pressed, /** @type {() => boolean} */ change) => {
    const button = element("button", "choice", text);
    button.setAttribute("aria-pressed", String(pressed));
    button.onclick = () => {
      button.setAttribute("aria-pressed", String(change()));
      draw();
    };
    choices.push(button);
  };
  for (const which of /** @type {const} */ (["x", "y"])) {
    const axis = panels.map((panel) => panel[which]).find((each) => each?.switch);
    if (!axis) continue;
    offer(filled(words.log, which), view.log.has(which), () => {
      if (!view.log.delete(which)) view.log.add(which);
      write({ values: { [`log.${name}`]: [...view.log].join("") || "-" } });
      return view.log.has(which);
    });
  }
  for (const [key, field] of /** @type {const} */ ([["runs", "on_demand"], ["ends", "smooth"]])) {
    if (!marks.some((mark) => mark[field])) continue;
    offer(words[key], view[key], () => {
      view[key] = !view[key];
      write({ values: { [`${key}.${name}`]: view[key] ? "1" : null } });
      return view[key];
    });
  }
  if (marks.some((mark) => mark.smooth)) {
    const select = /** @type {HTMLSelectElement} */ (element("select", "choice"));
    select.setAttribute("aria-label", words.smoothing);
    for (const span of [1, 3, 9, 27]) {
      const text = span === 1 ? words.raw : filled(words.smooth, span);
      select.append(new Option(text, String(span), false, span === view.smooth));
    }
    select.onchange = () => {
      view.smooth = Number(select.value);
      write({ values: { [`smooth.${name}`]: view.smooth > 1 ? select.value : null } });
      draw();
    };
    choices.push(select);
  }
  return choices;
}

/**
 * What the legend explains: the figure's own names, else those of its lines.
 * @param {Figure} figure
 * @returns {Entry[]}
 */
function legendOf({ panels, legend }) {
  const marks = panels.flatMap((panel) => panel.marks);
  const rows = new Set(panels.flatMap(({ x, y }) => [...(x?.names ?? []), ...(y?.names ?? [])]));
  const named = marks.filter(({ name, kind, on_demand }) =>
    name && !rows.has(name) && !on_demand && kind !== "Bars");
  const names = legend ? Object.keys(legend) : [...new Set(named.map(({ name }) => name ?? ""))];
  return names.map((name) => {
    const own = marks.find((mark) => mark.name === name);
    const color = legend?.[name] ?? own?.color ?? (own?.kind === "Rule" ? "muted" : "main");
    return {
      name,
      color,
      dashed: own?.dashed === true || own?.kind === "Rule",
      dots: own ? own.kind === "Dots" : marks.every(({ kind }) => kind !== "Line"),
      covers: (mark) => (own ? mark.name === name : (mark.color ?? "main") === color),
    };
  });
}

/**
 * @param {Element} svg
 * @param {Entry[]} entries
 * @param {Set<Entry>} hidden
 * @param {number} width
 * @param {() => void} draw
 */
function drawLegend(svg, entries, hidden, width, draw) {
  let [left, top] = [4, 14];
  for (const entry of entries) {
    const room = widthOf(entry.name) + 46;
    if (left > 4 && left + room > width) [left, top] = [4, top + 20];
    const group = svgIn(svg, "g", { class: "entry", tabindex: 0, role: "button", "aria-pressed": String(!hidden.has(entry)) });
    pathIn(group, traced([[left, top - 4], [left + (entry.dots ? 0 : 20), top - 4]]), entry.dots ? "dot key" : `line${entry.dashed ? " dashed" : ""}`, entry.color);
    textIn(group, entry.name, left + (entry.dots ? 10 : 27), top);
    const change = () => {
      if (!hidden.delete(entry)) hidden.add(entry);
      draw();
    };
    group.addEventListener("click", change);
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      change();
    });
    left += room;
  }
  return entries.length ? top + 10 : 0;
}
