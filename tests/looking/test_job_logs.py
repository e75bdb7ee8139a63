"""What the logs of jobs say, read back; and the page of times that follows from them."""

import itertools
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from labbook.cli import main
from labbook.looking.timeline import REST, Work, picture, sessions
from labbook.running.job_logs import (
    BEGUN,
    DONE,
    LOGS,
    OVERTAKEN,
    read_cost,
    read_entries,
    write_entry,
)

TRACEBACK = """Traceback (most recent call last):
  File "x.py", line 1, in <module>
ValueError: no <b>such</b> column"""
EDITED = f"{OVERTAKEN}: train/d-000: params.yaml has changed since"
HEAD = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


@pytest.fixture
def logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the logs of a download, two packs side by side, a failure, and an edit."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.time", lambda: 1_000_030.0)
    for node, begun, texts in (
        ("download/boston", 1_000_000.0, (BEGUN, DONE)),
        ("train/a-000", 1_000_005.0, (BEGUN, DONE)),
        ("train/b-000", 1_000_006.0, (BEGUN, "k: 30 columns,\nand there are 6", BEGUN, DONE)),
        ("evaluate/a", 1_000_010.0, (BEGUN, TRACEBACK)),
        ("train/c-000", 1_000_020.0, (BEGUN,)),
        ("train/d-000", 1_000_020.0, (BEGUN, EDITED)),
    ):
        for text in texts:
            write_entry(LOGS / f"{node}.log", begun, text)
    (LOGS / "train/a-000.tsv").write_text(f"{HEAD}25.5\t0:00:25\t112.4\t1\t1\t1\t0\t0\t99\t20.1\n")
    (LOGS / "train/b-000.tsv").write_text(f"{HEAD}0.1\t0:00:00\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\n")
    return tmp_path


def test_entries_say_how_a_job_stands(logged: Path) -> None:
    assert [entry.text for entry in read_entries("download/boston")] == [BEGUN, DONE]
    begun, failed, _, done = read_entries("train/b-000")
    assert (begun.failed, failed.failed, done.failed) == (False, True, False)
    assert (failed.begun, failed.seconds) == (1_000_006.0, 24.0)
    assert failed.message == "k: 30 columns, and there are 6"
    assert read_entries("evaluate/a")[-1].message == "ValueError: no <b>such</b> column"
    assert read_entries("train/none") == []
    overtaken = read_entries("train/d-000")[-1]
    assert (overtaken.failed, overtaken.overtaken, failed.overtaken) == (False, True, False)


def test_costs_are_those_of_snakemake_s_benchmarks(logged: Path) -> None:
    cost = read_cost("train/a-000")
    assert cost is not None
    assert (cost.seconds, cost.megabytes, cost.processor) == (25.5, 112.4, 20.1)
    short = read_cost("train/b-000")
    assert short is not None
    assert short.megabytes == 0
    assert read_cost("download/boston") is None


def test_the_page_of_times(logged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log"]) == 0
    assert "results/log.html: times and memory of 3 jobs." in capsys.readouterr().out
    page = Path("results/log.html").read_text()
    assert "ValueError: no &lt;b&gt;such&lt;/b&gt; column" in page
    assert "112 MB" in page
    assert not re.search(r"<script|(src|href)=|url\(|@import", page)
    (svg,) = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    bars = [node for node in ET.fromstring(svg).iter() if node.tag == "rect"]
    assert len(bars) == 6  # of the job that has not ended there is none
    assert sum("bad" in bar.attrib["class"] for bar in bars) == 3
    assert "train/d-000: 10 s, overtaken by an edit</title>" in page
    assert "has changed since" not in page  # no failure


def test_jobs_side_by_side_do_not_overlap_and_a_rest_parts_pieces_of_work() -> None:
    works = [Work(f"train/{n}", 10.0 * n, 15.0, DONE) for n in range(4)]
    later = Work("report", 10_000.0 + REST, 1.0, DONE)
    assert [len(piece) for piece in sessions([*works, later])] == [4, 1]
    bars = [node.attrib for node in ET.fromstring(picture(works)).iter() if node.tag == "rect"]
    by_row: dict[str, list[tuple[float, float]]] = {}
    for bar in bars:
        by_row.setdefault(bar["y"], []).append((float(bar["x"]), float(bar["width"])))
    assert len(by_row) == 2
    for row in by_row.values():
        assert all(x + width <= after for (x, width), (after, _) in itertools.pairwise(row))


def test_without_logs_there_is_no_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["log"]) == 1
    assert "No log yet" in capsys.readouterr().err
    assert main(["log", "--quiet"]) == 0
    assert not Path("results").exists()
