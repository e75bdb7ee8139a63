// @ts-check
/** What a reader chose for all pages: kept by the browser where it allows it. */

/** @param {string} key */
export function remembered(key) {
  try {
    return localStorage.getItem(`labbook.${key}`);
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @param {string} value
 */
export function remember(key, value) {
  try {
    localStorage.setItem(`labbook.${key}`, value);
  } catch {
    // It holds for this page, then.
  }
}
