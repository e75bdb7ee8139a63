"""No password of an address is shown, and nothing else is hidden."""

from pathlib import Path

import pytest

from labbook.addresses import has_user, shown
from labbook.cli import main
from labbook.data.fetching.fetch import obtain
from labbook.errors import LabbookError
from labbook.params.load import load_params
from labbook.params.sources import File
from labbook.provenance.locks import LOCKS, alone
from tests.conftest import TINY

SECRET = "tops3cret"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://user:tops3cret@host.org:8080/a/b", "https://***@host.org:8080/a/b"),
        ("https://tops3cret@host.org", "https://***@host.org"),
        ("https://user:tops3cret@", "https://***@"),
        ("https://user:tops3/cret@host.org/a", "https://***@host.org/a"),
        ("https://user:tops3?cret#@host.org/a", "https://***@host.org/a"),
        ("https://user:p@tops3cret@host.org/a", "https://***@host.org/a"),
        ("x: http://u:tops3cret@one/a, https://v:tops3cret@two", "x: http://***@one/a, https://***@two"),
        ("the text 'htps://user:tops3cret@host'", "the text 'htps://***@host'"),
        *((text, text) for text in (
            "https://host.org/a/b", "https://host.org:443/@scope/a",
            "https://host.org/a@b?mail=me@host.org", "https://[::1]:8080/a@b",
            "file:///a/folder@home/a", "me@host.org", "no address at all", "https://",
        )),
    ],
)  # fmt: skip
def test_passwords_alone_are_not_shown(text: str, expected: str) -> None:
    assert shown(text) == expected
    assert has_user(text) == (text != expected)


def test_what_was_tried_and_what_was_wrong_show_no_password(tmp_path: Path) -> None:
    file = File(sha256="0" * 64, bytes=1, origins=["http://127.0.0.1:9/a"])
    with pytest.raises(LabbookError) as raised:
        obtain("data", "a", file, tmp_path, f"http://user:{SECRET}@127.0.0.1:9/mirror")
    assert SECRET not in str(raised.value)
    assert "http://***@127.0.0.1:9/mirror/data/a" in str(raised.value)


@pytest.mark.parametrize("scheme", ["https", "htps"])
def test_an_origin_with_a_password_is_refused_without_repeating_it(
    tmp_path: Path, scheme: str
) -> None:
    """It would be committed with params.yaml, and once more with dvc.lock."""
    text = TINY.read_text().replace(
        "http://127.0.0.1:9/covid_train.csv", f"{scheme}://user:{SECRET}@host.org/a.csv"
    )
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(LabbookError) as raised:
        load_params(path)
    assert SECRET not in str(raised.value)
    assert "datasets.covid.files" in str(raised.value)
    if scheme == "https":
        assert "~/.netrc" in str(raised.value)


@pytest.mark.parametrize("kind", [ValueError, LabbookError])
def test_a_mistake_that_holds_a_password_shows_none(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kind: type[Exception],
) -> None:
    def fail(node: str, *more: object) -> None:
        raise kind(f"https://user:{SECRET}@host.org/a: cannot be read")

    monkeypatch.setattr("labbook.running.jobs.run_job", fail)
    log = tmp_path / "claims.log"
    assert main(["job", "claims", "--log", str(log)]) == 1
    for said in (log.read_text(), capsys.readouterr().err):
        assert "https://***@host.org/a: cannot be read" in said
        assert SECRET not in said
    assert main(["job", "claims"]) == 1
    said = capsys.readouterr().err
    assert ("Traceback" in said) == (kind is ValueError)
    assert SECRET not in said


def test_who_holds_a_lock_is_written_without_passwords(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["snakemake", "--config", f"a=https://user:{SECRET}@host.org"])
    with alone():
        written = (LOCKS / "folder.json").read_text()
    assert "a=https://***@host.org" in written
    assert SECRET not in written
