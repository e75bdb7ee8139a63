"""`labbook watch`: the report as it grows, in a browser."""

import argparse

HELP = (
    "Serve the report as it grows, on this machine alone: the page of the studies that are "
    "finished, loaded again by itself when there is another. It writes nothing. Ctrl-C ends it."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("--port", type=_port, default=0, help="left out: any that is free")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text}: a number from 0 to 65535 is wanted")
    return int(text)


def run(options: argparse.Namespace) -> None:
    """Serve until a Ctrl-C."""
    from labbook.looking.watch import watch

    watch(options.port, lambda address: print(f"{address} (Ctrl-C ends it)", flush=True))
    print("\nlabbook watch has ended.")
