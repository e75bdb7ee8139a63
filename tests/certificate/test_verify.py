"""`labbook verify` on made-up results: what is found, what is said, and the exit codes."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from labbook.certificate import lock
from labbook.certificate.check import DAMAGED, MISSING, STALE, check
from labbook.certificate.lock import compare_with_lock
from labbook.certificate.places import Place
from labbook.certificate.sample import draw, seed_of
from labbook.cli import main
from labbook.errors import LabbookError
from labbook.provenance.checksums import Sums, is_fresh
from labbook.provenance.dvc_records import md5
from labbook.provenance.graph import Graph
from tests.made_project import edit, stale
from tests.provenance.test_locks import other

RUN_PACK = "train/digits-kernel-000"


def flip(path: Path, place: int = 0) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def problems() -> dict[str, tuple[str, tuple[Path, ...]]]:
    found = check().of(MISSING, STALE, DAMAGED)
    return {finding.node: (finding.state, finding.files) for finding in found}


def run_file() -> Path:
    return Graph.load().nodes[RUN_PACK].extras[0]


def test_what_was_made_is_whole(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify"]) == 0
    said = capsys.readouterr().out
    assert "All is whole" in said
    assert "there is no dvc.lock" in said
    found = check()
    assert len(found.whole) == len(Graph.load().nodes)
    files = {p for node in Graph.load().nodes.values() for p in (*node.outputs, *node.extras)}
    assert set(found.sums) == files - {n.key_file for n in Graph.load().nodes.values()}


def test_nothing_made_yet_is_missing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify"]) == 3
    assert "`snakemake` makes them" in capsys.readouterr().out
    assert {state for state, _ in problems().values()} == {MISSING}


@pytest.mark.parametrize(
    ("node", "number"),
    [("download/boston", 2), ("prepare/boston", 0), ("select/covid/variance-4", 0),
     (RUN_PACK, 2), ("evaluate/boston-rate", 1), ("claims", 0), ("report", 0)],
)  # fmt: skip
def test_one_flipped_byte_of_any_kind_is_found_and_its_file_named(
    finished: Path, capsys: pytest.CaptureFixture[str], node: str, number: int
) -> None:
    found = Graph.load().nodes[node]
    path = [p for p in (*found.outputs, *found.extras) if p != found.key_file][number % 2]
    if path.name == "edition.json":
        path = path.with_name("file.csv")
    flip(path)
    assert problems() == {node: (DAMAGED, (path,))}
    assert main(["verify"]) == 4
    assert str(path) in capsys.readouterr().out


def test_mending_moves_the_damaged_file_and_nothing_else(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = run_file()
    flip(path)
    content, count = path.read_bytes(), len(list(path.parent.iterdir()))
    assert main(["verify", "--mend"]) == 3  # what was damaged is missing now
    assert Path(".labbook/damaged", path).read_bytes() == content
    assert not path.exists()
    assert len(list(path.parent.iterdir())) == count - 1
    assert problems() == {RUN_PACK: (MISSING, (path,))}
    assert stale() == {RUN_PACK}


AT_WORK = {
    "hold_for_life();": "is at work in this folder",
    "with turn('train/a'):": "still at work in this folder",
}


@pytest.mark.parametrize(("program", "said"), AT_WORK.items())
def test_nothing_is_moved_beside_another_at_work(
    finished: Path, capsys: pytest.CaptureFixture[str], program: str, said: str
) -> None:
    path = run_file()
    flip(path)  # or it is being written
    process = other(f"{program} print('ready', flush=True); time.sleep(100)")
    try:
        assert main(["verify", "--mend"]) == 1
        assert said in capsys.readouterr().err
        assert path.exists()
        assert main(["verify"]) == 4
        verified = capsys.readouterr().out
        assert "be in the making" in verified
        assert f"\ndamaged\n  {RUN_PACK}: {path}\n" in verified  # without advice
        assert main(["plan"]) == 0
        planned = capsys.readouterr().out
        assert "be in the making" in planned
        assert "dvc checkout" not in verified + planned
    finally:
        process.kill()
        process.wait()
    assert main(["plan"]) == 0
    assert "dvc checkout" in capsys.readouterr().out
    assert main(["verify", "--mend"]) == 3
    assert "be in the making" not in capsys.readouterr().out


def test_stale_is_what_snakemake_would_make(finished: Path) -> None:
    edit(("epochs: 4}", "epochs: 5}"))
    found = problems()
    assert set(found) == stale()
    assert {found[node][0] for node in found if not node.startswith("train")} == {STALE}
    assert main(["verify"]) == 3


def test_damage_is_named_before_staleness(finished: Path) -> None:
    """Snakemake refuses to go on from a damaged run, so it must be said, and can be mended."""
    path = run_file()
    flip(path)
    edit(("epochs: 4}", "epochs: 5}"))
    assert problems()[RUN_PACK] == (DAMAGED, (path,))
    assert main(["verify"]) == 4


@pytest.mark.parametrize(
    ("change", "state"),
    [(lambda t: b"zzzz" + t[4:], STALE), (lambda t: t[:-1] + b"\xff", DAMAGED),
     (lambda t: t.split(b"\n")[0], DAMAGED)],
    ids=["another key", "no text", "no sums"],
)  # fmt: skip
def test_a_key_file_of_another_key_is_stale_and_one_without_its_sums_damaged(
    finished: Path, change: Callable[[bytes], bytes], state: str
) -> None:
    path = Graph.load().nodes["claims"].key_file
    path.write_bytes(change(path.read_bytes()))
    assert problems() == {"claims": (state, () if state == STALE else (path,))}


@pytest.mark.parametrize(
    "path", ["data/raw/covid/edition.json", "results/boston-rate/figures/index.json",
             "results/boston-rate/champion/champion.json"],
)  # fmt: skip
def test_a_damaged_file_that_decides_what_there_should_be(
    finished: Path, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    flip(Path(path))  # no JSON any more: no graph can be made
    assert main(["verify"]) == 4
    said = capsys.readouterr().out
    assert path in said
    assert "The rest could not be judged" in said
    assert main(["verify", "--mend"]) == 3
    assert not Path(path).exists()
    Graph.load()


def test_a_lost_edition_leaves_the_rest_open(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("data/raw/covid/edition.json").unlink()
    assert main(["verify"]) == 3
    assert "data/raw/covid/edition.json" in capsys.readouterr().out


def test_sums_of_files_elsewhere_are_left_alone(finished: Path) -> None:
    """A key file that somebody sends must not make labbook read or move what is not its own."""
    outside = finished.parent / "outside"
    outside.write_text("mine")
    path = Graph.load().nodes["claims"].key_file
    lines = f"{'0' * 64}  {outside}\n{'0' * 64}  data/../../outside\n{'0' * 64}  params.yaml\n"
    path.write_text(path.read_text() + lines)
    main(["verify", "--mend"])
    assert outside.read_text() == "mine"
    assert Path("params.yaml").exists()


@pytest.mark.parametrize(
    "path",
    ["/dev/zero", "results/../../outside", "results/zero", "results/out", "results/up/outside"],
)
def test_a_key_file_that_names_what_is_not_of_here(
    finished: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing of it is read, not even where links or devices would never end."""
    outside = finished.parent / "outside"
    outside.write_text("mine")
    Path("results/zero").symlink_to("/dev/zero")
    Path("results/out").symlink_to(outside)
    Path("results/up").symlink_to("../..")
    node = Graph.load().nodes["claims"]
    total = hashlib.sha256(b"mine").hexdigest()
    node.key_file.write_text(node.key_file.read_text() + f"{total}  {path}\n")
    assert not is_fresh(node, Sums())
    assert main(["verify"]) == 4
    assert "claims" in capsys.readouterr().out
    main(["verify", "--mend"])
    assert outside.read_text() == "mine"


