"""Which processor the machine code is for, as LLVM calls it."""

import os

from llvmlite import binding

# Vector units that a run may be told to leave alone: for tests, and for one code on two machines.
NARROW = "LABBOOK_AVX2"


def processor() -> str:
    """LLVM's name of this machine's processor."""
    return "haswell" if os.environ.get(NARROW) else str(binding.get_host_cpu_name())


def features() -> str:
    """The processor's abilities, for LLVM: with AVX-512, all 512 bits are used."""
    found = dict(binding.get_host_cpu_features())
    if os.environ.get(NARROW):
        found = {name: on and not name.startswith("avx512") for name, on in found.items()}
    flags = [f"{'+' if on else '-'}{name}" for name, on in sorted(found.items())]
    return ",".join([*flags, "-prefer-256-bit"])
