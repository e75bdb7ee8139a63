"""params.yaml: every kind of mistake is named by line, path, found and allowed; files extend files."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field, ValidationError, create_model

from labbook.errors import LabbookError
from labbook.params import limits
from labbook.params.document import Params
from labbook.params.load import load_params, read_params, refusal
from labbook.params.messages import explain
from labbook.params.reference_page import reference_page, schema
from labbook.params.settings import show_value
from labbook.plan.plan import make_plan
from labbook.verdicts import FEWEST_SEEDS
from tests.conftest import ROOT, TINY

RATE = "vary: {optimizer.rate: [0.05, 1e+5]}"
ORDER = "order: [{optimizer.kind: adam}, {optimizer.kind: rmsprop}, {optimizer.kind: sgd}]"
DIGITS = "training: {batch: 16, epochs: 4}"
COVID = "training: {batch: 64, epochs: 12, patience: 5}"
# A text of tests/tiny.yaml, what takes its place, and what is said of it.
MISTAKES = [
    ("unknown key", "patience: 5}", "patiense: 5}", 'patiense: unknown name; did you mean "patience"'),
    ("unknown block", "recipes:", "recipies:", 'did you mean "recipes"'),
    ("wrong type", "batch: 64, epochs: 12", "batch: [], epochs: 12", "training.batch: found []"),
    ("number as text", "rate: 1e-2, weight", 'rate: "1e-2", weight', "write the number without quotes"),
    ("text as number", "delimiter: ;", "delimiter: 5", 'Write it in quotes: "5"'),
    ("not true or false", "batch_norm: true", "batch_norm: yes", "Write true or false"),
    ("empty list", RATE, "vary: {optimizer.rate: []}", "name at least one"),
    ("too short", ORDER, "order: [{optimizer.kind: adam}, {optimizer.kind: sgd}]", "; name at least three."),
    ("nothing varies", RATE, "vary: {}", "nothing varies"),
    ("negative", "epochs: 12", "epochs: -12", "found -12; expected greater than or equal to 1"),
    ("not finite", "clip: 5.0", "clip: .inf", "expected a finite number"),
    ("unknown recipe", "recipe: covid\n", "recipe: covit\n", 'did you mean "covid"'),
    ("unknown data set", "dataset: leaves", "dataset: leavs", 'did you mean "leaves"'),
    ("leaves the folder", "  digits-kernel:", "  ../digits:", "it becomes part of a path"),
    ("absolute name", "  digits-kernel:", "  /digits:", "it becomes part of a path"),
    ("name of a folder", "  digits-kernel:", "  runs:", "taken by results/runs"),
    ("unknown kind", "kind: cosine", "kind: cosin", 'did you mean "cosine"'),
    ("kind of a list", "nesterov, adagrad, rmsprop, adam]", "nesterov, adagrad, [], adam]", "unknown kind the text '[]'; Allowed: sgd"),
    ("unknown setting", "model.kernel: [3, 5]", "model.kernels: [3, 5]", 'did you mean "kernel"'),
    ("setting of no block", "model.kernel: [3, 5]", "dataset.x: [3, 5]", "dataset is not a block"),
    ("bad value of a setting", "model.kernel: [3, 5]", "model.kernel: [3, 4]", "kernel 4 is even"),
    ("same twice", "model.kernel: [3, 5]", "model.kernel: [3, 3]", "is the same as"),
    ("seed twice", "seeds: [7, 11]", "seeds: [7, 7]", "a seed is listed twice"),
    ("set and varied", "training.clip: null}", "training.clip: null, optimizer.rate: 1}", "is set and varied"),
    ("claim about nothing", "better: {features.k: 8}, than", "better: {features.k: 7}, than", "picks no combination"),
    ("claim twice", "id: degree", "id: rate", "is taken by a claim of boston-rate"),
    ("wrong metric", "    seeds: [7, 11]", "    metric: valid_mse", "does not suit a classification"),
    ("images for columns", "    recipe: digits", "    recipe: digits\n    set: {features.method: variance, features.k: 2}", "takes no images"),
    ("scores for classes", "method: f_regression", "method: f_classif", "f_classif does not suit a regression; use f_regression"),
    ("wrong sum", "c983dff3", "c983dffz", "64 hexadecimal digits"),
    ("dropout per layer", "dropout: [0.1, 0.0]", "dropout: [0.1]", "1 rates for 2 hidden layers"),
    ("no test", "better: {features.k: 8}, than: {features.k: 4}}", "metric: test_mse}", "a claim has one test, found none"),
    ("two tests", "exact: {of", "better: {a: 1}, exact: {of", "a claim has one test, found better and exact"),
    ("order about nothing", "order: [{optimizer.kind: adam}", "order: [{optimizer.kind: lion}", "claims[1].order[0]: picks no combination"),
    ("order of one twice", "order: [{optimizer.kind: adam}", "order: [{optimizer.kind: sgd}", "is on both sides"),
    ("share above one", "diverged, above: 0.5", "diverged, above: 1.5", "a share lies between 0 and 1"),
    ("no bound", "diverged, above: 0.5", "diverged", "name a bound: above, below, or both"),
    ("range upside down", "below: 1.0}}", "below: 1.0, above: 2.0}}", "must be smaller than below"),
    ("nothing exact", ", parameters: 25, layers: [16, 9]}}", "}}", "name what is exact"),
    ("what matters does not vary", ORDER, "matters: [optimizer.kind, optimizer.rate, model.hidden]", "'optimizer.rate' does not vary; there are: optimizer.kind"),
    ("seeds that cannot decide", "seeds: 6", "seeds: 5", "5 seeds can never decide a claim: at least 6"),
    ("seeds that cannot show a share", "diverged, above: 0.5", "diverged, above: 0.9", "at least 36 are needed"),
    ("margin of a share", "diverged, above: 0.5}", "diverged, above: 0.5}, margin: 0.1", "give the bound that matters; remove margin"),
    ("metric of a share", "diverged, above: 0.5}", "diverged, above: 0.5}, metric: test_mse", "share counts how runs ended, not a metric; remove metric"),
    ("metric of a count", "layers: [16, 9]}", "layers: [16, 9]}, metric: test_mse", "exact counts weights, not a metric; remove metric"),
    ("margin of a count", "layers: [16, 9]}", "layers: [16, 9]}, margin: 0.1", "exact is exact; remove margin"),
    ("margin of a level", "below: 1.0}", "below: 1.0}, margin: 0.1", "give the bound that matters; remove margin"),
    ("margin of a bound", "better: {features.k: 8}, than", "at_least: 1.0, margin: 0.1, better: {features.k: 8}, than", "at_least says how much is claimed"),
    ("margin of what matters", ORDER, "margin: 0.1, matters: [optimizer.kind, optimizer.rate, model.hidden]", "have no margin; remove margin"),
    ("level of runs without one", "below: 1.0}", "below: 1.0, among: diverged}", "runs that diverged have no metric"),
    ("more than nothing", "more_than: {better: {features.k: 8,", "more_than: {better: {features.k: 9,", "picks no combination"),
    ("figures of nothing", "{of: {optimizer.rate: 0.05}", "{of: {optimizer.rate: 0.5}", "published[0].of: picks 0 combinations"),
    ("figures of one twice", "{of: {optimizer.rate: 0.05}", "{of: {optimizer.rate: 1e+5}", "published[1]: the same metric of"),
    ("figures of a wrong metric", "metric: test_mse, values: [27", "metric: test_accuracy, values: [27", "published[0].metric: test_accuracy does not suit"),
    ("figures that are none", "values: [27.5, 11.25]", "values: []", "published[0].values"),
    ("patience", "patience: 5}", "patience: 12}", "patience (12) must be below epochs (12)"),
    ("stalled", "patience: 5}", "stalled: 12}", "stalled (12) must be below epochs (12)"),
    ("two sources", "package: boston,", "package: boston, path: x.csv,", "exactly one source"),
    ("a table elsewhere", "path: tests/tables", "path: /etc/tables", "copy the file under tables/ and write path: tables/leaves.csv"),
    ("a table above", "path: tests/tables", "path: tests/../../tables", "lies outside of this folder"),
    ("shares above one", "{train: 200, valid: 0.1, test: 0.1}", "{valid: 0.9, test: 0.9}", "leave no rows to train on"),
    ("engine on no device", "packs: {size: 16}", "packs: {size: 16}\nengine: compiled\ndevice: cuda", "engine: the compiled engine trains on the CPU"),
    ("unknown engine", "packs: {size: 16}", "packs: {size: 16}\nengine: compilde", 'did you mean "compiled"'),
    ("no images to change", COVID, "training: {batch: 64, epochs: 12, patience: 5, augment: {rotation: 10}}", "training.augment changes images"),
    ("a change without a name", DIGITS, "training: {batch: 16, epochs: 4, augment: {rotate: 10}}", 'did you mean "rotation"'),
    ("too many degrees", DIGITS, "training: {batch: 16, epochs: 4, augment: {rotation: 200}}", "augment.rotation: found 200"),
    ("copies of nothing", DIGITS, "training: {batch: 16, epochs: 4, augment: {test_copies: 4}}", "would be equal copies"),
    ("low above high", "low: -1", "low: 2", "must be below high"),
    ("a list of one name twice", "names: [length, width]}}", "names: [length, width]}}\n      - {features: {method: names, names: [length-width]}}", "are both called"),
    ("a threshold of quantities", "question: Do a few columns do?", "question: Do a few columns do?\n    threshold: valid", "threshold: is for two classes, and the data are of a regression"),
    ("rivals tuned otherwise", "    rivals: true", "    rivals: tunde", 'did you mean "tuned"'),
    ("epochs where patience ends runs", "question: Do a few columns do?", "question: Do a few columns do?\n    metric: epochs", "training.patience"),
]  # fmt: skip
RATES = ", ".join(f"{number}e-4" for number in range(1, 1001))
BATCHES = ", ".join(map(str, range(1, 1001)))
KERNELS = "vary: {model.kernel: [3, 5]}\n    seeds: [7, 11]"
WIDE = "vary: {model: [{kind: mlp, hidden: [1000000000, 64]}]}"
# Counts beyond the limits.
COUNTS = [
    ("seeds", "seeds: [7, 11]", "seeds: 1000000000", "at most 10,000"),
    ("seeds of the file", "seeds: 6 ", "seeds: 1000000000 ", "at most 10,000"),
    ("a list of seeds", "seeds: [7, 11]", f"seeds: {list(range(10_001))}", "10,001 in a list; expected at most 10,000"),
    ("runs", KERNELS, f"vary: {{optimizer.rate: [{RATES}]}}\n    seeds: 10000", "10,000,0"),
    ("points", "points: 60", "points: 1000000000", "at most 10,000,000"),
    ("a product", RATE, f"vary: {{optimizer.rate: [{RATES}], training.batch: [{BATCHES}]}}", "1,000,000 combinations here"),
    ("a sample", RATE, "vary: {sample: 1000000000, of: {optimizer.rate: {low: 0, high: 1}}}", "at most 20,000"),
    ("a range", RATE, "vary: {sample: 2, of: {optimizer.rate: {low: -1.7e+308, high: 1.7e+308}}}", "at most 1e+100"),
    ("epochs", "epochs: 12", "epochs: 1000000000", "at most 1,000,000"),
    ("batch", "batch: 64, epochs: 12", "batch: 100000000000, epochs: 12", "at most 1,000,000,000"),
    ("columns", "k: 8}", "k: 1000000000}", "at most 1,000,000"),
    ("kernel", "model.kernel: [3, 5]", "model.kernel: [3, 1000000001]", "at most 31"),
    ("degree", "degree: 2}", "degree: 1000000000}", "at most 30"),
    ("width", "hidden: [8], activation: leaky_relu", "hidden: [1000000000, 64]", "at most 100,000"),
    ("width in a study", RATE, WIDE, "at most 100,000"),
    ("weights", "hidden: [8], activation: leaky_relu", "hidden: [100000, 100000]", "10,000,900,000 weights"),
    ("channels", "channels: [4]", "channels: [100000, 100000]", "at most 100,000,000"),
    ("layers", "hidden: [8], activation: leaky_relu", f"hidden: {[8] * 101}", "101 in a list; expected at most 100"),
    ("blocks", "channels: [4]", f"channels: {[4] * 101}", "101 in a list; expected at most 100"),
    ("pack", "packs: {size: 16}", "packs: {size: 100000000000}", "at most 1,000,000,000"),
    ("pixels", DIGITS, "training: {batch: 16, epochs: 4, augment: {crop: 1000000000}}", "at most 1,000"),
    ("copies", DIGITS, "training: {batch: 16, epochs: 4, augment: {flip: vertical, test_copies: 1000000000}}", "at most 1,000"),
    ("period", "multiply: 2", "multiply: 1000000000", "at most 1,000,000"),
]  # fmt: skip


def message(path: Path) -> str:
    """What is said of a file, in which something is wrong."""
    with pytest.raises(LabbookError) as caught:
        load_params(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [m[1:] for m in MISTAKES + COUNTS],
    ids=[m[0] for m in MISTAKES + COUNTS],
)
def test_a_mistake_is_named(edited: Callable[..., Path], old: str, new: str, said: str) -> None:
    path = edited((old, new))
    text = message(path)
    assert said in text
    assert text.startswith(str(path))
    assert "line " in text


def test_all_mistakes_are_named_at_once_with_their_lines(edited: Callable[..., Path]) -> None:
    path = edited(("epochs: 12", "epochs: 0"), ("clip: 5.0", "clip: -5"), ("noise: 0.1", "nois: 1"))
    said, lines = message(path), path.read_text().splitlines()
    assert "3 mistakes" in said
    for text in ("epochs: 0", "clip: -5", "nois: 1"):
        number = next(n for n, line in enumerate(lines, 1) if text in line)
        assert f"line {number}: " in said


def test_a_mistake_beside_a_merged_block_is_named(edited: Callable[..., Path]) -> None:
    """Keys that `<<` brings stand in another place of the file."""
    path = edited(("epochs: 12", "epochs: 0"))
    text = path.read_text() + "  base: &base {epochs: 4}\n  more: {<<: *base, batch: 8}\n"
    path.write_text(text.replace("  base:", "new:\n  base:", 1))
    assert "epochs: 0" in path.read_text()
    assert "new" in message(path)
    assert "mistakes" in message(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"seeds: [8\ndatasets: {", "line 2"),
        (b"seeds: 8\nseeds: 9", "duplicate key"),
        (b"", "an empty file"),
        (b"- 1\n- 2", "found a list"),
        (b"a: *nobody", "undefined alias"),
        (b"seeds: \xff\xfe", "UTF-8"),
        (b"extends: params.yaml", "extends itself"),
        (b"extends: nothing.yaml", "(No such file or directory). params.yaml extends it"),
        (b"extends: 3", "expected the name of a file"),
    ],
)
def test_a_file_that_is_no_params_file(tmp_path: Path, text: bytes, said: str) -> None:
    path = tmp_path / "params.yaml"
    assert "cannot be read" in message(path)
    path.write_bytes(text)
    assert said in message(path)


WRITTEN = json.loads(load_params(TINY).model_dump_json(exclude_unset=True))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.floats(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ),
    st.sampled_from(["seeds", "datasets", "recipes", "studies", "packs", "report", "new"]),
)
def test_any_value_anywhere_gives_a_message_not_a_crash(value: object, block: str) -> None:
    document = {**WRITTEN, block: value}
    try:
        Params.model_validate(document)
    except ValidationError as error:
        mistakes = [explain(detail, document) for detail in error.errors()]
        assert all(mistake.text and mistake.place() for mistake in mistakes)


@pytest.mark.parametrize(("field", "of_seeds"), [("seeds", True), ("layers", False)])
def test_only_of_seeds_a_message_speaks_of_seeds(field: str, of_seeds: bool) -> None:
    model = create_model("Made", **{field: (int, Field(ge=FEWEST_SEEDS))})  # type: ignore[call-overload]
    with pytest.raises(ValidationError) as caught:
        model.model_validate({field: 5})
    text = explain(caught.value.errors()[0], {field: 5}, model).text
    assert text.startswith("found 5; ")
    assert ("seeds are needed" in text) == of_seeds


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values inside another."""
    if not isinstance(value, dict | list):
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*at, key)
        yield from places(inner, (*at, key))


