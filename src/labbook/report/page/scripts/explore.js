// @ts-check
/** Every claim is a small explorable: move its margin or its seeds, and see its verdict flip. */

import { svgIn, textIn } from "./drawing.js";
import { EXPLORE } from "./explore_words.js";
import { flip, intervalOf, judged } from "./rules.js";
import { read, write } from "./state.js";
import { number } from "./wording.js";
import { filled } from "./words.js";

/**
 * @typedef {import("./rules.js").Claim} Claim
 *
 * The axis of a claim's effect, by which the margin is moved, too: `place` is the opposite of
 * `value`. Near no effect it is wide, as in the small pictures of claims.
 * @typedef {{low: number, high: number, neutral: number, ticks: number[],
 *   place: (value: number) => number, value: (place: number) => number}} Axis
 */

const STEPS = 200;
const [TOP, ROW, EDGE, BELOW] = [8, 30, 24, 22];
const UNIT = { ratio: Math.log(1.05), difference: 0.005 };
const TICKS = {
  ratio: [0.1, 0.5, 1 / 1.05, 1, 1.05, 2, 10],
  difference: [-0.3, -0.05, -0.005, 0, 0.005, 0.05, 0.3],
};

/** @param {Claim} claim @returns {Axis} */
function axisOf(claim) {
  const ends = [claim.margin, ...claim.effect].map(Number).filter(Number.isFinite);
  if (claim.moves === "bound") {
    const share = claim.form === "share";
    const reach = Math.max(...ends.map((end) => Math.abs(end - claim.margin))) || claim.margin;
    const [low, high] = share ? [0, 1] : [claim.margin - 1.5 * reach, claim.margin + 1.5 * reach];
    const from = claim.ratio ? Math.max(low, Math.min(...ends) / 2) : low;
    const known = { place: (/** @type {number} */ value) => value, value: (/** @type {number} */ place) => place };
    return { low: from, high, neutral: NaN, ticks: [from, (from + high) / 2, high], ...known };
  }
  if (claim.ratio) {
    const far = Math.max(10, ...ends.map((end) => Math.abs(Math.log(end || 1)))
      .map((end) => 1.2 * Math.exp(end)));
    const [most, unit] = [Math.min(far, 1e6), UNIT.ratio];
    return {
      low: 1 / most, high: most, neutral: 1, ticks: TICKS.ratio,
      place: (value) => Math.asinh(Math.log(value) / unit),
      value: (place) => Math.exp(unit * Math.sinh(place)),
    };
  }
  const most = Math.max(0.3, ...ends.map((end) => 1.2 * Math.abs(end)));
  return {
    low: -most, high: most, neutral: 0, ticks: TICKS.difference,
    place: (value) => Math.asinh(value / UNIT.difference),
    value: (place) => UNIT.difference * Math.sinh(place),
  };
}

/** The margins that the slider offers. @param {Claim} claim @param {Axis} axis */
function marginsOf(claim, axis) {
  const from = Number.isNaN(axis.neutral) ? axis.place(axis.low) : 0;
  const to = axis.place(axis.high);
  return Array.from({ length: STEPS - 1 }, (_, i) =>
    axis.value(from + ((to - from) * (i + 1)) / STEPS));
}

/** A number of the claim's scale in words. @param {Claim} claim @param {number} value */
function inWords(claim, value) {
  if (claim.form === "share") return `${number(100 * value)} %`;
  const [by, places] = [claim.ratio && claim.moves !== "bound", Math.abs(value) < 2 ? 4 : 3];
  return by ? `×${number(value, places)}` : number(value);
}

/** @param {string} verdict */
function named(verdict) {
  return EXPLORE.verdicts[/** @type {"supported"} */ (verdict)] ?? verdict;
}

/** @param {number} p */
function pInWords(p) {
  return p < 0.001 ? "< 0.001" : `= ${p.toFixed(p < 0.1 ? 3 : 2)}`;
}

/**
 * Where the verdict flips, in sentences.
 * @param {Claim} claim @param {number[]} margins @param {number} margin @param {number} seeds
 * @param {string} verdict
 */
