import gzip
import struct
import tracemalloc

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


def bomb(path, shape, megabytes):
    """A gzip file of a few kilobytes whose content is `shape` as a header, and zeros."""
    with gzip.open(path, "wb") as file:
        file.write(bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape))
        for _ in range(megabytes):
            file.write(bytes(1 << 20))


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((5, 4, 3), "holds more than 60 values where its header says 5 x 4 x 3 = 60"),
        ((2**32 - 1, 2**32 - 1, 2**32 - 1), "at most 4,294,967,296 are allowed"),
        ((2**10, 2**10, 2**11), "holds 33554432 values where its header says 1024 x 1024 x 2048"),
    ],
)
def test_no_more_memory_than_the_content_that_is_asked_for(tmp_path, shape, said):
    bomb(tmp_path / "f.gz", shape, 32)
    assert (tmp_path / "f.gz").stat().st_size < 200_000
    tracemalloc.start()
    with pytest.raises(LabbookError, match=said):
        read_idx(tmp_path / "f.gz", 3)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < (2**27 if shape[0] == 2**10 else 2**24)


def test_a_file_that_is_not_compressed_is_read_as_far_as_needed(tmp_path):
    with (tmp_path / "f").open("wb") as file:
        file.write(bytes([0, 0, 8, 1]) + struct.pack(">I", 3))
        file.truncate(2**40)
    with pytest.raises(LabbookError, match="holds more than 3 values"):
        read_idx(tmp_path / "f", 1)
