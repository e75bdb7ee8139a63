// @ts-check
/** Numbers as people read them: the same texts as labbook/wording.py writes. */

export const MINUS = "−";
export const NOTHING = "–";

/**
 * The digits of a `size` of 0 or more, ties to even as Python has them.
 * @param {number} size
 * @param {number} places
 */
function rounded(size, places) {
  const tie = (size * 2 ** (places + 1)) % 2 === 1;
  const text = size.toFixed(places);
  return tie && Number(text.at(-1)) % 2 ? (size * (1 - 2 ** -52)).toFixed(places) : text;
}

/**
 * `value` with `places` after the point; negative ones round to tens, hundreds and so on.
 * @param {number} value
 * @param {number} places
 */
export function fixed(value, places) {
  const size = Math.abs(value);
  const text =
    places < 0
      ? (Number(rounded(size / 10 ** -places, 0)) * 10 ** -places).toFixed(0)
      : rounded(size, places);
  return (value < 0 && /[1-9]/.test(text) ? MINUS : "") + grouped(text);
}

/**
 * A number's text with commas between thousands.
 * @param {string} text
 */
export function grouped(text) {
  const [whole, ...rest] = text.split(".");
  return [whole.replace(/\B(?=(\d{3})+$)/g, ","), ...rest].join(".");
}

/**
 * The power of ten of a number's first digit, once it has `significant` digits.
 * @param {number} value
 * @param {number} [significant]
 */
export function exponentOf(value, significant) {
  return Number(
    value.toExponential(significant && significant - 1).split("e")[1],
  );
}

/** @param {number} exponent */
export function raised(exponent) {
  return String(exponent).replace(/./g, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
}

/** @param {number} size */
function awkward(size) {
  return size !== 0 && !(size >= 1e-3 && size < 1e7);
}

/**
 * One number by itself: three significant digits, whole ones in full, a dash for none.
 * @param {number | null | undefined} value
 * @param {number} [significant]
 */
export function number(value, significant = 3) {
  if (value == null || !Number.isFinite(value)) return NOTHING;
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return fixed(value, 0);
  if (awkward(size)) {
    const exponent = exponentOf(size);
    return `${fixed(value / 10 ** exponent, significant - 1)}×10${raised(exponent)}`;
  }
  return fixed(value, Math.max(significant - 1 - exponentOf(size, significant), 0));
}

/**
 * A mean and the ends of its interval, with two digits of the interval's half-width.
 * @param {(number | null | undefined)[]} values mean, low, high
 * @returns {string[]}
 */
export function digits(values) {
  const [mean, low, high] = values.map((value) => value ?? Number.NaN);
  const sizes = [mean, low, high].map(Math.abs).filter(Number.isFinite);
  const largest = Math.max(0, ...sizes);
  const half = (high - low) / 2;
  if (!Number.isFinite(mean) || !Number.isFinite(half) || half <= 1e-9 * largest) {
    return values.map((value) => number(value));
  }
  const size = Math.abs(mean) > half ? Math.abs(mean) : largest;
  const exponent = awkward(size) ? exponentOf(size) : 0;
  const tail = exponent ? `×10${raised(exponent)}` : "";
  const places = 1 - exponentOf(half / 10 ** exponent, 2);
  return [mean, low, high].map((value) => fixed(value / 10 ** exponent, places) + tail);
}