function flips(claim, margins, margin, seeds, verdict) {
  /** @param {number} at */
  const ofMargin = (at) => judged(claim, at, seeds).verdict;
  /** @param {number} at */
  const ofSeeds = (at) => judged(claim, margin, at).verdict;
  const down = margins.filter((one) => one < margin).reverse();
  const up = margins.filter((one) => one > margin);
  const fewer = Array.from({ length: Math.min(seeds, claim.seeds + 1) - 1 }, (_, i) => i + 1);
  const more = Array.from({ length: claim.most - seeds }, (_, i) => seeds + 1 + i);
  const found = [
    { text: EXPLORE.below, at: flip(ofMargin, verdict, margin, down, 30), margin: true },
    { text: EXPLORE.above, at: flip(ofMargin, verdict, margin, up, 30), margin: true },
    { text: EXPLORE.fewer, at: flip(ofSeeds, verdict, seeds, fewer.reverse()) },
    { text: EXPLORE.more, at: flip(ofSeeds, verdict, seeds, more) },
  ];
  const told = found.map((one) => one.at && filled(
    one.text, one.margin ? inWords(claim, one.at.at) : one.at.at, named(one.at.verdict)));
  if (!told[0] && !told[1]) told[0] = filled(EXPLORE.nowhere, named(verdict));
  if (!told[2] && !told[3]) told[2] = filled(EXPLORE.never, named(verdict), claim.most);
  return told.filter((text) => text !== null);
}

/**
 * Effect and interval of each pair: the report's own where nothing was moved, else from the seeds.
 * @param {Claim} claim @param {number} margin @param {number} seeds
 */
function effectsOf(claim, margin, seeds) {
  if (seeds === claim.seeds && claim.form !== "order") {
    return [claim.effect.map((one) => one ?? NaN)];
  }
  return judged(claim, margin, seeds).samples.map((sample) => {
    // A gain over the bound that is moved.
    const bound = claim.ratio ? Math.log(margin) : margin;
    const shift = claim.moves === "margin" || sample.test === "c" ? 0 : bound;
    const sign = claim.moves === "bound" && sample.test !== "c" ? claim.sign : 1;
    const [mean, ...ends] = intervalOf(sample).map((one) => shift + sign * one);
    const values = [mean, ...ends.sort((a, b) => a - b)];
    return claim.ratio ? values.map(Math.exp) : values;
  });
}

/**
 * @param {SVGElement} svg @param {Claim} claim @param {Axis} axis @param {number} margin
 * @param {number[][]} effects @param {number} width
 */
function draw(svg, claim, axis, margin, effects, width) {
  const named_ = claim.pairs.length > 1 ? 16 : 0;
  const height = TOP + effects.length * (ROW + named_) + BELOW;
  const [from, to] = [axis.place(axis.low), axis.place(axis.high)];
  /** @param {number} value */
  const x = (value) => {
    const place = EDGE + ((width - 2 * EDGE) * (axis.place(value) - from)) / (to - from);
    return Math.min(Math.max(place, EDGE), width - EDGE);
  };
  const bottom = height - BELOW;
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("height", String(height));
  const other = claim.ratio ? 1 / margin : -margin;
  const left = claim.moves === "margin" ? x(other) : x(margin);
  svgIn(svg, "path", { class: "margin", d: `M${left} ${TOP}H${x(margin)}V${bottom}H${left}Z` });
  if (claim.moves !== "margin") {
    svgIn(svg, "path", { class: "bound", d: `M${left} ${TOP}V${bottom}` });
  }
  svgIn(svg, "path", { class: "axis", d: `M${EDGE} ${bottom}H${width - EDGE}` });
  if (axis.neutral === axis.neutral) {
    svgIn(svg, "path", { class: "zero", d: `M${x(axis.neutral)} ${TOP}V${bottom}` });
  }
  let last = -Infinity;
  for (const tick of axis.ticks) {
    svgIn(svg, "path", { class: "axis", d: `M${x(tick)} ${bottom}v4` });
    if (x(tick) - last < 34) continue;
    last = x(tick);
    textIn(svg, inWords(claim, tick), last, bottom + 17, "tick");
  }
  effects.forEach(([mean, low, high], row) => {
    const middle = TOP + row * (ROW + named_) + named_ + ROW / 2;
    if (named_) textIn(svg, claim.pairs[row][0].sides.join(" / "), EDGE, middle - ROW / 2 + 2, "row");
    if (low === low || high === high) {
      const ends = [low === low ? x(low) : EDGE, high === high ? x(high) : width - EDGE];
      svgIn(svg, "path", { class: "bar", d: `M${ends[0]} ${middle}H${ends[1]}` });
      for (const end of ends) svgIn(svg, "path", { class: "bar", d: `M${end} ${middle - 5}v10` });
    }
    if (mean === mean) svgIn(svg, "circle", { class: "dot", cx: x(mean), cy: middle, r: 5 });
  });
}

