"""Which processor this is, in its maker's words: for the log of runs, and for benchmarks.

What machine code is made for is another name, LLVM's: see engines/compiled/processor.py.
"""

import platform
from functools import cache
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")


def name() -> str:
    """The kind of this machine's processor."""
    return known().get("model name") or platform.processor() or platform.machine()


@cache
def known() -> dict[str, str]:
    """What Linux says of the first processor, by its names; nothing on other systems."""
    try:
        text = CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    pairs = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}
