// @ts-check
/** The numbers of marks as points: what is drawn, read out and taken along. */

/**
 * @typedef {import("./axes.js").Axis} Axis
 * @typedef {import("./axes.js").Value} Value
 * @typedef {{kind: string, name?: string, color?: string, combination?: number, dashed?: boolean,
 *   thin?: boolean, on_demand?: boolean, smooth?: boolean, [field: string]: any}} Mark of any kind
 * @typedef {{marks: Mark[], x?: Axis, y?: Axis, title?: string, strong?: boolean,
 *   combination?: number, square?: boolean}} Panel
 * @typedef {{kind: string, name: string, c: number | null, px: number, py: number, group: number,
 *   x?: Value, x_low?: Value, x_high?: Value, y?: Value, y_low?: Value, y_high?: Value,
 *   value?: Value | string, text?: string, axis?: Axis, area?: number[]}} Point
 */

/**
 * Fields of points by kind of mark, each a column; the first says how many points there are.
 * @type {Record<string, (mark: Mark) => Record<string, any[] | undefined>>}
 */
const COLUMNS = {
  Line: ({ x, y, low, high }) => ({ x, y, y_low: low, y_high: high }),
  Dots: ({ x, y, x_low, x_high, y_low, y_high, texts, combinations }) => (
    { x, y, x_low, x_high, y_low, y_high, text: texts, c: combinations }),
  Bars: ({ length, places, edges, low, high, texts, combinations, flat }) => {
    const [a, b] = flat === false ? ["x", "y"] : ["y", "x"];
    return {
      [b]: length, [`${b}_low`]: low, [`${b}_high`]: high,
      [a]: places, [`${a}_low`]: edges, [`${a}_high`]: edges?.slice(1),
      text: texts, c: combinations,
    };
  },
  Cells: ({ values, readouts, texts, combinations }) => ({
    value: values.flat(),
    x: values.flatMap((/** @type {any[]} */ row) => row.map((_, x) => x)),
    y: values.flatMap((/** @type {any[]} */ row, /** @type {number} */ y) => row.map(() => y)),
    text: (readouts ?? texts)?.flat(),
    c: combinations?.flat(),
  }),
  Rule: ({ x, y }) => ({ x: [x], y: [y] }),
  Note: ({ row, text }) => ({ y: [row], text: [text] }),
  Pictures: ({ captions, pixels }) => (
    { text: captions, value: pixels.map((/** @type {number[]} */ each) => each.join(" ")) }),
  Parallel: ({ axes, values, combinations, texts }) => {
    const each = (/** @type {(line: number, axis: number) => any} */ field) =>
      combinations.flatMap((/** @type {number} */ _, /** @type {number} */ line) =>
        axes.map((/** @type {Axis} */ _, /** @type {number} */ axis) => field(line, axis)));
    return {
      x: each((_, axis) => axis),
      y: each((line, axis) => values[axis][line]),
      axis: each((_, axis) => axes[axis]),
      c: each((line) => combinations[line]),
      name: each((line) => texts?.[line]),
      group: each((line) => line),
    };
  },
};

/**
 * The numbers of a mark, a point each; places in px follow when it is drawn.
 * @param {Mark} mark
 * @param {Panel} panel
 * @returns {Point[]}
 */
export function pointsOf(mark, panel) {
  const columns = Object.entries(COLUMNS[mark.kind](mark));
  return (columns[0][1] ?? []).map((_, i) => {
    const own = Object.fromEntries(columns.map(([field, column]) => [field, column?.[i]]));
    const c = own.c ?? mark.combination ?? panel.combination ?? null;
    return { px: NaN, py: NaN, group: 0, ...own, kind: mark.kind, name: own.name ?? mark.name ?? "", c };
  });
}
