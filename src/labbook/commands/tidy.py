"""`labbook tidy`: move aside what is not asked for any more."""

import argparse
from pathlib import Path

from labbook.errors import LabbookError
from labbook.provenance.dvc_records import refuse_untracked_params
from labbook.provenance.graph import Graph
from labbook.provenance.locks import alone
from labbook.wording import count, few

HELP = (
    "Move what params.yaml no longer asks for out of data and results, into .labbook/attic; "
    "runs come back from there by themselves when they are asked for again. Files that labbook "
    "has not made stay where they are."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("folder", nargs="?", type=Path, help="only under this, such as data/raw")
    parser.add_argument("--yes", action="store_true", help="do it; without: only say what")
    parser.add_argument(
        "--made",
        action="store_true",
        help="refuse unless all that is asked for is there (what dvc.yaml asks before DVC records)",
    )


def run(options: argparse.Namespace) -> None:
    """Move aside what params.yaml no longer asks for, or only say what."""
    folder = options.folder or Path()
    if options.yes:
        tidy(folder, made=options.made)
        return
    graph = Graph.load()
    paths = _unasked(graph, folder)
    _say_foreign(graph, folder)
    message = f"{_sum(paths)} to move; repeat with --yes." if paths else "Nothing to tidy."
    print("\n".join([*map(str, paths), message]))


def tidy(folder: Path, made: bool) -> None:
    """Move aside what is not asked for under a folder; `made`: refuse unless all else is there."""
    from labbook.provenance.attic import move_aside

    with alone():
        graph = Graph.load()
        if made:
            refuse_untracked_params()
            _refuse_unmade(graph, folder)
        paths = _unasked(graph, folder)
        message = f"{_sum(paths)} moved to .labbook/attic." if paths else "Nothing to tidy."
        move_aside(paths)
        _say_foreign(graph, folder)
        print(message)


def _refuse_unmade(graph: Graph, folder: Path) -> None:
    """DVC records params.yaml as it is after the work: it must be what the work was done for."""
    from labbook.provenance.checksums import Sums, is_fresh

    nodes = [node for node in graph.nodes.values() if node.key_file.is_relative_to(folder)]
    sums = Sums()
    stale = [node.name for node in nodes if not is_fresh(node, sums)]
    if stale:
        raise LabbookError(
            f"{', '.join(stale)}: not made, or not for what params.yaml and the code say now; they "
            "have changed since the work began. Nothing was recorded; run the same command again."
        )


def _say_foreign(graph: Graph, folder: Path) -> None:
    """DVC records all that lies in its folders, also what is not labbook's."""
    from labbook.provenance.ownership import foreign

    paths = [path for path in foreign(graph) if path.is_relative_to(folder)]
    if paths:
        print(
            f"Left as it is, being no work of labbook's, or changed since: {few(paths)}. In "
            "results, data/raw, data/prepared and data/selected DVC records it with the rest; "
            "notes and tables are better kept elsewhere, such as in notes/ and tables/."
        )


def _unasked(graph: Graph, folder: Path) -> list[Path]:
    from labbook.provenance.ownership import unasked

    return [path for path in unasked(graph) if path.is_relative_to(folder)]


def _sum(paths: list[Path]) -> str:
    return f"{count(len(paths), 'file')}, {sum(path.stat().st_size for path in paths) / 1e6:.1f} MB"
