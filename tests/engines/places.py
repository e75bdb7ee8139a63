"""Where an addition must be named: file, dict or tuple, and the names that it should have.

The files are read, not imported: the kernels of the compiled engine take seconds to import.
"""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from labbook.models.layers import Layer
from labbook.params import models, training
from labbook.params.engines import ENGINES
from tests.conftest import ROOT

SOURCE = ROOT / "src/labbook"
KINDS_OF_MODEL, KINDS_OF_OPTIMIZER, KINDS_OF_SCHEDULE = (
    tuple(block.model_fields["kind"].default for block in get_args(get_args(union)[0]))
    for union in (models.Model, training.Optimizer, training.Schedule)
)
POOLINGS = tuple(
    name for name in get_args(models.Cnn.model_fields["pooling"].annotation) if name != "none"
)
LOSSES = get_args(get_args(training.Training.model_fields["loss"].annotation)[0])
LAYERS = tuple(one.__name__ for one in Layer.__subclasses__())


@dataclass(frozen=True)
class Addition:
    """Something that may be added: where its names are listed first, and where they must follow.

    `title` begins its line in docs/adding.md; a place is a file under src/labbook and the dict or
    tuple in it.
    """

    title: str
    origin: str
    names: tuple[str, ...]
    places: tuple[tuple[str, str], ...]


ADDITIONS = (
    Addition(
        "an activation", "`Activation` in params/models.py", get_args(models.Activation),
        (
            ("models/layers.py", "ACTIVATIONS"),
            ("engines/torch/network.py", "ACTIVATIONS"),
            ("engines/compiled/kernels/activations.py", "FUNCTIONS"),
            ("engines/cuda/layers.py", "ACTIVATIONS"),
            ("prediction/export/layers.py", "ACTIVATIONS"),
        ),
    ),
    Addition(
        "a kind of layer", "the classes in models/layers.py", LAYERS,
        (
            ("engines/torch/network.py", "MODULES"),
            ("engines/compiled/layers.py", "LAYERS"),
            ("engines/cuda/layers.py", "FORWARD"),
            ("prediction/export/layers.py", "LAYERS"),
        ),
    ),
    Addition(
        "a kind of pooling", "`pooling` in params/models.py", POOLINGS,
        (("engines/compiled/operations.py", "POOLINGS"),),
    ),
    Addition(
        "a model of known layers", "`Model` in params/models.py", KINDS_OF_MODEL,
        (("models/__init__.py", "LAYERS"),),
    ),
    Addition(
        "an initialisation", "`Initialisation` in params/models.py",
        get_args(models.Initialisation), (("models/initialisation.py", "INITIALISATIONS"),),
    ),
    Addition(
        "an optimiser", "`Optimizer` in params/training.py", KINDS_OF_OPTIMIZER,
        (("engines/optimizers.py", "OPTIMIZERS"),),
    ),
    Addition(
        "a schedule", "`Schedule` in params/training.py", KINDS_OF_SCHEDULE,
        (("training/schedules.py", "BUILDERS"),),
    ),
    Addition(
        "a loss", "`loss` in params/training.py", LOSSES,
        (
            ("models/losses.py", "LOSSES"),
            ("engines/torch/losses.py", "LOSSES"),
            ("engines/compiled/operations.py", "LOSSES"),
            ("engines/compiled/kernels/losses.py", "loss"),
            ("engines/cuda/losses.py", "LOSSES"),
        ),
    ),
    Addition(
        "an engine", "`ENGINES` in params/engines.py", tuple(ENGINES),
        (("plan/memory.py", "ESTIMATES"),),
    ),
)  # fmt: skip


def names_in(file: str, variable: str) -> list[str]:
    """The keys of a dict, or the items of a tuple or set, that a file gives to `variable`.

    Of `layers.Linear` or `Linear` the name is "Linear". Raises AssertionError where there is none.
    """
    for node in ast.walk(assigned(file, variable)):
        if isinstance(node, ast.Dict):
            return [_name(key) for key in node.keys if key is not None]
        if isinstance(node, ast.Tuple | ast.Set):
            return [_name(item) for item in node.elts]
    raise AssertionError(f"src/labbook/{file}: {variable} is no dict, tuple or set")


def assigned(file: str, variable: str) -> ast.expr:
    """What a file of src/labbook gives to a variable of its module."""
    for statement in ast.parse(Path(SOURCE, file).read_text()).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        targets = [statement.target] if isinstance(statement, ast.AnnAssign) else targets
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        if variable in names and isinstance(statement, ast.Assign | ast.AnnAssign):
            assert statement.value is not None
            return statement.value
    raise AssertionError(f"src/labbook/{file} has no {variable}")


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return node.attr if isinstance(node, ast.Attribute) else ast.unparse(node)


def complaints(addition: Addition) -> list[str]:
    """A sentence for each place that lacks a name, or has one that is nowhere else."""
    found = []
    for file, variable in addition.places:
        there, place = names_in(file, variable), f"{variable} in src/labbook/{file}"
        missing = [name for name in addition.names if name not in there]
        unknown = [name for name in there if name not in addition.names]
        if missing:
            found.append(
                f"{addition.origin} has {', '.join(missing)}, {place} has not: add it there"
            )
        if unknown:
            found.append(
                f"{place} has {', '.join(unknown)}, {addition.origin} has not: add it to the latter"
            )
    return found
