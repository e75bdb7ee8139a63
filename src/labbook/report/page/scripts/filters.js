// @ts-check
/** Filters of the table of all claims. Without scripts the table is whole and they stay hidden. */

import { read, write } from "./state.js";
import { filled, WORDS } from "./words.js";

const FILTERS = ["verdict", "group"];

/** @param {ParentNode} page */
export function startFilters(page) {
  const filters = /** @type {HTMLElement | null} */ (page.querySelector(".filters"));
  if (!filters) return;
  const rows = /** @type {HTMLElement[]} */ ([...page.querySelectorAll(".findings tbody tr")]);
  const status = filters.querySelector("[role=status]");

  /** @param {string} name */
  const inputs = (name) =>
    /** @type {HTMLInputElement[]} */ ([...filters.querySelectorAll(`input[name=${name}]`)]);
  /** @param {string} name */
  const chosen = (name) => inputs(name).find((input) => input.checked)?.value ?? "";

  const apply = () => {
    for (const row of rows) {
      row.hidden = FILTERS.some((key) => chosen(key) && row.dataset[key] !== chosen(key));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    if (status) status.textContent = filled(WORDS.claims.shown, shown, rows.length);
  };
  filters.addEventListener("change", () => {
    write({ values: Object.fromEntries(FILTERS.map((key) => [key, chosen(key) || null])) });
    apply();
  });
  const take = () => {
    const { values } = read();
    for (const key of FILTERS) {
      for (const input of inputs(key)) input.checked = input.value === (values.get(key) ?? "");
    }
    apply();
  };
  addEventListener("hashchange", () => page.querySelector("#front:not([hidden])") && take());
  const keys = /** @type {HTMLDetailsElement | null} */ (page.querySelector(".keys"));
  if (keys && matchMedia("(max-width: 44rem)").matches) keys.open = false;
  filters.hidden = false;
  take();
}
