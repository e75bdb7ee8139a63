// @ts-check
/** Stand-in: the frame's own state.js takes its place. */

/** @type {Map<string, string>} */
const values = new Map(new URLSearchParams(location.hash.slice(1)));

export function read() {
  return { values };
}

/** @param {{values: Record<string, string | null>}} patch */
export function write(patch) {
  for (const [key, value] of Object.entries(patch.values)) {
    if (value == null) values.delete(key);
    else values.set(key, value);
  }
  history.replaceState(null, "", `#${new URLSearchParams([...values])}`);
}
