// @ts-check
/**
 * Filters of the table of all claims, beside the one that every table has. Without scripts the table
 * is whole and they stay hidden.
 */

import { read, write } from "./state.js";
import { filled, WORDS } from "./words.js";

const FILTERS = ["verdict", "group"];

/** @param {ParentNode} room whose tables have their tools */
export function startFilters(room) {
  const filters = /** @type {HTMLElement | null} */ (room.querySelector(".filters"));
  if (!filters) return;
  const rows = /** @type {HTMLElement[]} */ ([...room.querySelectorAll(".findings tbody tr")]);
  const typed = room.querySelector(".findings .tools input");
  const status = filters.querySelector("[role=status]");

  /** @param {string} name */
  const inputs = (name) =>
    /** @type {HTMLInputElement[]} */ ([...filters.querySelectorAll(`input[name=${name}]`)]);
  /** @param {string} name */
  const chosen = (name) => inputs(name).find((input) => input.checked)?.value ?? "";

  const apply = () => {
    for (const row of rows) {
      row.hidden ||= FILTERS.some((key) => chosen(key) && row.dataset[key] !== chosen(key));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    if (status) status.textContent = filled(WORDS.claims.shown, shown, rows.length);
  };
  // What is typed chooses rows first, and of these remain those with the verdict and the group.
  typed?.addEventListener("input", apply);
  filters.addEventListener("change", () => {
    write({ values: Object.fromEntries(FILTERS.map((key) => [key, chosen(key) || null])) });
    for (const row of rows) row.hidden = false;
    if (typed) typed.dispatchEvent(new Event("input"));
    else apply();
  });
  const { values } = read();
  for (const key of FILTERS) {
    for (const input of inputs(key)) input.checked = input.value === (values.get(key) ?? "");
  }
  const keys = /** @type {HTMLDetailsElement | null} */ (room.querySelector(".keys"));
  if (keys && matchMedia("(max-width: 44rem)").matches) keys.open = false;
  filters.hidden = false;
  apply();
}
