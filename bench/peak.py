"""What one core can do at most: fused multiply-adds in registers alone."""

import ctypes
import functools
import time

from llvmlite import binding, ir

from labbook.engines.compiled.processor import features, processor

SUMS, LANES = 16, 16  # enough independent sums to hide the time that one takes


def gflops(rounds: int = 20_000_000) -> float:
    """Billions of float32 operations per second of one core, the best of several tries."""
    function = _function()
    tries = []
    for _ in range(5):
        began = time.perf_counter()
        function(rounds)
        tries.append(time.perf_counter() - began)
    return 2 * SUMS * LANES * rounds / min(tries) / 1e9


def _function() -> "ctypes._CFunctionType":
    """A loop of `SUMS` multiply-adds of 16 numbers each, as machine code: float(int64 rounds)."""
    vector, number = ir.VectorType(ir.FloatType(), LANES), ir.IntType(64)
    module = ir.Module()
    loop = ir.Function(module, ir.FunctionType(ir.FloatType(), [number]), "loop")
    fma = ir.Function(module, ir.FunctionType(vector, [vector] * 3), "llvm.fma.v16f32")
    first, body, last = (loop.append_basic_block(name) for name in ("first", "body", "last"))
    ir.IRBuilder(first).branch(body)
    builder = ir.IRBuilder(body)
    count = builder.phi(number)
    sums = [builder.phi(vector) for _ in range(SUMS)]
    factor = ir.Constant(vector, [0.999] * LANES)
    results = [builder.call(fma, [value, factor, factor]) for value in sums]
    starts = [ir.Constant(vector, [float(i)] * LANES) for i in range(SUMS)]
    more = builder.add(count, number(1))
    for phi, start, value in [(count, number(0), more), *zip(sums, starts, results, strict=True)]:
        phi.add_incoming(start, first)
        phi.add_incoming(value, body)
    builder.cbranch(builder.icmp_signed("<", more, loop.args[0]), body, last)
    builder = ir.IRBuilder(last)
    total = functools.reduce(builder.fadd, results)
    builder.ret(builder.extract_element(total, ir.IntType(32)(0)))

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_default_triple()
    machine = target.create_target_machine(cpu=processor(), features=features(), opt=3)
    engine = binding.create_mcjit_compiler(binding.parse_assembly(str(module)), machine)
    engine.finalize_object()
    _keep.append(engine)  # the machine code lives as long as its engine
    kind = ctypes.CFUNCTYPE(ctypes.c_float, ctypes.c_int64)
    return kind(engine.get_function_address("loop"))


_keep: list[object] = []
