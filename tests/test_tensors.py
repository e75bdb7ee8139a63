"""Any file at all in place of a run, of prepared data or a checkpoint: a plain reason, no crash."""

import json
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.data.prepare import prepare
from labbook.data.prepared import Prepared, read_prepared
from labbook.errors import LabbookError
from labbook.files import write_json
from labbook.params.datasets import Function
from labbook.training.checkpoint import read_checkpoint, write_checkpoint
from labbook.training.runfile import GROUPS, RunRecord, read_run, write_run
from tests.conftest import clean_environment

RECORD = {"id": "a", "identity": {}, "ended": "converged", "epochs": 1, "best_epoch": 1}
RECORD |= {"metrics": {"valid_mse": 0.5}, "layers": [["output", [1], 2]]}
TASK = {"kind": "table", "task": "regression", "feature_names": ["x"], "target_name": "y"}
TASK |= {"classes": [], "unlabelled_ids": [], "edition": "real", "note": ""}
OWNER = ["a", {}]
READERS: dict[str, Callable[[Path], Any]] = {
    "run": lambda path: read_run(path, GROUPS),
    "prepared": read_prepared,
    "checkpoint": lambda path: read_checkpoint(path, OWNER),
}


def content(header: object, data: bytes = b"", length: int | None = None) -> bytes:
    """A safetensors file; `length` is what it says of the length of its header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def array(kind: str = "F32", shape: tuple[int, ...] = (2,), end: int = 8) -> dict[str, Any]:
    return {"dtype": kind, "shape": list(shape), "data_offsets": [0, end]}


def about(text: str, **arrays: dict[str, Any]) -> dict[str, Any]:
    named = {name.replace("__", "/"): one for name, one in arrays.items()}
    return {"__metadata__": {"labbook": text}, **named}


FILES = {
    "empty": b"",
    "cut off in its length": b"\0" * 5,
    "a huge length": content({}, length=2**63),
    "a length beyond its end": content({}, length=2**30),
    "a list": content([]),
    "nested": content(b"[" * 100_000),
    "no metadata": content({}),
    "metadata of another program": content({"__metadata__": {"format": "pt"}}),
    "metadata that is no text": content({"__metadata__": {"labbook": 5}}),
    "no JSON": content(about("{")),
    "a header that is a list": content(about("[]")),
    "a header that is null": content(about("null")),
    "a nested header": content(about("[" * 100_000)),
    "a number without end": content(about('{"epochs": ' + "9" * 5000 + "}")),
    "an empty header": content(about("{}")),
    "numbers that NumPy lacks": content(about(json.dumps(RECORD), curves__x=array("F8_E4M3", (8,))), bytes(8)),
    "no numbers known": content(about(json.dumps(RECORD), curves__x=array("X", (8,))), bytes(8)),
    "arrays cut off": content(about(json.dumps(RECORD), curves__x=array()), bytes(4)),
    "arrays of terabytes": content(about("{}", curves__x=array("F32", (2**40,), 2**42)), bytes(8)),
}  # fmt: skip
HEADERS = {"run": RECORD, "prepared": TASK}
CHANGES: list[tuple[str, str, object]] = [
    ("run", "epochs", "x"), ("run", "epochs", None), ("run", "epochs", 1.5), ("run", "id", {}),
    ("run", "metrics", []), ("run", "metrics", {"a": "b"}), ("run", "metrics", {"a": []}),
    ("run", "layers", 5), ("run", "layers", [1]), ("run", "layers", [["a", "b", "c"]]),
    ("run", "curves", {}), ("run", "identity", []), ("run", "new", 1), ("run", "ended", 1),
    ("prepared", "feature_names", 5), ("prepared", "feature_names", {"a": 1}),
    ("prepared", "feature_names", [["x"]]), ("prepared", "kind", None), ("prepared", "new", 1),
    ("prepared", "features", []),
]  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", FILES)
def test_any_file_gives_a_plain_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], reader: str, name: str
) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(FILES[name])
    _is_refused(path, reader, capsys)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("place", ["/dev/zero", "folder", "pipe"])
def test_what_is_no_file_at_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], reader: str, place: str
) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "x.safetensors").symlink_to(tmp_path / place)
    _is_refused(tmp_path / "x.safetensors", reader, capsys)


def _is_refused(path: Path, reader: str, capsys: pytest.CaptureFixture[str]) -> None:
    if reader == "checkpoint":
        assert READERS[reader](path) is None
        said = capsys.readouterr().err
        assert "the run starts anew" in said
    else:
        with pytest.raises(LabbookError, match="Remove it and run snakemake again") as caught:
            READERS[reader](path)
        said = str(caught.value)
    assert str(path) in said
    assert len(said) < 1000


@pytest.mark.parametrize(("reader", "key", "value"), CHANGES)
def test_a_header_of_other_types(tmp_path: Path, reader: str, key: str, value: object) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(content(about(json.dumps({**HEADERS[reader], key: value}))))
    with pytest.raises(LabbookError, match=rf"its header is another: {key}"):
        READERS[reader](path)


@pytest.mark.parametrize("reader", ["run", "prepared"])
def test_a_header_without_one_of_its_entries(tmp_path: Path, reader: str) -> None:
    path = tmp_path / "x.safetensors"
    for key in set(HEADERS[reader]) - {"layers"}:  # which a network without weights lacks
        kept = {name: value for name, value in HEADERS[reader].items() if name != key}
        path.write_bytes(content(about(json.dumps(kept))))
        with pytest.raises(LabbookError, match=rf"{key}: Field required"):
            READERS[reader](path)


def made(folder: Path) -> Path:
    """Prepared data of a function."""
    split = {"valid": 5, "test": 5}
    function = Function(expression="x", low=0, high=1, points=20, split=split)
    write_json(folder / "raw/edition.json", {"edition": "generated", "note": ""})
    points = "".join(f"{n},{2 * n}\n" for n in range(20))
    (folder / "raw/points.csv").write_text("x,y\n" + points)
    prepare(function, folder / "raw", [0, 3], folder / "x.safetensors")
    return folder / "x.safetensors"


ARRAYS: list[tuple[str, np.ndarray | None, str]] = [
    ("features", None, "no array features"),
    ("features", np.zeros(20), r"features is float64 \(20,\), not \('any', 'any'\)"),
    ("features", np.zeros((20, 2)), "it names 1 features and has 2"),
    ("target", None, "no array target"),
    ("target", np.zeros(19), r"not \(20,\)"),
    ("unlabelled", np.zeros(3), "unlabelled"),
    ("splits/3/mean", None, "no array splits/3/mean"),
    ("splits/3/scale", np.zeros(2), r"not \(1,\)"),
    ("splits/3/target", np.zeros(3), r"not \(2,\)"),
    ("splits/3/valid", np.array([0, 20], np.int32), "numbers rows that are not there"),
    ("splits/3/test", np.array([-1], np.int32), "numbers rows that are not there"),
    ("splits/3/train", np.array([0.5]), "numbers rows that are not there"),
]


@pytest.mark.parametrize(("name", "other", "said"), ARRAYS)
def test_other_arrays_than_those_of_data(
    tmp_path: Path, name: str, other: np.ndarray | None, said: str
) -> None:
    from safetensors.numpy import load_file, save_file

    path = made(tmp_path)
    arrays = load_file(path)
    arrays.pop(name, None)
    if other is not None:
        arrays[name] = other
    header = json.dumps({**TASK, "edition": "generated"})
    save_file(arrays, path, metadata={"labbook": header})
    with pytest.raises(LabbookError, match=said):
        read_prepared(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A file for each reader."""
    folder = tmp_path_factory.mktemp("whole")
    record = {**RECORD, "layers": (("output", (1,), 2),)}
    write_run(folder / "run", RunRecord(**record))
    write_checkpoint(folder / "checkpoint", OWNER, {"a": np.arange(3)})
    made(folder).replace(folder / "prepared")
    return {name: (folder / name).read_bytes() for name in READERS}


