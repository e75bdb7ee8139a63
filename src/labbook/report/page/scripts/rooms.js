// @ts-check
/** Studies and chapters are rooms: one is unfolded at a time, for print all of them. */

import { go, leave, read, write } from "./state.js";
import { openPart, tabsOf } from "./tabs.js";
import { filled, WORDS } from "./words.js";

/** @typedef {(article: HTMLElement, study: string) => void} Enliven */

/** @type {Map<string, Element>} by the id of what they unfold to: study-NAME, chapter-NAME */
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
    rooms.set(room.getAttribute("data-room") ?? "", room);
  }
  history.scrollRestoration = "manual";
  addEventListener("click", leave, { capture: true });
  addEventListener("pagehide", leave);
  addEventListener("hashchange", ({ oldURL }) => {
    const name = roomOf(read());
    const anew = name === place.open && name !== "" && !keepsValues(new URL(oldURL).hash, name);
    arrive(enliven, true, anew);
  });
  printAll(draw);
  arrive(enliven, false);
}

/**
 * The room of the study `step` places further on; of the first where none is open.
 * @param {number} step
 */
export function neighbour(step) {
  const names = [...rooms.keys()].filter(studyOf);
  const at = names.indexOf(place.open);
  return at < 0 ? names[0] : names[at + step];
}

/** @param {number} step */
export function turn(step) {
  const name = neighbour(step);
  if (name) go(name);
}

/**
 * @param {Enliven} enliven
 * @param {boolean} focused whether the reader came here from elsewhere in the page
 * @param {boolean} anew whether an open room must be unfolded again, as the address now has it
 */
function arrive(enliven, focused = true, anew = false) {
  const { anchor, part } = read();
  const name = roomOf(read());
  if (anew || name !== place.open) unfold(name, enliven);
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
 * Whether the open room is as the address has it. A link to something in the room says nothing of how
 * the room is shown: that stays, and stays in the address.
 * @param {string} before the address before
 * @param {string} name of the room
 */
function keepsValues(before, name) {
  // The part follows from the anchor, or tabs show it; the browser may have written it by now.
  const valuesOf = (/** @type {string | undefined} */ hash) =>
    [...read(hash).values].filter(([key]) => key !== "part" && key !== "q");
  const [old, now] = [valuesOf(before), valuesOf(location.hash)];
  const isLink = history.state === null; // where the reader was before, leave() has left a note
  const { anchor } = read();
  if (isLink && !now.length && anchor !== name) {
    const moves = document.getElementById(anchor)?.closest(".part");
    const { part } = Object.fromEntries(read(before).values);
    write({ values: { ...Object.fromEntries(old), part: moves ? null : (part ?? null) } });
    return true;
  }
  return `${old.sort()}` === `${now.sort()}`;
}

/**
 * @param {string} name of a room, or empty for the front of the page
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
  const study = studyOf(name);
  if (study) {
    article.prepend(pager());
    tabsOf(article, filled(WORDS.rooms.parts, study));
  }
  enliven(article, study);
}

/**
 * The study of a room, empty for a chapter.
 * @param {string} room
 */
function studyOf(room) {
  return room.startsWith("study-") ? room.slice("study-".length) : "";
}

/**
 * The room that an address names, or one that has what it names, without unfolding any.
 * @param {{anchor: string}} address
 */
function roomOf({ anchor: id }) {
  if (!id || rooms.has(id)) return id;
  const there = document.getElementById(id);
  if (there) return there.closest("#front") ? "" : place.open;
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
    link.href = `#${name}`;
    link.className = step < 0 ? "previous" : "next";
    link.textContent = filled(words, studyOf(name));
    nav.append(link);
  }
  return nav;
}

/**
 * @param {string} name
 * @param {string} anchor
 */
function markWhereWeAre(name, anchor) {
  const links = [...document.querySelectorAll("#contents a")];
  const leads = (/** @type {string} */ id) => links.some((link) => link.getAttribute("href") === `#${id}`);
  // A chapter's link leads to its heading.
  const heading = place.stage.querySelector("h2");
  const at = [studyOf(name) && name, anchor, heading?.id].find((id) => id && leads(id)) ?? "top";
  for (const link of links) {
    const here = link.getAttribute("href") === `#${at}`;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    if (here && name) link.scrollIntoView({ block: "nearest" });
  }
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
      draw(article, studyOf(article.id));
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
