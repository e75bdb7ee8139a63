// @ts-check
/** Combinations that stand out in all figures and tables of a study. */

import { read, write } from "./state.js";

/** @type {Set<number>} */
let chosen = new Set();
/** @type {number | null} */
let pointed = null;
/** @type {Element | null} */
let room = null;

/**
 * From now on the combinations of this study are meant; those of the address stand out.
 * @param {Element} article
 */
export function attend(article) {
  room = article;
  chosen = new Set(read().values.get("on")?.split(",").map(Number));
  repaint();
}

export function highlighted() {
  return chosen;
}

/** @param {number} c */
export function toggle(c) {
  choose(chosen.has(c) ? [...chosen].filter((each) => each !== c) : [...chosen, c]);
}

/** @param {Iterable<number>} combinations */
export function choose(combinations) {
  chosen = new Set(combinations);
  write({ values: { on: [...chosen].join() || null } });
  changed();
}

/** @param {number | null} c of the mark or row under the pointer or in focus */
export function point(c) {
  if (c === pointed) return;
  pointed = c;
  changed();
}

function changed() {
  repaint();
  room?.dispatchEvent(new CustomEvent("highlight"));
}

/** Give rows and marks their classes, also new ones. */
export function repaint() {
  room?.classList.toggle("has-on", chosen.size > 0);
  for (const shape of /** @type {NodeListOf<HTMLElement>} */ (room?.querySelectorAll("[data-c]") ?? [])) {
    const { dataset, classList } = shape;
    const on = chosen.has(Number(dataset.c));
    classList.toggle("on", on);
    classList.toggle("pointed", Number(dataset.c) === pointed);
    if (shape.tagName === "TR") shape.ariaSelected = String(on);
  }
}
