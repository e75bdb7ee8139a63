// @ts-check
/**
 * The rule by which a claim gets its verdict, for any margin and any number of seeds: that of
 * evaluate/claims/judge.py. tests/report/test_rules.py holds both equal. Pure: no page is needed.
 *
 * Of fewer seeds than there are the first so many count. Of more, mean and spread stay as they are
 * for Student's t test; signs and ranks are those of the seeds over again, in turn.
 */

import { binomial } from "./chances.js";
import { leastSure, lessBound, sampleOf, testedBy, testedTimes, toldBy } from "./tests_of_seeds.js";

/**
 * @typedef {import("./tests_of_seeds.js").Comparison} Comparison
 * @typedef {import("./tests_of_seeds.js").Tested} Tested
 *
 * A claim as explorable.py writes it. `pairs`: one, or those of an order's neighbours, each with a
 * comparison for each choice of parts. `others`: p of the study's other claims, of an effect and
 * of being alike.
 * @typedef {{id: string, form: string, verdict: string, moves: string, margin: number,
 *   sign: number, ratio: boolean, effect: (number | null)[], seeds: number, most: number,
 *   rows: number, others: number[][], pairs: Comparison[][]}} Claim
 *
 */

const ALPHA = 0.05;
// An error of exactly 0 has no logarithm.
const SMALLEST = 1.1754943508222875e-38;
/** @param {Claim} claim @param {number} value @returns {number} on the scale of comparison */
function onScale(claim, value) {
  return claim.ratio ? Math.log(Math.max(value, SMALLEST)) : value;
}

/**
 * Two sides, by a margin or by at least so much.
 * @param {Claim} claim @param {Comparison[]} parts @param {number} margin @param {number} seeds
 * @returns {Tested}
 */
function testedSides(claim, parts, margin, seeds) {
  const [limit, bounded] = [onScale(claim, margin), claim.moves === "least"];
  const tested = leastSure(parts.map((part) => {
    if (part.needed) return testedTimes(part, seeds, bounded ? margin : 1, margin);
    const gains = (part.gains ?? []).map((gain) =>
      gain === null ? null : lessBound(Number(gain), bounded ? limit : 0));
    return testedBy(sampleOf(gains, seeds, part.tests, true), limit);
  }));
  if (bounded) return { ...tested, alike: NaN };
  if (!claim.rows || tested.sample.values.some(Boolean)) return tested;
  const unseen = (1 - Math.min(limit, 1)) ** (claim.rows * seeds);
  return { ...tested, alike: Math.max(tested.alike, unseen) };
}

/**
 * One side and a bound: a share of runs, or a metric.
 * @param {Claim} claim @param {number} bound @param {number} seeds @returns {Tested}
 */
function testedBound(claim, bound, seeds) {
  const { gains = [], values = [], tests } = claim.pairs[0][0];
  const natural = toldBy(values, seeds);
  const mean = natural.reduce((a, b) => a + b, 0) / natural.length;
  if (tests[0] === "c") {
    const sample = sampleOf(values, seeds, tests, false);
    const favours = claim.sign * Math.sign(mean - bound);
    const p = sample.test === "-" ? NaN : binomial(Math.round(mean * seeds), seeds, bound);
    return { p, alike: NaN, beyond: NaN, favours, sample };
  }
  const kept = gains.map((gain, i) => (gain === null || values[i] === null
    ? gain : claim.sign * lessBound(onScale(claim, Number(values[i])), onScale(claim, bound))));
  const tested = testedBy(sampleOf(kept, seeds, tests, false), 0);
  let unseen = 0;
  if (claim.form === "share") {
    // Never to meet a seed of the other extreme, were the mean share the bound.
    const [most, limit] = mean < bound
      ? [1 - Math.min(...natural), 1 - bound] : [Math.max(...natural), bound];
    unseen = Math.min(1, 2 * (limit / Math.max(most, limit)) ** seeds);
  } else if (claim.rows && bound > 0 && bound < 1 && natural.length) {
    const rows = claim.rows * seeds;
    unseen = binomial(Math.round(mean * rows), rows, bound);
  }
  return { ...tested, p: Math.max(tested.p, unseen), alike: NaN };
}

/** Holm's correction of one p among others. @param {number} p @param {number[]} others */
function holmAmong(p, others) {
  const smaller = others.filter((other) => other < p).sort((a, b) => a - b);
  return [...smaller, p].reduce(
    (most, one, i) => Math.max(most, Math.min(1, one * (others.length + 1 - i))), 0);
}

/**
 * An order: as sure as its least sure pair, or broken as surely as its surest reversed one.
 * @param {Tested[]} pairs
 */
function testedOrder(pairs) {
  const told = pairs.filter(({ p }) => !Number.isNaN(p));
  const holds = Math.max(...pairs.map((one) => (one.favours > 0 && one.p <= 1 ? one.p : 1)));
  /** @param {number} i @param {number[]} p */
  const among = (i, p) => holmAmong(p[i], p.filter((_, j) => j !== i));
  const p = told.map((one, i) =>
    (holds < ALPHA ? one.p : among(i, told.map((other) => other.p))));
  const broken = Math.min(1, ...p.filter((_, i) => told[i].favours < 0));
  const likeness = pairs.map((one) => one.alike).filter((one) => !Number.isNaN(one));
  const alike = likeness.length ? Math.min(...likeness.map((_, i) => among(i, likeness))) : NaN;
  return {
    p: told.length ? Math.min(holds, broken) : NaN, alike, favours: holds <= broken ? 1 : -1,
  };
}

/**
 * The verdict of a claim with this margin (or bound) and so many seeds; the corrected p of an
 * effect and of being alike, and what was tested of each pair.
 * @param {Claim} claim @param {number} margin @param {number} seeds
 */
export function judged(claim, margin, seeds) {
  const tested = claim.pairs.map((parts) =>
    claim.moves === "bound" ? testedBound(claim, margin, seeds) : testedSides(claim, parts, margin, seeds));
  const likeness = claim.form === "alike";
  let { p, alike, favours } = claim.form === "order" ? testedOrder(tested) : tested[0];
  if (likeness) [p, favours] = [tested[0].beyond, -1];
  [p, alike] = [holmAmong(p, claim.others[0]), holmAmong(alike, claim.others[1])];
  const shown = p < ALPHA;
  let verdict = "undecided";
  if (alike < ALPHA && !(claim.form === "order" && shown && favours < 0)) {
    // Likeness decides, not the effect.
    verdict = likeness ? "supported" : "refuted";
  } else if (shown) verdict = favours > 0 ? "supported" : "refuted";
  return { verdict, p, alike, samples: tested.map((one) => one.sample) };
}

/**
 * The first of `steps` with another verdict than `now`, and that verdict; by halves where it flips
 * between the step before it and itself. Null where none has another.
 * @param {(at: number) => string} verdictAt @param {string} now @param {number} from
 * @param {number[]} steps @param {number} [halves] @returns {{at: number, verdict: string} | null}
 */
export function flip(verdictAt, now, from, steps, halves = 0) {
  let before = from;
  for (let at of steps) {
    let verdict = verdictAt(at);
    for (let i = 0; verdict !== now && i < halves; i++) {
      const middle = (before + at) / 2;
      const found = verdictAt(middle);
      if (found === now) before = middle;
      else [at, verdict] = [middle, found];
    }
    if (verdict !== now) return { at, verdict };
    before = at;
  }
  return null;
}

