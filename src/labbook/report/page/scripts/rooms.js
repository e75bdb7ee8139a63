// @ts-check
/** Studies are rooms: one is unfolded at a time, for print all of them. */

import { go, leave, read } from "./state.js";
import { openPart, tabsOf } from "./tabs.js";
import { filled, WORDS } from "./words.js";

/** @typedef {(article: HTMLElement, study: string) => void} Enliven */

/** @type {Map<string, Element>} */
const rooms = new Map();
const place = { front: document.body, stage: document.body, open: "" };

/**
 * Show what the address names, now and whenever it changes.
 * @param {Enliven} enliven is called once for each room that is unfolded
 * @param {Enliven} draw is called for each room before it is printed
 */
export function startRooms(enliven, draw) {
  place.front = element("front");
  place.stage = element("stage");
  for (const room of document.querySelectorAll("noscript.room")) {
    rooms.set(room.getAttribute("data-study") ?? "", room);
  }
  history.scrollRestoration = "manual";
  addEventListener("click", leave, { capture: true });
  addEventListener("pagehide", leave);
  addEventListener("hashchange", () => arrive(enliven));
  printAll(draw);
  arrive(enliven, false);
}

/**
 * The study `step` places further on; the first where none is open.
 * @param {number} step
 */
export function neighbour(step) {
  const names = [...rooms.keys()];
  const at = names.indexOf(place.open);
  return at < 0 ? names[0] : names[at + step];
}

/** @param {number} step */
export function turn(step) {
  const name = neighbour(step);
  if (name) go(`study-${name}`);
}

/**
 * @param {Enliven} enliven
 * @param {boolean} focused whether the reader came here from elsewhere in the page
 */
function arrive(enliven, focused = true) {
  const { anchor, study, part } = read();
  const name = rooms.has(study) ? study : roomWith(anchor);
  if (name !== place.open) unfold(name, enliven);
  const article = /** @type {HTMLElement | null} */ (place.stage.querySelector("article"));
  const target = anchor && anchor !== article?.id ? document.getElementById(anchor) : null;
  if (article) openPart(article, part, target);
  markWhereWeAre(name, anchor);
  const heading = target ?? (article ?? place.front).querySelector("h1, h2");
  if (focused && heading) focusOn(heading);
  const y = history.state?.y;
  if (y !== undefined) scrollTo(0, y);
  else if (target) target.scrollIntoView();
  else scrollTo(0, 0);
}

/**
 * @param {string} name of a study, or empty for the front of the page
 * @param {Enliven} enliven
 */
function unfold(name, enliven) {
  place.open = name;
  place.front.hidden = name !== "";
  place.stage.innerHTML = rooms.get(name)?.textContent ?? "";
  const article = place.stage.querySelector("article");
  if (!article) return;
  // A room is alone on its page: the page's own heading is hidden with its front.
  for (const heading of article.querySelectorAll("h2, h3, h4")) {
    heading.ariaLevel = String(Number(heading.tagName[1]) - 1);
  }
  article.prepend(pager());
  tabsOf(article, filled(WORDS.rooms.parts, name));
  enliven(article, name);
}

/**
 * The study that has an element with this id, without unfolding any.
 * @param {string} id
 */
function roomWith(id) {
  if (!id || document.getElementById(id)?.closest("#front")) return "";
  const written = `id="${id}"`;
  for (const [name, room] of rooms) if (room.textContent?.includes(written)) return name;
  return "";
}

/** Links to the study before and after. */
function pager() {
  const nav = document.createElement("nav");
  nav.className = "pager";
  nav.ariaLabel = WORDS.rooms.pager;
  for (const [step, words] of /** @type {[number, string][]} */ ([
    [-1, WORDS.rooms.previous],
    [1, WORDS.rooms.next],
  ])) {
    const name = neighbour(step);
    if (!name) continue;
    const link = document.createElement("a");
    link.href = `#study-${name}`;
    link.className = step < 0 ? "previous" : "next";
    link.textContent = filled(words, name);
    nav.append(link);
  }
  return nav;
}

/**
 * @param {string} name
 * @param {string} anchor
 */
function markWhereWeAre(name, anchor) {
  for (const link of document.querySelectorAll("#contents a")) {
    const here = link.getAttribute("href") === `#${name ? `study-${name}` : anchor || "top"}`;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    if (here && name) link.scrollIntoView({ block: "nearest" });
  }
  const heading = place.stage.querySelector("h2");
  const title = document.querySelector("h1")?.textContent ?? "";
  document.title = heading ? `${heading.textContent} – ${title}` : title;
}

/** @param {Element} target */
function focusOn(target) {
  if (!target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
  /** @type {HTMLElement} */ (target).focus({ preventScroll: true });
}

/**
 * While the page is printed, all rooms stand in the place of the one that is open.
 * @param {Enliven} draw
 */
function printAll(draw) {
  const all = document.createElement("div");
  let hidden = false;
  addEventListener("beforeprint", () => {
    hidden = place.front.hidden;
    place.front.hidden = false;
    all.innerHTML = [...rooms.values()].map((room) => room.textContent).join("");
    place.stage.replaceWith(all);
    for (const article of /** @type {NodeListOf<HTMLElement>} */ (all.querySelectorAll("article.study"))) {
      draw(article, article.id.replace("study-", ""));
    }
  });
  addEventListener("afterprint", () => {
    all.replaceWith(place.stage);
    all.replaceChildren();
    place.front.hidden = hidden;
  });
}

/** @param {string} id */
function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
