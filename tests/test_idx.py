import gzip

import numpy as np
import pytest

from labbook.data.idx import read_idx, write_idx
from labbook.errors import LabbookError

IMAGES = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)


@pytest.mark.parametrize("shape", [(5, 4, 3), (300, 28, 28), (0, 2, 2)])
def test_round_trip(tmp_path, shape):
    values = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    for content in (write_idx(values), gzip.decompress(write_idx(values))):
        (tmp_path / "f").write_bytes(content)
        np.testing.assert_array_equal(read_idx(tmp_path / "f", 3), values)


def test_bytes_are_fixed():
    assert write_idx(np.array([5, 0], np.uint8)).hex() == (
        "1f8b08000000000000ff010a00f5ff000008010000000205005c58ebe80a000000"
    )


def test_cut_off(tmp_path):
    path = tmp_path / "images.gz"
    path.write_bytes(write_idx(IMAGES)[:-12])
    with pytest.raises(LabbookError, match=r"images\.gz: cannot be read"):
        read_idx(path, 3)
    path.write_bytes(gzip.decompress(write_idx(IMAGES))[:-12])
    with pytest.raises(LabbookError, match="holds 48 values where its header says 5 x 4 x 3 = 60"):
        read_idx(path, 3)


@pytest.mark.parametrize("content", [b"", b"ab", b"<html>not found</html>", b"\0\0\x08"])
def test_not_idx(tmp_path, content):
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(LabbookError, match="is not an IDX file"):
        read_idx(tmp_path / "f", 3)


def test_images_for_labels(tmp_path):
    (tmp_path / "f").write_bytes(write_idx(IMAGES))
    with pytest.raises(LabbookError, match="has 3 dimensions where labels have 1"):
        read_idx(tmp_path / "f", 1)
    with pytest.raises(LabbookError, match="cannot be read"):
        read_idx(tmp_path / "none", 1)
