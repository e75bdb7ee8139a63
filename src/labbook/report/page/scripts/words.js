// @ts-check
/** All words that the scripts show; the page has them in its own language, if that is not English. */

/** @type {Record<string, string>} */
const spoken = JSON.parse(globalThis.document?.getElementById("words")?.textContent || "{}");

/**
 * The same words as the page speaks.
 * @template W
 * @param {W} words a text, or texts by name or in order
 * @returns {W}
 */
export function said(words) {
  if (typeof words === "string") return /** @type {any} */ (spoken[words] ?? words);
  if (Array.isArray(words)) return /** @type {any} */ (words.map(said));
  const pairs = Object.entries(/** @type {object} */ (words));
  return /** @type {any} */ (Object.fromEntries(pairs.map(([name, one]) => [name, said(one)])));
}

export const WORDS = said({
  rooms: {
    parts: "Parts of {0}",
    pager: "Study before and after",
    next: "Next study: {0}",
    previous: "Previous study: {0}",
  },
  search: {
    none: "Nothing found for “{0}”.",
    found: "{0} found",
    kinds: {
      study: "study",
      claim: "claim",
      combination: "combination",
      setting: "setting",
    },
    of: "{0}, in {1}",
  },
  figures: {
    interval: "{0} ({1} to {2})",
    under: "{0} (up to {2})",
    over: "{0} (from {1} up)",
    range: "{0} to {1}",
    of: "{0}: {1}",
    keys: "{0}. Arrow keys go from point to point, Enter highlights, Escape leaves.",
    log: "log {0}",
    smooth: "smooth over {0}",
    raw: "not smoothed",
    smoothing: "Smoothing",
    runs: "single runs",
    ends: "zoom to the ends",
    ranges: "Choose by ranges",
    least: "{0}: at least",
    most: "{0}: at most",
    pass: "{0} of {1} lines pass.",
    take: "Export",
    unwritable: "A PDF made here cannot hold the characters {0}: take the SVG instead.",
  },
  tables: {
    filter: "Filter rows",
    filterLabel: "Filter rows of the table by {0}",
    conditions: "Words, or conditions on columns as in: n > 5",
    shown: "{0} of {1} rows shown.",
    columns: "Columns",
    take: "Export",
    label: "Combination",
    remarks: "Remarks",
    low: "{0} low",
    high: "{0} high",
    factor: "{0} (factor)",
    least: "from {0} up",
  },
  compare: {
    label: "Combinations that stand out",
    one: "{0} combination stands out",
    several: "Compare {0} combinations",
    some: "Compare the first {0} of {1} combinations that stand out",
    clear: "Let none stand out",
  },
  theme: { dark: "Dark", light: "Light" },
  claims: { shown: "{0} of {1} claims shown." },
});

/**
 * A text of WORDS with its places filled.
 * @param {string} text
 * @param {(string | number)[]} parts
 */
export function filled(text, ...parts) {
  return text.replace(/\{(\d)\}/g, (_, place) => String(parts[place]));
}
