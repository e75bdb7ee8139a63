"""What `labbook check` says of controls, and of a shuffled target that they do not ask for."""

from collections.abc import Callable
from pathlib import Path

import pytest

from labbook.errors import LabbookError
from labbook.params.load import load_params

RECIPE = "    training: {batch: 16, epochs: 4}"
STUDY = "    question: Which kernel reads digits best?"
VARY = "vary: {model.kernel: [3, 5]}"


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (RECIPE, RECIPE[:-1] + ", shuffled_target: true}", "recipes.digits.training.shuffled_target"),
        (
            STUDY,
            STUDY + "\n    set: {training.shuffled_target: true}",
            "studies.digits-kernel.set.training.shuffled_target",
        ),
        (
            VARY,
            "vary: {training.shuffled_target: [false, true]}",
            "studies.digits-kernel.vary.training.shuffled_target",
        ),
        (
            VARY,
            "vary: [{training: {batch: 16, epochs: 4, shuffled_target: true}}]",
            "studies.digits-kernel.vary",
        ),
    ],
)  # fmt: skip
def test_only_controls_shuffle_the_target(
    edited: Callable[..., Path], old: str, new: str, place: str
) -> None:
    with pytest.raises(LabbookError) as caught:
        load_params(edited((old, new)))
    assert str(caught.value).count("\n") == 1  # said once
    assert f"{place}: is for labbook's own controls" in str(caught.value)
    assert "controls: true" in str(caught.value)


def test_a_user_may_redraw(edited: Callable[..., Path]) -> None:
    varied = "vary: {training.redraw: [null, initialisation, all]}"
    some = ("    seeds: [7, 11]\n", "    seeds: 6\n")
    assert load_params(edited((VARY, varied), some)).studies["digits-kernel"].combination_count == 3


@pytest.mark.parametrize("place", ["controls: false # likewise", "    controls: true"])
def test_controls_are_true_or_false(edited: Callable[..., Path], place: str) -> None:
    key = place.partition(":")[0]
    with pytest.raises(LabbookError, match="found the text 'some'; expected boolean"):
        load_params(edited((place, f"{key}: some")))
