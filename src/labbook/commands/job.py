"""`labbook job`: what the rules call."""

import argparse
import gc
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

from labbook.addresses import shown
from labbook.errors import LabbookError, OvertakenError
from labbook.running.job_logs import BEGUN, DONE, INTERRUPTED, OVERTAKEN, write_entry

HELP = "What the rules call: make one node of the plan."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("node", help="such as prepare/covid or train/covid-width-000")
    parser.add_argument(
        "--from", nargs="*", type=Path, default=[], dest="inputs", help="its inputs"
    )
    parser.add_argument(
        "--to", nargs="*", type=Path, default=[], dest="outputs", help="its outputs"
    )
    parser.add_argument("--asked", help="refuse unless this is what is asked for")
    parser.add_argument("--log", type=Path, help="also write what happens to this file")


def run(options: argparse.Namespace) -> None:
    """Make one node of the plan, with times and mistakes in a log."""
    gc.disable()  # imports leave little to collect, and looking through them takes time
    from labbook.running.jobs import run_job
    from labbook.running.progress import speak

    gc.enable()

    begun = time.time()
    _log(options.log, begun, BEGUN)
    try:
        run_job(options.node, options.asked, options.inputs, options.outputs)
    except KeyboardInterrupt:
        _log(options.log, begun, INTERRUPTED)
        raise
    except OvertakenError as error:
        _log(options.log, begun, f"{OVERTAKEN}: {error}")
        raise
    except LabbookError as error:
        _log(options.log, begun, str(error))
        raise
    except Exception as error:
        _log(options.log, begun, traceback.format_exc())
        if options.log is None:
            print(shown(traceback.format_exc()), file=sys.stderr)
        raise LabbookError(
            f"{options.node}: a mistake of labbook's own ({type(error).__name__}: {error}). "
            f"Please report it with {options.log or 'what is said above'}."
        ) from error
    _log(options.log, begun, DONE)
    if not options.node.startswith("train/"):  # packs tell of their runs
        speak(f"{options.node}: {time.time() - begun:.1f} s")


def _log(path: Path | None, begun: float, text: str) -> None:
    if path is not None:
        with suppress(OSError):  # a full disk keeps no job from saying on the console what is wrong
            write_entry(path, begun, text)
