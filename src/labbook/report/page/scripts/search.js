// @ts-check
/** Search over studies, questions, claims, combinations and settings. */

import { go, read, write } from "./state.js";
import { filled, WORDS } from "./words.js";

/**
 * @typedef {import("./numbers.js").Study} Study
 * @typedef {object} Entry something that can be found
 * @property {keyof typeof WORDS.search.kinds} kind
 * @property {string} title
 * @property {string} text further words by which it is found
 * @property {string} study
 * @property {string} anchor
 * @property {Record<string, string>} values
 */

const MOST = 30;

/**
 * @param {Promise<Record<string, Study>>} studies
 * @returns {() => void} what opens the search
 */
export function startSearch(studies) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("search"));
  const input = /** @type {HTMLInputElement} */ (dialog.querySelector("input"));
  const list = /** @type {HTMLElement} */ (dialog.querySelector("ul"));
  /** @type {Entry[]} */
  let entries = [];
  /** @type {Entry[]} */
  let found = [];
  let at = 0;

  const show = () => {
    found = matches(entries, input.value);
    at = 0;
    list.replaceChildren(...found.map(optionOf));
    point();
    const none = input.value && !found.length;
    const status = none ? WORDS.search.none : WORDS.search.found;
    const said = /** @type {HTMLElement} */ (dialog.querySelector("[role=status]"));
    said.textContent = input.value ? filled(status, none ? input.value : found.length) : "";
  };
  const point = () => {
    [...list.children].forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === at));
      if (place === at) option.scrollIntoView({ block: "nearest" });
    });
    input.setAttribute("aria-expanded", String(found.length > 0));
    if (found.length) input.setAttribute("aria-activedescendant", `found-${at}`);
    else input.removeAttribute("aria-activedescendant");
  };
  const follow = () => {
    const entry = found[at];
    if (!entry) return;
    dialog.close();
    go(entry.anchor, entry.values);
  };
  const open = async () => {
    if (dialog.open) return;
    dialog.showModal();
    input.value = read().values.get("q") ?? "";
    if (!entries.length) entries = entriesOf(await studies);
    show();
  };

  input.addEventListener("input", () => {
    write({ values: { q: input.value || null } });
    show();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") follow();
    else if (event.key === "Escape") dialog.close(); // else it empties the field first
    else if (event.key === "ArrowDown") at = Math.min(at + 1, found.length - 1);
    else if (event.key === "ArrowUp") at = Math.max(at - 1, 0);
    else return;
    event.preventDefault();
    point();
  });
  list.addEventListener("click", (event) => {
    const option = /** @type {Element} */ (event.target).closest("li");
    if (!option) return;
    at = [...list.children].indexOf(option);
    follow();
  });
  dialog.addEventListener("close", () => write({ values: { q: null } }));
  const button = document.getElementById("open-search");
  button?.addEventListener("click", open);
  button?.removeAttribute("hidden");
  if (read().values.get("q")) open();
  return open;
}

/**
 * @param {Entry[]} entries
 * @param {string} asked
 */
export function matches(entries, asked) {
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return entries.filter((entry) => entry.kind === "study").slice(0, MOST);
  const ranked = [];
  for (const entry of entries) {
    const title = entry.title.toLowerCase();
    const all = `${title} ${entry.text} ${entry.study}`.toLowerCase();
    if (!words.every((word) => all.includes(word))) continue;
    const rank = title.startsWith(words[0]) ? 0 : title.includes(words[0]) ? 1 : 2;
    ranked.push({ entry, rank });
  }
  ranked.sort((a, b) => a.rank - b.rank);
  return ranked.slice(0, MOST).map(({ entry }) => entry);
}

/**
 * @param {Record<string, Study>} studies
 * @returns {Entry[]}
 */
function entriesOf(studies) {
  /** @type {Record<keyof typeof WORDS.search.kinds, Entry[]>} */
  const kinds = { study: [], claim: [], setting: [], combination: [] };
  for (const link of document.querySelectorAll("#contents [data-study]")) {
    const study = link.getAttribute("data-study") ?? "";
    const about = studies[study];
    const home = { study, anchor: `study-${study}`, values: {} };
    kinds.study.push({ ...home, kind: "study", title: study, text: about?.question ?? "" });
    const values = { part: "combinations" };
    for (const title of Object.keys(about?.settings ?? {})) {
      kinds.setting.push({ ...home, kind: "setting", title, text: "", values });
    }
    (about?.labels ?? []).forEach((title, place) => {
      const on = { ...values, on: String(place) };
      kinds.combination.push({ ...home, kind: "combination", title, text: "", values: on });
    });
  }
  const claims = document.querySelector("[data-room=chapter-claims]")?.textContent ?? "";
  for (const row of new DOMParser().parseFromString(claims, "text/html").querySelectorAll("[data-of]")) {
    const title = row.getAttribute("data-claim") ?? "";
    const text = row.querySelector(".sentence")?.textContent ?? "";
    const study = row.getAttribute("data-of") ?? "";
    kinds.claim.push({ kind: "claim", title, text, study, anchor: `claim-${title}`, values: {} });
  }
  return [...kinds.study, ...kinds.claim, ...kinds.setting, ...kinds.combination];
}

/**
 * @param {Entry} entry
 * @param {number} place
 */
function optionOf(entry, place) {
  const option = document.createElement("li");
  option.id = `found-${place}`;
  option.setAttribute("role", "option");
  const kind = document.createElement("span");
  kind.className = "kind";
  kind.textContent = WORDS.search.kinds[entry.kind];
  const title = document.createElement("strong");
  title.textContent = entry.title;
  const text = document.createElement("span");
  text.className = "quiet";
  text.textContent = entry.kind === "study" ? entry.text : entry.text || entry.study;
  option.append(kind, title, " ", text);
  return option;
}
