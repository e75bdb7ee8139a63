// @ts-check
/** The block of numbers, unpacked once. */

/**
 * @typedef {object} Study what the block has of a study
 * @property {string} question
 * @property {string[]} labels of its combinations
 * @property {Record<string, (number | string)[]>} settings what varies, by combination
 * @property {number | null} chosen the best combination's place
 * @property {number | null} reference
 * @property {Record<string, any>} figures
 * @property {Record<string, any>} claims
 */

/**
 * All studies by name; none where the browser cannot unpack them.
 * @returns {Promise<Record<string, Study>>}
 */
export async function unpacked() {
  const text = document.getElementById("numbers")?.textContent ?? "";
  try {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const { studies } = await new Response(stream).json();
    for (const study of Object.values(studies)) {
      study.figures = whole(study.figures, whole(study.lists, []));
    }
    return studies;
  } catch {
    return {};
  }
}

/**
 * A part of the block with its lists in their places: those of `{same: place}`, and of differences.
 * @param {any} part
 * @param {number[][]} lists
 * @returns {any}
 */
function whole(part, lists) {
  if (part === null || typeof part !== "object") return part;
  if (part.same !== undefined) return lists[part.same];
  if (part.by) return summed(part);
  if (Array.isArray(part)) return part.map((one) => whole(one, lists));
  return Object.fromEntries(Object.entries(part).map(([key, one]) => [key, whole(one, lists)]));
}

/**
 * Numbers from how much each differs from the one before, in units of their last place.
 * @param {{by: (number | null)[], places: number}} differences
 */
function summed({ by, places }) {
  let sum = 0;
  return by.map((step) => {
    if (step === null) return null;
    sum += step;
    return sum / 10 ** places;
  });
}
