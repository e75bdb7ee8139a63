// @ts-check
/** Axes of live figures: ends, places, ticks and their texts. */

import { grouped, MINUS, raised } from "./wording.js";

/**
 * As report/figures/figure.py has it; fields at their default are absent.
 * @typedef {{label?: string, log?: boolean, switch?: boolean, names?: string[],
 *   combinations?: (number | null)[], strong?: number, low?: number, high?: number,
 *   whole?: boolean}} Axis
 * @typedef {{axis: Axis, log: boolean, low: number, high: number, from: number, to: number}} Scale
 */

/**
 * The scale of an axis whose marks have `values`; px follow later as `from` and `to`.
 * @param {Axis} axis
 * @param {(number | null | undefined)[]} values
 * @param {boolean} log
 * @returns {Scale}
 */
export function scaleOf(axis, values, log) {
  const names = axis.names?.length;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value == null || !Number.isFinite(value) || (log && value <= 0)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least > most) [least, most] = log ? [0.1, 1] : [0, 1];
  const room = log ? Math.max((most / least) ** 0.05, 1.05) : (most - least || 1) * 0.05;
  let low = log ? least / room : least && least - room;
  let high = log ? most * room : most && most + room;
  if (names) [low, high] = [-0.5, names - 0.5];
  if (axis.low != null && !(log && axis.low <= 0)) low = axis.low;
  if (axis.high != null && !(log && axis.high <= 0)) high = axis.high;
  if (low === high) high = low + 1;
  return { axis, log, low, high, from: 0, to: 1 };
}

/**
 * Where a value lies, in px; NaN where it has no place.
 * @param {Scale} scale
 * @param {number | null | undefined} value
 */
export function placeOf({ log, low, high, from, to }, value) {
  if (value == null) return Number.NaN;
  const share = log
    ? Math.log(Math.max(value, 0) / low) / Math.log(high / low)
    : (value - low) / (high - low);
  return Number.isFinite(share) ? from + share * (to - from) : Number.NaN;
}

/**
 * The end of an interval or band: one without a place lies at the lower end of the axis.
 * @param {Scale} scale
 * @param {number | null | undefined} value
 */
export function endOf(scale, value) {
  const place = placeOf(scale, value);
  return value != null && Number.isNaN(place) ? scale.from : place;
}

/**
 * Where ticks stand, about `most` of them: 1, 2, 5 or powers of ten.
 * @param {Scale} scale
 * @param {number} most
 * @returns {number[]}
 */
export function ticksOf({ axis, log, low, high }, most) {
  if (axis.names?.length) return axis.names.map((_, place) => place);
  if (log) {
    const found = [];
    const digits = high < 100 * low ? [1, 2, 5] : [1];
    const [first, last] = [low, high].map((end) => Math.floor(Math.log10(end)));
    const step = Math.ceil((last - first) / most) || 1;
    for (let power = first; power <= last; power += step) {
      found.push(...digits.map((digit) => Number(`${digit}e${power}`)));
    }
    const within = found.filter((value) => value >= low && value <= high);
    if (within.length > 1) return within;
  }
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 5, 10].map((digit) => digit * power).find((size) => size >= rough) ?? rough;
  if (axis.whole) step = Math.max(1, Math.ceil(step));
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, i) =>
    Number(((first + i) * step).toPrecision(10)),
  );
}

/**
 * The text of a tick: a name, or a number without superfluous zeros, or with a power of ten.
 * @param {Scale} scale
 * @param {number} value
 */
export function tickText({ axis, log, low, high }, value) {
  if (axis.names?.length) return axis.names[value] ?? "";
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const powers = log ? low < 1e-3 || high >= 1e6 : largest < 1e-2 || largest >= 1e6;
  if (powers && value !== 0) {
    const [digit, power] = value.toExponential(1).replace(".0", "").split("e");
    const ten = `10${raised(Number(power))}`;
    return (digit === "1" ? ten : `${digit}×${ten}`).replace("-", MINUS);
  }
  return grouped(String(Number(value.toPrecision(10)))).replace("-", MINUS);
}
