// @ts-check
/** Numbers as people read them: the same texts as labbook/wording.py writes. */

export const MINUS = "−";

/**
 * The digits of a `size` of 0 or more, ties to even as Python has them.
 * @param {number} size
 * @param {number} places
 * @returns {string}
 */
function rounded(size, places) {
  if (places < 0) return `${Number(rounded(size * 10 ** places, 0)) * 10 ** -places}`;
  const text = size.toFixed(places);
  const tie = (size * 2 ** (places + 1)) % 2 === 1;
  return tie && Number(text.at(-1)) % 2 ? (size * (1 - 2 ** -52)).toFixed(places) : text;
}

/**
 * `value` with `places` after the point; negative ones round to tens, hundreds and so on.
 * @param {number} value
 * @param {number} places
 */
function fixed(value, places) {
  const text = rounded(Math.abs(value), places);
  return (value < 0 && /[1-9]/.test(text) ? MINUS : "") + grouped(text);
}

/**
 * A number's text with commas between thousands.
 * @param {string} text
 */
export function grouped(text) {
  return text.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
}

/**
 * The power of ten of a number's first digit, once it has `significant` digits.
 * @param {number} value
 * @param {number} [significant]
 */
function exponentOf(value, significant) {
  return Number(value.toExponential(significant && significant - 1).split("e")[1]);
}

/** @param {number} exponent */
export function tenTo(exponent) {
  return `10${`${exponent}`.replace(/./g, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)])}`;
}

/**
 * The power of ten to write beside a number of this size, 0 where it reads well without.
 * @param {number} size
 */
function awkward(size) {
  return size === 0 || (size >= 1e-3 && size < 1e7) ? 0 : exponentOf(size);
}

/**
 * One number by itself: three significant digits, whole ones in full, a dash for none.
 * @param {number | null | undefined} value
 */
export function number(value) {
  if (value == null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const power = awkward(size);
  if (Number.isInteger(value) && size < 1e7) return fixed(value, 0);
  if (power) return `${fixed(value / 10 ** power, 2)}×${tenTo(power)}`;
  return fixed(value, Math.max(2 - exponentOf(size, 3), 0));
}

/**
 * A mean and the ends of its interval, with two digits of the interval's half-width.
 * @param {(number | null | undefined)[]} values mean, low, high
 */
export function digits(values) {
  const [mean, low, high] = values.map((value) => value ?? NaN);
  const largest = Math.max(...[mean, low, high].map(Math.abs).filter(Number.isFinite));
  const half = (high - low) / 2;
  if (!Number.isFinite(mean + half) || half <= 1e-9 * largest) return values.map(number);
  const power = awkward(Math.abs(mean) > half ? Math.abs(mean) : largest);
  const places = 1 - exponentOf(half / 10 ** power, 2);
  const tail = power ? `×${tenTo(power)}` : "";
  return [mean, low, high].map((value) => fixed(value / 10 ** power, places) + tail);
}
