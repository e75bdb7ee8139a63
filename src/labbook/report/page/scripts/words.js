// @ts-check
/** All words that the scripts show. */

export const WORDS = {
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
  theme: { dark: "Dark", light: "Light" },
  claims: { shown: "{0} of {1} claims shown." },
};

/**
 * A text of WORDS with its places filled.
 * @param {string} text
 * @param {(string | number)[]} parts
 */
export function filled(text, ...parts) {
  return text.replace(/\{(\d)\}/g, (_, place) => String(parts[place]));
}
