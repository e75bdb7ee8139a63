// @ts-check
/**
 * The parts of a study as tabs. What is not shown can still be found by the browser's own search,
 * which opens its tab.
 */

import { write } from "./state.js";

/**
 * Make tabs of the parts of an article, if it has several.
 * @param {Element} article
 * @param {string} label
 */
export function tabsOf(article, label) {
  const parts = partsOf(article);
  if (parts.length < 2) return;
  const list = document.createElement("div");
  list.setAttribute("role", "tablist");
  list.ariaLabel = label;
  for (const part of parts) {
    const name = part.dataset.part ?? "";
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `tab-${name}`;
    tab.textContent = part.querySelector("h3")?.textContent ?? name;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", `panel-${name}`);
    tab.addEventListener("click", () => choose(article, part));
    list.append(tab);
    part.id = `panel-${name}`;
    part.setAttribute("role", "tabpanel");
    part.setAttribute("aria-labelledby", tab.id);
    part.addEventListener("beforematch", () => choose(article, part));
  }
  list.addEventListener("keydown", (event) => byKey(list, event));
  parts[0].before(list);
  article.classList.add("tabbed");
}

/**
 * Show a part: the one of this name, else the one with this element in it, else the first.
 * @param {Element} article
 * @param {string} name
 * @param {Element | null} target
 */
export function openPart(article, name, target) {
  const parts = partsOf(article);
  const wanted =
    parts.find((part) => part.contains(target)) ??
    parts.find((part) => part.dataset.part === name) ??
    parts[0];
  if (wanted) show(article, wanted);
}

/**
 * @param {Element} article
 * @param {HTMLElement} part
 */
function choose(article, part) {
  show(article, part);
  write({ values: { part: part.dataset.part ?? null } });
}

/**
 * @param {Element} article
 * @param {HTMLElement} shown
 */
function show(article, shown) {
  if (!article.classList.contains("tabbed")) return;
  for (const part of partsOf(article)) {
    const tab = document.getElementById(part.getAttribute("aria-labelledby") ?? "");
    if (part === shown) part.removeAttribute("hidden");
    else part.setAttribute("hidden", "until-found");
    tab?.setAttribute("aria-selected", String(part === shown));
    tab?.setAttribute("tabindex", part === shown ? "0" : "-1");
  }
}

/**
 * @param {Element} list
 * @param {KeyboardEvent} event
 */
function byKey(list, event) {
  const tabs = /** @type {HTMLElement[]} */ ([...list.children]);
  const at = tabs.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  /** @type {Record<string, number>} */
  const places = {
    ArrowLeft: (at - 1 + tabs.length) % tabs.length,
    ArrowRight: (at + 1) % tabs.length,
    Home: 0,
    End: tabs.length - 1,
  };
  const next = tabs[places[event.key]];
  if (!next || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  next.click();
  next.focus();
}

/** @param {Element} article */
function partsOf(article) {
  return /** @type {HTMLElement[]} */ ([...article.querySelectorAll(":scope > .part")]);
}