@pytest.mark.parametrize("target", ["/dev/zero", "/etc/hostname", "../../outside"])
def test_a_link_out_in_the_place_of_a_file_is_damage(finished: Path, target: str) -> None:
    outside = finished.parent / "outside"
    node = Graph.load().nodes["claims"]
    for path in ("results/claims.csv", "results/claims.key"):
        whole = Path(path).read_bytes()
        outside.write_bytes(whole)
        Path(path).unlink()
        Path(path).symlink_to(target)
        assert not is_fresh(node, Sums())
        assert problems()["claims"][0] == DAMAGED
        assert main(["verify", "--mend"]) in (3, 4)
        assert not Path(path).is_symlink()
        assert outside.read_bytes() == whole
        Path(path).write_bytes(whole)
    assert problems() == {}


def test_linked_folders_and_files_of_dvcs_cache_are_whole(finished: Path) -> None:
    """Results on a large disk, and DVC's `cache.type symlink`."""
    cached = finished / ".dvc/cache/files/md5/aa/bb"
    cached.parent.mkdir(parents=True)
    Path("results/claims.csv").replace(cached)
    Path("results/claims.csv").symlink_to(cached)
    Path("results").replace(finished.parent / "disk")
    Path("results").symlink_to(finished.parent / "disk")
    assert problems() == {}


