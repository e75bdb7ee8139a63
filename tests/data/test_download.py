import gzip
import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from labbook.data.fetching import fetch as transfer
from labbook.data.fetching import packages, stand_ins
from labbook.data.fetching.download import download
from labbook.errors import LabbookError
from labbook.params.datasets import Function, Images, Table

CONTENT = bytes(range(256)) * 4000  # 1 MB
OTHER = b"a,b\n1,2\n"


class Origin:
    """A web server on this machine; `answers` are taken one by one, then it behaves well."""

    def __init__(self):
        self.files = {}
        self.answers = []
        self.requests = []  # (path, first byte asked for)
        origin = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                origin.answer(self)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, request):
        content = self.files.get(request.path)
        begin = int(request.headers.get("Range", "bytes=0-")[6:-1])
        self.requests.append((request.path, begin))
        misbehave = self.answers.pop(0) if self.answers else None
        if misbehave is not None and misbehave(request, content, begin):
            return
        if content is None:
            request.send_error(404)
            return
        if begin >= len(content):
            request.send_error(416)
            return
        request.send_response(206 if begin else 200)
        if begin:
            end = len(content)
            request.send_header("Content-Range", f"bytes {begin}-{end - 1}/{end}")
        request.send_header("Content-Length", str(len(content) - begin))
        request.end_headers()
        request.wfile.write(content[begin:])


