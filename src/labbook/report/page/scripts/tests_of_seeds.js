// @ts-check
/** Tests of what differs by seed, as in evaluate/statistics/paired.py and location_tests.py. */

import { atLeast, ROUNDING, signedRanks, sumOf, tailOfT } from "./chances.js";

/**
 * Numbers by seed: null says nothing; of a side that failed it is infinite (a text in JSON).
 * @typedef {(number | string | null)[]} BySeed
 *
 * What is compared: `gains` on the scale of comparison, or values of one side beside a bound; or
 * epochs `needed` to a goal by both sides, null where a run did not get there, and budgets.
 * `tests` has a letter for each number of seeds (none, t, both t and sign, sign, ranks, count): the
 * test that judges so many; the last is for more than there are.
 * @typedef {{sides: string[], tests: string, gains: BySeed, needed?: BySeed[],
 *   budgets?: number[]}} Comparison
 *
 * @typedef {{values: number[], n: number, mean: number, deviation: number, skewness: number,
 *   test: string}} Sample
 *
 * p of no effect, of one as large as the margin, and of one no larger; 1 or -1 for whom it favours.
 * @typedef {{p: number, alike: number, beyond: number, favours: number, sample: Sample}} Tested
 */

/** Those of so many seeds that say something. @param {BySeed} numbers @param {number} seeds */
export function toldBy(numbers, seeds) {
  const all = Array.from({ length: seeds }, (_, i) => numbers[i % numbers.length]);
  return all.filter((one) => one !== null).map(Number);
}

/** @param {BySeed} numbers @param {number} seeds @param {string} tests @returns {Sample} */
export function sampleOf(numbers, seeds, tests) {
  const values = toldBy(numbers, seeds);
  const known = toldBy(numbers, Math.min(seeds, numbers.length)).filter(Number.isFinite);
  const mean = sumOf(known) / known.length;
  const squares = sumOf(known.map((value) => (value - mean) ** 2));
  const deviation = Math.sqrt(squares / (known.length - 1));
  const spread = Math.sqrt(squares / known.length);
  const skewness = sumOf(known.map((value) => ((value - mean) / spread) ** 3)) / known.length;
  const test = values.length < 6 ? "-" : tests[Math.min(seeds, tests.length) - 1];
  return { values, n: values.length, mean, deviation, skewness, test };
}

/** p of a location of at most `bound`. @param {Sample} sample @param {number} bound */
function chanceAbove({ values, n, mean, deviation, skewness, test }, bound) {
  if (test === "-") return NaN;
  // What is equal up to rounding is equal.
  const moved = values.map((value) =>
    Math.abs(value - bound) <= ROUNDING * Math.abs(bound) ? 0 : value - bound);
  if (test === "r") return signedRanks(moved)[0];
  /** @param {number} effect in deviations */
  const tail = (effect) => tailOfT(effect * Math.sqrt(n), n - 1);
  const effect = (mean - bound) / deviation;
  if (test === "t") return tail(effect);
  // Hall's, whose skewness is taken away.
  const straight =
    effect + skewness * effect ** 2 / 3 + skewness ** 2 * effect ** 3 / 27 + skewness / (6 * n);
  const t = test === "s" ? 0 : Math.max(tail(effect), tail(straight));
  const wins = moved.filter((value) => value > 0).length;
  return Math.max(t, atLeast(wins, wins + moved.filter((value) => value < 0).length, 0.5));
}

/**
 * @param {(shift: number) => number[]} tailsAt chances that what is seen lies so far above the
 * shifted bound, and below it
 * @param {number} margin @param {Sample} sample @returns {Tested}
 */
function testedBy(tailsAt, margin, sample) {
  const [now, far, near] = [0, margin, -margin].map(tailsAt);
  /** @param {number[]} tails */
  const twoSided = (...tails) => Math.min(1, 2 * Math.min(...tails));
  return {
    p: twoSided(...now), alike: Math.max(near[0], far[1]), beyond: twoSided(far[0], near[1]),
    favours: Math.sign(now[1] - now[0]), sample,
  };
}

/** @param {Sample} sample @param {number} bound @param {number} margin */
export function testedGains(sample, bound, margin) {
  const { values, mean } = sample;
  const other = {
    ...sample, values: values.map((value) => -value), mean: -mean, skewness: -sample.skewness,
  };
  return testedBy(
    (shift) => [chanceAbove(sample, bound + shift), chanceAbove(other, -bound - shift)],
    margin, sample);
}

/**
 * Two sides by epochs to a goal: the first is slowed down by a factor, the bound its logarithm.
 * @param {Comparison} comparison @param {number} seeds @param {number} bound @param {number} margin
 */
export function testedTimes({ needed = [], budgets = [] }, seeds, bound, margin) {
  /** @param {number} shift */
  const sampleAt = (shift) => {
    const factors = [Math.exp(bound + shift), 1];
    const limit = Math.min(budgets[0] * factors[0], budgets[1]) * (1 + 1e-9);
    const [first, second] = needed.map((side, place) => side.map((epochs) => {
      const time = Number(epochs ?? Infinity) * factors[place];
      return time <= limit ? Math.round(Math.log(time) * 1e9) / 1e9 : Infinity;
    }));
    // Who got there neither way says nothing.
    const gains = first.map((log, i) => Math.min(log, second[i]) < Infinity ? second[i] - log : null);
    return sampleOf(gains, seeds, "rr");
  };
  const sample = sampleAt(0);
  return testedBy(
    (shift) => (sample.test === "-" ? [NaN, NaN] : signedRanks(sampleAt(shift).values)),
    margin, sample);
}

/** What all parts show: the least sure counts. @param {Tested[]} parts @returns {Tested} */
export function leastSure(parts) {
  const unsure = parts.map(({ p }) => (Number.isNaN(p) ? Infinity : p));
  const mixed = Number(parts.some((one) => one.favours !== parts[0].favours));
  /** @param {"p" | "alike" | "beyond"} name @param {number} floor */
  const most = (name, floor) => Math.max(floor, ...parts.map((one) => one[name]));
  return {
    ...parts[unsure.indexOf(Math.max(...unsure))],
    p: most("p", mixed), alike: most("alike", 0), beyond: most("beyond", mixed),
  };
}
