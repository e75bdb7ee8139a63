"""Python programs that start at once: a server has loaded the libraries and forks for each program.

A chain of jobs is many short programs, and nearly all of their time goes into imports. So programs
under test find a `python`, `labbook`, `snakemake` and `dvc` first on their path that hand their
arguments, folder, environment and streams to this server. It has loaded the libraries but nothing
of labbook: each program imports the code of its own folder, so that edits of it count. Signals do
not reach the program; tests that send some use Python itself (`Project.cold`).
"""

import atexit
import gc
import importlib
import marshal
import os
import random
import runpy
import select
import socket
import subprocess
import sys
import threading
import time
import traceback
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pydantic

LIBRARIES = """
configobj dvc.api dvc.cli.parser dvc.cachemgr dvc.commands.repro dvc.data_cloud dvc.dirs
dvc.repo.artifacts dvc.repo.datasets dvc.repo.index dvc.repo.open_repo dvc.repo.plots
dvc.repo.reproduce dvc.repo.stage dvc_data.index.checkout dvc_render dulwich.ignore dulwich.index
dulwich.line_ending dulwich.patch filelock fsspec.implementations.memory jinja2 llvmlite.binding
matplotlib.backends.backend_agg matplotlib.backends.backend_svg matplotlib.figure matplotlib.style
networkx numpy pandas PIL.JpegImagePlugin PIL.PngImagePlugin psutil pyarrow.pandas_compat
pydantic.dataclasses pydantic.functional_serializers pygit2 ruamel.yaml safetensors.numpy
scipy.stats sklearn.feature_selection smart_open snakemake.cli snakemake.profiles
snakemake.report.html_reporter snakemake.storage snakemake_executor_plugin_cluster_generic
snakemake_executor_plugin_slurm statistics statsmodels.stats.multitest statsmodels.stats.power
statsmodels.stats.proportion
"""
PROGRAMS = {"python": (), "labbook": ("-m", "labbook"), "snakemake": ("-m", "snakemake"), "dvc": ("-m", "dvc")}  # fmt: skip
CLIENT = """\
#!{python} -IS
import marshal, os, socket, sys
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
    for name, words in PROGRAMS.items():
        text = CLIENT.format(python=sys.executable, address=address, words=words)
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    command = [*user, sys.executable, "-I", __file__, address, str(python)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("LABBOOK_", "PYTEST_"))}
    if user:
        environment["HOME"] = str(folder)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    server = _OPEN.enter_context(subprocess.Popen(command, env=environment, **pipes))
    assert server.stdout.readline() == b"ready\n"
    return folder


def serve(address: str, python: str) -> None:
    """Fork for each request, until standard input ends."""
    for name in LIBRARIES.split():
        importlib.import_module(name)
    pydantic.create_model("First", number=(int, 1))  # looks for plugins among all libraries
    assert not [name for name in sys.modules if name.partition(".")[0] == "labbook"]
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(address)
    listener.listen(100)
    print("ready", flush=True)
    waiting: dict[int, socket.socket] = {}  # for the end of a process, by its descriptor
    while sys.stdin not in (ready := select.select([listener, sys.stdin, *waiting], [], [])[0]):
        for end in waiting.keys() & set(ready):
            _tell(end, waiting.pop(end))
        if listener in ready:
            connection, _ = listener.accept()
            process = os.fork()
            if process == 0:
                for end, other in waiting.items():
                    os.close(end)
                    other.close()
                listener.close()
                _answer(connection, python)
            waiting[os.pidfd_open(process)] = connection


def _tell(end: int, connection: socket.socket) -> None:
    """The exit code of a process that has ended, to who asked for it and may be gone."""
    ended = os.waitid(os.P_PIDFD, end, os.WEXITED)
    os.close(end)
    with suppress(OSError), connection:
        code = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        connection.send(str(code % 256).encode())


def _answer(connection: socket.socket, python: str) -> None:
    """Run in this process the program that is asked for."""
    request, streams, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    connection.close()
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    words, folder, environment, umask = marshal.loads(request)
    os.chdir(folder)
    os.umask(umask)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    random.seed()
    above = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:] = [folder, *map(os.path.abspath, above), *sys.path]
    sys.executable = python
    importlib.invalidate_caches()
    os._exit(_run(words))


def _run(words: list[str]) -> int:
    """Do what Python does with these words; the exit code."""
    code: Any = 0
    try:
        if words[0] == "-m":
            sys.argv = words[1:]
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        elif words[0] == "-c":
            sys.argv = ["-c", *words[2:]]
            exec(words[1], {"__name__": "__main__"})
        else:
            sys.argv = words
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as ended:
        code = ended.code
        if isinstance(code, str):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code or 0


if __name__ == "__main__":
    serve(*sys.argv[1:])
