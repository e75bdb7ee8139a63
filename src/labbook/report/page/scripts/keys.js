// @ts-check
/** Letters that do something anywhere in the page, and the window that lists them. */

import { remember, remembered } from "./memory.js";

/** @param {Record<string, () => void>} actions by key */
export function startKeys(actions) {
  const list = /** @type {HTMLDialogElement | null} */ (document.getElementById("keys"));
  const letters = /** @type {HTMLInputElement | null} */ (document.getElementById("letters"));
  if (!list || !letters) return;
  letters.checked = remembered("letters") !== "off";
  letters.addEventListener("change", () => remember("letters", letters.checked ? "on" : "off"));
  const button = document.getElementById("show-keys");
  button?.addEventListener("click", () => list.showModal());
  button?.removeAttribute("hidden");
  const all = { ...actions, "?": () => list.showModal() };
  addEventListener("keydown", (event) => {
    const act = all[/** @type {keyof typeof all} */ (event.key)];
    const taken = event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented;
    if (!act || taken || !letters.checked || isTyping(event.target)) return;
    event.preventDefault();
    act();
  });
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  return (
    target instanceof Element &&
    target.closest("input:not([type=radio], [type=checkbox], [type=range]), textarea, select, dialog") !== null
  );
}
