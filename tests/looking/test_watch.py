"""The server of `labbook watch`: on this machine alone, and for whoever asks it by its name."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from labbook.errors import LabbookError
from labbook.files import write_json
from labbook.looking import watch
from labbook.looking.state import State
from labbook.looking.tunings import tuning_states
from labbook.looking.watch import HOST, Seen, Server
from labbook.provenance.checksums import write_key
from labbook.provenance.graph import Graph
from labbook.provenance.nodes_of_tunings import step_node
from tests.made_project import edit

PAGE = b"<!DOCTYPE html><title>What there is</title>"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(0, lambda: Seen(PAGE, "v1", "1 of 2 studies")) as served:
        thread = threading.Thread(target=served.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield served
        served.shutdown()
        thread.join()


def get(server: Server, path: str, **headers: str) -> tuple[int, bytes, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection(HOST, server.server_port, timeout=20)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content, answer.headers


def test_it_listens_on_the_loopback_address_alone(server: Server) -> None:
    assert server.address == f"http://127.0.0.1:{server.server_port}/"
    with socket.socket() as other, pytest.raises(OSError, match="refused"):
        other.connect(("127.0.0.2", server.server_port))


def test_the_page_is_served_as_it_is_in_a_frame_that_asks_for_changes(server: Server) -> None:
    assert get(server, "/report.html")[:2] == (200, PAGE)
    code, frame, headers = get(server, "/")
    assert code == 200
    assert b'src="watch.js"' in frame
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    state = json.loads(get(server, "/state")[1])
    assert state == {"version": "v1", "line": "1 of 2 studies"}
    for name in ("/watch.js", "/watch.css"):
        assert get(server, name)[0] == 200
    for path in ("/params.yaml", "/../params.yaml", "//etc/passwd", "/watch.py"):
        assert get(server, path)[0] == 404


def test_a_page_elsewhere_whose_name_leads_here_reads_nothing(server: Server) -> None:
    code, content, _ = get(server, "/report.html", Host=f"evil.example:{server.server_port}")
    assert code == 403
    assert b"What there is" not in content


def test_a_port_that_is_taken_is_told(server: Server) -> None:
    with pytest.raises(LabbookError, match="Leave it out for a free one"):
        Server(server.server_port, lambda: Seen())


def test_whatever_goes_wrong_is_told_and_the_next_look_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_: object) -> None:
        raise ValueError("half a table")

    monkeypatch.setattr(watch, "State", broken)
    watcher = watch.Watcher()
    watcher.look()
    assert watcher.seen.line == "The page could not be made: ValueError: half a table"
    assert b"half a table" in watcher.seen.page


def make_up(name: str) -> None:
    """The files of a step of a tuning, or of its page, as if its job had run."""
    for path in Graph.load().node(name).outputs:
        write_json(path, [] if path.parent.name == "figures" else {"stopped": False})
    write_key(Graph.load().node(name))


def test_the_page_is_made_anew_when_a_tuning_goes_on_or_ends(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(("\nstudies:\n", "\ntune: {good: {recipe: boston}}\nstudies:\n"))
    seen: list[tuple[int, bool]] = []

    def page(state: State) -> bytes:
        (tuning,) = tuning_states(state).values()
        seen.append((len(tuning.found), tuning.has_page))
        return b""

    monkeypatch.setattr(watch, "_page", page)
    watcher, plan = watch.Watcher(), Graph.load().plan.tunings["good"]
    for name in (None, step_node(plan, plan.steps[0]), "tuned/good"):
        if name is not None:
            make_up(name)
        watcher.look()
        watcher.look()  # nothing is new
    assert seen == [(0, False), (1, False), (1, True)], watcher.seen.line
