"""Any table with any settings is prepared, or refused in words."""

import csv
import io

import numpy as np
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from labbook.errors import LabbookError
from labbook.metrics import PARTS
from tests.data.test_prepare import run, table

CELLS = st.sampled_from(
    ["", "NA", "1", "2", "0", "-3.5", "1e300", "1e-300", "inf", "yes", "no", "Yes.", " a b ", "ä",
     "2026-11-27", "27.11.2026", "2026-02-30", "0001-01-01", "9999-12-31T23:59:59+23:59", "=(rare)",
     "(missing)", "x" * 50, "1,5", "\u2028", "'", '"', "nan", "1_0", "%d"]
)  # fmt: skip
NAMES = ["a", "b", "c", "y"]
SENSIBLE = {
    "number": ["1", "2", "3.5", "7", "-1e30", ""],
    "category": ["a", "b", "c", "A", "(rare)", ""],
    "ordinal": ["low", "mid", "high", ""],
    "date": ["2026-11-27", "2000-02-29T23:59", "0001-01-01", "2026-11-27T00:00+05:00", ""],
    "drop": ["1", ""],
    "id": ["1", "a", ""],
    "regression": ["1", "2", "0.5", "7"],
    "classification": ["yes", "no", "2"],
}
KINDS = st.sampled_from(["number", "category", "ordinal", "date", "drop", "id"])
ODD = st.lists(CELLS, min_size=1, max_size=3, unique=True)


@st.composite
def blocks(draw):
    """Settings of a table with the columns a, b, c and the target y."""
    kinds = dict(zip("abc", draw(st.lists(KINDS, min_size=3, max_size=3)), strict=True))
    of = lambda kind: [name for name, its in kinds.items() if its == kind]  # noqa: E731
    form = draw(st.sampled_from([None] * 9 + ["%d.%m.%Y", "%", "%Y %Q"]))
    task = draw(st.sampled_from(["regression", "classification"]))
    cells = [
        draw(ODD) if draw(st.integers(0, 9)) == 0 else SENSIBLE[kind]
        for kind in (*kinds.values(), task)
    ]
    block = {
        "target": "y", "task": task, "drop": of("drop"), "categorical": of("category"),
        "id": next(iter(of("id")), None),
        "ordinal": {name: ["low", "mid", "high"] for name in of("ordinal")},
        "dates": {name: {"format": form} for name in of("date")},
        "missing": draw(st.sampled_from(["median", "mean", "most_frequent", "refuse"])),
        "missing_category": draw(st.sampled_from(["none", "own", "most_frequent"])),
        "missing_indicator": draw(st.booleans()), "rare": draw(st.sampled_from([None, 2, 9])),
        "standardise_target": draw(st.booleans()),
        "log_target": task == "regression" and draw(st.booleans()),
        "standardise": draw(st.sampled_from(["all", "numbers", "none"])),
    }  # fmt: skip
    return block, cells


@settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(blocks(), st.integers(3, 40), st.integers(0, 99))
def test_any_table_is_prepared_or_refused(tmp_path, made, rows, seed):
    block, kinds_of_cells = made
    draw = np.random.default_rng(seed)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(NAMES)
    columns = [[cells[i] for i in draw.integers(0, len(cells), rows)] for cells in kinds_of_cells]
    writer.writerows(zip(*columns, strict=True))
    try:
        prepared = run(tmp_path, table(**block), table_csv=text.getvalue())
    except (LabbookError, ValidationError) as error:
        event(type(error).__name__ + str(error)[-40:])
        return
    event("prepared")
    assert prepared.features.shape == (rows, len(prepared.feature_names))
    for part in PARTS:
        x, y = prepared.part(0, part)
        assert np.isfinite(x).all()
        assert np.isfinite(y).all()
        if prepared.task == "regression" and len(y):
            assert np.isfinite(prepared.original(y, 0)).all()
