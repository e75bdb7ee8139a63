// @ts-check
/** Live figures: each static picture gives way to one that can be read, changed and taken along. */

import { brushes } from "./brushes.js";
import { choicesOf, stateOf } from "./choices.js";
import { exportMenu } from "./export.js";
import { attend, repaint } from "./highlight.js";
import { drawLegend, legendOf } from "./legend.js";
import { drawPanels } from "./panels.js";
import { readable } from "./readout.js";

/**
 * @typedef {import("./panels.js").Figure} Figure
 * @typedef {import("./panels.js").View} View
 */

// Px; what is narrower is not in sight.
const LEAST = 150;
// Px of a page of A4 between its margins.
const PAPER = 680;

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
 * Draw, for paper, those figures of a study that have no static picture.
 * @param {Element} article
 * @param {{figures?: Record<string, Figure>} | undefined} study
 */
export function drawForPaper(article, study) {
  for (const [name, figure] of Object.entries(study?.figures ?? {})) {
    const picture = article.querySelector(`[data-figure="${CSS.escape(name)}"] .picture`);
    if (!picture || picture.querySelector("svg")) continue;
    const live = document.createElement("div");
    live.className = "live";
    live.innerHTML = "<svg></svg>";
    picture.append(live);
    const marks = figure.panels.flatMap((panel) => panel.marks);
    const view = { ...stateOf(figure, ""), hides: () => false };
    drawInto(/** @type {any} */ (live.firstChild), figure, view, legendOf(figure, marks), PAPER, () => {});
  }
}

/**
 * @param {SVGElement} svg
 * @param {Figure} figure
 * @param {View} view
 * @param {ReturnType<typeof legendOf>} entries
 * @param {number} width
 * @param {() => void} again
 */
function drawInto(svg, figure, view, entries, width, again) {
  svg.replaceChildren();
  const top = drawLegend(svg, entries, width, again);
  const { read, bottom } = drawPanels(svg, figure, view, width, top);
  const size = { width, height: Math.ceil(bottom), role: "group", "aria-label": figure.alt };
  for (const [key, value] of Object.entries(size)) svg.setAttribute(key, `${value}`);
  return read;
}

/**
 * @param {Figure} figure
 * @param {string} name
 * @param {string} file its name without ending
 */
function liveFigure(figure, name, file) {
  const live = document.createElement("div");
  live.className = "live";
  live.innerHTML =
    "<div class=choices></div><svg></svg><div class=readout hidden></div><p class=unseen aria-live=polite></p>";
  const [choices, svg, box, said] =
    /** @type {[HTMLElement, SVGElement, HTMLElement, HTMLElement]} */ (
      /** @type {unknown} */ ([...live.children])
    );
  const marks = figure.panels.flatMap((panel) => panel.marks);
  const entries = legendOf(figure, marks);
  /** @type {View} */
  const view = {
    ...stateOf(figure, name),
    hides: (mark) => entries.some((entry) => entry.hidden && entry.covers(mark)),
  };
  let width = 0;

  const draw = () => {
    const focus = [...svg.querySelectorAll("[tabindex]")].indexOf(
      /** @type {Element} */ (document.activeElement),
    );
    for (const panel of drawInto(svg, figure, view, entries, width, draw)) readable(panel, { svg, box, said });
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
