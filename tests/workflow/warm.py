"""Python programs that start at once: a server has loaded the libraries and forks for each program.

A chain of jobs is many short programs, and nearly all of their time goes into imports. So programs
under test find a `python`, `labbook`, `snakemake` and `dvc` first on their path that hand their
arguments, folder, environment and streams to a server (warm_server.py). The program is in the process
group of who asked for it, so that signals to the group reach both. Hashes and threads are settled
when Python begins: a program that is to have its own hashes, or more threads than the one that
Snakemake gives to a job, has a Python of its own; so has what a DVC with one starts, by a shell or
not, as that looks for DVC among the processes above it.
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
import _signal, marshal, os, socket, sys
words, above = [b""], os.getppid()
while above and not os.path.basename(words[0]).startswith(b"python"):  # shells, say
    with open("/proc/%d/cmdline" % above, "rb") as file:
        words = file.read().split(b"\\0")
    with open("/proc/%d/stat" % above, "rb") as file:
        above = int(file.read().rpartition(b")")[2].split()[1])
cold = words[1:3] == [b"-m", b"dvc"]
if cold or any(os.environ.get(name) not in values for name, values in {settled!r}.items()):
    os.execv(sys.executable, [sys.executable, *{words!r}, *sys.argv[1:]])
_signal.signal(_signal.SIGINT, _signal.SIG_IGN)  # the program says how it ends
server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
server.connect({address!r})
os.umask(umask := os.umask(0))
here = [os.getcwd(), dict(os.environ), umask, os.getpgrp()]
request = marshal.dumps([[*{words!r}, *sys.argv[1:]], *here])
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
