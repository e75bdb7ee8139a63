"""What DVC records: reads dvc.lock, tells what its cache lacks, refuses what it cannot record.

After a clone nobody may have pulled; a `dvc pull` may have broken off, or its remote may lack a
file. By their keys such files are stale; `not_pulled` says that they need not be made anew.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from ruamel.yaml.error import YAMLError

from labbook.documents import parse, read_text
from labbook.errors import LabbookError
from labbook.files import read_bytes
from labbook.params.load import params_path
from labbook.params.source import read_source
from labbook.paths import TOPS, Store, is_inside, store
from labbook.wording import count, few

LOCK = "dvc.lock"
STAGES = Path("dvc.yaml")
TRACKED = Path("params.yaml")
OUTPUTS = tuple(f"{top}/" for top in TOPS)  # how the paths of these files begin
COPIES = ".dvc/tmp/exps"  # under a project: where DVC runs queued experiments
# DVC copies params.yaml into dvc.lock for each stage. Of the shipped one that is 5,800 lines, which
# take 0.35 s to parse, for every commit of a history; without them it is 3 ms.
PARAMETERS = re.compile(r"(?m)^    params:\n(?:     .*\n|\n)*")
MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?")


class NotInCacheError(LabbookError):
    """What was recorded cannot be had here: not in DVC's cache, or spoilt there or in dvc.lock."""


class SpoiltError(NotInCacheError):
    """A listing of a folder in DVC's cache is none."""


def way_to(path: str) -> str:
    """How to get a file of a user's own that is not here: a sentence, or nothing to say."""
    if Path(f"{path}.dvc").is_file():
        return f"DVC keeps it: `dvc pull {path}.dvc` brings it, if it was pushed."
    if COPIES in Path.cwd().as_posix():
        return (
            "This is DVC's copy of the project, for a queued experiment: it has what git or DVC "
            f"tracks and nothing else. `git add {path}`, commit, and queue it again."
        )
    return ""


def read_lock() -> bytes:
    """The content of the folder's dvc.lock. Raises `NotInCacheError` where it is no such file."""
    try:
        return read_bytes(Path(LOCK))
    except OSError as error:
        raise NotInCacheError(
            f"{LOCK} cannot be read ({error.strerror or error}). `git checkout {LOCK}` brings back "
            "the one that was committed; without one, remove it: `dvc repro` writes a new one."
        ) from error


def outputs(lock: bytes) -> dict[str, str]:
    """The MD5 of each output in a dvc.lock that DVC's cache can have, by its path.

    Raises `NotInCacheError` where it is no such file: git may have left conflicts in it.
    """
    try:
        stages = (parse(PARAMETERS.sub("", lock.decode())) or {}).get("stages", {})
        outs = [out for stage in stages.values() for out in stage.get("outs", [])]
        sums = {out["path"]: out["md5"] for out in outs if "md5" in out}
        # A stage of the user's own may have outputs elsewhere; labbook has none there.
        return {path: _sum(total) for path, total in sums.items() if is_inside(path)}
    except (YAMLError, ValueError, AttributeError, KeyError, TypeError) as error:
        raise NotInCacheError(
            f"{LOCK} cannot be read. If a merge left conflicts in it, mend params.yaml first; "
            f"then `git checkout --ours {LOCK} && dvc repro` makes what is new."
        ) from error


def listing(content: bytes) -> dict[str, str]:
    """The MD5 of each file of a folder, by its path there.

    Raises `SpoiltError`, also if a path would lead out of the folder.
    """
    try:
        files = {entry["relpath"]: _sum(entry["md5"]) for entry in json.loads(content)}
        outside = next((name for name in files if not is_inside(name)), None)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SpoiltError("this is no listing of a folder") from error
    if outside is not None:
        raise SpoiltError(f"this listing of a folder names {outside!r}, outside of it")
    return files


def md5(content: bytes) -> str:
    """The sum by which DVC knows a file; no protection against anybody."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _sum(total: str) -> str:
    """An MD5 as DVC writes it: it becomes part of a path. Raises ValueError for anything else."""
    if not MD5.fullmatch(total):
        raise ValueError(f"{total!r} is no MD5")
    return total


def recorded_files() -> dict[str, str]:
    """The MD5 of each file that dvc.lock records, by path, as far as DVC's cache can tell here."""
    try:
        cache, recorded = _cache_and_lock()
    except LabbookError:  # told by others
        return {}
    files = dict(recorded)
    for path, listed in _listings(cache, recorded):
        files |= {f"{path}/{name}": md5 for name, md5 in listed.items()}
    return files


def not_pulled() -> str | None:
    """A sentence for people if dvc.lock cannot be read, or records what is not in DVC's cache.

    None else; and without a remote, as then there is nothing to pull from.
    """
    try:
        cache, recorded = _cache_and_lock()
    except NotInCacheError as error:
        return str(error)
    except LabbookError:  # `dvc` itself says what is wrong
        return None
    if cache is None or not cache.has_remote:
        return None
    listings = dict(_listings(cache, recorded))
    lacking = []
    for path, total in recorded.items():
        files = listings.get(path, {}).items()
        missing = [name for name, md5 in files if not cache.path(md5).exists()]
        if missing:
            lacking.append(f"{path} ({count(len(missing), 'file')}: {few(missing, 3)})")
        elif not cache.path(total).exists() or (total.endswith(".dir") and path not in listings):
            lacking.append(path)
    if not lacking:
        return None
    return (
        f"dvc.lock records {', '.join(lacking)}, not (all) in DVC's cache on this machine: not "
        "pulled yet, or `dvc pull` broke off. `dvc pull` brings what the remote has; `snakemake` "
        "makes anew what is not here."
    )


def _cache_and_lock() -> tuple[Store | None, Mapping[str, str]]:
    """DVC's cache, None without one or without a dvc.lock; and the outputs of dvc.lock."""
    cache = store(Path.cwd()) if Path(LOCK).exists() else None
    return cache, {} if cache is None else outputs(read_lock())


def _listings(
    cache: Store | None, recorded: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """The files of recorded folders, by their paths there, where the cache has the listing."""
    for path, total in recorded.items():
        if cache is not None and total.endswith(".dir"):
            with suppress(OSError, NotInCacheError):
                yield path, listing(read_bytes(cache.path(total)))


def refuse_untracked_params() -> None:
    """Raise `LabbookError` where results follow from a params file that DVC does not track.

    That is another than params.yaml, or one that it extends and that is not a dep of all stages.
    """
    path = params_path()
    if path.resolve() != TRACKED.resolve():
        raise LabbookError(
            f"{path}: dvc.yaml records params.yaml alone, and results of another file under its "
            "name would mislead. Unset LABBOOK_PARAMS, or use snakemake without DVC."
        )
    try:
        document = parse(read_text(STAGES)) if STAGES.exists() else {}
        deps = [set(stage.get("deps", ())) for stage in document.get("stages", {}).values()]
    except (OSError, YAMLError, ValueError, AttributeError, TypeError) as error:
        problem = getattr(error, "problem", None) or error
        raise LabbookError(f"{STAGES}: cannot be read ({problem}); `dvc dag` says more.") from None
    tracked = {Path(name).resolve() for name in (set.intersection(*deps) if deps else ())}
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
