// @ts-check
/** Every claim is a small explorable: move its margin or its seeds, and see its verdict flip. */

import { svgIn } from "./drawing.js";
import { drawEffects, effectAxis, effectsOf, marginsOf, onItsScale } from "./explore_picture.js";
import { EXPLORE } from "./explore_words.js";
import { flip, judged } from "./rules.js";
import { read, write } from "./state.js";
import { filled } from "./words.js";

/** @typedef {import("./rules.js").Claim} Claim */

/** @param {string} verdict */
function verdictName(verdict) {
  return EXPLORE.verdicts[/** @type {"supported"} */ (verdict)];
}

/** @param {number} p */
function pText(p) {
  return p < 0.001 ? "< 0.001" : `= ${p.toFixed(p < 0.1 ? 3 : 2)}`;
}

/**
 * Where the verdict flips, in sentences.
 * @param {Claim} claim @param {number[]} margins @param {number} margin @param {number} seeds
 * @param {string} verdict
 */
function flipsOf(claim, margins, margin, seeds, verdict) {
  /** @param {number} at */
  const ofMargin = (at) => judged(claim, at, seeds).verdict;
  /** @param {number} at */
  const ofSeeds = (at) => judged(claim, margin, at).verdict;
  const down = margins.filter((one) => one < margin).reverse();
  const up = margins.filter((one) => one > margin);
  const fewer = Array.from({ length: Math.min(seeds, claim.seeds + 1) - 1 }, (_, i) => i + 1);
  const more = Array.from({ length: claim.most - seeds }, (_, i) => seeds + 1 + i);
  const moves = /** @type {"margin"} */ (claim.moves);
  const [below, above] = EXPLORE.flips[moves];
  const found = [
    { text: below, at: flip(ofMargin, verdict, margin, down, 30), moved: true },
    { text: above, at: flip(ofMargin, verdict, margin, up, 30), moved: true },
    { text: EXPLORE.fewer, at: flip(ofSeeds, verdict, seeds, fewer.reverse()), moved: false },
    { text: EXPLORE.more, at: flip(ofSeeds, verdict, seeds, more), moved: false },
  ];
  const told = found.flatMap(({ text, at, moved }) => at
    ? [filled(text, moved ? onItsScale(claim, at.at) : at.at, verdictName(at.verdict))] : []);
  if (!found[0].at && !found[1].at) told.unshift(filled(EXPLORE.nowhere[moves], verdictName(verdict)));
  if (!found[2].at && !found[3].at) {
    told.push(filled(EXPLORE.never, verdictName(verdict), claim.most));
  }
  return told;
}

/**
 * @param {HTMLElement} parent @param {string} tag @param {string} [look] @param {string} [text]
 */
function elementIn(parent, tag, look = "", text = "") {
  const part = document.createElement(tag);
  if (look) part.className = look;
  part.textContent = text;
  parent.append(part);
  return part;
}

/**
 * A slider with its name and its value in words.
 * @param {HTMLElement} parent @param {string} name @param {number} most
 */
function sliderIn(parent, name, most) {
  const label = elementIn(parent, "label", "slider");
  elementIn(label, "span", "", name);
  const input = /** @type {HTMLInputElement} */ (elementIn(label, "input"));
  Object.assign(input, { type: "range", min: "1", max: String(most), step: "1" });
  return { input, output: elementIn(label, "output") };
}

/**
 * Build into `element` what a reader can move of a claim.
 * @param {HTMLElement} element @param {Claim} claim as explorable.py writes it
 * @param {(margin: number | null, seeds: number | null) => void} [told] hears what was moved
 * @param {{margin?: number, seeds?: number}} [start]
 */
