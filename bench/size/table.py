"""results/bench_size.json, and the table on the console and in docs/bench.md."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from labbook.files import write_json

HEAD = "| at size | seconds | low - high | CPU seconds | MB | goal |"


def write(path: Path, found: Mapping[str, Any]) -> None:
    """Write what was measured."""
    write_json(path, found)


def table(found: Mapping[str, Any]) -> str:
    """A line per entry, and what lies on the disk."""
    lines = [HEAD, "|---|---|---|---|---|---|", *map(_line, found["entries"])]
    return "\n".join([*lines, "", _sizes(found)])


def _line(one: Mapping[str, Any]) -> str:
    spread = f"{one['seconds_low']:.1f} - {one['seconds_high']:.1f}" if one["rounds"] > 1 else "-"
    cells = [one["what"], f"{one['seconds']:.1f}", spread, f"{one['cpu_seconds']:.1f}"]
    return f"| {' | '.join([*cells, str(one['megabytes']), _goal(one)])} |"


def _goal(one: Mapping[str, Any]) -> str:
    if "goals" not in one:
        return "-"
    units = {"seconds": "s", "megabytes": "MB"}
    asked = " and ".join(f"{most:g} {units[name]}" for name, most in one["goals"].items())
    return f"{asked}: {'met' if one['met'] else 'missed'}"


def _sizes(found: Mapping[str, Any]) -> str:
    sizes = found["sizes"]
    first = found["entries"][0]["cpu_seconds"] / found["runs"]
    return (
        f"{found['runs']:,} runs (stub training): {sizes['runs_bytes'] / 1e6:,.0f} MB in "
        f"{sizes['runs_files']:,} run files; results {sizes['results_bytes'] / 1e6:,.0f} MB in "
        f"{sizes['results_files']:,} files; DVC's cache {sizes['cache_bytes'] / 1e6:,.0f} MB in "
        f"{sizes['cache_files']:,}; report {sizes['report_bytes'] / 1e6:.2f} MB. The first whole "
        f"run took {first * 1000:.0f} ms of CPU per run."
    )
