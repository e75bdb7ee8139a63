"""Refuses, before a stage of dvc.yaml works, what DVC would record wrongly or not at all."""

from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml.error import YAMLError

from labbook.documents import parse, read_text
from labbook.errors import LabbookError
from labbook.params.load import params_path
from labbook.params.source import read_source
from labbook.paths import TOPS

TRACKED = Path("params.yaml")
STAGES = Path("dvc.yaml")


def refuse_untracked_params() -> None:
    """Raise `LabbookError` where results follow from a params file that DVC does not track."""
    path = params_path()
    if path.resolve() != TRACKED.resolve():
        raise LabbookError(
            f"{path}: dvc.yaml records params.yaml alone, and results of another file under its "
            "name would mislead. Unset LABBOOK_PARAMS, or use snakemake without DVC."
        )
    tracked = {Path(name).resolve() for name in _tracked()}
    for other in read_source(path).texts:
        if other.resolve() not in tracked | {TRACKED.resolve()}:
            raise LabbookError(
                f"{TRACKED} extends {other}, which DVC does not track: its edits would change "
                f"results and not dvc.lock. Add {other} to the deps of each stage in dvc.yaml."
            )


def refuse_links() -> None:
    """Raise `LabbookError` where data or results lie elsewhere: DVC says so only after the work."""
    for top in map(Path, TOPS):
        if top.is_symlink():
            raise LabbookError(
                f"{top}: a link to {top.readlink()}, and DVC records folders of the project alone. "
                "Use snakemake without DVC, or keep the whole project on that disk; DVC's cache "
                "can be elsewhere (`dvc cache dir`)."
            )


def refuse_broken_links() -> None:
    """Raise `LabbookError` where data or results are links to what is not there."""
    for top in map(Path, TOPS):
        if top.is_symlink() and not top.exists():
            raise LabbookError(
                f"{top}: a link that leads nowhere ({top.readlink()}). Bring back its disk, or "
                "remove the link: then all is made anew."
            )


def _tracked() -> Iterator[str]:
    """The deps that all stages have. Raises `LabbookError` where dvc.yaml cannot be read."""
    try:
        document = parse(read_text(STAGES)) if STAGES.exists() else {}
        deps = [set(stage.get("deps", ())) for stage in document.get("stages", {}).values()]
    except (OSError, YAMLError, ValueError, AttributeError, TypeError) as error:
        problem = getattr(error, "problem", None) or error
        raise LabbookError(f"{STAGES}: cannot be read ({problem}); `dvc dag` says more.") from None
    yield from set.intersection(*deps) if deps else ()
