// @ts-check
/**
 * The words of explorable claims: {0} and {1} are numbers or verdicts.
 * @typedef {Record<string, string>} Named
 */

import { said } from "./words.js";

export const EXPLORE = said({
  verdicts: /** @type {Named} */ ({
    supported: "✓ supported", refuted: "✕ refuted", undecided: "? undecided",
  }),
  names: /** @type {Named} */ ({
    margin: "Margin", least: "At least", bound: "Bound", seeds: "Seeds",
  }),
  flips: /** @type {Record<string, string[]>} */ ({
    margin: ["With a margin below {0}: {1}", "With a margin above {0}: {1}"],
    least: ["With less than {0} claimed: {1}", "With more than {0} claimed: {1}"],
    bound: ["With a bound below {0}: {1}", "With a bound above {0}: {1}"],
  }),
  steady: /** @type {Named} */ ({
    margin: "{0} with any margin",
    least: "{0} with any size",
    bound: "{0} with any bound",
    seeds: "{0} with any number of seeds up to {1}",
  }),
  open: "When would this verdict flip?",
  back: "As in the report (Esc)",
  same: "{0}, as in the report",
  other: "{0}; in the report: {1}",
  p: "p {0}, corrected for the study’s claims; below 0.05 it decides",
  alike: "p {0} of a difference as large as the margin, corrected; below 0.05 it decides",
  none: "Fewer than six seeds with a number decide nothing",
  fewer: "With the first {0} seeds alone: {1}",
  more: "With {0} seeds, if mean and spread stay: {1}",
  picture: "Effect {0}, 95 % interval {1} to {2}",
  unknown: "Nobody knows the whole interval here",
});
