"""The processor's name has one home."""

import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from labbook import processor
from tests.conftest import ROOT

LINUX = "model name\t: A Processor @ 2 GHz\nmodel\t\t: 7\n\nmodel name\t: Another\n"


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    processor.known.cache_clear()
    yield
    processor.known.cache_clear()


def test_the_name_is_the_maker_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "CPUINFO", tmp_path / "cpuinfo")
    assert processor.name() == (platform.processor() or platform.machine())
    processor.known.cache_clear()
    processor.CPUINFO.write_text(LINUX)
    assert processor.name() == "A Processor @ 2 GHz"
    assert processor.known()["model"] == "7"


def test_kinds_of_one_name_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Zen 3 and Zen 5 were both "AMD EPYC", and numbers of one were asked of the other."""
    monkeypatch.setattr(processor, "CPUINFO", tmp_path / "cpuinfo")
    processor.CPUINFO.write_text("cpu family : 25\nmodel : 1\nmodel name : AMD EPYC\n\n")
    assert processor.name() == "AMD EPYC (family 25, model 1)"


def test_nothing_else_asks_the_system_for_it() -> None:
    texts = [path for top in ("src", "bench") for path in (ROOT / top).rglob("*.py")]
    asking = ("/proc/cpuinfo", "platform.processor()")
    found = [path for path in texts if any(one in path.read_text() for one in asking)]
    assert found == [ROOT / "src/labbook/processor.py"]
