// @ts-check
/** The legend of a figure; a click hides what it names. */

import { pathIn, svgIn, textIn, traced, widthOf, wrapped } from "./drawing.js";

/**
 * @typedef {import("./panels.js").Figure} Figure
 * @typedef {import("./points.js").Mark} Mark
 * @typedef {{name: string, look: string, color: string, hidden: boolean,
 *   covers: (mark: Mark) => boolean}} Entry of a legend
 */

/**
 * What the legend explains: the figure's own names, else those of lines, dots and rules.
 * @param {Figure} figure
 * @param {Mark[]} marks
 * @returns {Entry[]}
 */
export function legendOf({ panels, legend }, marks) {
  const rows = panels.flatMap(({ x, y }) => [...(x?.names ?? []), ...(y?.names ?? [])]);
  const named = marks.filter(
    ({ name, kind, on_demand }) => name && !rows.includes(name) && !on_demand && kind !== "Bars",
  );
  return (legend ? Object.keys(legend) : [...new Set(named.map(({ name }) => name ?? ""))]).map(
    (name) => {
      const own = marks.find((mark) => mark.name === name);
      const color = legend?.[name] ?? own?.color ?? (own?.kind === "Rule" ? "muted" : "main");
      const line = own?.dashed ? "line dashed" : "line";
      return {
        name,
        color,
        look: own?.kind === "Line" ? line : own?.kind === "Rule" ? "rule" : "dot key",
        hidden: false,
        covers: (mark) => (own ? mark.name === name : (mark.color ?? "main") === color),
      };
    },
  );
}

/**
 * @param {Element} svg
 * @param {Entry[]} entries
 * @param {number} width
 * @param {() => void} draw
 */
export function drawLegend(svg, entries, width, draw) {
  let [left, top] = [4, 14];
  for (const entry of entries) {
    const [text] = wrapped(entry.name, width - 40, 1);
    const room = widthOf(text) + 46;
    if (left > 4 && left + room > width) [left, top] = [4, top + 20];
    const group = svgIn(svg, "g", {
      class: "entry",
      tabindex: 0,
      role: "button",
      "aria-pressed": !entry.hidden,
    });
    const long = entry.look === "dot key" ? 0 : 20;
    pathIn(
      group,
      traced([
        [left, top - 4],
        [left + long, top - 4],
      ]),
      entry.look,
      entry.color,
    );
    textIn(group, text, [left + 8 + long, top], "name");
    group.onclick = () => {
      entry.hidden = !entry.hidden;
      draw();
    };
    group.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault(); // a space would scroll
      group.onclick?.(/** @type {any} */ (null));
    };
    left += room;
  }
  return entries.length ? top + 10 : 0;
}