export function explorable(element, claim, told = () => {}, start = {}) {
  const axis = effectAxis(claim);
  const margins = marginsOf(axis);
  const state = { margin: start.margin ?? claim.margin, seeds: start.seeds ?? claim.seeds };
  element.replaceChildren();
  const svg = svgIn(element, "svg", { role: "img", width: "100%" });
  const controls = elementIn(element, "div", "sliders");
  const margin = sliderIn(controls, EXPLORE.moves[/** @type {"margin"} */ (claim.moves)], margins.length);
  const seeds = sliderIn(controls, EXPLORE.seeds, claim.most);
  const verdict = elementIn(element, "p", "would");
  verdict.setAttribute("aria-live", "polite");
  const why = elementIn(element, "p", "quiet");
  const list = elementIn(element, "ul", "flips");
  const back = /** @type {HTMLButtonElement} */ (elementIn(element, "button", "", EXPLORE.back));
  back.type = "button";

  function show() {
    const found = judged(claim, state.margin, state.seeds);
    const moved = state.margin !== claim.margin || state.seeds !== claim.seeds;
    const effects = effectsOf(claim, state.margin, state.seeds);
    const nearest = margins.findIndex((one) => one > state.margin - 1e-9);
    margin.input.value = String(nearest < 0 ? margins.length : nearest + 1);
    seeds.input.value = String(state.seeds);
    margin.output.textContent = onItsScale(claim, state.margin);
    seeds.output.textContent = String(state.seeds);
    margin.input.setAttribute("aria-valuetext", onItsScale(claim, state.margin));
    element.dataset.verdict = found.verdict;
    verdict.textContent = filled(
      moved ? EXPLORE.other : EXPLORE.same, verdictName(found.verdict), verdictName(claim.verdict));
    const [known, alike] = [!Number.isNaN(found.p), found.alike < found.p];
    why.textContent = known
      ? filled(alike ? EXPLORE.alike : EXPLORE.p, pText(alike ? found.alike : found.p))
      : EXPLORE.none;
    list.replaceChildren();
    for (const text of flipsOf(claim, margins, state.margin, state.seeds, found.verdict)) {
      elementIn(list, "li", "", text);
    }
    back.disabled = !moved;
    drawEffects(svg, claim, axis, state.margin, effects, Math.max(element.clientWidth, 280));
    const [effect] = effects;
    svg.setAttribute("aria-label", effect.every(Number.isFinite)
      ? filled(EXPLORE.picture, ...effect.map((one) => onItsScale(claim, one))) : EXPLORE.unknown);
  }

  /** @param {{margin?: number, seeds?: number}} change */
  function move(change) {
    Object.assign(state, change);
    told(state.margin === claim.margin ? null : state.margin,
      state.seeds === claim.seeds ? null : state.seeds);
    show();
  }

  function reset() {
    if (document.activeElement === back) margin.input.focus();
    move({ margin: claim.margin, seeds: claim.seeds });
  }

  margin.input.addEventListener("input", () => {
    const at = margins[Number(margin.input.value) - 1];
    move({ margin: Number(at.toPrecision(4)) });
  });
  seeds.input.addEventListener("input", () => move({ seeds: Number(seeds.input.value) }));
  back.addEventListener("click", reset);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || back.disabled) return;
    event.stopPropagation();
    reset();
  });
  new ResizeObserver(show).observe(element);
  show();
}

/**
 * Give each claim of an unfolded room its explorable, built once a reader opens it.
 * @param {HTMLElement} article @param {{claims?: Record<string, any>}} [study]
 */
export function enlivenClaims(article, study) {
  for (const item of article.querySelectorAll("[data-claim]")) {
    const id = /** @type {HTMLElement} */ (item).dataset.claim ?? "";
    const [claim, place] = [study?.claims?.[id], item.querySelector(".explore")];
    if (!claim || !(place instanceof HTMLElement)) continue;
    if (claim.whyNot) {
      place.textContent = claim.whyNot;
      continue;
    }
    place.replaceChildren();
    const fold = /** @type {HTMLDetailsElement} */ (elementIn(place, "details"));
    elementIn(fold, "summary", "", EXPLORE.open);
    const inside = elementIn(fold, "div", "explorable");
    const { values } = read();
    /** @param {string} key */
    const given = (key) => Number(values.get(`${key}.${id}`)) || undefined;
    const start = { margin: given("margin"), seeds: given("seeds") };
    fold.addEventListener("toggle", () => {
      if (!fold.open || inside.firstChild) return;
      explorable(inside, claim, (margin, seeds) => write({ values: {
        [`margin.${id}`]: margin === null ? null : String(margin),
        [`seeds.${id}`]: seeds === null ? null : String(seeds),
      } }), start);
    });
    fold.open = Boolean(start.margin || start.seeds);
  }
}
