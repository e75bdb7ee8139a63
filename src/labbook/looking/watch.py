"""What `labbook watch` serves: the page of what there is, made anew when a study is finished.

The page is kept in memory: nothing is written, and no work is disturbed. A frame around it, which
is served alone, asks for its version and loads the page again when there is another.
"""

import html
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from labbook.errors import LabbookError
from labbook.files import read_bytes
from labbook.identity.code import digest, forget_changed_code
from labbook.looking.part_page import part_of
from labbook.looking.state import State
from labbook.looking.tunings import tuning_states
from labbook.paths import RESULTS
from labbook.provenance.checksums import Sums

HOST = "127.0.0.1"  # never an address that others reach
SECONDS_BETWEEN_LOOKS = 3.0
FRAME = Path(__file__).with_name("watch.html")
NOTHING = (
    '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" '
    'content="light dark"><title>Nothing yet</title><p>{}</p></html>'
)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; frame-src 'self'; connect-src 'self'"
)


@dataclass(frozen=True)
class Seen:
    """What is served: the page, a version that differs where it does, and how far the work is."""

    page: bytes = b""
    version: str = ""
    line: str = "looking"


class Watcher:
    """Looks at the files again and again, and makes the page anew when studies are finished."""

    def __init__(self) -> None:
        self.seen = Seen()
        self._sums = Sums()
        self._of: str | None = None  # what the page was made of

    def look(self) -> None:
        """Look once. What cannot be read now, as params.yaml in an editor, is told in the line."""
        try:
            forget_changed_code()
            state = State(self._sums)
            line, of = state.line(), _what_it_is_of(state)
            page = self.seen.page if of == self._of else _page(state)
        except LabbookError as error:
            page, line, of = self.seen.page or _nothing(str(error)), str(error), None
        except Exception as error:  # a table that is being written, say: the next look may succeed
            line = f"The page could not be made: {type(error).__name__}: {error}"
            page, of = self.seen.page or _nothing(line), None
        self._of = of
        self.seen = Seen(page, digest(page.decode("utf-8", "replace")), line)

    def look_until(self, ended: threading.Event) -> None:
        """Go on looking, and take no more than a tenth of a processor from the work for it."""
        pause = SECONDS_BETWEEN_LOOKS
        while not ended.wait(pause):
            begun = time.monotonic()
            self.look()
            pause = max(SECONDS_BETWEEN_LOOKS, 9 * (time.monotonic() - begun))


def _what_it_is_of(state: State) -> str:
    """A digest of what the page follows from: finished studies, tunings, what lacks, the title."""
    keys = [state.graph.node(f"figures/{name}").key for name in state.finished]
    failures = [[failure.node, failure.why] for failure in state.failures]
    overtaken = [name for name, study in state.studies.items() if study.overtaken]
    tunings = [
        [state.graph.node(f"tuned/{name}").key, one.outcome, one.has_page, len(one.found)]
        for name, one in tuning_states(state).items()
    ]
    at_work, asked = state.at_work or bool(state.in_work), state.graph.node("report").asked
    return digest(keys, failures, overtaken, tunings, at_work, state.whole, asked)


def _page(state: State) -> bytes:
    if state.whole:
        return read_bytes(RESULTS / "report.html")
    return part_of(state).page if state.finished else _nothing("No study is finished yet.")


def _nothing(text: str) -> bytes:
    return NOTHING.format(html.escape(text)).encode()


class Server(ThreadingHTTPServer):
    """Answers on this machine alone, and to addresses of it alone."""

    daemon_threads = True

    def __init__(self, port: int, seen: Callable[[], Seen]) -> None:
        self.seen = seen
        try:
            super().__init__((HOST, port), Answer)
        except OSError as error:
            raise LabbookError(
                f"--port {port}: cannot be used ({error.strerror}). Leave it out for a free one."
            ) from error

    @property
    def address(self) -> str:
        """What to open in a browser."""
        return f"http://{HOST}:{self.server_port}/"


class Answer(BaseHTTPRequestHandler):
    """One request: the frame, its script and style, the page, or how far the work is."""

    server: Server

    def do_GET(self) -> None:
        """Answer, unless the request names another host: pages elsewhere could else read this."""
        hosts = {f"{name}:{self.server.server_port}" for name in (HOST, "localhost")}
        path, seen = self.path.partition("?")[0], self.server.seen()
        if self.headers.get("Host") not in hosts:
            self.send_error(HTTPStatus.FORBIDDEN)
        elif path == "/report.html":
            self._send("text/html", seen.page)
        elif path == "/state":
            state = {"version": seen.version, "line": seen.line}
            self._send("application/json", json.dumps(state).encode())
        elif path in FILES:
            kind, name = FILES[path]
            self._send(kind, FRAME.with_name(name).read_bytes(), policy=POLICY)
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _send(self, kind: str, content: bytes, policy: str | None = None) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Requests are no news."""


FILES = {
    "/": ("text/html", "watch.html"),
    "/watch.js": ("text/javascript", "watch.js"),
    "/watch.css": ("text/css", "watch.css"),
}


def watch(port: int, say: Callable[[str], None]) -> None:
    """Serve the page until a Ctrl-C; `say` is told the address. Raises `LabbookError`."""
    watcher, ended = Watcher(), threading.Event()
    with Server(port, lambda: watcher.seen) as server:
        watcher.look()
        say(server.address)
        looking = threading.Thread(target=watcher.look_until, args=(ended,), daemon=True)
        looking.start()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            ended.set()
