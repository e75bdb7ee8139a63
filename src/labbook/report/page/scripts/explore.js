// @ts-check
/** Every claim is a small explorable: move its margin or its seeds, and see its verdict flip. */

import { svgIn } from "./drawing.js";
import { drawEffects, effectAxis, effectsOf, onItsScale } from "./explore_picture.js";
import { EXPLORE } from "./explore_words.js";
import { flip, judged } from "./rules.js";
import { read, write } from "./state.js";
import { filled } from "./words.js";

/** @typedef {import("./rules.js").Claim} Claim */

const MARGINS = 120;

/**
 * Where the verdict flips, in sentences: by the margin down and up, by fewer and more seeds.
 * @param {Claim} claim @param {number[]} margins @param {number} margin @param {number} seeds
 * @param {string} verdict
 */
function flipsOf(claim, margins, margin, seeds, verdict) {
  const { verdicts, flips, fewer, more, steady } = EXPLORE;
  const counts = Array.from({ length: claim.most }, (_, i) => i + 1);
  const first = counts.filter((one) => one < seeds && one <= claim.seeds);
  /** @type {[string, number[]][]} */
  const ways = [
    [flips[claim.moves][0], margins.filter((one) => one < margin).reverse()],
    [flips[claim.moves][1], margins.filter((one) => one > margin)],
    [fewer, first.reverse()],
    [more, counts.slice(seeds)],
  ];
  const told = ways.map(([text, steps], way) => {
    const moved = way < 2;
    const found = flip(
      (at) => (moved ? judged(claim, at, seeds) : judged(claim, margin, at)).verdict,
      verdict, moved ? margin : seeds, steps, moved ? 20 : 0);
    if (!found) return "";
    const at = moved ? onItsScale(claim, found.at) : found.at;
    return filled(text, at, verdicts[found.verdict]);
  });
  if (!told[0] && !told[1]) told[0] = filled(steady[claim.moves], verdicts[verdict]);
  if (!told[2] && !told[3]) told[2] = filled(steady.seeds, verdicts[verdict], claim.most);
  return told.filter(Boolean);
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {HTMLElement} parent @param {Tag} tag @param {string} [look] @param {string} [text]
 */
function elementIn(parent, tag, look = "", text = "") {
  const part = document.createElement(tag);
  part.className = look;
  part.textContent = text;
  parent.append(part);
  return part;
}

/**
 * A slider with its name and its value in words.
 * @param {HTMLElement} parent @param {string} name @param {number} most
 */
function sliderIn(parent, name, most) {
  const label = elementIn(parent, "label", "slider", name);
  const input = elementIn(label, "input");
  Object.assign(input, { type: "range", min: 1, max: most });
  const output = elementIn(label, "output");
  /** @param {number} place @param {string} text */
  const put = (place, text) => {
    input.value = String(place);
    input.ariaValueText = output.textContent = text;
  };
  return { input, put };
}

/**
 * Build into `element` what a reader can move of a claim.
 * @param {HTMLElement} element @param {Claim} claim as explorable.py writes it
 * @param {(state: {margin: number, seeds: number}) => void} [told] hears what was moved
 * @param {{margin?: number, seeds?: number}} [start]
 */
export function explorable(element, claim, told = () => {}, start = {}) {
  const axis = effectAxis(claim);
  const from = axis.place(claim.moves === "bound" ? axis.low : axis.ticks[0]);
  const step = (axis.place(axis.high) - from) / MARGINS;
  const margins = Array.from({ length: MARGINS - 1 }, (_, i) =>
    Number(axis.value(from + step * (i + 1)).toPrecision(4)));
  const report = { margin: claim.margin, seeds: claim.seeds };
  const state = { ...report, ...start };
  // An address may ask for anything: what no slider reaches is none of it.
  if (start.margin !== undefined) {
    state.margin = Math.min(Math.max(start.margin, margins[0]), margins[margins.length - 1]);
  }
  state.seeds = Math.min(Math.max(Math.round(state.seeds), 1), claim.most);
  element.replaceChildren();
  const svg = svgIn(element, "svg", { role: "img", width: "100%" });
  const sliders = elementIn(element, "div", "sliders");
  const margin = sliderIn(sliders, EXPLORE.names[claim.moves], margins.length);
  const seeds = sliderIn(sliders, EXPLORE.names.seeds, claim.most);
  const verdict = elementIn(element, "p", "would");
  verdict.ariaLive = "polite";
  const why = elementIn(element, "p", "quiet");
  const list = elementIn(element, "ul", "flips");
  const back = elementIn(element, "button", "", EXPLORE.back);
  back.type = "button";

  function show() {
    const found = judged(claim, state.margin, state.seeds);
    const likeness = found.alike < found.p;
    const p = likeness ? found.alike : found.p;
    const effects = effectsOf(claim, state.margin, state.seeds);
    const { none, same, other, verdicts } = EXPLORE;
    margin.put(margins.filter((one) => one < state.margin).length + 1, onItsScale(claim, state.margin));
    seeds.put(state.seeds, String(state.seeds));
    element.dataset.verdict = found.verdict;
    back.disabled = state.margin === claim.margin && state.seeds === claim.seeds;
    verdict.textContent = filled(
      back.disabled ? same : other, verdicts[found.verdict], verdicts[claim.verdict]);
    const text = p < 0.001 ? "< 0.001" : `= ${p.toFixed(p < 0.1 ? 3 : 2)}`;
    why.textContent = Number.isNaN(p) ? none : filled(likeness ? EXPLORE.alike : EXPLORE.p, text);
    list.replaceChildren();
    for (const one of flipsOf(claim, margins, state.margin, state.seeds, found.verdict)) {
      elementIn(list, "li", "", one);
    }
    drawEffects(svg, claim, axis, state.margin, effects, Math.max(element.clientWidth, 280));
    svg.ariaLabel = effects[0].every(Number.isFinite)
      ? filled(EXPLORE.picture, ...effects[0].map((one) => onItsScale(claim, one)))
      : EXPLORE.unknown;
  }

  /** @param {{margin?: number, seeds?: number}} change */
  function move(change) {
    Object.assign(state, change);
    told(state);
    show();
  }

  function reset() {
    if (document.activeElement === back) margin.input.focus();
    move(report);
  }

  margin.input.oninput = () => move({ margin: margins[Number(margin.input.value) - 1] });
  seeds.input.oninput = () => move({ seeds: Number(seeds.input.value) });
  back.onclick = reset;
  element.onkeydown = (event) => {
    if (event.key !== "Escape" || back.disabled) return;
    event.stopPropagation();
    reset();
  };
  new ResizeObserver(show).observe(element);
}

/**
 * Give each claim of an unfolded room its explorable, built once a reader opens it.
 * @param {HTMLElement} article @param {{claims?: Record<string, any>}} [study]
 */
export function enlivenClaims(article, study) {
  for (const place of article.querySelectorAll("[data-claim] .explore")) {
    const id = place.closest("[data-claim]")?.getAttribute("data-claim") ?? "";
    const claim = study?.claims?.[id];
    if (!claim) continue;
    place.textContent = claim.whyNot ?? "";
    if (claim.whyNot) continue;
    const fold = elementIn(/** @type {HTMLElement} */ (place), "details");
    elementIn(fold, "summary", "", EXPLORE.open);
    const inside = elementIn(fold, "div", "explorable");
    /** @type {Record<string, number>} */
    const start = {};
    for (const key of ["margin", "seeds"]) {
      const given = Number.parseFloat(read().values.get(`${key}.${id}`) ?? "");
      if (Number.isFinite(given)) start[key] = given;
    }
    fold.ontoggle = () => {
      if (inside.firstChild) return;
      explorable(inside, claim, ({ margin, seeds }) => write({ values: {
        [`margin.${id}`]: margin === claim.margin ? null : String(margin),
        [`seeds.${id}`]: seeds === claim.seeds ? null : String(seeds),
      } }), start);
    };
    fold.open = Object.keys(start).length > 0;
  }
}
