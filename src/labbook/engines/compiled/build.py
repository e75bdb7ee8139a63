"""From the kernels to one object file of machine code: `python -m labbook.engines.compiled.build`.

Runs in a process of its own, since what it sets must be set before Numba is imported, and on a
copy of the code that nobody edits. Only this module imports the kernels, and so Numba.
"""

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from labbook.engines.compiled.processor import features, processor
from labbook.files import write_bytes
from labbook.identity.code import code_digest

OTHER_CODE = 3  # exit code: the sources are not those that the file is named after


def build(path: Path, cpu: str, flags: str) -> None:
    """Compile the kernels for a processor and write them to `path`.

    The file: a line of JSON (symbols by name, the sum of what follows), then the object file.
    """
    # Numba would optimise each function with all that it calls, again and again: once is enough.
    os.environ |= {"NUMBA_CPU_NAME": cpu, "NUMBA_CPU_FEATURES": flags, "NUMBA_OPT": "0"}
    from llvmlite import binding

    from labbook.engines.compiled.kernels.entries import ENTRIES

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    symbols, whole = {}, None
    for name, function in ENTRIES.items():
        (signature,) = function.signatures
        symbols[name] = function.overloads[signature].fndesc.llvm_func_name
        module = binding.parse_assembly(function.inspect_llvm(signature))
        if whole is None:
            whole = module
        else:
            whole.link_in(module)
    target = binding.Target.from_default_triple()
    machine = target.create_target_machine(cpu=cpu, features=flags, opt=3, reloc="pic")
    optimise(whole, machine)
    code = machine.emit_object(whole)
    head = {"symbols": symbols, "sum": hashlib.sha256(code).hexdigest()}
    write_bytes(path, json.dumps(head).encode() + b"\n" + code, private=True)


def optimise(module: Any, machine: Any) -> None:
    """LLVM's passes for speed, with loops turned into vector code."""
    from llvmlite import binding

    options = binding.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = options.slp_vectorization = True
    passes = binding.create_pass_builder(machine, options)
    passes.getModulePassManager().run(module, passes)


def sources() -> str:
    """Digest of the code that the machine code is made of."""
    return code_digest("labbook.engines.compiled.build")


if __name__ == "__main__":
    if sys.argv[2] != sources():
        sys.exit(OTHER_CODE)
    build(Path(sys.argv[1]), processor(), features())
