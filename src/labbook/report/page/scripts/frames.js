// @ts-check
/** What stands around a panel: ticks, names and labels of its axes. */

import { placeOf, ticksOf, tickText } from "./axes.js";
import { pathIn, textIn, traced, widthOf, wrapped } from "./drawing.js";

/** @typedef {import("./panels.js").Part} Part */

/**
 * The room at the left of a panel, where a column has `width`.
 * @param {Part} part
 * @param {number} width
 */
export function sideOf({ y, labels, free }, width) {
  if (free || !labels.y) return 8;
  const some = [3, 5, 8, 12].flatMap((most) => ticksOf(y, most)); // as many as the panel is high
  const texts = some.map(
    (tick) => widthOf(tickText(y, tick)) * (y.axis.strong === tick ? 1.12 : 1),
  );
  return Math.min(Math.max(0, ...texts), 0.4 * width) + (y.axis.label ? 28 : 10);
}

/**
 * Ticks or names along y, and its label.
 * @param {Element} group
 * @param {Part} part
 */
export function drawSide(group, { y, side, labels, box: [left, top, right, bottom] }) {
  const { names, label, combinations, strong } = y.axis;
  for (const tick of labels.y || !names ? ticksOf(y, Math.max(3, (bottom - top) / 45)) : []) {
    const at = placeOf(y, tick);
    if (!names)
      pathIn(
        group,
        traced([
          [left, at],
          [right, at],
        ]),
        "grid",
        "line",
      );
    if (!labels.y) continue;
    const lines = wrapped(
      tickText(y, tick),
      (side - (label ? 27 : 9)) * (strong === tick ? 0.9 : 1),
      2,
    );
    lines.forEach((text, i) => {
      const look = `end${names ? " name" : ""}${strong === tick ? " strong" : ""}`;
      const height = at + 4 + 13 * (i - (lines.length - 1) / 2);
      textIn(group, text, [left - 7, height], look, combinations?.[tick]);
    });
  }
  if (!label || !labels.y) return;
  const [text] = wrapped(label, bottom - top + 30, 1);
  textIn(group, text, [left - side + 12, (top + bottom) / 2], "middle", null, true);
}

/**
 * The texts below a panel, and their height; names that do not fit stand upright.
 * @param {Part} part
 * @param {number} width
 */
export function footOf({ x, labels, free }, width) {
  const { names, label } = x.axis;
  if (free || !labels.x) return { texts: [], label: "", upright: false, height: 6 };
  const ticks = ticksOf(x, Math.max(2, Math.min(6, width / 75)));
  const most = Math.max(0, ...(names ?? []).map(widthOf));
  const upright = most > width / (names?.length ?? 1) - 6;
  const texts = ticks.map((tick) => ({
    tick,
    text: wrapped(tickText(x, tick), upright ? 120 : width, 1)[0],
  }));
  const height = (upright ? Math.min(most, 120) : 12) + (label ? 24 : 8);
  return { texts, label: label ? wrapped(label, width + 10, 1)[0] : "", upright, height };
}

/**
 * Ticks or names along x, and its label.
 * @param {Element} group
 * @param {Part} part
 * @param {ReturnType<typeof footOf>} foot
 */
export function drawFoot(
  group,
  { x, box: [left, top, right, bottom] },
  { texts, label, upright, height },
) {
  const { names, combinations, strong } = x.axis;
  for (const tick of names ? [] : ticksOf(x, Math.max(2, Math.min(6, (right - left) / 75)))) {
    const at = placeOf(x, tick);
    pathIn(
      group,
      traced([
        [at, top],
        [at, bottom],
      ]),
      "grid",
      "line",
    );
  }
  pathIn(
    group,
    traced([
      [left, bottom],
      [right, bottom],
    ]),
    "axis",
    "muted",
  );
  for (const { tick, text } of texts) {
    const look = `${upright ? "end" : "middle"}${names ? " name" : ""}${strong === tick ? " strong" : ""}`;
    const at = placeOf(x, tick) + (upright ? 4 : 0);
    textIn(group, text, [at, bottom + (upright ? 6 : 15)], look, combinations?.[tick], upright);
  }
  if (label) textIn(group, label, [(left + right) / 2, bottom + height - 5], "middle");
}
