// @ts-check
/** The picture of an explorable claim: effect, interval and what is moved, on one axis. */

import { quantileOfT } from "./chances.js";
import { svgIn, textIn } from "./drawing.js";
import { judged, onScale } from "./rules.js";
import { number } from "./wording.js";

/**
 * @typedef {import("./rules.js").Claim} Claim
 *
 * The axis of a claim's effect, by which the margin is moved, too. Near no effect it is wide, as in
 * the small pictures of claims, and `place` and `value` lead there and back.
 * @typedef {{low: number, high: number, ticks: number[], place: (value: number) => number,
 *   value: (place: number) => number}} EffectAxis
 */

// Ticks, the most telling first: where there is no room the later ones have no number.
const RATIOS = [1, 0.1, 10, 1.05, 1 / 1.05, 0.5, 2];
const DIFFERENCES = [0, -0.3, 0.3, 0.005, -0.005, -0.05, 0.05];
const [LEFT, PAIR_HEIGHT, TICK_ROOM] = [24, 38, 36];

/** @param {Claim} claim @returns {EffectAxis} */
export function effectAxis(claim) {
  const ends = [claim.margin, ...claim.effect.filter((one) => one !== null)].map(Number);
  if (claim.moves === "bound") {
    const far = Math.max(...ends.map((end) => Math.abs(end - claim.margin)));
    const wide = 3 * far || Math.abs(claim.margin) / 2 || 1;
    let [low, high] = [claim.margin - wide, claim.margin + wide];
    if (claim.form === "share") [low, high] = [0, 1];
    // Errors and epochs are above 0.
    if (claim.ratio) low = Math.max(low, Math.min(...ends) / 2);
    const ticks = [low, high, (low + high) / 2];
    return { low, high, ticks, place: (value) => value, value: (place) => place };
  }
  const [unit, ticks] = claim.ratio ? [Math.log(1.05), RATIOS] : [0.005, DIFFERENCES];
  /** @param {number} place */
  const value = (place) => {
    const effect = unit * Math.sinh(place);
    return claim.ratio ? Math.exp(effect) : effect;
  };
  /** @param {number} effect */
  const place = (effect) => Math.asinh(onScale(claim, effect) / unit);
  const far = Math.max(place(ticks[2]), ...ends.map((end) => 1.1 * Math.abs(place(end))));
  return { low: value(-far), high: value(far), ticks, place, value };
}

/** A number of the claim's scale in words. @param {Claim} claim @param {number} value */
export function onItsScale(claim, value) {
  if (claim.form === "share") return `${number(100 * value)} %`;
  if (!claim.ratio || claim.moves === "bound") return number(value);
  // A margin reads as it was chosen: ×1.05, not ×1.050.
  const short = Number(value.toPrecision(value >= 1 && value < 1.1 ? 4 : 3));
  return `×${short > 1e-3 && short < 1e4 ? short : number(value)}`;
}

/**
 * Effect and interval of each pair: the report's own where nothing was moved, else from the seeds;
 * NaN where a run failed or there is no such interval.
 * @param {Claim} claim @param {number} margin @param {number} seeds
 */
export function effectsOf(claim, margin, seeds) {
  if (seeds === claim.seeds && claim.form !== "order") {
    return [claim.effect.map((one) => one ?? NaN)];
  }
  return judged(claim, margin, seeds).samples.map(({ values, n, mean, deviation, test }) => {
    const half = (quantileOfT(n - 1) * deviation) / Math.sqrt(n);
    const whole = test !== "r" && test !== "c" && values.every(Number.isFinite);
    const ends = [mean, mean - half, mean + half].map((end) => (claim.ratio ? Math.exp(end) : end));
    return ends.map((end, i) => (whole || (i === 0 && test === "c") ? end : NaN));
  });
}

/**
 * @param {SVGElement} svg @param {Claim} claim @param {EffectAxis} axis @param {number} margin
 * @param {number[][]} effects mean, low and high of each pair
 * @param {number} width
 */
export function drawEffects(svg, claim, axis, margin, effects, width) {
  const [from, to, right] = [axis.place(axis.low), axis.place(axis.high), width - LEFT];
  /** @param {number} value */
  const x = (value) => Math.min(Math.max(
    LEFT + ((right - LEFT) * (axis.place(value) - from)) / (to - from), LEFT), right);
  const bottom = effects.length * PAIR_HEIGHT;
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${bottom + 22}`);
  svg.setAttribute("height", String(bottom + 22));
  /** @param {string} look @param {string} d */
  const path = (look, d) => svgIn(svg, "path", { class: look, d });
  const other = x(claim.ratio ? 1 / margin : -margin);
  if (claim.moves !== "margin") path("bound", `M${x(margin)} 4V${bottom}`);
  else path("margin", `M${other} 4H${x(margin)}V${bottom}H${other}Z`);
  if (claim.moves !== "bound") path("zero", `M${x(axis.ticks[0])} 4V${bottom}`);
  path("axis", `M${LEFT} ${bottom}H${right}`);
  /** @type {number[]} */
  const told = [];
  for (const tick of axis.ticks) {
    path("axis", `M${x(tick)} ${bottom}v4`);
    if (told.some((other) => Math.abs(x(tick) - other) < TICK_ROOM)) continue;
    told.push(x(tick));
    textIn(svg, onItsScale(claim, Number(tick.toPrecision(3))), [x(tick), bottom + 17], "tick");
  }
  for (const [place, [mean, low, high]] of effects.entries()) {
    const middle = (place + 1) * PAIR_HEIGHT - 14;
    if (effects.length > 1) textIn(svg, claim.pairs[place][0].sides.join(" / "), [LEFT, middle - 11]);
    if (!Number.isNaN(low) || !Number.isNaN(high)) {
      const ends = [Number.isNaN(low) ? LEFT : x(low), Number.isNaN(high) ? right : x(high)];
      path("bar", `M${ends[0]} ${middle}H${ends[1]}`);
      for (const end of ends) path("bar", `M${end} ${middle - 5}v10`);
    }
    if (!Number.isNaN(mean)) svgIn(svg, "circle", { class: "dot", cx: x(mean), cy: middle, r: 5 });
  }
}
