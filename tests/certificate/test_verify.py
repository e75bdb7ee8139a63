"""`labbook verify` on made-up results: what it finds, what it says, and its exit codes."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from labbook.certificate import check as checks
from labbook.certificate import recreate
from labbook.certificate.check import DAMAGED, MISSING, STALE, check, compare_with_lock
from labbook.certificate.compare import DIFFERENT, IDENTICAL, ROUNDING, Comparison
from labbook.certificate.places import Place
from labbook.certificate.recreate import draw, seed_of
from labbook.certificate.remake import Recreated
from labbook.cli import main
from labbook.errors import LabbookError
from labbook.provenance.checksums import Sums, is_fresh
from labbook.provenance.dvc_records import md5
from labbook.provenance.graph import Graph
from labbook.training.runfile import RunRecord
from tests.conftest import ROOT
from tests.made_project import edit, stale
from tests.provenance.test_locks import DO_JOB, HOLD_FOLDER, other

RUN_PACK = "train/digits-kernel-000"
EDITION = "data/raw/covid/edition.json"
Verify = Callable[..., str]


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Verify:
    """Run `labbook verify`, which ends with the exit code `code`; what it says."""

    def run(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        assert main(["verify", *arguments]) == code
        output = capsys.readouterr()
        return output.err + output.out

    return run


def flip(path: Path, place: int = 0) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def problems() -> dict[str, tuple[str, tuple[Path, ...]]]:
    return {node.node: (node.state, node.files) for node in check().of(MISSING, STALE, DAMAGED)}


def run_file() -> Path:
    return Graph.load().node(RUN_PACK).extras[0]


def test_what_was_made_is_whole(finished: Path, verify: Verify) -> None:
    text = verify()
    assert "All is whole" in text
    assert "there is no dvc.lock" in text
    state, nodes = check(), Graph.load().nodes.values()
    assert len(state.whole) == len(nodes)
    files = {path for node in nodes for path in (*node.outputs, *node.extras)}
    assert set(state.sums) == files - {node.key_file for node in nodes}
    Path("results/runs/0123456789abcdef.safetensors").write_text("old")
    assert "1 file that nothing asks for" in verify()


def test_nothing_made_yet_is_missing(project: Path, verify: Verify) -> None:
    assert "`snakemake` makes them" in verify(code=3)
    assert {state for state, _ in problems().values()} == {MISSING}
    document = json.loads(verify("--recreate", "1", "--json", code=3))
    assert "run snakemake first" in document["not_recreated"]
    assert {node["state"] for node in document["nodes"]} == {MISSING}


@pytest.mark.parametrize(
    ("node", "number"),
    [("download/boston", 2), ("prepare/boston", 0), ("select/covid/variance-4", 0),
     (RUN_PACK, 2), ("evaluate/boston-rate", 1), ("describe/boston", 0), ("claims", 0),
     ("report", 0)],
)  # fmt: skip
def test_one_flipped_byte_of_any_kind_is_found_and_its_file_named(
    finished: Path, verify: Verify, node: str, number: int
) -> None:
    made = Graph.load().node(node)
    path = [p for p in (*made.outputs, *made.extras) if p != made.key_file][number % 2]
    if path.name == "edition.json":
        path = path.with_name("file.csv")
    flip(path)
    assert problems() == {node: (DAMAGED, (path,))}
    assert str(path) in verify(code=4)


def test_mending_moves_the_damaged_file_and_nothing_else(finished: Path, verify: Verify) -> None:
    path = run_file()
    flip(path)
    content, count = path.read_bytes(), len(list(path.parent.iterdir()))
    verify("--mend", code=3)  # what was damaged is missing now
    assert Path(".labbook/damaged", path).read_bytes() == content
    assert len(list(path.parent.iterdir())) == count - 1
    assert problems() == {RUN_PACK: (MISSING, (path,))}
    assert stale() == {RUN_PACK}


@pytest.mark.parametrize(
    ("program", "reason"),
    [(HOLD_FOLDER, "is at work in this folder"), (DO_JOB, "still at work in this folder")],
)
def test_nothing_is_moved_beside_another_at_work(
    finished: Path, verify: Verify, program: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = run_file()
    flip(path)  # or it is being written
    with other(program):
        assert reason in verify("--mend", code=1)
        assert path.exists()
        verified = verify(code=4)
        assert "be in the making" in verified
        assert f"\ndamaged\n  {RUN_PACK}: {path}\n" in verified  # without advice
        assert main(["plan"]) == 0
        planned = capsys.readouterr().out
        assert "be in the making" in planned
        assert "dvc checkout" not in verified + planned
    assert main(["plan"]) == 0
    assert "dvc checkout" in capsys.readouterr().out
    assert "be in the making" not in verify("--mend", code=3)


def test_stale_is_what_snakemake_would_make_and_damage_is_named_before_it(
    finished: Path, verify: Verify
) -> None:
    """Snakemake refuses to go on from a damaged run, so it must be said, and can be mended."""
    path = run_file()
    edit(("epochs: 4}", "epochs: 5}"))
    nodes = problems()
    assert set(nodes) == stale()
    assert {nodes[node][0] for node in nodes if not node.startswith("train")} == {STALE}
    verify(code=3)
    edit(("epochs: 5}", "epochs: 4}"))
    flip(path)
    edit(("epochs: 4}", "epochs: 5}"))
    assert problems()[RUN_PACK] == (DAMAGED, (path,))
    verify(code=4)


@pytest.mark.parametrize(
    ("change", "state"),
    [(lambda t: b"zzzz" + t[4:], STALE), (lambda t: t[:-1] + b"\xff", DAMAGED),
     (lambda t: t.split(b"\n")[0], DAMAGED)],
    ids=["another key", "no text", "no sums"],
)  # fmt: skip
def test_a_key_file_of_another_key_is_stale_and_one_without_its_sums_damaged(
    finished: Path, change: Callable[[bytes], bytes], state: str
) -> None:
    path = Graph.load().node("claims").key_file
    path.write_bytes(change(path.read_bytes()))
    assert problems() == {"claims": (state, () if state == STALE else (path,))}


@pytest.mark.parametrize(
    "path", [EDITION, "results/boston-rate/figures/index.json",
             "results/boston-rate/champion/champion.json"],
)  # fmt: skip
def test_a_damaged_file_that_decides_what_there_should_be(
    finished: Path, verify: Verify, path: str
) -> None:
    flip(Path(path))  # no JSON any more: no graph can be made
    text = verify(code=4)
    assert path in text
    assert "The rest could not be judged" in text
    verify("--mend", code=3)
    assert not Path(path).exists()
    Graph.load()
    if path == EDITION:  # lost
        assert EDITION in verify(code=3)


@pytest.mark.parametrize(
    "path",
    ["/dev/zero", "results/../../outside", "results/zero", "results/out", "results/up/outside"],
)
def test_a_key_file_that_names_what_is_not_of_here(
    finished: Path, path: str, verify: Verify
) -> None:
    """Nothing of it is read or moved, not even where links or devices would never end."""
    outside = finished.parent / "outside"
    outside.write_text("mine")
    Path("results/zero").symlink_to("/dev/zero")
    Path("results/out").symlink_to(outside)
    Path("results/up").symlink_to("../..")
    node = Graph.load().node("claims")
    lines = f"{hashlib.sha256(b'mine').hexdigest()}  {path}\n{'0' * 64}  params.yaml\n"
    lines += f"{'0' * 64}  {outside}\n"
    node.key_file.write_text(node.key_file.read_text() + lines)
    assert not is_fresh(node, Sums())
    assert "claims" in verify(code=4)
    main(["verify", "--mend"])
    assert outside.read_text() == "mine"
    assert Path("params.yaml").exists()


@pytest.mark.parametrize("target", ["/dev/zero", "../../outside"])
def test_a_link_out_in_the_place_of_a_file_is_damage(finished: Path, target: str) -> None:
    outside = finished.parent / "outside"
    node = Graph.load().node("claims")
    for path in (Path("results/claims.csv"), Path("results/claims.key")):
        whole = path.read_bytes()
        outside.write_bytes(whole)
        path.unlink()
        path.symlink_to(target)
        assert not is_fresh(node, Sums())
        assert problems()["claims"][0] == DAMAGED
        assert main(["verify", "--mend"]) in (3, 4)
        assert not path.is_symlink()
        assert outside.read_bytes() == whole
        path.write_bytes(whole)
    assert problems() == {}


def test_linked_folders_and_files_of_dvcs_cache_are_whole(finished: Path, verify: Verify) -> None:
    """Results on a large disk, and DVC's `cache.type symlink`."""
    cached = finished / ".dvc/cache/files/md5/aa/bb"
    cached.parent.mkdir(parents=True)
    Path("results/claims.csv").replace(cached)
    Path("results/claims.csv").symlink_to(cached)
    Path("results").replace(finished.parent / "disk")
    Path("results").symlink_to(finished.parent / "disk")
    assert problems() == {}
    run_file().unlink()
    run_file().mkdir()
    assert "cannot be read" in verify(code=1)


