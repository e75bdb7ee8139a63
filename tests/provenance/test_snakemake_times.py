"""File times say what the keys say, whatever a clock or a checkout has left."""

import os
import re
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from labbook.errors import LabbookError
from labbook.files import write_text
from labbook.provenance import snakemake_times
from labbook.provenance.checksums import write_key
from labbook.provenance.graph import Graph
from labbook.provenance.node import Node
from labbook.provenance.snakemake_times import mark
from tests.made_project import MADE_UP, edit, stale


def files() -> list[Path]:
    return [p for top in ("data", "results") for p in Path(top).rglob("*") if p.is_file()]


def newer(first: Path, second: Path) -> bool:
    return first.stat().st_mtime > second.stat().st_mtime


@pytest.mark.parametrize(("clock", "spread"), [(0.0, 1000), (0.0, 1), (1e9, 1000), (4e9, 1000)])
def test_marks_say_in_times_what_keys_say(finished: Path, clock: float, spread: int) -> None:
    """Whatever the clock was when files were written."""
    for path in files():
        os.utime(path, (clock + hash(path.name) % spread, clock + hash(path.name) % spread))
    edit(("epochs: 4}", "epochs: 5}"))  # digits
    graph = Graph.load()
    for node in graph.nodes.values():  # Snakemake takes it for an output
        write_text(node.benchmark, "made up\n")
        os.utime(node.benchmark, (1, 1))
    mark(graph)
    now = time.time() + 1
    for node in graph.nodes.values():
        fresh = "digits" not in node.name and node.name not in ("claims", "report")
        fresh |= node.kind in ("download", "prepare", "describe", "select")
        assert fresh == (not any(newer(node.marker, path) for path in node.outputs)), node.name
        assert all(path.stat().st_mtime > 0 for path in (*node.outputs, node.benchmark))
        for path in node.outputs if fresh else ():
            assert 0 < path.stat().st_mtime < now
            for up in node.upstream:
                assert not newer(graph.nodes[up].outputs[0], path)
                assert not newer(graph.nodes[up].outputs[0], node.benchmark)


def test_a_benchmark_of_before_a_checkout_makes_nothing_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Snakemake takes it for an output, and `dvc checkout` makes inputs that are newer."""
    monkeypatch.chdir(tmp_path)
    nodes = {}
    for name, upstream in (("prepare/a", ()), ("select/a/all", ("prepare/a",))):
        outputs = (Path("data", f"{name}.json"), Path("data", f"{name}.key"))
        nodes[name] = Node(name, (), outputs, "asked", "key", upstream)
        write_text(outputs[0], name)
        write_key(nodes[name])
        write_text(nodes[name].benchmark, "s")
        os.utime(nodes[name].benchmark, (1000, 1000))
    mark(SimpleNamespace(nodes=nodes))  # type: ignore[arg-type]
    newest = max(path.stat().st_mtime for path in nodes["prepare/a"].outputs)
    assert nodes["select/a/all"].benchmark.stat().st_mtime >= newest


def test_times_are_in_order_to_the_nanosecond(finished: Path) -> None:
    """A time as a float is up to 120 ns off: then what was put in order was older than its input."""
    second = time.time_ns() // 1_000_000_000 * 1_000_000_000 - 1_000_000_000
    table, report = Path("results/boston-rate/runs.csv"), Path("results/report.html")
    graph = Graph.load()
    for at in (second + 50, second + 100, second + 150):
        for path in (p for top in ("data", "results") for p in Path(top).rglob("*")):
            os.utime(path, ns=(at - 9, at - 9))
        os.utime(table, ns=(at, at))
        mark(graph)
        assert report.stat().st_mtime_ns >= table.stat().st_mtime_ns == at


def test_a_hard_link_to_another_users_file_becomes_an_own_file(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a shared cache: only its owner may set a file's times."""
    path = Path("results/claims.csv")
    os.utime(path, (time.time() + 9999,) * 2)
    Path("theirs.csv").hardlink_to(path)
    theirs, content, utime = path.stat().st_ino, path.read_bytes(), os.utime

    def refuse(place: Path, *args: object, **kwargs: object) -> None:
        if Path(place).stat().st_ino == theirs or theirs == 0:
            raise PermissionError(1, "Operation not permitted", str(place))
        utime(place, *args, **kwargs)

    monkeypatch.setattr(snakemake_times.os, "utime", refuse)
    assert mark(Graph.load()) == []
    assert path.stat().st_ino != theirs
    assert path.read_bytes() == content
    assert path.stat().st_mtime <= time.time()
    theirs = 0  # now all are another's
    with pytest.raises(LabbookError, match="make them yours"):
        mark(Graph.load())


def test_what_the_key_files_do_not_vouch_for_is_stale_and_told(finished: Path) -> None:
    table = Path("results/boston-rate/runs.csv")
    table.write_text("half")
    assert stale() == {"evaluate/boston-rate"}
    (sentence,) = mark(Graph.load())
    assert sentence.startswith("1 file is missing or not what the key files say")
    assert str(table) in sentence
    table.unlink()
    assert stale() == {"evaluate/boston-rate"}
    table.write_text(MADE_UP)
    assert not stale()
    key = Path("results/boston-rate/study.key")  # itself cut off behind its first line
    key.write_text(key.read_text()[:30])
    assert stale() == {"evaluate/boston-rate"}
    edit(("vary: {optimizer.rate: [0.05, 1e+5]}", "vary: {optimizer.rate: [0.05, 0.06, 1e+5]}"))
    assert mark(Graph.load()) == []  # it would be made anew in any case


def test_marks_touch_no_content_and_are_idempotent(finished: Path) -> None:
    before = {path: path.read_bytes() for path in files()}
    mark(Graph.load())
    times = {path: path.stat().st_mtime_ns for path in before}
    mark(Graph.load())
    assert {path: path.read_bytes() for path in files()} == before
    assert {path: path.stat().st_mtime_ns for path in before} == times


def test_a_damaged_run_is_refused_before_any_job(finished: Path) -> None:
    """Also in a pack that is stale: Snakemake removes its key file, and with it the sums."""
    edit(("epochs: 4}", "epochs: 5}"))
    run = Graph.load().node("train/boston-rate-000").extras[0]
    text = run.read_text()
    run.write_text("damaged")
    with pytest.raises(LabbookError, match=f"{run}: not what training wrote"):
        mark(Graph.load())
    run.unlink()  # what is gone is no error: it is trained again
    mark(Graph.load())
    write_text(run, text)
    mark(Graph.load())


def test_the_rules_write_their_benchmark_where_marks_look_for_it(project: Path) -> None:
    for path in Path("src/labbook/workflow/rules").glob("*.smk"):
        for rule in path.read_text().split("\nrule ")[1:]:
            if "benchmark:" in rule:
                (name,) = re.findall(r"labbook job ([\w/{}.]+)", rule)
                assert f'"results/log/{name.replace("wildcards.", "")}.tsv"' in rule
