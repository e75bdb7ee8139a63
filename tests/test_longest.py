"""The lists of long tests in conftest.py name files that exist: rename both."""

import pytest

from tests.conftest import LONGEST, ROOT, THOROUGH


@pytest.mark.parametrize("name", sorted({*LONGEST, *THOROUGH}))
def test_a_long_file_of_tests_exists(name: str) -> None:
    assert (ROOT / "tests" / name).exists()
