"""What was added in one place is there in all others: params, three engines, the NumPy form."""

import ast
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from labbook.engines.compiled import operations
from labbook.params import models, training
from labbook.training import schedules
from tests.conftest import ROOT
from tests.engines.equality import CASES
from tests.engines.places import ADDITIONS, SOURCE, Addition, assigned, complaints, names_in

ADDING = (ROOT / "docs/adding.md").read_text()
BLOCKS = {
    one.model_fields["kind"].default: one for one in get_args(get_args(training.Optimizer)[0])
}
KERNELS = "engines/compiled/kernels"


@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda one: one.title)
def test_every_place_has_every_name(addition: Addition) -> None:
    assert complaints(addition) == []


def test_a_complaint_says_what_to_edit() -> None:
    activation = next(one for one in ADDITIONS if one.title == "an activation")
    said = complaints(replace(activation, names=(*activation.names, "mish")))
    assert len(said) == 5
    assert said[3] == (
        "`Activation` in params/models.py has mish, ACTIVATIONS in "
        "src/labbook/engines/cuda/layers.py has not: add it there"
    )
    assert "elu, `Activation` in params/models.py has not" in complaints(
        replace(activation, names=activation.names[:-1])
    )[0]  # fmt: skip


@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda one: one.title)
def test_the_docs_name_every_place(addition: Addition) -> None:
    (line,) = (one for one in ADDING.splitlines() if one.startswith(f"| {addition.title} |"))
    for file, variable in addition.places:
        shown = file.removeprefix(f"{KERNELS}/") if KERNELS in line else file
        assert f"`{variable}`" in line, f"docs/adding.md, {addition.title}: name {variable}"
        assert f"`{file}`" in line or f"`{shown}`" in line, f"docs/adding.md: name {file}"


def test_the_docs_name_no_file_or_variable_that_is_not_there() -> None:
    """In the lines of ADDITIONS: "`NAME` in `file`", or `file` alone."""
    titles = tuple(f"| {one.title} |" for one in ADDITIONS)
    for line in ADDING.splitlines():
        if line.startswith(titles):
            words = line.split("`")[1::2]
            for file in (word for word in words if word.endswith(".py")):
                assert Path(SOURCE, file).exists(), f"docs/adding.md names {file}"
            for name, between, file in zip(
                words, line.split("`")[2::2], words[1:], strict=False
            ):  # fmt: skip
                if between == " in ":
                    text = Path(SOURCE, file).read_text()
                    assert name in text, f"docs/adding.md: {file} has no {name}"


def test_the_kinds_of_operations_have_their_kernels() -> None:
    """A kind of layer of the compiled engine is an operation, or follows from its layout alone."""
    kinds = names_in("engines/compiled/operations.py", "KINDS")
    assert names_in(f"{KERNELS}/network.py", "FUNCTIONS") == kinds, (
        "edit FUNCTIONS in engines/compiled/kernels/network.py and KINDS in "
        "engines/compiled/operations.py together"
    )


def test_what_keeps_its_slope_is_told_by_the_slope_s_argument() -> None:
    """A slope of the value is written with `y`, a slope of the argument with `x`.

    The latter must be in KEEPS_SLOPE in engines/compiled/operations.py: else the kernel gets the
    value, and the gradient is wrong.
    """
    table = assigned(f"{KERNELS}/activations.py", "FUNCTIONS")
    assert isinstance(table, ast.Dict)
    module = ast.parse(Path(SOURCE, f"{KERNELS}/activations.py").read_text())
    arguments = {
        one.name: one.args.args[0].arg for one in module.body if isinstance(one, ast.FunctionDef)
    }
    slopes = {
        key.value: value.elts[1].id
        for key, value in zip(table.keys, table.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(value, ast.Tuple)
    }
    assert set(slopes) == set(operations.ACTIVATIONS)
    of_argument = {name for name, slope in slopes.items() if arguments[slope] == "x"}
    assert {arguments[slope] for slope in slopes.values()} == {"x", "y"}
    assert of_argument == set(operations.KEEPS_SLOPE), (
        "edit KEEPS_SLOPE in src/labbook/engines/compiled/operations.py"
    )


def test_schedules_that_look_at_losses_are_known() -> None:
    """One that is not in BY_LOSS of schedules.py is asked for all epochs at once."""
    blocks = [one["schedule"] for one in CASES.values() if "schedule" in one]
    assert {one.kind for one in blocks} | {"constant"} == set(schedules.BUILDERS)
    for block in blocks:
        falling, level = schedules.build(block, 0.1), schedules.build(block, 0.1)
        differ = any(falling(e, 1 / (e + 1)) != level(e, 1.0) for e in range(30))
        assert differ == schedules.depends_on_loss(block), (
            f"edit BY_LOSS in src/labbook/training/schedules.py: {block.kind}"
        )


def test_every_name_has_a_case_against_pytorch() -> None:
    """The list of what tests/engines/equality.py lacks."""
    assert {f"mlp, {name}" for name in get_args(models.Activation)} <= set(CASES)
    assert set(BLOCKS) <= set(CASES)
    initialisations = {case["model"].initialisation for case in CASES.values() if "model" in case}
    assert set(get_args(models.Initialisation)) == initialisations
    poolings = {getattr(case.get("model"), "pooling", None) for case in CASES.values()}
    assert {"max", "average", "none"} == poolings - {None}
    kinds = {case["model"].kind for case in CASES.values() if "model" in case}
    assert kinds == {
        one.model_fields["kind"].default for one in get_args(get_args(models.Model)[0])
    }
