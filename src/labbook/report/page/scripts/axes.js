// @ts-check
/** Axes of live figures: ends, places, ticks and their texts. */

import { grouped, MINUS, tenTo } from "./wording.js";

/**
 * As report/figures/figure.py has it; fields at their default are absent.
 * @typedef {{label?: string, log?: boolean, switch?: boolean, names?: string[],
 *   combinations?: (number | null)[], strong?: number, low?: number, high?: number,
 *   whole?: boolean}} Axis
 * @typedef {{axis: Axis, log: boolean | undefined, low: number, high: number, from: number,
 *   to: number}} Scale
 * @typedef {number | null | undefined} Value
 */

/**
 * The scale of an axis whose marks have `values`; px follow later as `from` and `to`.
 * @param {Axis} axis
 * @param {Value[]} values
 * @param {boolean} [log]
 * @returns {Scale}
 */
export function scaleOf(axis, values, log = axis.log) {
  const scale = { axis, log, low: -0.5, high: (axis.names?.length ?? 0) - 0.5, from: 0, to: 1 };
  if (!axis.names) {
    let [least, most] = [Infinity, -Infinity];
    for (const value of values) {
      if (value == null || (log && value <= 0)) continue;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    if (least > most) [least, most] = [0.1, 1];
    const room = log ? Math.max((most / least) ** 0.05, 1.05) : (most - least || 1) * 0.05;
    scale.low = log ? least / room : least && least - room;
    scale.high = log ? most * room : most && most + room;
  }
  for (const end of /** @type {const} */ (["low", "high"])) {
    const own = axis[end];
    if (own != null && (own > 0 || !log)) scale[end] = own;
  }
  return scale;
}

/**
 * Where a value lies, in px; NaN where it has no place.
 * @param {Scale} scale
 * @param {Value} value
 */
export function placeOf({ log, low, high, from, to }, value) {
  if (value == null || (log && value <= 0)) return NaN;
  const share = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return from + share * (to - from);
}

/**
 * The end of an interval: what has no place on a logarithmic axis lies at its beginning.
 * @param {Scale} scale
 * @param {Value} value
 */
export function endOf(scale, value) {
  return value == null ? NaN : placeOf(scale, scale.log ? Math.max(value, scale.low) : value);
}

/**
 * Where ticks stand, about `most` of them: 1, 2, 5 or powers of ten.
 * @param {Scale} scale
 * @param {number} most
 */
export function ticksOf({ axis, log, low, high }, most) {
  if (axis.names) return axis.names.map((_, place) => place);
  const ticks = [];
  if (log) {
    const [first, last] = [low, high].map((end) => Math.floor(Math.log10(end)));
    for (let power = first; power <= last; power += Math.ceil((last - first) / most) || 1) {
      for (const digit of high < 100 * low ? [1, 2, 5] : [1]) {
        const tick = Number(`${digit}e${power}`);
        if (tick >= low && tick <= high) ticks.push(tick);
      }
    }
    if (ticks.length > 1) return ticks;
  }
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const round = power * ([1, 2, 5].find((digit) => digit * power >= rough) ?? 10);
  const step = axis.whole ? Math.max(1, Math.ceil(round)) : round;
  const all = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
    all.push(Number((i * step).toPrecision(10)));
  }
  return all;
}

/**
 * The text of a tick: a name, or a number without superfluous zeros, or with a power of ten.
 * @param {Scale} scale
 * @param {number} value
 */
export function tickText({ axis, log, low, high }, value) {
  if (axis.names) return axis.names[value];
  const most = Math.max(Math.abs(low), Math.abs(high));
  if (value && (most >= 1e6 || (log ? low < 1e-3 : most < 1e-2))) {
    const [digit, power] = value.toExponential(1).replace(".0", "").split("e");
    const text = `${digit}×${tenTo(Number(power))}`;
    return text.replace(/^1×/, "").replace("-", MINUS);
  }
  return grouped(`${Math.abs(value)}`).replace(/^/, value < 0 ? MINUS : "");
}
