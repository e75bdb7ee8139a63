"""The commands of the command line: a module each, and an entry here.

A module has `HELP`, `arguments(parser)` and `run(options)`. What needs torch or pandas is imported
where it is used.
"""

from types import ModuleType

from labbook.commands import (
    check,
    costs,
    data,
    fresh,
    job,
    model,
    plan,
    prune,
    reference,
    summary,
)

COMMANDS: dict[str, ModuleType] = {
    "check": check,
    "plan": plan,
    "summary": summary,
    "costs": costs,
    "data": data,
    "model": model,
    "prune": prune,
    "fresh": fresh,
    "reference": reference,
    "job": job,
}