/**
 * @param {HTMLElement} parent @param {string} tag @param {string} [look] @param {string} [text]
 */
function partIn(parent, tag, look = "", text = "") {
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
function slider(parent, name, most) {
  const label = partIn(parent, "label", "slider");
  partIn(label, "span", "", name);
  const input = /** @type {HTMLInputElement} */ (partIn(label, "input"));
  Object.assign(input, { type: "range", min: "1", max: String(most), step: "1" });
  return { input, output: partIn(label, "output") };
}

/**
 * Build into `element` what a reader can move of a claim.
 * @param {HTMLElement} element @param {Claim} claim as explorable.py writes it
 * @param {(margin: number | null, seeds: number | null) => void} [told] hears what was moved
 * @param {{margin?: number, seeds?: number}} [start]
 */
export function explorable(element, claim, told = () => {}, start = {}) {
  const axis = axisOf(claim);
  const margins = marginsOf(claim, axis);
  const state = { margin: start.margin ?? claim.margin, seeds: start.seeds ?? claim.seeds };
  element.replaceChildren();
  const svg = svgIn(element, "svg", { role: "img", width: "100%" });
  const controls = partIn(element, "div", "sliders");
  const margin = slider(controls, EXPLORE.moves[/** @type {"margin"} */ (claim.moves)], STEPS - 1);
  const seeds = slider(controls, EXPLORE.seeds, claim.most);
  const verdict = partIn(element, "p", "would");
  verdict.setAttribute("aria-live", "polite");
  const why = partIn(element, "p", "quiet");
  const list = partIn(element, "ul", "flips");
  const back = /** @type {HTMLButtonElement} */ (partIn(element, "button", "", EXPLORE.back));
  back.type = "button";

  function show() {
    const found = judged(claim, state.margin, state.seeds);
    const moved = state.margin !== claim.margin || state.seeds !== claim.seeds;
    const effects = effectsOf(claim, state.margin, state.seeds);
    const nearest = margins.findIndex((one) => one >= state.margin * (1 - 1e-9));
    margin.input.value = String(nearest < 0 ? STEPS - 1 : nearest + 1);
    seeds.input.value = String(state.seeds);
    margin.output.textContent = inWords(claim, state.margin);
    seeds.output.textContent = String(state.seeds);
    margin.input.setAttribute("aria-valuetext", inWords(claim, state.margin));
    element.dataset.verdict = found.verdict;
    verdict.textContent = filled(
      moved ? EXPLORE.other : EXPLORE.same, named(found.verdict), named(claim.verdict));
    const [known, alike] = [found.p === found.p, found.alike < found.p];
    why.textContent = known
      ? filled(alike ? EXPLORE.alike : EXPLORE.p, pInWords(alike ? found.alike : found.p))
      : EXPLORE.none;
    list.replaceChildren();
    for (const text of flips(claim, margins, state.margin, state.seeds, found.verdict)) {
      partIn(list, "li", "", text);
    }
    back.disabled = !moved;
    draw(svg, claim, axis, state.margin, effects, Math.max(element.clientWidth, 280));
    const [effect] = effects;
    svg.setAttribute("aria-label", effect.every(Number.isFinite)
      ? filled(EXPLORE.picture, ...effect.map((one) => inWords(claim, one))) : EXPLORE.unknown);
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
    const fold = /** @type {HTMLDetailsElement} */ (partIn(place, "details"));
    partIn(fold, "summary", "", EXPLORE.open);
    const inside = partIn(fold, "div", "explorable");
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