def test_a_folder_in_the_place_of_a_file_cannot_be_checked(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_file().unlink()
    run_file().mkdir()
    assert main(["verify"]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_what_nothing_asks_for_is_counted(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("results/runs/0123456789abcdef.safetensors").write_text("old")
    assert main(["verify"]) == 0
    assert "1 file that nothing asks for" in capsys.readouterr().out


def test_json_has_all_of_it(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flip(run_file())
    assert main(["verify", "--json"]) == 4
    document = json.loads(capsys.readouterr().out)
    assert document["exit_code"] == 4
    bad = [node for node in document["nodes"] if node["state"] != "whole"]
    assert bad == [{"node": RUN_PACK, "state": "damaged", "files": [str(run_file())]}]
    assert len(document["nodes"]) == len(Graph.load().nodes)


class _Lock:
    files: dict[str, str]


@pytest.fixture
def locked(finished: Path, monkeypatch: pytest.MonkeyPatch) -> _Lock:
    """As if dvc.lock recorded all files as they are."""
    Path("dvc.lock").write_text("")
    fake = _Lock()
    paths = (p for top in ("data", "results") for p in Path(top).rglob("*") if p.is_file())
    fake.files = {path.as_posix(): md5(path.read_bytes()) for path in paths}
    monkeypatch.setattr(lock, "Locked", lambda: fake)
    return fake


def test_what_dvc_lock_records_otherwise_is_said(
    locked: _Lock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nodes = Graph.load().nodes
    assert compare_with_lock(nodes.values()).same == len(nodes)
    assert main(["verify"]) == 0
    locked.files[nodes["claims"].key_file.as_posix()] = "0" * 32
    del locked.files[nodes["report"].key_file.as_posix()]
    recorded = compare_with_lock(nodes.values())
    assert recorded.others == (nodes["claims"].key_file, nodes["report"].key_file)
    capsys.readouterr()
    assert main(["verify"]) == 4
    said = capsys.readouterr().out
    assert "records 2 key files otherwise" in said
    assert "results/report.key" in said
    assert "dvc commit" in said
    monkeypatch.setattr("labbook.commands.verify.at_work", lambda: True)
    assert main(["verify"]) == 4
    said = capsys.readouterr().out
    assert "\nnot what dvc.lock records\n" in said
    assert "dvc checkout" not in said  # it would break what the other does


def test_a_listing_that_is_not_here_is_a_line(
    finished: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise LabbookError("not in DVC's cache")

    Path("dvc.lock").write_text("")
    monkeypatch.setattr(lock, "Locked", refuse)
    assert main(["verify"]) == 0
    assert "not in DVC's cache" in capsys.readouterr().out


def test_runs_are_drawn_by_a_seed_that_follows_from_the_results(finished: Path) -> None:
    found = check()
    drawn = draw(found, 5, seed_of(found))
    assert drawn == draw(check(), 5, seed_of(check()))
    assert len({place.recorded for place in drawn}) == 5
    assert any(draw(found, 5, seed) != drawn for seed in range(3))
    assert len(draw(found, 10_000, 1)) == 118
    lost = Graph.load().nodes[RUN_PACK]
    lost.extras[0].unlink()
    there = {place.recorded for place in draw(check(), 10_000, 1)}
    assert not there & {path.stem for path in lost.extras}  # their pack is not whole


def test_runs_that_differ_are_the_highest_code(
    finished: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from labbook.certificate import sample
    from labbook.certificate.compare import DIFFERENT, IDENTICAL, ROUNDING, Comparison
    from labbook.certificate.recreate import Recreated
    from labbook.training.runfile import RunRecord

    made: tuple[str, bool | None] = (IDENTICAL, None)

    def recreate_sample(places: list[Place]) -> list[Recreated]:
        record = RunRecord("0", {}, "converged", 1, 1, {"valid_mse": 0.5})
        outcome, here = made
        return [Recreated(p, p.recorded, Comparison(outcome), record, record, here) for p in places]

    monkeypatch.setattr(sample, "recreate_sample", recreate_sample)
    assert main(["verify", "--recreate", "2", "--seed", "7"]) == 0
    said = capsys.readouterr().out
    assert "--seed 7" in said
    assert "Of 2 runs made again: 2 identical." in said
    assert said.endswith("\nAll is whole.\n")
    made = DIFFERENT, None
    assert main(["verify", "--recreate", "2"]) == 5
    for here, code, why, last in (
        (None, 0, "no log here says", "All is whole, as far as sums tell."),
        (False, 0, "another kind of processor, whose", "All is whole, as far as sums tell."),
        (True, 5, "its bits should be the same: a finding", "Not all is whole."),
    ):
        made = ROUNDING, here
        capsys.readouterr()
        assert main(["verify", "--recreate", "1"]) == code
        said = capsys.readouterr().out
        assert "Of 1 run made again: 1 within rounding." in said
        assert why in said
        assert said.endswith(f"\n{last}\n")


def test_runs_that_cannot_be_made_again_hide_no_finding(
    finished: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from labbook.certificate import sample

    def fail(places: list[Place]) -> None:
        raise LabbookError("the job failed")

    monkeypatch.setattr(sample, "recreate_sample", fail)
    assert main(["verify", "--recreate", "2"]) == 1
    assert "Not made again: the job failed" in capsys.readouterr().out
    path = run_file()
    flip(path)
    assert main(["verify", "--recreate", "2", "--mend"]) == 3
    said = capsys.readouterr().out
    assert str(path) in said
    assert "Not made again: the job failed" in said
    assert not path.exists()


def test_without_a_whole_run_the_findings_are_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--recreate", "1", "--json"]) == 3
    document = json.loads(capsys.readouterr().out)
    assert "run snakemake first" in document["not_recreated"]
    assert {node["state"] for node in document["nodes"]} == {MISSING}


@pytest.mark.parametrize("count", ["-1", "0", "x"])
def test_a_number_of_runs_is_wanted(count: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["verify", "--recreate", count])
    assert "a number of runs, 1 or more" in capsys.readouterr().err


def test_the_sums_need_no_labbook(finished: Path) -> None:
    """What docs/certificate.md says to do with sha256sum."""
    text = (Path(__file__).parents[2] / "docs/certificate.md").read_text()
    found = re.search(r"^(find .*sha256sum.*)$", text, flags=re.MULTILINE)
    assert found is not None
    command = ["sh", "-c", found.group(1)]
    assert subprocess.run(command, check=False, stdout=sys.stderr).returncode == 0
    flip(run_file())
    assert subprocess.run(command, check=False, stdout=sys.stderr).returncode != 0
