// @ts-check
/**
 * What the address says after its #, so that a link shows what its sender saw: a place of the page
 * (#study-NAME, #claim-ID, #claims), then values by key, as in #study-NAME&part=curves&on=2,5.
 */

/**
 * @typedef {object} State
 * @property {string} anchor the id of the place, empty at the top
 * @property {string} study its study, if the place is one
 * @property {string} part the part of the study
 * @property {Map<string, string>} values all values by key
 */

/**
 * @param {string} hash
 * @returns {State}
 */
export function read(hash = location.hash) {
  /** @type {Map<string, string>} */
  const values = new Map();
  let anchor = "";
  for (const piece of hash.slice(1).split("&")) {
    const [key, ...rest] = piece.split("=").map(decoded);
    if (rest.length) values.set(key, rest.join("="));
    else anchor ||= key;
  }
  const study = anchor.startsWith("study-") ? anchor.slice("study-".length) : "";
  return { anchor, study, part: values.get("part") ?? "", values };
}

/**
 * Change values of the address where the reader is; null takes one away.
 * @param {{values: Record<string, string | null>}} patch
 */
export function write(patch) {
  const { anchor, values } = read();
  for (const [key, value] of Object.entries(patch.values)) {
    if (value === null) values.delete(key);
    else values.set(key, value);
  }
  history.replaceState(history.state, "", addressOf(anchor, values));
}

/**
 * Go to a place of the page, which the button back undoes.
 * @param {string} anchor
 * @param {Record<string, string>} values
 */
export function go(anchor, values = {}) {
  leave();
  location.hash = addressOf(anchor, new Map(Object.entries(values)));
}

/** Keep with the address how far its reader has scrolled, for when they come back. */
export function leave() {
  history.replaceState({ y: scrollY }, "");
}

/**
 * @param {string} anchor
 * @param {Map<string, string>} values
 */
function addressOf(anchor, values) {
  const pairs = [...values].map(([key, value]) => `${encoded(key)}=${encoded(value)}`);
  return `#${[encoded(anchor), ...pairs].join("&")}`;
}

/** @param {string} text */
function encoded(text) {
  return encodeURIComponent(text).replace(/%2C/g, ",").replace(/%3A/g, ":");
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
