// @ts-check
/** The picture of an explorable claim: effect, interval and what is moved, on one axis. */

import { svgIn, textIn } from "./drawing.js";
import { judged } from "./rules.js";
import { intervalOf } from "./tests_of_seeds.js";
import { number } from "./wording.js";

/**
 * @typedef {import("./rules.js").Claim} Claim
 *
 * The axis of a claim's effect, by which the margin is moved, too: `place` is the opposite of
 * `value`. Near no effect it is wide, as in the small pictures of claims; `neutral` is NaN where
 * there is a bound instead.
 * @typedef {{low: number, high: number, neutral: number, ticks: number[],
 *   place: (value: number) => number, value: (place: number) => number}} EffectAxis
 */

const STEPS = 200;
const PICTURE = { top: 8, row: 30, name: 16, edge: 24, below: 22, between: 36 };
// Ticks, the most telling first: where there is no room the later ones have no number.
const RATIOS = [1, 0.1, 10, 1.05, 1 / 1.05, 0.5, 2];
const DIFFERENCES = [0, -0.3, 0.3, 0.005, -0.005, -0.05, 0.05];
const MOST_RATIO = 1e6;

/** @param {Claim} claim @returns {EffectAxis} */
export function effectAxis(claim) {
  const known = claim.effect.filter((one) => one !== null);
  const ends = [claim.margin, ...known.map(Number)];
  if (claim.moves === "bound") return boundAxis(claim, ends);
  if (claim.ratio) {
    const far = ends.map((end) => (end > 0 ? Math.max(end, 1 / end) : 1));
    const most = Math.min(Math.max(10, 1.2 * Math.max(...far)), MOST_RATIO);
    return {
      low: 1 / most, high: most, neutral: 1, ticks: RATIOS,
      place: (value) => Math.asinh(Math.log(value) / Math.log(1.05)),
      value: (place) => 1.05 ** Math.sinh(place),
    };
  }
  const most = Math.max(0.3, ...ends.map((end) => 1.2 * Math.abs(end)));
  return {
    low: -most, high: most, neutral: 0, ticks: DIFFERENCES,
    place: (value) => Math.asinh(value / 0.005),
    value: (place) => 0.005 * Math.sinh(place),
  };
}

/** The axis around a claimed bound. @param {Claim} claim @param {number[]} ends */
function boundAxis(claim, ends) {
  const reach = 3 * Math.max(...ends.map((end) => Math.abs(end - claim.margin)));
  const wide = reach || Math.abs(claim.margin) / 2 || 1;
  let [low, high] = [claim.margin - wide, claim.margin + wide];
  if (claim.form === "share") [low, high] = [0, 1];
  // Errors and epochs are above 0.
  if (claim.ratio) low = Math.max(low, Math.min(...ends) / 2);
  /** @param {number} value */
  const same = (value) => value;
  return {
    low, high, neutral: Number.NaN, ticks: [low, (low + high) / 2, high], place: same, value: same,
  };
}

/** The margins (or bounds) that a reader can choose, ascending. @param {EffectAxis} axis */
export function marginsOf(axis) {
  const from = axis.place(Number.isNaN(axis.neutral) ? axis.low : axis.neutral);
  const step = (axis.place(axis.high) - from) / STEPS;
  return Array.from({ length: STEPS - 1 }, (_, i) => axis.value(from + step * (i + 1)));
}

/** A number of the claim's scale in words. @param {Claim} claim @param {number} value */
export function onItsScale(claim, value) {
  if (claim.form === "share") return `${number(100 * value)} %`;
  if (!claim.ratio || claim.moves === "bound") return number(value);
  // One that the reader chose reads as it is: ×1.05, not ×1.050.
  const short = Number(value.toPrecision(value >= 1 && value < 1.1 ? 4 : 3));
  return `×${short > 1e-3 && short < 1e4 ? short : number(value)}`;
}

/**
 * Effect and interval of each pair: the report's own where nothing was moved, else from the seeds.
 * @param {Claim} claim @param {number} margin @param {number} seeds
 */
export function effectsOf(claim, margin, seeds) {
  if (seeds === claim.seeds && claim.form !== "order") {
    return [claim.effect.map((one) => one ?? NaN)];
  }
  const bound = claim.ratio ? Math.log(margin) : margin;
  return judged(claim, margin, seeds).samples.map((sample) => {
    // Gains over the bound that is moved, but of counts.
    const beyond = claim.moves !== "margin" && sample.test !== "c";
    const [shift, sign] = [beyond ? bound : 0, beyond ? claim.sign : 1];
    const [mean, ...ends] = intervalOf(sample).map((one) => shift + sign * one);
    const values = [mean, Math.min(...ends), Math.max(...ends)];
    return claim.ratio ? values.map(Math.exp) : values;
  });
}

/**
 * @param {SVGElement} svg @param {Claim} claim @param {EffectAxis} axis @param {number} margin
 * @param {number[][]} effects mean, low and high of each pair
 * @param {number} width
 */
export function drawEffects(svg, claim, axis, margin, effects, width) {
  const { top, row, name, edge, below } = PICTURE;
  const tall = row + (claim.pairs.length > 1 ? name : 0);
  const bottom = top + effects.length * tall;
  const [from, to] = [axis.place(axis.low), axis.place(axis.high)];
  /** @param {number} value */
  const x = (value) => {
    const place = edge + ((width - 2 * edge) * (axis.place(value) - from)) / (to - from);
    return Math.min(Math.max(place, edge), width - edge);
  };
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${bottom + below}`);
  svg.setAttribute("height", String(bottom + below));
  /** @param {string} look @param {string} d */
  const path = (look, d) => svgIn(svg, "path", { class: look, d });
  if (claim.moves === "margin") {
    const other = x(claim.ratio ? 1 / margin : -margin);
    path("margin", `M${other} ${top}H${x(margin)}V${bottom}H${other}Z`);
  } else path("bound", `M${x(margin)} ${top}V${bottom}`);
  if (!Number.isNaN(axis.neutral)) path("zero", `M${x(axis.neutral)} ${top}V${bottom}`);
  path("axis", `M${edge} ${bottom}H${width - edge}`);
  /** @type {number[]} */
  const told = [];
  for (const tick of axis.ticks) {
    path("axis", `M${x(tick)} ${bottom}v4`);
    if (told.some((other) => Math.abs(x(tick) - other) < PICTURE.between)) continue;
    told.push(x(tick));
    textIn(svg, onItsScale(claim, Number(tick.toPrecision(3))), [x(tick), bottom + 17], "tick");
  }
  for (const [place, [mean, low, high]] of effects.entries()) {
    const middle = top + (place + 1) * tall - row / 2;
    const names = claim.pairs[place][0].sides.join(" / ");
    if (tall > row) textIn(svg, names, [edge, middle - row / 2 + 2], "name");
    if (!Number.isNaN(low) || !Number.isNaN(high)) {
      const ends = [Number.isNaN(low) ? edge : x(low), Number.isNaN(high) ? width - edge : x(high)];
      path("bar", `M${ends[0]} ${middle}H${ends[1]}`);
      for (const end of ends) path("bar", `M${end} ${middle - 5}v10`);
    }
    if (!Number.isNaN(mean)) svgIn(svg, "circle", { class: "dot", cx: x(mean), cy: middle, r: 5 });
  }
}
