// @ts-check
/** Ranges on the axes of parallel coordinates: what passes them all stands out. */

import { scaleOf } from "./axes.js";
import { choose } from "./highlight.js";
import { number } from "./wording.js";
import { filled, WORDS } from "./words.js";

const STEPS = 200;

/**
 * Two inputs an axis for a mark that is parallel coordinates.
 * @param {import("./points.js").Mark} mark
 */
export function brushes({ axes, values, combinations }) {
  const words = WORDS.figures;
  const fold = document.createElement("details");
  const said = Object.assign(document.createElement("output"), { className: "passing" });
  /** @type {(() => boolean[])[]} */
  const tests = [];
  const add = (/** @type {import("./axes.js").Axis} */ axis, /** @type {number} */ i, /** @type {boolean} */ most) => {
    const { low, high } = scaleOf(axis, values[i]);
    const input = Object.assign(document.createElement("input"), { type: "range", max: STEPS, value: most ? STEPS : 0 });
    const label = document.createElement("label");
    const text = document.createElement("output");
    const bound = () => {
      const share = Number(input.value) / STEPS;
      return axis.log ? low * (high / low) ** share : low + (high - low) * share;
    };
    const show = () => {
      text.value = axis.names ? (axis.names[Math.round(bound())] ?? "") : number(bound());
    };
    tests.push(() => values[i].map((/** @type {number | null} */ value) => {
      if (input.value === (most ? `${STEPS}` : "0")) return true;
      return value != null && (most ? value <= bound() : value >= bound());
    }));
    input.oninput = () => {
      show();
      const passed = tests.map((test) => test());
      const passing = combinations.filter((/** @type {number} */ _, /** @type {number} */ line) => passed.every((each) => each[line]));
      choose(passing.length < combinations.length ? passing : []);
      said.value = filled(words.pass, passing.length, combinations.length);
    };
    show();
    label.append(filled(most ? words.most : words.least, axis.label ?? ""), input, text);
    fold.append(label);
  };
  fold.append(Object.assign(document.createElement("summary"), { textContent: words.ranges }));
  axes.forEach((/** @type {import("./axes.js").Axis} */ axis, /** @type {number} */ i) => {
    add(axis, i, false);
    add(axis, i, true);
  });
  fold.append(said);
  return fold;
}
