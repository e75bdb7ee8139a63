"""A private Slurm on this machine: munged, slurmctld and a slurmd per virtual node, as root.

It needs neither systemd, cgroups, accounting nor a network. Everything that it writes is in one
folder; its daemons run in the foreground as our children and end with us, however we end.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

PROGRAMS = [
    "munge",
    "munged",
    "slurmctld",
    "slurmd",
    "srun",
    "sbatch",
    "squeue",
    "scancel",
    "setpriv",
]
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
START, STOP, POLL = 30, 20, 0.1  # seconds that a start and a stop may take; between two looks

CONFIGURATION = """\
ClusterName=labbook
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=1
ReturnToService=2
KillWait=2
MinJobAge=300
{nodes}
PartitionName=main Nodes=ALL Default=YES State=UP
"""
# Processors and megabytes are only what the scheduler shares out; nobody holds jobs to them.
NODE = "NodeName=n{n} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=1 RealMemory=4000"


def why_not() -> str | None:
    """Why no Slurm can be started here, or None if it can."""
    missing = [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]
    if missing:
        return f"Slurm's programs are not installed: {', '.join(missing)}"
    return None if os.geteuid() == 0 else "only root can start a Slurm of its own"


@contextmanager
def private_slurm(nodes: int = 2) -> Iterator[dict[str, str]]:
    """Run a cluster of `nodes` one-processor nodes; gives the environment for its clients."""
    # Not pytest's folder: the path of a socket may have 107 characters only.
    folder = Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))
    clients = _configure(folder, nodes)
    munged = [
        "munged", "--foreground", "--force", f"--key-file={folder}/munge.key",
        f"--socket={folder}/munge.socket", f"--pid-file={folder}/munge.pid",
        f"--log-file={folder}/munge.log", f"--seed-file={folder}/munge.seed",
    ]  # fmt: skip
    ready = " ".join(["idle"] * nodes)
    try:
        with ExitStack() as daemons:
            daemons.enter_context(_daemon(munged, folder, clients))
            _wait(lambda: _says(clients, "munge", "-n", "-S", f"{folder}/munge.socket"), folder)
            daemons.enter_context(_daemon(["slurmctld", "-D"], folder, clients))
            for n in range(1, 1 + nodes):
                daemons.enter_context(_daemon(["slurmd", "-D", "-N", f"n{n}"], folder, clients))
            _wait(lambda: " ".join(_says(clients, "sinfo", "-hN", "-o%T").split()) == ready, folder)
            try:
                yield clients
            finally:
                _cancel_all_jobs(clients)
    finally:
        _kill_what_is_left(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _configure(folder: Path, nodes: int) -> dict[str, str]:
    """Write the cluster's files. Gives the environment that makes clients use them."""
    host = socket.gethostname().partition(".")[0]
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(1 + nodes)]
        for free in sockets:
            free.bind(("127.0.0.1", 0))
        ports = [free.getsockname()[1] for free in sockets]
    rows = [NODE.format(n=n, host=host, port=ports[n]) for n in range(1, 1 + nodes)]
    text = CONFIGURATION.format(folder=folder, host=host, ports=ports, nodes="\n".join(rows))
    (folder / "slurm.conf").write_text(text)
    (folder / "munge.key").write_bytes(os.urandom(128))
    (folder / "munge.key").chmod(0o600)
    # Snakemake's step inside a job drops SLURM_CONF, and srun would look in /etc/slurm.
    srun = folder / "bin/srun"
    srun.parent.mkdir()
    real = shutil.which("srun", path=PATH)
    srun.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {real} "$@"\n')
    srun.chmod(0o755)
    return {"SLURM_CONF": f"{folder}/slurm.conf", "PATH": f"{srun.parent}{os.pathsep}{PATH}"}


@contextmanager
def _daemon(command: list[str], folder: Path, clients: dict[str, str]) -> Iterator[None]:
    """Run a daemon that is told to end when we end, by whatever signal."""
    with (folder / "output.log").open("ab") as output:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *command], env={**os.environ, **clients},
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _says(clients: dict[str, str], *command: str) -> str:
    """What a client program prints; nothing if it fails or hangs."""
    try:
        ran = subprocess.run(
            command, env={**os.environ, **clients}, capture_output=True, text=True, timeout=STOP
        )
    except subprocess.TimeoutExpired:
        return ""
    return ran.stdout if ran.returncode == 0 else ""


def _wait(ready: Callable[[], object], folder: Path) -> None:
    end = time.monotonic() + START
    while not ready():
        if time.monotonic() > end:
            logs = [f"{log}:\n{log.read_text()[-2000:]}" for log in sorted(folder.glob("*.log"))]
            raise RuntimeError("Slurm did not start in time.\n" + "\n".join(logs))
        time.sleep(POLL)


def _cancel_all_jobs(clients: dict[str, str]) -> None:
    """End what a test has left, while the daemons are there to do it."""
    end = time.monotonic() + STOP
    while _says(clients, "squeue", "-h", "-o", "%i") and time.monotonic() < end:
        _says(clients, "scancel", "--user=root")
        time.sleep(POLL)


def _kill_what_is_left(folder: Path) -> None:
    """End processes of jobs that have outlived their daemons: those with our SLURM_CONF."""
    ours = f"SLURM_CONF={folder}/slurm.conf".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if ours in (process / "environ").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)
        except OSError:
            continue  # it has ended meanwhile
