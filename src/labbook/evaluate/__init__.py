"""From run files to tables, verdicts and the best model. Reads files, never trains.

`study` is the entry; `statistics` has the intervals and tests (arrays in, numbers out), `claims`
the rule of a verdict. What each file holds is said in docs/evidence.md.
"""