@settings(max_examples=30)
@given(
    st.lists(st.sampled_from(list(places(WRITTEN))), min_size=1, max_size=3),
    st.sampled_from([None, 0, "none", [], {}, [None], {"kind": "none"}, {2021: 1}]),
)
def test_what_is_left_without_mistakes_can_be_planned(
    tmp_path_factory: pytest.TempPathFactory, paths: list[tuple[Any, ...]], value: Any
) -> None:
    document = copy.deepcopy(WRITTEN)
    for *outer, last in sorted(paths, key=len, reverse=True):
        owner = document
        for part in outer:
            owner = owner[part]
        owner[last] = copy.deepcopy(value)
    path = tmp_path_factory.mktemp("broken") / "params.yaml"
    path.write_text(json.dumps(document))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("labbook.params.source.parse", json.loads)  # a tenth of the time
        reading = read_params(path)
    assert set(make_plan(reading.sound).studies) <= WRITTEN["studies"].keys()
    if reading.mistakes:
        text = str(refusal(reading.source, reading.mistakes))
        assert all(mistake.text in text for mistake in reading.mistakes)


@pytest.mark.parametrize(
    "path", [ROOT / "params.yaml", ROOT / "full.yaml", ROOT / "quick.yaml", TINY]
)
def test_the_shipped_files_are_valid(path: Path) -> None:
    assert load_params(path).studies


