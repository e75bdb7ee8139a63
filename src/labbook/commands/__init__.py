"""The commands of the command line: a module each, and an entry here.

A module has `HELP`, `arguments(parser)` and `run(options)`. What needs torch or pandas is imported
where it is used.
"""

from types import ModuleType

from labbook.commands import (
    check,
    costs,
    data,
    job,
    model,
    plan,
    prune,
    recreate,
    reference,
    summary,
    verify,
)

COMMANDS: dict[str, ModuleType] = {
    "check": check,
    "plan": plan,
    "summary": summary,
    "costs": costs,
    "data": data,
    "model": model,
    "verify": verify,
    "recreate": recreate,
    "prune": prune,
    "reference": reference,
    "job": job,
}