@pytest.mark.parametrize("reader", READERS)
@given(place=st.integers(0, 10**6), change=st.integers(1, 255), cut=st.booleans())
def test_a_changed_or_cut_file_gives_a_record_or_a_reason(
    whole: dict[str, bytes], reader: str, place: int, change: int, cut: bool
) -> None:
    content = bytearray(whole[reader])
    place %= len(content)
    content[place] ^= change
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.safetensors")
        path.write_bytes(content[:place] if cut else content)
        try:
            found = READERS[reader](path)
        except LabbookError:  # any other exception is a crash
            return
    assert found is None or isinstance(found, RunRecord | Prepared | dict)


def test_a_job_says_so_without_a_traceback(project: Path) -> None:
    """The job that was to read it, as Snakemake calls it."""
    environment = clean_environment(PYTHONPATH=str(project / "src"))

    def job(node: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "labbook", "job", node]
        return subprocess.run(command, env=environment, text=True, capture_output=True, check=False)

    for node in ("download/boston", "prepare/boston"):
        assert job(node).returncode == 0
    Path("data/prepared/boston.safetensors").write_bytes(FILES["a header that is a list"])
    ran = job("select/boston/all")
    assert ran.returncode == 1
    assert "data/prepared/boston.safetensors: not a whole prepared data set" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "mistake of labbook's own" not in ran.stderr
