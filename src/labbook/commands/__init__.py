"""The commands of the command line: a module each, and an entry here.

A module has `HELP`, `arguments(parser)` and `run(options)`. What needs torch or pandas is imported
where it is used.
"""

from types import ModuleType

from labbook.commands import (
    check,
    compare,
    costs,
    data,
    fresh,
    history,
    job,
    model,
    models,
    plan,
    prune,
    recreate,
    reference,
    stage,
    summary,
    tidy,
    verify,
)

COMMANDS: dict[str, ModuleType] = {
    "check": check,
    "plan": plan,
    "summary": summary,
    "costs": costs,
    "data": data,
    "model": model,
    "history": history,
    "compare": compare,
    "models": models,
    "verify": verify,
    "recreate": recreate,
    "tidy": tidy,
    "prune": prune,
    "fresh": fresh,
    "stage": stage,
    "reference": reference,
    "job": job,
}