def test_reference_and_schema_are_in_step_with_the_models() -> None:
    page, definitions = reference_page(), json.loads(schema())["$defs"]
    assert (ROOT / "docs/params.md").read_text() == page, "run `make reference`"
    assert (ROOT / "docs/params.schema.json").read_text() == schema(), "run `make reference`"
    assert all(f"| {text} | {most:,} |" in page for text, most in limits.TEXTS.items())
    among = definitions["Level"]["properties"]["among"]
    assert '"diverged"' not in json.dumps(among), "what is refused is not offered"
    for name, block in definitions.items():
        for field, described in block["properties"].items():
            assert "description" in described or field == "kind", f"{name}.{field}"


def test_values_are_shown_as_people_write_them() -> None:
    assert show_value([32, 16, 8]) == "32-16-8"
    assert show_value({"kind": "polynomial", "degree": 2}) == "polynomial degree 2"
    assert [show_value(v) for v in (None, True, False, 0.001)] == ["none", "on", "off", "0.001"]


def test_epochs_are_not_compared_where_runs_may_stall(edited: Callable[..., Path]) -> None:
    study = ("question: Do a few columns do?", "question: Do a few columns do?\n    metric: epochs")
    assert "training.stalled" in message(edited(study, ("patience: 5}", "stalled: 5}")))
    gain = (
        "      - id: gain\n        sentence: More columns help variance more than f_regression.\n"
    )
    claimed = (gain, gain + "        metric: valid_mse\n")
    load_params(edited(study, claimed, ("patience: 5}", "stalled: 5, tolerance: 0.1}")))


def test_a_file_extends_another(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(TINY.read_text())
    more = tmp_path / "more.yaml"
    more.write_text(
        "extends: base.yaml\nseeds: 9\nrecipes: {covid: {training: {epochs: 50}}}\n"
        "studies:\n  leaves-features: null\n  digits-kernel: {vary: {model.kernel: [5, 7]}}\n"
    )
    base, merged = load_params(tmp_path / "base.yaml"), load_params(more)
    assert (base.seeds, merged.seeds) == (6, 9)
    before, after = base.recipes["covid"].training, merged.recipes["covid"].training
    assert after == before.model_copy(update={"epochs": 50})
    assert set(base.studies) - set(merged.studies) == {"leaves-features"}
    assert merged.studies["digits-kernel"].vary == {"model.kernel": [5, 7]}
    assert merged.datasets == base.datasets


def test_mistakes_in_either_file_are_placed(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(TINY.read_text().replace("patience: 5}", "patience: 12}"))
    (tmp_path / "more.yaml").write_text("extends: base.yaml\n\nseeds: none\n")
    text = message(tmp_path / "more.yaml")
    assert "\n  line 3: seeds:" in text
    assert re.search(r"\n  \S*base.yaml, line \d+: recipes.covid.training", text)
