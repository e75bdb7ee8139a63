"""`labbook job`: what the rules call."""

import argparse
import sys
import time
import traceback
from pathlib import Path

from labbook.addresses import shown
from labbook.errors import LabbookError

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
    from labbook.running.jobs import run_job
    from labbook.running.progress import speak

    begun = time.time()
    try:
        run_job(options.node, options.asked, options.inputs, options.outputs)
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
    _log(options.log, begun, "done")
    if not options.node.startswith("train/"):  # packs tell of their runs
        speak(f"{options.node}: {time.time() - begun:.1f} s")


def _log(path: Path | None, begun: float, text: str) -> None:
    """Logs are sent around, so passwords in addresses are not shown."""
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(begun))
    with path.open("a") as file:
        file.write(f"{at} UTC, {time.time() - begun:.1f} s: {shown(text)}\n")