def test_json_has_all_of_it(finished: Path, verify: Verify) -> None:
    flip(run_file())
    document = json.loads(verify("--json", code=4))
    assert document["exit_code"] == 4
    bad = [node for node in document["nodes"] if node["state"] != "whole"]
    assert bad == [{"node": RUN_PACK, "state": "damaged", "files": [str(run_file())]}]
    assert len(document["nodes"]) == len(Graph.load().nodes)


class _Lock:
    """As if dvc.lock recorded all files as they are."""

    def __init__(self) -> None:
        paths = (p for top in ("data", "results") for p in Path(top).rglob("*") if p.is_file())
        self.files = {path.as_posix(): md5(path.read_bytes()) for path in paths}


def test_what_dvc_lock_records_otherwise_is_said(
    finished: Path, monkeypatch: pytest.MonkeyPatch, verify: Verify
) -> None:
    def refuse() -> None:
        raise LabbookError("not in DVC's cache")

    locked, nodes = _Lock(), Graph.load().nodes
    Path("dvc.lock").write_text("")
    monkeypatch.setattr(checks, "Locked", refuse)
    assert "not in DVC's cache" in verify()
    monkeypatch.setattr(checks, "Locked", lambda: locked)
    assert compare_with_lock(nodes.values()).same == len(nodes)
    verify()
    locked.files[nodes["claims"].key_file.as_posix()] = "0" * 32
    del locked.files[nodes["report"].key_file.as_posix()]
    recorded = compare_with_lock(nodes.values())
    assert recorded.others == (nodes["claims"].key_file, nodes["report"].key_file)
    text = verify(code=4)
    assert "records 2 key files otherwise" in text
    assert "results/report.key" in text
    assert "dvc commit" in text
    monkeypatch.setattr("labbook.commands.verify.at_work", lambda: True)
    text = verify(code=4)
    assert "\nnot what dvc.lock records\n" in text
    assert "dvc checkout" not in text  # it would break what the other does


