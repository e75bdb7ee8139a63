"""A study of several data sets is a study of each; its mistakes are told once, where they stand."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbook.errors import LabbookError
from labbook.params.load import load_params, read_params, refusal
from labbook.params.over_datasets import Member, each_dataset
from labbook.plan.plan import make_plan
from tests.conftest import ROOT, TINY
from tests.params.test_params import WRITTEN, places

QUESTION = """
  many:
    question: Does Adam beat SGD?
    recipe: boston
    datasets: [boston, covid, function]
    vary: {optimizer.kind: [adam, sgd]}
    claims:
      - {id: X1, sentence: Adam beats SGD., better: {optimizer.kind: adam}}
"""
LIST = "datasets: [boston, covid, function]"


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., Path]:
    """The tiny file with the question, each first text of some pairs replaced by the second."""

    def write(*pairs: tuple[str, str]) -> Path:
        question = QUESTION
        for old, new in pairs:
            assert old in question, old
            question = question.replace(old, new, 1)
        path = tmp_path / "params.yaml"
        path.write_text(TINY.read_text().replace("\npacks:", question + "\npacks:"))
        return path

    return write


def mistakes(path: Path) -> list[str]:
    with pytest.raises(LabbookError) as error:
        load_params(path)
    return str(error.value).splitlines()[1:]


def test_each_data_set_has_a_study_with_its_claims(asked: Callable[..., Path]) -> None:
    params = load_params(asked())
    names = [name for name in params.studies if name.startswith("many")]
    assert names == ["many-on-boston", "many-on-covid", "many-on-function"]
    plan = make_plan(params)
    assert [plan.studies[name].dataset for name in names] == ["boston", "covid", "function"]
    study = plan.studies["many-on-covid"]
    assert [(claim.id, claim.sentence) for claim in study.claims] == [
        ("X1-on-covid", "On covid: Adam beats SGD.")
    ]
    assert study.asked[0] == "many"
    (question,) = plan.questions
    assert dict(question.studies) == {name.removeprefix("many-on-"): name for name in names}
    assert [claim.id for claim in question.claims] == ["X1"]


def test_runs_are_those_of_a_study_of_that_data_set_alone(asked: Callable[..., Path]) -> None:
    """Equal settings, equal runs: trained once, whoever asks."""
    alone = ("studies:\n", "studies:\n  alone:\n    question: The same?\n    recipe: boston\n")
    path = asked()
    text = path.read_text().replace(*alone, 1)
    text = text.replace(
        "    recipe: boston\n", "    recipe: boston\n    vary: {optimizer.kind: [adam, sgd]}\n", 1
    )
    path.write_text(text)
    plan = make_plan(load_params(path))
    assert plan.studies["alone"].runs == plan.studies["many-on-boston"].runs


def test_where_a_study_comes_from_is_no_part_of_its_identity(asked: Callable[..., Path]) -> None:
    member = load_params(asked()).studies["many-on-boston"]
    assert isinstance(member, Member)
    assert not {"question_of", "asked", "datasets"} & member.identity().keys()


def test_a_file_without_data_sets_stays_as_it_is() -> None:
    params = load_params(TINY)
    assert each_dataset(params) == (params, [])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (LIST, "datasets: [boston, bostn]", "many.datasets[1]: no data set is called 'bostn'; did"),
        (LIST, "datasets: [boston, boston]", "many.datasets[1]: 'boston' is listed twice"),
        (LIST, "datasets: [boston]", "many.datasets: found ['boston']; name at least two."),
        (LIST, "datasets: boston", "many.datasets: found the text 'boston'; expected list."),
        (
            LIST,
            "datasets: [boston, digits]",
            "many.datasets: a regression on boston, a classification on digits: one question",
        ),
        (LIST, f"{LIST}\n    set: {{dataset: boston}}", "many.set.dataset: is set, and `datasets`"),
        ("[adam, sgd]}", "[adam, sgd], dataset: [covid]}", "many.vary: varies the data set, and"),
        (
            LIST,
            f"{LIST}\n    published: [{{of: {{optimizer.kind: sgd}}, values: [1], source: x}}]",
            "many.published: figures of a source are of one data set",
        ),
        ("many:", f"{'m' * 50}:", f"{'m' * 50}: on function it is called"),
        ("id: X1", f"id: X{'1' * 50}", "many.claims[0].id: on function it is called"),
        ("adam}}", "adm}}", "many.claims[0].better: picks no combination; there are: kind adam"),
        (LIST, f"{LIST}\n    set: {{training.epochs: -1}}", "many.set.training.epochs: found -1;"),
        ("recipe: boston", "recipe: bostn", "many.recipe: no recipe is called 'bostn'"),
    ],
)
def test_a_mistake_is_told_once_where_it_stands(
    asked: Callable[..., Path], old: str, new: str, said: str
) -> None:
    found = mistakes(asked((old, new)))
    assert sum(said in line for line in found) == 1, found
    assert not any("many-on" in line.split(": ", 2)[1] for line in found)


def test_what_misfits_one_data_set_names_it(asked: Callable[..., Path]) -> None:
    path = asked((LIST, f"{LIST}\n    set: {{model: {{kind: cnn, channels: [4]}}}}"))
    assert all(" on boston" not in line for line in mistakes(path))  # none has images
    images = ("[boston, covid, function]", "[digits, leaves]")
    model = ("vary:", "set: {model: {kind: cnn, channels: [4], kernel: 3, hidden: [8]}}\n    vary:")
    found = mistakes(asked(images, model))
    assert len([line for line in found if "on leaves: with kind" in line]) == 2
    assert not any("on digits" in line for line in found)


def test_a_name_that_is_taken_is_refused(asked: Callable[..., Path]) -> None:
    path = asked()
    other = "\n  many-on-covid:\n    question: Taken?\n    recipe: covid\n    vary: {features.k: [4, 8]}\n"
    path.write_text(path.read_text().replace("\npacks:", other + "\npacks:"))
    assert "many: on covid it is called many-on-covid, as another study is" in mistakes(path)[0]


def test_varying_the_data_set_points_to_datasets(asked: Callable[..., Path]) -> None:
    path = asked((f"    {LIST}\n", ""), ("[adam, sgd]}", "[adam, sgd], dataset: [boston, covid]}"))
    assert "Write datasets: [boston, covid] instead, and each is asked." in mistakes(path)[0]


ASKED = {
    "question": "Does Adam beat SGD?", "recipe": "boston", "datasets": ["boston", "covid", "function"],
    "vary": {"optimizer.kind": ["adam", "sgd"]}, "set": {"training.epochs": 3},
    "claims": [{"id": "X1", "sentence": "So.", "better": {"optimizer.kind": "adam"}}],
}  # fmt: skip
VALUES = [0, "none", [], {}, {"kind": "none"}, ["boston", "digits"], {"dataset": "x"}]


@settings(max_examples=25)
@given(
    st.lists(st.sampled_from(list(places(ASKED))), min_size=1, max_size=3),
    st.sampled_from(VALUES),
)
def test_anything_wrong_gives_mistakes_that_stand_in_the_file(
    tmp_path_factory: pytest.TempPathFactory, paths: list[tuple[Any, ...]], value: Any
) -> None:
    question = copy.deepcopy(ASKED)
    for *outer, last in sorted(paths, key=len, reverse=True):
        owner: Any = question
        for part in outer:
            owner = owner[part]
        owner[last] = copy.deepcopy(value)
    document = {**WRITTEN, "studies": {**WRITTEN["studies"], "many": question}}
    path = tmp_path_factory.mktemp("broken") / "params.yaml"
    path.write_text(json.dumps(document))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("labbook.params.source.parse", json.loads)  # a tenth of the time
        reading = read_params(path)
    plan = make_plan(reading.sound)
    assert WRITTEN["studies"].keys() <= plan.studies.keys()
    assert all("-on-" not in str(one.path) for one in reading.mistakes)
    if reading.mistakes:
        assert str(refusal(reading.source, reading.mistakes))


def test_the_lines_to_copy_are_valid(tmp_path: Path) -> None:
    """docs/your-own-table.md, "Other questions": with a recipe as `labbook new` writes it."""
    text = (ROOT / "docs/your-own-table.md").read_text()
    lines = text.split("## Other questions")[1].split("```yaml\n")[1].split("```")[0]
    data = "{kind: function, expression: x, low: 0, high: 1, points: 90, split: {valid: 0.2, test: 0.2}}"
    path = tmp_path / "params.yaml"
    path.write_text(
        f"""seeds: 8
datasets: {{wine: {data}, beer: {data}, cider: {data}}}
recipes:
  wine:
    dataset: wine
    model: {{kind: mlp, hidden: [32], activation: relu}}
    optimizer: {{kind: adam, rate: 0.002}}
    training: {{batch: 32, epochs: 200, patience: 20}}
studies:
{lines}"""
    )
    studies = load_params(path).studies
    assert {"wine-chance", "wine-tuned", "width-everywhere-on-cider"} <= studies.keys()
