"""Which processor this is, and what of it the libraries use: `python -m bench.processor`."""

import json
from typing import Any

from labbook.processor import known, name

UNITS = {"avx512f": "AVX-512", "avx2": "AVX2", "fma": "FMA", "asimd": "NEON"}  # as Linux has them


def units() -> list[str]:
    """Its vector units."""
    flags = (known().get("flags") or known().get("Features") or "").split()
    return [unit for flag, unit in UNITS.items() if flag in flags]


def described() -> str:
    """Both in a line."""
    return f"{name()}, {', '.join(units()) or 'no vector units known'}"


def used() -> dict[str, Any]:
    """What of it this process uses: the compiled engine, torch, and the libraries for matrices."""
    import torch
    from threadpoolctl import threadpool_info

    from labbook.engines.compiled.processor import features, processor

    wide = "AVX-512" if "+avx512f" in features() else "AVX2" if "+avx2" in features() else "other"
    blas = {library["internal_api"]: library.get("architecture") for library in threadpool_info()}
    return {
        "compiled engine": f"{wide} ({processor()})",
        "torch": torch.backends.cpu.get_cpu_capability(),
        "BLAS": {name: of for name, of in blas.items() if of},
    }


if __name__ == "__main__":
    print(f"processor: {described()}")
    print(f"used: {json.dumps(used())}")