def cut_after(count, length=True):
    """Say that all of the content comes, and hang up after `count` bytes."""

    def misbehave(request, content, begin):
        request.send_response(206 if begin else 200)
        if begin:
            request.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/*")
        if length:
            request.send_header("Content-Length", str(len(content) - begin))
        request.end_headers()
        request.wfile.write(content[begin : begin + count])
        request.close_connection = True
        return True

    return misbehave


def status(code):
    def misbehave(request, content, begin):
        request.send_error(code)
        return True

    return misbehave


def ignore_range(request, content, begin):
    request.send_response(200)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)
    return True


def slow(request, content, begin):
    time.sleep(0.3)
    return False


@pytest.fixture
def origin(monkeypatch):
    monkeypatch.setattr(transfer, "PAUSE", 0.001)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    origin = Origin()
    thread = threading.Thread(target=origin.server.serve_forever, args=(0.01,))
    thread.start()
    yield origin
    origin.server.shutdown()
    thread.join()
    origin.server.server_close()


def pin(content, *origins):
    sha256 = hashlib.sha256(content).hexdigest()
    return {"sha256": sha256, "bytes": len(content), "origins": list(origins)}


def table(*origins, stand_in=None, other=()):
    files = {"covid_train.csv": pin(CONTENT, *origins)}
    if other:
        files["covid_test.csv"] = pin(OTHER, *other)
    split = {"valid": 0.2, "test": 0.2}
    return Table(files=files, stand_in=stand_in, target="y", split=split)


def get(dataset, folder, mirror=None, stand_ins=True, **more):
    return download("covid", dataset, folder, mirror=mirror, stand_ins=stand_ins, **more)


def content_of(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir()} if folder.exists() else {}


def closed_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/f"


def test_from_an_origin(origin, tmp_path, capsys):
    origin.files["/f"] = CONTENT
    edition = get(table(f"{origin.address}/f"), tmp_path)
    assert (tmp_path / "covid_train.csv").read_bytes() == CONTENT
    assert sorted(content_of(tmp_path)) == ["covid_train.csv", "edition.json"]
    assert edition == json.loads((tmp_path / "edition.json").read_text())
    assert edition["edition"] == "real"
    assert edition["files"]["covid_train.csv"]["bytes"] == len(CONTENT)
    assert capsys.readouterr() == ("", "")  # nothing to say about a short transfer
    before = content_of(tmp_path)
    get(table(f"{origin.address}/f"), tmp_path)
    assert len(origin.requests) == 1  # nothing is fetched twice
    assert content_of(tmp_path) == before


def put_a_file(path):
    path.write_text("mine")


def put_a_folder(path):
    path.mkdir()
    (path / "mine.csv").write_text("mine")


def put_a_broken_link(path):
    path.symlink_to(path.with_name("a disk that is not mounted"))


def put_a_link(path):
    (path.parent / "elsewhere.csv").write_text("mine")
    path.symlink_to("elsewhere.csv")


IN_THE_WAY = [put_a_file, put_a_folder, put_a_broken_link, put_a_link]


@pytest.mark.parametrize("put", IN_THE_WAY)
@pytest.mark.parametrize("before", [False, True])
def test_what_is_not_from_here_is_not_replaced(origin, tmp_path, put, before):
    """Nor what was put there and has been changed since, which may be a user's work."""
    origin.files |= {"/f": CONTENT, "/g": OTHER}
    dataset = table(f"{origin.address}/f", other=[f"{origin.address}/g"])
    if before:
        get(dataset, tmp_path)
        (tmp_path / "covid_train.csv").unlink()
    put(tmp_path / "covid_train.csv")
    there = {p: p.lstat() for p in tmp_path.rglob("*")}
    with pytest.raises(LabbookError, match=r"covid_train\.csv is in the way .* Move it"):
        get(dataset, tmp_path)
    for path, stat in there.items():
        assert (path.lstat().st_ino, path.lstat().st_mtime_ns) == (stat.st_ino, stat.st_mtime_ns)
    (tmp_path / "covid_train.csv").rename(tmp_path / "moved")
    get(dataset, tmp_path)
    assert (tmp_path / "covid_train.csv").read_bytes() == CONTENT
    assert os.path.lexists(tmp_path / "moved")


@pytest.mark.parametrize("edition", ["real", "stand-in"])
def test_a_user_s_own_files_beside_stay(origin, tmp_path, edition):
    origin.files |= {"/f": CONTENT, "/g": OTHER}
    dataset = table(f"{origin.address}/f", stand_in="covid", other=[f"{origin.address}/g"])
    mine = ["mine.csv", "covid_train (1).csv", "notes.md", ".hidden", "covid_train.csv.bak"]
    for name in mine:
        (tmp_path / name).write_text(name)
    (tmp_path / "link.csv").symlink_to("mine.csv")
    (tmp_path / "folder").mkdir()
    get(dataset, tmp_path, edition=edition)
    get(table(f"{origin.address}/f"), tmp_path)
    get(Table(package="boston", target="MEDV", split={"valid": 1, "test": 1}), tmp_path)
    assert [name for name in mine if (tmp_path / name).read_text() != name] == []
    assert (tmp_path / "link.csv").is_symlink()
    theirs = {*mine, "link.csv", "folder"}
    assert {p.name for p in tmp_path.iterdir()} - theirs == {"boston.csv", "edition.json"}


def test_a_file_that_was_edited_and_is_no_longer_asked_for_stays(origin, tmp_path):
    origin.files |= {"/f": CONTENT, "/g": OTHER}
    both = table(f"{origin.address}/f", other=[f"{origin.address}/g"])
    dropped = tmp_path / "covid_test.csv"
    get(both, tmp_path)
    get(table(f"{origin.address}/f"), tmp_path)
    assert not dropped.exists()
    get(both, tmp_path)
    dropped.write_text("edited")
    get(table(f"{origin.address}/f"), tmp_path)
    assert dropped.read_text() == "edited"


def test_what_a_killed_download_left_is_known(origin, tmp_path, monkeypatch):
    """It ended between the files and edition.json; then another sum is asked for."""
    announced = {}
    monkeypatch.setattr("labbook.data.fetching.raw_folder.write_json", lambda *given: 1 / 0)
    origin.files |= {"/f": CONTENT, "/g": OTHER}
    with pytest.raises(ZeroDivisionError):
        get(table(f"{origin.address}/f"), tmp_path, announce=announced.update)
    monkeypatch.undo()
    assert not (tmp_path / "edition.json").exists()
    other = Table(
        files={"covid_train.csv": pin(OTHER, f"{origin.address}/g")},
        target="y", split={"valid": 0.2, "test": 0.2},
    )  # fmt: skip
    get(other, tmp_path, made={name: [total] for name, total in announced.items()})
    assert (tmp_path / "covid_train.csv").read_bytes() == OTHER


@pytest.mark.parametrize("text", ["[]", '{"a": 1}', '{"edition": "real", "files": {"a": 1}}'])
def test_an_edition_file_that_is_a_user_s(origin, tmp_path, text):
    (tmp_path / "edition.json").write_text(text)
    origin.files["/f"] = CONTENT
    with pytest.raises(LabbookError, match=r"edition\.json: not written by labbook"):
        get(table(f"{origin.address}/f"), tmp_path)
    assert (tmp_path / "edition.json").read_text() == text


def test_one_s_own_table_may_lie_where_its_copy_goes(tmp_path):
    folder = tmp_path / "data/raw/covid"
    folder.mkdir(parents=True)
    for name in ("table.csv", "wine.csv"):
        (folder / name).write_text("a,b\n1,2\n")
        own = Table(path=f"data/raw/covid/{name}", target="b", split={"valid": 1, "test": 1})
        get(own, folder, project=tmp_path)
        assert (folder / name).read_text() == "a,b\n1,2\n"


@pytest.mark.parametrize("scheme", ["folder", "file", "http"])
def test_mirror_comes_before_origins(origin, tmp_path, scheme):
    mirrored = tmp_path / "my mirror" / "covid" / "covid_train.csv"
    mirrored.parent.mkdir(parents=True)
    mirrored.write_bytes(CONTENT)
    origin.files["/m/covid/covid_train.csv"] = CONTENT
    mirror = {
        "folder": str(tmp_path / "my mirror"),
        "file": (tmp_path / "my mirror").as_uri(),
        "http": f"{origin.address}/m/",
    }[scheme]
    get(table(f"{origin.address}/f"), tmp_path / "raw", mirror=mirror)
    wanted = [("/m/covid/covid_train.csv", 0)] if scheme == "http" else []
    assert origin.requests == wanted
    assert (tmp_path / "raw/covid_train.csv").read_bytes() == CONTENT


@pytest.mark.parametrize("mirror", ["nowhere", "http"])
def test_a_mirror_without_the_file_is_passed_over(origin, tmp_path, mirror):
    origin.files["/f"] = CONTENT
    mirror = f"{origin.address}/none" if mirror == "http" else str(tmp_path / mirror)
    assert get(table(f"{origin.address}/f"), tmp_path, mirror=mirror)["edition"] == "real"


def test_a_mirror_with_other_content_is_an_error(origin, tmp_path):
    origin.files["/f"] = CONTENT
    (tmp_path / "covid").mkdir()
    (tmp_path / "covid/covid_train.csv").write_bytes(CONTENT[:-1])
    raw = tmp_path / "raw"
    with pytest.raises(LabbookError, match=f"found .* \\({len(CONTENT) - 1} bytes\\)") as caught:
        get(table(f"{origin.address}/f", stand_in="covid"), raw, mirror=str(tmp_path))
    assert "covid_train.csv from file://" in str(caught.value)
    assert content_of(raw) == {}


@pytest.mark.parametrize("wrong", [b"\0" * len(CONTENT), CONTENT + b"\n", b"<html>", CONTENT[:-9]])
def test_wrong_sum_names_everything_and_leaves_nothing(origin, tmp_path, wrong):
    origin.files["/f"] = wrong
    address = f"{origin.address}/f"
    with pytest.raises(LabbookError) as caught:
        get(table(address, stand_in="covid"), tmp_path)
    expected = hashlib.sha256(CONTENT).hexdigest()
    found = hashlib.sha256(wrong).hexdigest()
    for words in ("covid: covid_train.csv", address, expected, found):
        assert words in str(caught.value)
    assert content_of(tmp_path) == {}


def test_the_next_origin_is_tried(origin, tmp_path):
    origin.files["/f"] = CONTENT
    addresses = [closed_port(), f"{origin.address}/none", f"{origin.address}/f"]
    assert get(table(*addresses), tmp_path)["edition"] == "real"


@pytest.mark.parametrize("length", [True, False])
def test_a_cut_connection_is_taken_up_again(origin, tmp_path, length):
    origin.files["/f"] = CONTENT
    origin.answers = [cut_after(300_000, length), cut_after(400_000, length), status(503)]
    get(table(f"{origin.address}/f"), tmp_path)
    assert [begin for _, begin in origin.requests] == [0, 300_000, 700_000, 700_000]
    assert (tmp_path / "covid_train.csv").read_bytes() == CONTENT


def test_an_origin_that_breaks_off_always_counts_as_unreachable(origin, tmp_path):
    origin.files["/f"] = CONTENT
    origin.answers = [cut_after(1000)] * transfer.ATTEMPTS
    address = f"{origin.address}/f"
    with pytest.raises(LabbookError, match=f"the connection broke off, {transfer.ATTEMPTS} times"):
        get(table(address), tmp_path)
    part = tmp_path / "covid_train.csv.part"
    assert part.read_bytes() == CONTENT[: 1000 * transfer.ATTEMPTS]
    get(table(address), tmp_path)  # goes on from there
    assert origin.requests[-1] == ("/f", 1000 * transfer.ATTEMPTS)
    assert sorted(content_of(tmp_path)) == ["covid_train.csv", "edition.json"]


@pytest.mark.parametrize(
    ("piece", "answers", "begins"),
    [
        (b"\0" * 5000, [], [5000, 0]),
        (CONTENT[:5000], [ignore_range], [5000]),
        (CONTENT[:5000], [status(416)], [5000, 0]),
        (b"\0" * len(CONTENT), [], [0]),
        (b"\0" * (len(CONTENT) + 1), [], [0]),
    ],
    ids=["of another file", "no ranges", "range refused", "as long", "longer"],
)
def test_a_piece_of_an_earlier_attempt(origin, tmp_path, piece, answers, begins):
    origin.files["/f"] = CONTENT
    origin.answers = [*answers]
    (tmp_path / "covid_train.csv.part").write_bytes(piece)
    get(table(f"{origin.address}/f"), tmp_path)
    assert [begin for _, begin in origin.requests] == begins
    assert (tmp_path / "covid_train.csv").read_bytes() == CONTENT


def test_a_piece_and_a_wrong_origin_is_an_error(origin, tmp_path):
    origin.files["/f"] = CONTENT[::-1]
    (tmp_path / "covid_train.csv.part").write_bytes(b"\0" * 5000)
    with pytest.raises(LabbookError, match="other content"):
        get(table(f"{origin.address}/f"), tmp_path)
    assert [begin for _, begin in origin.requests] == [5000, 0]


def test_slow_start_and_progress(origin, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(transfer, "PROGRESS", 0.1)
    origin.files["/f"] = CONTENT
    origin.answers = [slow]
    get(table(f"{origin.address}/f"), tmp_path)
    assert "covid: covid_train.csv: " in capsys.readouterr().err


def test_silence_is_given_up(origin, tmp_path, monkeypatch):
    monkeypatch.setattr(transfer, "READ_TIMEOUT", 0.05)
    monkeypatch.setattr(transfer, "ATTEMPTS", 2)
    origin.files["/f"] = CONTENT
    origin.answers = [slow, slow]
    with pytest.raises(LabbookError, match=r"no answer for 0\.05 s, 2 times"):
        get(table(f"{origin.address}/f"), tmp_path)


def test_refused_connection_says_how_to_go_on(tmp_path):
    address = closed_port()
    with pytest.raises(LabbookError) as caught:
        get(table(address), tmp_path)
    for words in (address, "the connection was refused", "LABBOOK_MIRROR", "labbook data --help"):
        assert words in str(caught.value)
    assert content_of(tmp_path) == {}


def test_stand_in_where_no_origin_can_be_reached(origin, tmp_path, capsys):
    dataset = table(f"{origin.address}/none", stand_in="covid", other=[closed_port()])
    edition = get(dataset, tmp_path)
    assert edition["edition"] == "stand-in"
    assert edition["note"].startswith("A stand-in, not the real data")
    assert "404" in capsys.readouterr().err
    assert sorted(content_of(tmp_path)) == ["covid_test.csv", "covid_train.csv", "edition.json"]
    again = content_of(tmp_path)
    assert get(dataset, tmp_path) == edition
    assert content_of(tmp_path) == again


def test_one_file_out_of_reach_means_a_stand_in_for_all(origin, tmp_path):
    origin.files["/f"] = CONTENT
    dataset = table(f"{origin.address}/f", stand_in="covid", other=[closed_port()])
    assert get(dataset, tmp_path)["edition"] == "stand-in"
    made = stand_ins.covid(None)
    assert (tmp_path / "covid_train.csv").read_bytes() == made["covid_train.csv"]
    assert sorted(content_of(tmp_path)) == ["covid_test.csv", "covid_train.csv", "edition.json"]


def test_stand_ins_can_be_forbidden(tmp_path):
    dataset = table(closed_port(), stand_in="covid")
    with pytest.raises(LabbookError, match="forbidden by params"):
        get(dataset, tmp_path, stand_ins=False)
    with pytest.raises(LabbookError, match="stand_ins: forbid"):
        get(dataset, tmp_path, stand_ins=False, edition="stand-in")
    with pytest.raises(LabbookError, match="it has none"):
        get(table(closed_port()), tmp_path, edition="stand-in")


def test_the_edition_stays_until_another_is_asked_for(origin, tmp_path):
    dataset = table(f"{origin.address}/f", stand_in="covid")
    get(dataset, tmp_path)
    before = content_of(tmp_path)
    with pytest.raises(LabbookError, match="404"):
        get(dataset, tmp_path, edition="real")
    assert content_of(tmp_path) == before  # untouched
    origin.files["/f"] = CONTENT
    assert get(dataset, tmp_path)["edition"] == "stand-in"  # though the real data are there now
    assert (
        get(dataset, tmp_path, stand_ins=False)["edition"] == "real"
    )  # a forbidden one is not kept
    assert get(dataset, tmp_path, edition="stand-in")["edition"] == "stand-in"
    assert get(dataset, tmp_path, edition="real")["edition"] == "real"
    assert (tmp_path / "covid_train.csv").read_bytes() == CONTENT
    assert get(dataset, tmp_path)["edition"] == "real"
    assert get(dataset, tmp_path, edition="stand-in")["edition"] == "stand-in"
    assert content_of(tmp_path) == before


def test_real_data_that_got_lost_are_not_replaced_by_a_stand_in(origin, tmp_path):
    origin.files["/f"] = CONTENT
    dataset = table(f"{origin.address}/f", stand_in="covid")
    get(dataset, tmp_path)
    (tmp_path / "covid_train.csv").unlink()
    origin.files.clear()
    with pytest.raises(LabbookError, match="404"):
        get(dataset, tmp_path)
    assert get(dataset, tmp_path, edition="stand-in")["edition"] == "stand-in"


def test_another_pinned_sum_is_another_choice(origin, tmp_path):
    origin.files["/f"] = CONTENT
    get(table(f"{origin.address}/f", stand_in="covid"), tmp_path)
    changed = table(f"{origin.address}/g", stand_in="covid", other=[f"{origin.address}/h"])
    assert get(changed, tmp_path)["edition"] == "stand-in"


def test_nothing_heavy_is_imported():
    code = (
        "import sys, labbook.data.fetching.download, labbook.data.prepare, labbook.data.select;"
        "print({'torch', 'pandas', 'sklearn', 'mlxtend', 'scipy'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.stdout, result.returncode) == ("set()\n", 0)


def test_a_stand_in_needs_its_file_names(tmp_path):
    split = {"valid": 0.2, "test": 0.2}
    files = {"mine.csv": pin(CONTENT, closed_port())}
    dataset = Table(files=files, stand_in="covid", target="y", split=split)
    with pytest.raises(LabbookError, match=r"covid_test\.csv and not mine\.csv"):
        get(dataset, tmp_path)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "raw").write_text("a file where the folder should be")
    with pytest.raises(LabbookError, match="cannot be written"):
        get(table("http://127.0.0.1/f"), tmp_path / "raw")


def test_a_full_disk_says_so(origin, tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    origin.files["/f"] = CONTENT
    (tmp_path / "covid_train.csv.part").symlink_to("/dev/full")
    with pytest.raises(LabbookError, match=r"cannot be written .*No space left"):
        get(table(f"{origin.address}/f"), tmp_path)


def test_boston_and_mnist_from_the_package(tmp_path):
    split = {"valid": 0.2, "test": 0.2}
    edition = get(Table(package="boston", target="MEDV", split=split), tmp_path / "b")
    assert edition["edition"] == "package"
    assert "segregation" in edition["note"]
    rows = np.loadtxt(tmp_path / "b/boston.csv", delimiter=",", skiprows=1)
    assert rows.shape == (506, 14)
    assert rows[:, 13].mean() == pytest.approx(22.532806324110677, rel=1e-12)
    get(Images(package="mnist-5k", split=split), tmp_path / "m")
    labels = gzip.decompress((tmp_path / "m/train-labels-idx1-ubyte.gz").read_bytes())[8:]
    assert np.bincount(list(labels)).tolist() == [500] * 10


def test_a_package_with_other_data_is_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(packages.SUMS, "boston.csv", "0" * 64)
    with pytest.raises(LabbookError, match="mlxtend holds other data"):
        get(Table(package="boston", target="y", split={"valid": 1, "test": 1}), tmp_path)


def test_points_of_a_function(tmp_path):
    settings = {"low": 1.0, "high": 16.0, "points": 500, "split": {"valid": 0.1, "test": 0.1}}
    plain = Function(expression="log2(x) + cos(pi * x / 2)", **settings)
    edition = get(plain, tmp_path / "f")
    assert edition["edition"] == "generated"
    x, y = np.loadtxt(tmp_path / "f/points.csv", delimiter=",", skiprows=1).T
    assert 1 <= x.min() < 1.2 < 15.8 < x.max() < 16
    np.testing.assert_allclose(y, np.log2(x) + np.cos(np.pi * x / 2), atol=1e-10)
    get(Function(expression="x", noise=0.5, **settings), tmp_path / "n")
    x, y = np.loadtxt(tmp_path / "n/points.csv", delimiter=",", skiprows=1).T
    assert (y - x).std() == pytest.approx(0.5, rel=0.2)
    with pytest.raises(LabbookError, match="at x = "):
        get(Function(expression="log(x - 8)", **settings), tmp_path / "w")


def test_a_table_of_ones_own(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/mine.csv").write_bytes(b"\xef\xbb\xbfa;b\r\n1;2\r\n")
    own = Table(path="tables/mine.csv", target="b", split={"valid": 1, "test": 1})
    edition = get(own, tmp_path / "raw", project=tmp_path)
    assert edition["edition"] == "own"
    assert str(tmp_path) not in (tmp_path / "raw/edition.json").read_text()
    assert (tmp_path / "raw/table.csv").read_bytes() == b"\xef\xbb\xbfa;b\r\n1;2\r\n"
    (tmp_path / "tables/mine.csv").unlink()
    with pytest.raises(LabbookError, match=r"tables/mine\.csv: cannot be read .*covid\.path"):
        get(own, tmp_path / "raw", project=tmp_path)
    assert (tmp_path / "raw/edition.json").exists()


def test_a_link_out_of_the_project_is_no_table_of_ones_own(tmp_path):
    """Who sends a project could have any file copied into data, and pushed."""
    project = tmp_path / "project"
    (project / "tables").mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    for target, said in (
        (tmp_path / "secret.csv", "leads out of this folder by a link"),
        (Path("../../secret.csv"), "leads out of this folder by a link"),
        (Path("/dev/zero"), "leads out of this folder by a link"),
    ):
        (project / "tables/mine.csv").unlink(missing_ok=True)
        (project / "tables/mine.csv").symlink_to(target)
        own = Table(path="tables/mine.csv", target="b", split={"valid": 1, "test": 1})
        with pytest.raises(LabbookError, match=said):
            get(own, project / "raw", project=project)
    (project / "tables/mine.csv").unlink()
    os.mkfifo(project / "tables/mine.csv")
    with pytest.raises(LabbookError, match="not a plain file"):
        get(own, project / "raw", project=project)
    (project / "tables/real.csv").write_text("a,b\n1,2\n")
    (project / "tables/mine.csv").unlink()
    (project / "tables/mine.csv").symlink_to("real.csv")
    assert get(own, project / "raw", project=project)["edition"] == "own"


def test_a_longer_or_endless_file_is_read_as_far_as_it_should_be_long(origin, tmp_path):
    with (tmp_path / "endless").open("wb") as file:
        file.truncate(2**40)  # a hole, which no disk holds
    with pytest.raises(LabbookError, match="more than 1024000 bytes"):
        get(table((tmp_path / "endless").as_uri()), tmp_path / "raw")
    origin.files["/f"] = CONTENT * 9
    with pytest.raises(LabbookError, match=f"more than {len(CONTENT)} bytes"):
        get(table(f"{origin.address}/f"), tmp_path / "raw")
    with pytest.raises(LabbookError, match="not a plain file"):
        get(table("file:///dev/zero"), tmp_path / "raw")


def test_the_stand_in_has_the_columns_of_the_real_files():
    """The sums are those of the first lines of the real files."""
    sums = {
        "covid_train.csv": "ee6192ae7b3924874c1d3bd618aeedc81a426ac38a3e640de433cbe64cf546e2",
        "covid_test.csv": "ef879c66a3b9b6f3a1c79c5f32e3f0f4b7608bcdac0435f22d6e2974437b7f4f",
    }
    for name, content in stand_ins.covid(None).items():
        header = content.split(b"\n", 1)[0].strip()
        assert hashlib.sha256(header).hexdigest() == sums[name]
