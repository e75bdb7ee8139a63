"""The engines by their names; params/engines.py says which one trains a run."""

from labbook.training.run import Engine


def load(name: str) -> Engine:
    """An engine by its name; only that one is imported."""
    if name == "compiled":
        from labbook.engines.compiled.engine import Engine as Compiled

        return Compiled()
    if name == "cuda":
        from labbook.engines.cuda.engine import Engine as Cuda

        return Cuda()
    from labbook.engines.torch.engine import Engine as Torch

    return Torch()
