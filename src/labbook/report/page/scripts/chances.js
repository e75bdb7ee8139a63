// @ts-check
/** Chances: Student's t, counts and signed ranks, all exact to rounding. Numbers in, numbers out. */

// Sizes that differ by less than this share of the largest are equal.
export const ROUNDING = 1e-12;
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
export function tailOfT(t, degrees) {
  const half = incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  return t > 0 ? half : 1 - half;
}

/** @param {number} k @param {number} n @param {number} p @returns {number} chance of k or more */
export function atLeast(k, n, p) {
  return k > 0 ? incompleteBeta(p, k, n - k + 1) : 1;
}

/** The exact two-sided binomial test. @param {number} k @param {number} n @param {number} p */
export function binomial(k, n, p) {
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
export function signedRanks(values) {
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

/** Where a falling function has this value, by halves. @param {(x: number) => number} of @param {number} value @param {number} from @param {number} to */
export function solved(of, value, from, to) {
  for (let i = 0; i < 60; i++) {
    const middle = (from + to) / 2;
    if (of(middle) > value) from = middle;
    else to = middle;
  }
  return from;
}
