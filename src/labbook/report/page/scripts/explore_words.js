// @ts-check
/** The words of explorable claims. */

export const EXPLORE = {
  open: "When would this flip?",
  moves: { margin: "Margin", least: "At least", bound: "Bound" },
  seeds: "Seeds",
  back: "As in the report (Esc)",
  verdicts: { supported: "✓ supported", refuted: "✕ refuted", undecided: "? undecided" },
  same: "{0}, as in the report",
  other: "{0}; in the report: {1}",
  p: "p {0}, corrected for the study’s claims; fewer than 0.05 decides",
  alike: "p {0} of no relevant difference",
  none: "Fewer than six seeds with a number decide nothing",
  below: "Below {0}: {1}",
  above: "Above {0}: {1}",
  nowhere: "{0} with any number shown here",
  fewer: "With the first {0} seeds alone: {1}",
  more: "With {0} seeds, if mean and spread stay: {1}",
  never: "{0} with any number of seeds up to {1}",
  picture: "Effect {0}, 95 % interval {1} to {2}",
  unknown: "The interval is known only with all seeds of the report",
};
