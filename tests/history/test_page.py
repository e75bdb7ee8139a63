"""The report with its history: well formed, escaped, offline; the report itself stays as it is."""

from pathlib import Path
from typing import Any

import pytest

from labbook.cli import main
from labbook.errors import LabbookError
from labbook.history.changes import Causes, Edit, Effects
from labbook.history.dropped import Dropped
from labbook.history.git import Commit
from labbook.history.page import CONTENTS, MARK, PLACE, SECTION, with_history
from labbook.history.rule import When
from labbook.history.said import Said, Told
from labbook.history.stated import Stated
from labbook.history.timeline import Entry
from labbook.report.figures.draw import draw_study
from labbook.report.page.page import write_report
from tests import made_results
from tests.report.test_page import Reader

HOSTILE = "<script>alert(1)</script> & \u202e" + CONTENTS + SECTION


def entries() -> list[Entry]:
    """Of every kind: the workspace, much and little changed, not in the cache."""
    nothing = Causes([], [], [], [])
    many = [Edit(f"studies.a-long-name.vary.optimizer.rate{i}", "8", HOSTILE) for i in range(9)]
    much = Causes(many, [Edit("covid", "stand-in", "real")], ["report"], [Edit("numpy", "1", "2")])
    best = "hidden 64-16, validation MSE 0.973 (0.932 to 1.014), n 8"
    results = Effects(
        148, 48, 3,
        [Edit("covid-width/C1", "undecided", "supported", "×1.30 (×1.12 to ×1.53)"),
         Edit("covid-width/C2", None, "refuted"), Edit("covid-width/C3", "not judged", None)],
        [Edit("covid-width", best, best.replace("64", "128"))],
    )  # fmt: skip
    return [
        Entry("workspace", "", "not committed yet", nothing, Effects(1, 1, 0)),
        Entry("4f1c2ab", "2026-03-02T10:00:00+01:00", HOSTILE, much, results, since="0000abc"),
        Entry("0000abc", "2026-03-01", "lost", Causes([], None, [], []), None, "not in the cache"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    results = tmp_path_factory.mktemp("page") / "results"
    folder = made_results.write(made_results.covid(), results)
    draw_study(folder)
    write_report("A report", [folder], results / "report.html", results / "metrics.json")
    return results / "report.html"


def test_the_section_is_in_its_place(report: Path) -> None:
    plain = report.read_text()
    text = with_history(report, entries())
    assert report.read_text() == plain
    read = Reader(text)
    assert read.open == []
    assert len(read.ids) == len(set(read.ids))
    assert [link for link in read.references if not link.startswith(("#", "data:image/png"))] == []
    assert {link[1:] for link in read.references if link.startswith("#")} <= set(read.ids)
    # Taken out again, it is the report, byte by byte.
    begin = text.index('<noscript class="room" data-room="chapter-history">')
    end = text.index("</noscript>", begin) + len("</noscript>")
    back = (text[:begin] + SECTION + text[end:]).replace("But for its history, this", "This")
    assert back.count("<footer>") == text.count("But for its history, this page holds no time") == 1
    assert back.replace('<li><a href="#history">History</a></li>', CONTENTS) == plain


def claims() -> Told:
    """Of every kind, of the report's claims and of one that is none of them."""
    commit = Commit("f081c5a" + "0" * 33, (), "2026-01-02T10:00:00+01:00", HOSTILE)

    def one(id_: str, said: str, remark: str = "", **more: Any) -> Said:
        when = When(said, HOSTILE, commit, commit, "trained at", remark)
        return Said(Stated("covid-width", id_, "covid", (), (), ""), None, when, **more)

    claims = [
        one("C1", "said after", confirmation="confirmed", by="C2"),
        one("C2", "said before", HOSTILE, others=HOSTILE),
        Said(one("gone", "").claim, None, When("not known", HOSTILE)),
    ]
    failed = Stated("covid-width", "C3", "covid", (), (), "", HOSTILE)
    return Told(claims, [Dropped(failed, commit, changed=False)])


def test_when_claims_were_said_stands_beside_their_verdicts(report: Path) -> None:
    plain = report.read_text()
    assert [plain.count(PLACE.format(id_)) for id_ in ("C1", "C2", "gone")] == [2, 2, 0]
    text = with_history(report, entries(), claims())
    assert "This page cannot tell which were" in plain
    assert "This page cannot tell which were" not in text
    read = Reader(text)
    assert read.open == []
    assert len(read.ids) == len(set(read.ids))
    assert {link[1:] for link in read.references if link.startswith("#")} <= set(read.ids)
    assert text.count("<script>") == plain.count("<script>")
    words = " ".join("".join(read.words).split())
    assert "Of 3 claims 1 stood in a commit before any of its runs was made, and 1 only" in words
    assert text.count(MARK.format("said after")) == text.count(MARK.format("said before")) == 2
    assert "confirmed ( C2)" in words or "confirmed (C2)" in words
    assert "1 claim stood in a commit when its runs were made" in words
    assert "dropped after its runs: C3 of covid-width, <script>" in words
    alone = with_history(report, entries(), Told([], claims().dropped))
    assert "Of 0" not in alone
    assert "dropped after its runs: C3" in alone
    assert text.index('id="said"') < text.index('id="history"')
    assert 'id="said"' not in with_history(report, entries())


def test_texts_are_only_texts(report: Path) -> None:
    text = with_history(report, entries())
    assert text.count("<script>") == report.read_text().count("<script>")
    assert "\u202e" not in text
    words = " ".join("".join(Reader(text).words).split())
    assert "<script>alert(1)</script> &" in words
    assert "and 5 more" in words
    assert "covid-width/C1: ? undecided → ✓ supported ×1.30 (×1.12 to ×1.53)" in words
    assert "covid-width/C2: none → ✕ refuted" in words
    results = Effects(90, 90, 0, [Edit(f"a/{i}", None, "refuted") for i in range(80)])
    first = Entry("4f1c2ab", "2026-03-02", "all new", Causes([], [], [], []), results)
    assert "and 68 more" in "".join(Reader(with_history(report, [first])).words)
    assert "148, 48 new, 3 gone" in words
    assert "not known: not in the cache" in words
    assert "Results against0000abc" in words


def test_a_report_without_a_place_is_refused_and_the_report_itself_is_never_written(
    report: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "report.html"
    with pytest.raises(LabbookError, match="no report yet"):
        with_history(path, [])
    path.write_text("<main></main>")
    with pytest.raises(LabbookError, match="no place for a history"):
        with_history(path, [])
    monkeypatch.chdir(report.parent.parent)
    monkeypatch.setattr("labbook.history.timeline.timeline", lambda *given: entries())
    before = report.read_bytes()
    assert main(["history", "--html", "results/report.html"]) == 1
    assert "stays as it is" in capsys.readouterr().err
    assert main(["history", "--html"]) == 0
    assert "history of 3 commits" in capsys.readouterr().out
    assert "not committed yet" in Path("report-with-history.html").read_text()
    assert report.read_bytes() == before
