// @ts-check
/** Ranges on the axes of parallel coordinates: what passes them all stands out. */

import { tickText, scaleOf } from "./axes.js";
import { number } from "./wording.js";
import { filled, WORDS } from "./words.js";

/**
 * @typedef {import("./axes.js").Axis} Axis
 * @typedef {{axis: Axis, values: number[], ends: number[], least: number, most: number}} Range
 */

const STEPS = 200;

/**
 * A value at a share of an axis, as the axis is drawn.
 * @param {Range} range
 * @param {number} share
 */
function valueAt({ axis, ends: [low, high] }, share) {
  return axis.log ? low * (high / low) ** share : low + (high - low) * share;
}

/**
 * Two inputs an axis for a figure with parallel coordinates.
 * @param {{panels: {marks: {kind: string, [field: string]: any}[]}[]}} figure
 * @param {(combinations: number[]) => void} choose
 * @returns {HTMLElement[]}
 */
export function brushes({ panels }, choose) {
  const mark = panels.flatMap(({ marks }) => marks).find(({ kind }) => kind === "Parallel");
  if (!mark) return [];
  const words = WORDS.figures;
  const fold = document.createElement("details");
  const said = Object.assign(document.createElement("p"), { role: "status" });
  /** @type {Range[]} */
  const ranges = mark.axes.map((/** @type {Axis} */ axis, /** @type {number} */ i) => {
    const known = mark.values[i].filter((/** @type {number | null} */ value) => value != null);
    return { axis, values: mark.values[i], ends: [Math.min(...known), Math.max(...known)], least: 0, most: 1 };
  });

  const apply = () => {
    const all = ranges.every(({ least, most }) => least === 0 && most === 1);
    const passing = mark.combinations.filter((/** @type {number} */ _, /** @type {number} */ line) =>
      ranges.every((range) => {
        const { values, least, most } = range;
        if (least === 0 && most === 1) return true;
        const value = values[line];
        return value != null && value >= valueAt(range, least) && value <= valueAt(range, most);
      }),
    );
    choose(all ? [] : passing);
    said.textContent = filled(words.pass, passing.length, mark.combinations.length);
  };

  fold.append(Object.assign(document.createElement("summary"), { textContent: words.ranges }));
  for (const range of ranges) {
    const { axis } = range;
    const row = document.createElement("div");
    for (const end of /** @type {const} */ (["least", "most"])) {
      const label = document.createElement("label");
      const input = Object.assign(document.createElement("input"), { type: "range", min: "0", max: String(STEPS) });
      input.value = String(range[end] * STEPS);
      const text = document.createElement("output");
      const show = () => {
        const value = valueAt(range, range[end]);
        text.textContent = axis.names?.length ? tickText(scaleOf(axis, [], false), Math.round(value)) : number(value);
      };
      input.oninput = () => {
        range[end] = Number(input.value) / STEPS;
        show();
        apply();
      };
      show();
      label.append(filled(words[end], axis.label ?? ""), input, text);
      row.append(label);
    }
    fold.append(row);
  }
  fold.append(said);
  return [fold];
}
