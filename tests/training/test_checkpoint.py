"""Checkpoint files: exact to the bit, and nothing broken is ever gone on from."""

from pathlib import Path

import numpy as np
import pytest

from labbook.errors import LabbookError
from labbook.training.checkpoint import read_checkpoint, write_checkpoint
from labbook.training.watch import Watch

OWNER = ["a" * 8, {"seed": 1}]
ARRAYS = {
    "model/linear.weight": np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4),
    "optimizer/0/step": np.array(7, np.float32),  # one number, not an array of one
    "best_at": np.array([3, np.nan, -0.0, np.inf, 5e-324]),
    "empty": np.empty((0, 2), np.int64),
    "turned": np.arange(6, dtype=np.float32).reshape(2, 3).T,
}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "run.safetensors"
    write_checkpoint(path, OWNER, ARRAYS)
    return path


def test_what_was_written_comes_back_bit_by_bit(written: Path, capsys) -> None:
    arrays = read_checkpoint(written, OWNER)
    assert arrays is not None
    assert set(arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        assert (arrays[name].shape, arrays[name].dtype) == (array.shape, array.dtype)
        assert arrays[name].tobytes() == array.tobytes()
    assert read_checkpoint(written.with_name("none.safetensors"), OWNER) is None
    assert not capsys.readouterr().err
    assert read_checkpoint(written, ["a" * 8, {"seed": 2}]) is None
    assert "it is of another run" in capsys.readouterr().err


def test_no_flipped_bit_is_gone_on_from(written: Path, capsys) -> None:
    whole = written.read_bytes()
    begin = 8 + int.from_bytes(whole[:8], "little")  # of the numbers, behind the header
    for place in (begin, (begin + len(whole)) // 2, len(whole) - 1):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        written.write_bytes(damaged)
        assert read_checkpoint(written, OWNER) is None
        assert "its content is damaged" in capsys.readouterr().err
    for size in (0, 7, 100, len(whole) - 1):
        written.write_bytes(whole[:size])
        assert read_checkpoint(written, OWNER) is None
        assert "is ignored and the run starts anew" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LabbookError, match="file"):
        write_checkpoint(tmp_path / "file/run.safetensors", OWNER, ARRAYS)


def test_other_code_does_not_go_on_from_a_state(tmp_path: Path) -> None:
    """Equal ids do not mean equal code: only that its whole runs have the same numbers."""
    Watch(tmp_path, code="old").save("run", {"seed": 1}, ARRAYS)
    assert Watch(tmp_path, code="new").load("run", {"seed": 1}) is None
    assert Watch(tmp_path, code="old").load("run", {"seed": 1}) is not None
