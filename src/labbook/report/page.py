"""Writes the report: one page that needs nothing else, and the metrics beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from labbook.errors import LabbookError
from labbook.files import write_json, write_text
from labbook.report.claims import SYMBOLS
from labbook.report.findings import findings
from labbook.report.metrics import all_metrics, plot_table
from labbook.report.study import StudyView, figure_sizes, study_view
from labbook.results import StudyResults, read_results
from labbook.wording import count, listing, printable, sentence

MOST_BYTES = 5_000_000
HERE = Path(__file__).parent


def write_report(title: str, studies: Sequence[Path], out: Path, metrics: Path) -> None:
    """Write the page of all `studies` (results folders) to `out` and their metrics to `metrics`.

    Beside `metrics`, in plots.csv, every run by its study's metric, for `dvc plots`.
    Equal results give equal bytes. Raises `LabbookError` where a table is unfit, a file cannot be
    written, or the page would have more than 5 MB.
    """
    results = [read_results(folder) for folder in studies]
    views = [study_view(one, place) for place, one in enumerate(results, 1)]
    page = render(title, results, views)
    if len(page.encode()) > MOST_BYTES:
        raise _too_large(len(page.encode()), views)
    write_text(out, page)
    write_json(metrics, all_metrics({one.name: one for one in results}))
    write_text(metrics.with_name("plots.csv"), plot_table(results))


def render(title: str, results: Sequence[StudyResults], views: Sequence[StudyView]) -> str:
    """The page's text."""
    style, script = (  # our own files
        Markup((HERE / name).read_text(encoding="utf-8")) for name in ("page.css", "page.js")
    )
    template = templates(HERE).get_template("page.html.j2")
    return template.render(
        title=title, style=style, script=script, studies=views, **_overview(results, views)
    )


def templates(*folders: Path) -> Environment:
    """The templates in `folders`, under the page's rules: every text is escaped and printable."""
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )
    environment.filters["sentence"] = sentence
    return environment


def _clean(given: Any) -> Any:
    """What is put into the page, if it is text that is not ours: without unseen characters."""
    return printable(given) if isinstance(given, str) and not isinstance(given, Markup) else given


def _overview(results: Sequence[StudyResults], views: Sequence[StudyView]) -> dict[str, Any]:
    """What the first screen says about all studies."""
    names = list(dict.fromkeys(one.about["data"]["name"] for one in results))
    runs = len({row["run"] for one in results for row in one.table("runs")})
    seeds = sorted({len(one.about.get("seeds") or ()) for one in results})
    return {
        "lead": f"{sentence(count(len(views), 'study', 'studies'))} on "
        f"{count(len(names), 'data set')} ({listing(names)}): {count(runs, 'run')}, "
        f"{listing(map(str, seeds), 'or')} {'seed' if seeds == [1] else 'seeds'} per setting.",
        "stand_ins": [view.name for view in views if view.stand_in],
        "found": findings(results, [claim for view in views for claim in view.claims]),
        "symbols": SYMBOLS,
    }


def _too_large(size: int, views: Sequence[StudyView]) -> LabbookError:
    sizes = sorted((one for view in views for one in figure_sizes(view)), reverse=True)
    largest = listing(f"{name} ({bytes_ / 1e6:.2f} MB)" for bytes_, name in sizes[:5])
    return LabbookError(
        f"The report would have {size / 1e6:.1f} MB, more than the {MOST_BYTES / 1e6:g} MB that "
        f"it may have. Its largest figures: {largest}. Split the studies over two parameter "
        "files, or give these studies fewer combinations."
    )
