"""Writes the page of a tuning and its figures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from labbook.files import write_json, write_text


def write_page(name: str, steps: Sequence[Mapping[str, Any]], out: Path) -> None:
    """Write the page of the tuning `name` to `out`, and beside it figures/index.json."""
    write_json(out.parent / "figures/index.json", [])
    write_text(out, "\n".join([name, *(f"<p>{step['said']}</p>" for step in steps)]))
