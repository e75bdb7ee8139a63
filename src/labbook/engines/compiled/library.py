"""The machine code of this processor: made once, kept in a folder that survives, loaded quickly.

Loading needs llvmlite alone: Numba, which makes the code, is imported only when it has to be made,
by a process of its own.
"""

import ctypes
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock
from llvmlite import binding

from labbook.engines.compiled import operations
from labbook.engines.compiled.build import OTHER_CODE, sources
from labbook.engines.compiled.private import closed, first_private, is_private, why_not
from labbook.engines.compiled.processor import features, processor
from labbook.errors import LabbookError
from labbook.identity.code import ROOT, digest, library_versions

Function = Callable[..., None]


def folder() -> Path:
    """Where machine code is kept: the first of these that no other user can change.

    $LABBOOK_KERNELS, or labbook's folder in the user's cache; then the project's own work folder;
    then one of this process alone.
    """
    asked = os.environ.get("LABBOOK_KERNELS")
    if asked and (why_not(Path(asked)) is None or not Path(asked).exists()):
        return Path(asked)  # also where it cannot be made: who asked is told
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "labbook")
    closed(home, "kernels-*")
    return first_private([*([Path(asked)] if asked else []), home, Path(".labbook/kernels")])


def path() -> Path:
    """The file of this code, these libraries and this processor."""
    names = (operations.ACTIVATIONS, operations.OPTIMIZERS)
    records = [kind.descr for kind in (
        operations.OPERATION, operations.SETTINGS, operations.CONSTANTS, operations.STATE
    )]  # fmt: skip
    versions = library_versions(("llvmlite", "numba"))
    code = sources(), names, records
    return folder() / f"kernels-{digest(code, versions, processor(), features())}"


def ensure() -> Path:
    """The file, made now if it is not there; processes that need it at once wait for one.

    Raises `LabbookError` where it cannot be made.
    """
    kernels = path()
    if kernels.exists():
        return kernels
    try:
        kernels.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(kernels.with_name(kernels.name + ".lock")):
            if not kernels.exists():
                _build(kernels)
    except OSError as error:
        raise LabbookError(
            f"{kernels.parent}: the training engine's machine code cannot be kept there "
            f"({error.strerror or error}). Set LABBOOK_KERNELS to a folder that can be written, "
            "or engine: torch in params.yaml."
        ) from error
    return kernels


def _build(kernels: Path) -> None:
    """Compile a copy of the code: an edit meanwhile must not come under the name of before."""
    print(
        "labbook: compiling the training engine for this processor (once, 10 to 20 s)",
        file=sys.stderr, flush=True,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="labbook-") as copy:
        hidden = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT, Path(copy, ROOT.name), ignore=hidden)
        command = [
            sys.executable, "-m", "labbook.engines.compiled.build", str(kernels.absolute()),
            sources(),
        ]  # fmt: skip
        path = os.pathsep.join(filter(None, [copy, os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "PYTHONPATH": path}
        ran = subprocess.run(command, capture_output=True, text=True, cwd=copy, env=environment)
    if ran.returncode == OTHER_CODE:
        raise LabbookError(
            "The code of the training engine has been changed since this command began. Nothing "
            "was compiled; run the same command again."
        )
    if ran.returncode != 0:
        last = ran.stderr.strip().splitlines()[-1:] or ["no message"]
        raise LabbookError(
            f"The training engine could not be compiled ({last[0]:.300}). "
            "Set engine: torch in params.yaml, which needs no compilation."
        )


@cache
def functions() -> Mapping[str, Function]:
    """The functions of kernels/entries.py by name, compiled first where that was never done."""
    symbols, code = _read(ensure())
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    machine = binding.Target.from_default_triple().create_target_machine()
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _keep.append(engine)
    return {
        name: _function(engine.get_function_address(symbol)) for name, symbol in symbols.items()
    }


_keep: list[Any] = []  # what owns the code: it must live as long as the functions


def _read(kernels: Path) -> tuple[dict[str, str], bytes]:
    """Symbols by name, and the object file.

    One that is broken, or that another user may have written, is made anew. Raises `LabbookError`
    where that does not help.
    """
    for _ in range(2):
        with suppress(ValueError, KeyError, TypeError, OSError):
            if is_private(kernels):
                head, _, code = kernels.read_bytes().partition(b"\n")
                content = json.loads(head)
                if content["sum"] == hashlib.sha256(code).hexdigest():
                    return content["symbols"], code
        kernels.unlink(missing_ok=True)
        kernels = ensure()
    raise LabbookError(
        f"{kernels}: the training engine's machine code is not kept there as it was written, or "
        "others may write it. Set LABBOOK_KERNELS to a folder of your own on another disk, or "
        "engine: torch in params.yaml."
    )


def _function(address: int) -> Function:
    """A function of Numba's: addresses of result and error in front, which these never use."""
    call = ctypes.CFUNCTYPE(ctypes.c_int32)(address)
    unused = ctypes.c_void_p()
    front = (ctypes.byref(unused), ctypes.byref(unused))

    def function(*arguments: int) -> None:
        call(*front, *(ctypes.c_uint64(value % 2**64) for value in arguments))

    return function


if __name__ == "__main__":  # at installation
    ensure()
