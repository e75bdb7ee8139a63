// @ts-check
/** What a reader may change of a figure: scales, smoothing, single runs, the part that is seen. */

import { read, write } from "./state.js";
import { filled, WORDS } from "./words.js";

/**
 * @typedef {import("./panels.js").Figure} Figure
 * @typedef {import("./panels.js").View} View
 * @typedef {import("./points.js").Mark} Mark
 */

/**
 * How a figure is shown, as the address says.
 * @param {Figure} figure
 * @param {string} name
 */
export function stateOf({ panels }, name) {
  const { values } = read();
  const usual = ["x", "y"].filter((which) =>
    panels.some((panel) => panel[/** @type {"x"} */ (which)]?.log),
  );
  const known = (/** @type {string} */ key) => values.get(`${key}.${name}`) ?? "";
  return {
    log: known("log") || usual.join(""),
    smooth: known("smooth"),
    runs: known("runs"),
    ends: known("ends"),
  };
}

/**
 * What a reader may change.
 * @param {Figure} figure
 * @param {Mark[]} marks
 * @param {string} name
 * @param {View} view
 * @param {() => void} draw
 */
export function choicesOf({ panels }, marks, name, view, draw) {
  const words = WORDS.figures;
  /** @type {HTMLElement[]} */
  const choices = [];
  const set = (
    /** @type {"log" | "smooth" | "runs" | "ends"} */ key,
    /** @type {string} */ value,
  ) => {
    view[key] = value;
    write({ values: { [`${key}.${name}`]: value || null } });
    draw();
  };
  const offer = (
    /** @type {string} */ textContent,
    /** @type {() => boolean} */ on,
    /** @type {() => void} */ change,
  ) => {
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
      set("log", on() ? view.log.replace(which, "") || "-" : view.log.replace("-", "") + which),
    );
  }
  const smooth = marks.some((mark) => mark.smooth);
  for (const key of /** @type {const} */ (["runs", "ends"])) {
    if (!(key === "ends" ? smooth : marks.some((mark) => mark.on_demand))) continue;
    offer(
      words[key],
      () => !!view[key],
      () => set(key, view[key] ? "" : "1"),
    );
  }
  if (smooth) {
    const select = document.createElement("select");
    select.ariaLabel = words.smoothing;
    for (const span of ["", "3", "9", "27"]) {
      select.add(
        new Option(
          span ? filled(words.smooth, span) : words.raw,
          span,
          false,
          span === view.smooth,
        ),
      );
    }
    select.onchange = () => set("smooth", select.value);
    choices.push(select);
  }
  return choices;
}
