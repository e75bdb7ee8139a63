"""Seeds in rounds: the looks, what is refused, and studies of which nothing asks for more."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from labbook.errors import LabbookError
from labbook.params.load import load_params
from labbook.params.rounds import Rounds
from labbook.plan.looks import looks_of
from labbook.plan.plan import make_plan

IN_ROUNDS = "seeds: {from: 6, to: 20, until: decided}"


@pytest.mark.parametrize(
    ("first", "last", "looks"),
    [(8, 64, (8, 16, 32, 64)), (8, 20, (8, 16, 20)), (6, 25, (6, 12, 24, 25)), (20, 21, (20, 21))],
)
def test_seeds_double_from_look_to_look(first: int, last: int, looks: tuple[int, ...]) -> None:
    found = Rounds.model_validate({"from": first, "to": last}).looks
    assert found == looks
    shares = [look.share for look in looks_of(found)]
    assert sum(shares) == pytest.approx(1)
    assert shares[0] == looks[0] / last


@pytest.mark.parametrize("seeds", [{"from": 8, "to": 8}, {"from": 5, "to": 20}, {"to": 20}])
def test_what_cannot_be_is_refused(seeds: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Rounds.model_validate(seeds)


def test_messages_have_the_names_of_the_file(edited: Callable[..., Path]) -> None:
    path = edited(("seeds: 6", "seeds: {from: 6, to: 20, untill: decided}"))
    with pytest.raises(LabbookError, match='did you mean "until"') as caught:
        load_params(path)
    assert "from, to, until" in str(caught.value)


def test_without_a_claim_nothing_asks_for_more(edited: Callable[..., Path]) -> None:
    plan = make_plan(load_params(edited(("seeds: 6", IN_ROUNDS))))
    for study in plan.studies.values():
        if study.block.seeds is None:
            assert len(study.looks) == (3 if study.claims else 1), study.name
            assert len(study.seeds) == (20 if study.claims else 6)


def test_packs_of_later_rounds_wait_for_looks_on_none_of_their_own_runs(
    edited: Callable[..., Path],
) -> None:
    plan = make_plan(load_params(edited(("seeds: 6", IN_ROUNDS))))
    later = [pack for pack in plan.packs.values() if pack.after]
    assert later
    for pack in later:
        for name, number in pack.after:
            look = plan.studies[name].looks[number - 1]
            assert min(run.seed for run in pack.runs) >= look.seeds
