"""Stub training: Python imports this by itself where PYTHONPATH names this folder.

It takes the place of `labbook.engines.choice` in the process alone, so the text of src/labbook,
and with it the identity of every run, is that of real runs.
"""

import sys
from types import ModuleType


def _load(name):
    from stub_engine import Engine

    return Engine()


choice = ModuleType("labbook.engines.choice", "Stub training, for bench/size.")
choice.load = _load
sys.modules[choice.__name__] = choice
