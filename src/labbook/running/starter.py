"""Starts Snakemake for dvc.yaml and the Makefile, and ends it together with what asked for it.

Snakemake itself does neither: a Ctrl-C while it loads its libraries shows where in them it was, and
it works on when the DVC or make that started it has been ended.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

import psutil

from labbook.errors import LabbookError
from labbook.running.console import live_bar

# Until its libraries are there a Ctrl-C ends the process without a word; the starter says it.
PROGRAM = """
import signal, sys
quiet = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if quiet:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
from snakemake.cli import main
if quiet:
    signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv[0] = "snakemake"
try:
    main()
except KeyboardInterrupt:
    sys.exit(130)
"""
INTERRUPTED = (130, -signal.SIGINT)
SECONDS_BETWEEN_LOOKS = 1.0
# After a Ctrl-C, which a terminal sends to all: a second signal would keep training from saving.
SECONDS_TO_END = 10.0


def run_snakemake(*arguments: str) -> int:
    """Run Snakemake in this folder; its exit code.

    It ends with this process, and this process with its parent. Raises `KeyboardInterrupt` after a
    Ctrl-C or a SIGTERM, once Snakemake and its jobs have ended.
    """
    command = [sys.executable, "-c", PROGRAM, *arguments]
    with _terminated() as received, live_bar() as options:
        # While Python itself begins, a Ctrl-C would be a traceback: it waits for PROGRAM.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        with subprocess.Popen(command, **options) as snakemake:
            try:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
                code = snakemake.wait()
            except KeyboardInterrupt:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                _end(snakemake, 0.0 if received else SECONDS_TO_END)
                raise
    if code in INTERRUPTED:
        raise KeyboardInterrupt
    if code < 0:  # killed, so it could not do what the Snakefile says `onerror`
        subprocess.run([sys.executable, "-m", "labbook", "report"], check=False)
    return code


@contextmanager
def _terminated() -> Iterator[list[int]]:
    """Raise `KeyboardInterrupt` after a SIGTERM, noted in the list given, or the parent's end."""
    received: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        received.append(number)
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    signal.signal(signal.SIGTERM, note)
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch(parent: int) -> None:
    """Send this process a SIGTERM once its parent is gone."""
    while os.getppid() == parent:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    os.kill(os.getpid(), signal.SIGTERM)


def _end(snakemake: "subprocess.Popen[bytes]", patience: float) -> None:
    """Wait for the end of Snakemake; after `patience` seconds ask it and its jobs to end.

    It then begins nothing more, and jobs that train keep their place.
    """
    # A SIGTERM meanwhile, or the parent's end, only ends the waiting.
    with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
        snakemake.wait(patience)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with suppress(psutil.NoSuchProcess):
        first = psutil.Process(snakemake.pid)
        for process in [first, *first.children(recursive=True)]:
            process.terminate()
    snakemake.wait()


def main(arguments: Sequence[str]) -> int:
    """`python -m labbook.running.starter --cores 4 results/report.html`, for the Makefile."""
    try:
        return run_snakemake(*arguments)
    except KeyboardInterrupt:
        print("labbook: interrupted; run the same command again to go on.", file=sys.stderr)
        return 130
    except LabbookError as error:
        print(f"labbook: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
