"""Python programs that start at once: a server has loaded the libraries and forks for each program.

A chain of jobs is many short programs, and nearly all of their time goes into imports. So programs
under test find a `python`, `labbook`, `snakemake` and `dvc` first on their path that hand their
arguments, folder, environment and streams to a server (warm_server.py). Signals do not reach the
program; tests that send some use Python itself (`Project.cold`). Hashes and threads are settled when
Python begins: a program that is to have its own hashes, or more threads than the one that Snakemake
gives to a job, has a Python of its own, too.
"""

import atexit
import os
import subprocess
import sys
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

SERVER = Path(__file__).with_name("warm_server.py")
PROGRAMS = {"python": (), "labbook": ("-m", "labbook"), "snakemake": ("-m", "snakemake"), "dvc": ("-m", "dvc")}  # fmt: skip
CLIENT = """\
#!{python} -IS
import marshal, os, socket, sys
if any(os.environ.get(name) not in values for name, values in {settled!r}.items()):
    os.execv(sys.executable, [sys.executable, *{words!r}, *sys.argv[1:]])
server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
server.connect({address!r})
os.umask(umask := os.umask(0))
request = marshal.dumps([[*{words!r}, *sys.argv[1:]], os.getcwd(), dict(os.environ), umask])
socket.send_fds(server, [request], [0, 1, 2])
code = server.recv(100)
os._exit(int(code) if code else 1)
"""
_OPEN = ExitStack()  # a server ends when its standard input is closed
atexit.register(_OPEN.close)


@cache
def programs(*user: str) -> Path:
    """The folder of the programs, which are served as long as this process is there.

    `user` begins a command that runs as another user, if another is to serve.
    """
    folder = Path(_OPEN.enter_context(TemporaryDirectory(prefix="warm-")))
    folder.chmod(0o777 if user else 0o700)
    address, python = str(folder / "socket"), folder / "python"
    # The server heeds no PYTHONHASHSEED (Python runs isolated there), and has one thread.
    settled = {"PYTHONHASHSEED": [None], "OMP_NUM_THREADS": [None, "1"]}
    for name, words in PROGRAMS.items():
        text = CLIENT.format(python=sys.executable, address=address, words=words, settled=settled)
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    command = [*user, sys.executable, "-I", str(SERVER), address, str(python)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("LABBOOK_", "PYTEST_"))}
    environment["OMP_NUM_THREADS"] = "1"
    if user:
        environment["HOME"] = str(folder)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    server = _OPEN.enter_context(subprocess.Popen(command, env=environment, **pipes))
    assert server.stdout.readline() == b"ready\n"
    return folder
