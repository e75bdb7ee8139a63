// @ts-check
/**
 * The rule by which a claim gets its verdict, for any margin and any number of seeds: that of
 * evaluate/claims/judge.py. tests/report/test_rules.py holds both equal. Pure: no page is needed.
 *
 * Of fewer seeds than there are the first so many count. Of more, mean and spread stay as they are
 * for Student's t test; signs and ranks are those of the seeds over again, in turn.
 */

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
 * A claim as explorable.py writes it. `pairs`: one, or those of an order's neighbours, each with a
 * comparison for each choice of parts. `others`: p of the study's other claims, of an effect and
 * of being alike.
 * @typedef {{id: string, form: string, verdict: string, moves: string, margin: number,
 *   sign: number, ratio: boolean, effect: (number | null)[], seeds: number, most: number,
 *   rows: number, others: number[][], pairs: Comparison[][]}} Claim
 *
 * @typedef {{values: number[], n: number, mean: number, deviation: number, test: string}} Sample
 * @typedef {{p: number, alike: number, beyond: number, favours: number, sample: Sample}} Tested
 */

const ALPHA = 0.05;
const FEWEST_SEEDS = 6;
const ROUNDING = 1e-12;
const NO_SPREAD = 1e-150;
// An error of exactly 0 has no logarithm.
const SMALLEST = 1.1754943508222875e-38;
const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406,
  12.507343278686905, -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

/** @param {number} x @returns {number} logarithm of the gamma function */
function logGamma(x) {
  const sum = LANCZOS.reduce((total, c, i) => total + c / (x + i), 0.9999999999998099);
  return 0.9189385332046727 + (x - 0.5) * Math.log(x + 6.5) - (x + 6.5) + Math.log(sum);
}

/**
 * The regularised incomplete beta function, by its continued fraction.
 * @param {number} x @param {number} a @param {number} b @returns {number}
 */
function incompleteBeta(x, a, b) {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  let [c, d] = [1, 1 / (1 - ((a + b) * x) / (a + 1))];
  let fraction = d;
  for (let m = 1; m < 9999 && Math.abs(c * d - 1) > 1e-15; m++) {
    for (const step of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / (1 + step * d);
      c = 1 + step / c;
      fraction *= c * d;
    }
  }
  const power = a * Math.log(x) + b * Math.log1p(-x);
  return (fraction / a) * Math.exp(power + logGamma(a + b) - logGamma(a) - logGamma(b));
}

/** @param {number} t @param {number} degrees @returns {number} chance of Student's t above `t` */
function tailOfT(t, degrees) {
  const half = incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  return t > 0 ? half : 1 - half;
}

/** @param {number} k @param {number} n @param {number} p @returns {number} chance of k or more */
function atLeast(k, n, p) {
  return k > 0 ? incompleteBeta(p, k, n - k + 1) : 1;
}

/** The exact two-sided binomial test. @param {number} k @param {number} n @param {number} p */
function binomial(k, n, p) {
  if (k === p * n) return 1;
  if (k < p * n) [k, p] = [n - k, 1 - p];
  /** @param {number} i */
  const log = (i) =>
    logGamma(n + 1) - logGamma(i + 1) - logGamma(n - i + 1)
    + i * Math.log(p) + (n - i) * Math.log1p(-p);
  const least = log(k) + 1e-7;
  // The last count that is as unlikely on the other side.
  let [from, to] = [-1, Math.floor(p * n)];
  while (from < to) {
    const middle = Math.ceil((from + to) / 2);
    if (log(middle) <= least) from = middle;
    else to = middle - 1;
  }
  return Math.min(1, atLeast(k, n, p) + (from < 0 ? 0 : atLeast(n - from, n, 1 - p)));
}

/**
 * Wilcoxon's signed-rank test, exact: p of values that lie around 0 or less, and 0 or more.
 * @param {number[]} values
 */
function signedRanks(values) {
  const absolute = values.map(Math.abs);
  const largest = Math.max(0, ...absolute.filter(Number.isFinite));
  const sizes = largest ? absolute.map((s) => Math.round(s / largest / ROUNDING)) : absolute;
  const ranks = sizes.map((size, i) => {
    const [below, equal] = [sizes.filter((s) => s < size), sizes.filter((s) => s === size)];
    return size > 0 ? Math.sign(values[i]) * (2 * below.length + equal.length + 1) : 0;
  });
  // Chances of each sum of the positive ones, signs being coins.
  let chances = [1];
  for (const rank of ranks.map(Math.abs).filter(Boolean)) {
    const found = new Array(chances.length + rank).fill(0);
    chances.forEach((chance, sum) => {
      found[sum] += chance / 2;
      found[sum + rank] += chance / 2;
    });
    chances = found;
  }
  /** @param {number} sign */
  const tail = (sign) => {
    const sum = ranks.reduce((total, rank) => total + Math.max(sign * rank, 0), 0);
    return Math.min(1, chances.slice(sum).reduceRight((total, chance) => total + chance, 0));
  };
  return { greater: tail(1), less: tail(-1), balance: ranks.reduce((a, b) => a + b, 0) };
}

/** Equal up to rounding is equal. @param {number} value @param {number} bound */
function lessBound(value, bound) {
  return Math.abs(value - bound) <= ROUNDING * Math.abs(bound) ? 0 : value - bound;
}

/** Those of so many seeds that say something. @param {BySeed} numbers @param {number} seeds */
function toldBy(numbers, seeds) {
  const told = Array.from({ length: seeds }, (_, i) => numbers[i % numbers.length]);
  return told.filter((one) => one !== null).map(Number);
}

/**
 * @param {BySeed} numbers @param {number} seeds @param {string} tests @param {boolean} paired
 * @returns {Sample}
 */
function sampleOf(numbers, seeds, tests, paired) {
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
function testedBy(sample, margin) {
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
function testedTimes({ needed = [], budgets = [] }, seeds, factor, ratio) {
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
function leastSure(parts) {
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

/** Where a falling function has this value, by halves. @param {(x: number) => number} of @param {number} value @param {number} from @param {number} to */
function solved(of, value, from, to) {
  for (let i = 0; i < 60; i++) {
    const middle = (from + to) / 2;
    if (of(middle) > value) from = middle;
    else to = middle;
  }
  return from;
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
  if (!values.every(Number.isFinite)) return [NaN, NaN, NaN];
  const half = solved((t) => tailOfT(t, n - 1), 0.025, 0, 1e3) * deviation / Math.sqrt(n);
  return [mean, mean - half, mean + half];
}