def test_runs_are_drawn_by_a_seed_that_follows_from_the_results(finished: Path) -> None:
    state = check()
    drawn = draw(state, 5, seed_of(state))
    assert drawn == draw(check(), 5, seed_of(check()))
    assert len({place.recorded for place in drawn}) == 5
    assert any(draw(state, 5, seed) != drawn for seed in range(3))
    assert len(draw(state, 10_000, 1)) == 130
    lost = Graph.load().node(RUN_PACK)
    lost.extras[0].unlink()
    others = {place.recorded for place in draw(check(), 10_000, 1)}
    assert not others & {path.stem for path in lost.extras}  # their pack is not whole


def test_runs_that_differ_are_the_highest_code(
    finished: Path, monkeypatch: pytest.MonkeyPatch, verify: Verify
) -> None:
    made: tuple[str, bool | None] = (IDENTICAL, None)

    def recreate_sample(places: list[Place]) -> list[Recreated]:
        record = RunRecord("0", {}, "converged", 1, 1, {"valid_mse": 0.5})
        outcome, here = made
        return [Recreated(p, p.recorded, Comparison(outcome), record, record, here) for p in places]

    monkeypatch.setattr(recreate, "recreate_sample", recreate_sample)
    text = verify("--recreate", "2", "--seed", "7")
    assert "--seed 7" in text
    assert "Of 2 runs made again: 2 identical." in text
    assert text.endswith("\nAll is whole.\n")
    made = DIFFERENT, None
    verify("--recreate", "2", code=5)
    for here, code, why, last in (
        (None, 0, "no log here says", "All is whole, as far as sums tell."),
        (False, 0, "another kind of processor, whose", "All is whole, as far as sums tell."),
        (True, 5, "its bits should be the same: a finding", "Not all is whole."),
    ):
        made = ROUNDING, here
        text = verify("--recreate", "1", code=code)
        assert "Of 1 run made again: 1 within rounding." in text
        assert why in text
        assert text.endswith(f"\n{last}\n")


def test_runs_that_cannot_be_made_again_hide_no_finding(
    finished: Path, monkeypatch: pytest.MonkeyPatch, verify: Verify
) -> None:
    def fail(places: list[Place]) -> None:
        raise LabbookError("the job failed")

    monkeypatch.setattr(recreate, "recreate_sample", fail)
    assert "Not made again: the job failed" in verify("--recreate", "2", code=1)
    path = run_file()
    flip(path)
    text = verify("--recreate", "2", "--mend", code=3)
    assert str(path) in text
    assert "Not made again: the job failed" in text
    assert not path.exists()
    for count in ("-1", "0", "x"):
        with pytest.raises(SystemExit):
            main(["verify", "--recreate", count])


def test_the_sums_need_no_labbook(finished: Path) -> None:
    """What docs/certificate.md says to do with sha256sum."""
    text = (ROOT / "docs/certificate.md").read_text()
    line = re.search(r"^(find .*sha256sum.*)$", text, flags=re.MULTILINE)
    assert line is not None
    command = ["sh", "-c", line.group(1)]
    assert subprocess.run(command, check=False, stdout=sys.stderr).returncode == 0
    flip(run_file())
    assert subprocess.run(command, check=False, stdout=sys.stderr).returncode != 0
