import gzip
import struct
import tracemalloc

import numpy as np
import pytest

from labbook.data.idx import read_idx, write_idx
from labbook.errors import LabbookError

IMAGES = write_idx(np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3))


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


@pytest.mark.parametrize(
    ("content", "dimensions", "words"),
    [
        (None, 1, "f: cannot be read"),
        (IMAGES[:-12], 3, "f: cannot be read"),
        (gzip.decompress(IMAGES)[:-12], 3, "holds 48 values where its header says 5 x 4 x 3 = 60"),
        (IMAGES, 1, "has 3 dimensions where labels have 1"),
        (b"", 3, "is not an IDX file"),
        (b"ab", 3, "is not an IDX file"),
        (b"<html>not found</html>", 3, "is not an IDX file"),
        (b"\0\0\x08", 3, "is not an IDX file"),
    ],
)
def test_refused(tmp_path, content, dimensions, words):
    if content is not None:
        (tmp_path / "f").write_bytes(content)
    with pytest.raises(LabbookError, match=words):
        read_idx(tmp_path / "f", dimensions)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((5, 4, 3), "holds more than 60 values where its header says 5 x 4 x 3 = 60"),
        ((2**32 - 1, 2**32 - 1, 2**32 - 1), "at most 4,294,967,296 are allowed"),
        ((2**10, 2**10, 2**11), "holds 33554432 values where its header says 1024 x 1024 x 2048"),
    ],
)
def test_no_more_memory_than_the_content_that_is_asked_for(tmp_path, shape, said):
    """A gzip file of a few kilobytes whose content is a header and many zeros."""
    with gzip.open(tmp_path / "f.gz", "wb") as file:
        file.write(bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape))
        file.write(bytes(32 << 20))
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
