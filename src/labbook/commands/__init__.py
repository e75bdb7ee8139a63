"""The commands of the command line: a module each, and its name here.

A module has `HELP`, `run(options)` and, where something may follow the command's name,
`arguments(parser)`. Only the module of the command asked for is imported. What needs torch or
pandas is imported where it is used.
"""

NAMES = (
    "check",
    "plan",
    "summary",
    "costs",
    "data",
    "model",
    "history",
    "compare",
    "models",
    "verify",
    "recreate",
    "tidy",
    "prune",
    "fresh",
    "stage",
    "reference",
    "job",
)
