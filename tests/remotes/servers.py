"""Real servers on the loopback address for DVC's remotes, and a connection that can be broken."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    """Until somebody listens at the port."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("the server does not listen")


@contextlib.contextmanager
def running(command: list[str], port: int, log: Path, **environment: str) -> Iterator[int]:
    """A server process for as long as it is needed; its port."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=file, env=os.environ | environment,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_for(port, process)
            yield port
        finally:
            process.kill()
            process.wait()


def ask(method: str, address: str, data: bytes | None = None) -> bytes:
    """One plain request, past any proxy of the machine."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(address, data, method=method), timeout=30) as answer:
        return bytes(answer.read())


@contextlib.contextmanager
def s3(folder: Path) -> Iterator[int]:
    """Moto's S3 server; its port. It takes any credentials until it is told of users."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p"]
    with running([*command, str(port)], port, folder / "moto.log"):
        yield port


class Sshd:
    """An sshd with a host key, an authorised key and a stranger's key of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("host", "user", "stranger"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(command, check=True)
        shutil.copy(folder / "user.pub", folder / "authorized_keys")
        (folder / "sshd_config").write_text(
            f"ListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\nUsePAM no\n"
            f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
            "PermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\nMaxStartups 100\n"
        )

    @contextlib.contextmanager
    def listen(self) -> Iterator[int]:
        assert SSHD is not None
        if os.getuid() == 0:  # where its privileges are given away, as its package makes it
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        port = free_port()
        command = [SSHD, "-D", "-e", "-f", f"{self.folder}/sshd_config", "-p", str(port)]
        with running(command, port, self.folder / "sshd.log"):
            yield port


class Connection:
    """A port that leads to another, and can break after a number of bytes, or be slow."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.left: int | None = None  # bytes until it breaks; None: never
        self.rate: float | None = None  # bytes a second; None: as fast as it goes
        self.carried = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def break_after(self, count: int) -> None:
        """Carry so many bytes more, in both directions together; then hang up, for all."""
        self.left = count

    def mend(self) -> None:
        self.left = self.rate = None

    def close(self) -> None:
        self._server.close()
        self._hang_up()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                if self.left == 0:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self.target))
                with self._lock:
                    self._open |= {client, server}
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while block := one.recv(4096):
                if self._broken_by(len(block)):
                    self._hang_up()
                    return
                if self.rate is not None:
                    time.sleep(len(block) / self.rate)
                other.sendall(block)
            other.shutdown(socket.SHUT_WR)

    def _broken_by(self, count: int) -> bool:
        with self._lock:
            self.carried += count
            if self.left is not None:
                self.left = max(0, self.left - count)
            return self.left == 0

    def _hang_up(self) -> None:
        with self._lock:
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
            self._open.clear()
