"""`labbook reference`: the pages that follow from the schema."""

import argparse
from pathlib import Path

HELP = "Write docs/params.md and docs/params.schema.json."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("--folder", type=Path, default=Path("docs"))


def run(options: argparse.Namespace) -> None:
    """Write the reference page of params.yaml and its JSON schema."""
    from labbook.params.reference_page import write_reference

    write_reference(options.folder)
