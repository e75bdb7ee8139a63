"""Which processor this is, in its maker's words: for the log of runs, and for benchmarks.

What machine code is made for is another name, LLVM's: see engines/compiled/processor.py.
"""

import platform
from functools import cache
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")


def name() -> str:
    """The kind of this machine's processor: its model name, which several kinds may share.

    A virtual machine's is often no more than `AMD EPYC`; family and model tell such kinds apart.
    """
    found = known()
    if not (model_name := found.get("model name")):
        return platform.processor() or platform.machine()
    numbers = [found.get(key, "") for key in ("cpu family", "model")]
    return f"{model_name} (family {numbers[0]}, model {numbers[1]})" if all(numbers) else model_name


@cache
def known() -> dict[str, str]:
    """What Linux says of the first processor, by its names; nothing on other systems."""
    try:
        text = CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    pairs = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}
