// @ts-check
/** Tests of what differs by seed, as in evaluate/statistics/paired.py and location_tests.py. */

import { atLeast, ROUNDING, signedRanks, solved, tailOfT } from "./chances.js";

/**
 * Numbers by seed: null says nothing, an infinite gain (a text in JSON) is of a side that failed.
 * @typedef {(number | string | null)[]} BySeed
 *
 * What is compared: gains on the scale of comparison; of one side `values` beside its bound; of
 * epochs to a goal those needed by both sides, null where a run did not get there, and budgets.
 * `tests` has a letter per seed: which test judges so many (none, t, both t and sign, sign, ranks,
 * count).
 * @typedef {{sides: string[], tests: string, gains?: BySeed, values?: BySeed, needed?: BySeed[],
 *   budgets?: number[]}} Comparison
 *
 * @typedef {{values: number[], n: number, mean: number, deviation: number, test: string}} Sample
 * @typedef {{p: number, alike: number, beyond: number, favours: number, sample: Sample}} Tested
 */

const FEWEST_SEEDS = 6;
const NO_SPREAD = 1e-150;

/** Equal up to rounding is equal. @param {number} value @param {number} bound */
export function lessBound(value, bound) {
  return Math.abs(value - bound) <= ROUNDING * Math.abs(bound) ? 0 : value - bound;
}

/** Those of so many seeds that say something. @param {BySeed} numbers @param {number} seeds */
export function toldBy(numbers, seeds) {
  const told = Array.from({ length: seeds }, (_, i) => numbers[i % numbers.length]);
  return told.filter((one) => one !== null).map(Number);
}

/**
 * @param {BySeed} numbers @param {number} seeds @param {string} tests @param {boolean} paired
 * @returns {Sample}
 */
export function sampleOf(numbers, seeds, tests, paired) {
  const values = toldBy(numbers, seeds);
  const known = toldBy(numbers, Math.min(seeds, numbers.length)).filter(Number.isFinite);
  const mean = known.reduce((a, b) => a + b, 0) / known.length;
  const squares = known.reduce((total, value) => total + (value - mean) ** 2, 0);
  let test = tests[Math.min(seeds, tests.length) - 1];
  // Fewer seeds than choose a test.
  if (test === "-") {
    test = "t";
    const range = Math.max(...values) - Math.min(...values);
    const still = Math.max(ROUNDING * Math.max(...values.map(Math.abs)), NO_SPREAD);
    if (!values.every(Number.isFinite)) test = paired ? "r" : "s";
    else if (range <= still) test = "s";
  }
  if (values.length < FEWEST_SEEDS) test = "-";
  const deviation = Math.sqrt(squares / (known.length - 1));
  return { values, n: values.length, mean, deviation, test };
}

/** p of a location of at most `bound`. @param {Sample} sample @param {number} bound */
function chanceAbove({ values, n, mean, deviation, test }, bound) {
  const moved = values.map((value) => lessBound(value, bound));
  if (test === "r") return signedRanks(moved).greater;
  const t = test === "s" ? 0 : tailOfT((mean - bound) / (deviation / Math.sqrt(n)), n - 1);
  if (test === "t") return t;
  const wins = moved.filter((value) => value > 0).length;
  return Math.max(t, atLeast(wins, wins + moved.filter((value) => value < 0).length, 0.5));
}

/** @param {Sample} sample @param {number} margin @returns {Tested} */
export function testedBy(sample, margin) {
  const { values, mean, test } = sample;
  if (test === "-") return { p: NaN, alike: NaN, beyond: NaN, favours: 0, sample };
  const other = { ...sample, values: values.map((value) => -value), mean: -mean };
  /** @param {number} bound */
  const beyond = (bound) => Math.min(1, 2 * Math.min(chanceAbove(sample, bound), chanceAbove(other, bound)));
  const signs = values.reduce((total, value) => total + Math.sign(value), 0);
  const direction = test === "r" ? signedRanks(values).balance : test === "s" ? signs : mean;
  return {
    p: beyond(0),
    alike: Math.max(chanceAbove(sample, -margin), chanceAbove(other, -margin)),
    beyond: beyond(margin),
    favours: Math.sign(direction),
    sample,
  };
}

/**
 * Two sides by epochs to a goal, the first slowed down by `factor`.
 * @param {Comparison} comparison @param {number} seeds @param {number} factor @param {number} ratio
 * @returns {Tested}
 */
export function testedTimes({ needed = [], budgets = [] }, seeds, factor, ratio) {
  /** @param {number} slowed */
  const sample = (slowed) => {
    const limit = Math.min(budgets[0] * slowed, budgets[1]) * (1 + 1e-9);
    const logs = needed.map((side, place) => side.map((epochs) => {
      const time = Number(epochs) * (place ? 1 : slowed);
      return epochs !== null && time <= limit ? Math.round(Math.log(time) * 1e9) / 1e9 : Infinity;
    }));
    const gains = logs[0].map((log, i) => (log === logs[1][i] ? log - log : logs[1][i] - log));
    return sampleOf(gains.map((gain) => (Number.isNaN(gain) ? null : gain)), seeds, "r", true);
  };
  /** @param {number} slowed */
  const tails = (slowed) => signedRanks(sample(slowed).values);
  const [now, slower, faster, shown] = [tails(factor), tails(ratio), tails(1 / ratio), sample(factor)];
  if (shown.test === "-") return testedBy(shown, 0);
  return {
    p: Math.min(1, 2 * Math.min(now.greater, now.less)),
    alike: Math.max(slower.less, faster.greater),
    beyond: Math.min(1, 2 * Math.min(slower.greater, faster.less)),
    favours: Math.sign(now.less - now.greater),
    sample: shown,
  };
}

/** What all parts show: the least sure counts. @param {Tested[]} parts @returns {Tested} */
export function leastSure(parts) {
  /** @param {Tested} one */
  const unsure = ({ p }) => (Number.isNaN(p) ? Infinity : p);
  const least = parts.reduce((a, b) => (unsure(b) > unsure(a) ? b : a));
  const mixed = parts.some((one) => one.favours !== parts[0].favours);
  /** @param {"p" | "alike" | "beyond"} name @param {number} floor */
  const most = (name, floor) => Math.max(floor, ...parts.map((one) => one[name]));
  return {
    p: most("p", mixed ? 1 : 0),
    alike: most("alike", 0),
    beyond: most("beyond", mixed ? 1 : 0),
    favours: mixed ? 0 : least.favours,
    sample: least.sample,
  };
}

/**
 * Mean with its 95 % interval, on the scale of comparison; NaN where a run failed or nobody knows.
 * @param {Sample} sample
 */
export function intervalOf({ values, n, mean, deviation, test }) {
  if (test === "c") {
    const k = Math.round(mean * n);
    const low = solved((p) => 1 - atLeast(k, n, p), 0.975, 0, 1);
    return [mean, k ? low : 0, k < n ? solved((p) => 1 - atLeast(k + 1, n, p), 0.025, 0, 1) : 1];
  }
  if (test === "r" || !values.every(Number.isFinite)) return [NaN, NaN, NaN];
  const half = solved((t) => tailOfT(t, n - 1), 0.025, 0, 1e3) * deviation / Math.sqrt(n);
  return [mean, mean - half, mean + half];
}
