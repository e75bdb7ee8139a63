"""Writes the report: one page that needs nothing else, and the metrics beside it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from labbook.files import write_json, write_text
from labbook.report.page.claims import SYMBOLS
from labbook.report.page.figures import Place, largest_figures, without
from labbook.report.page.findings import findings
from labbook.report.page.metrics import all_metrics, plot_table
from labbook.report.page.study import StudyView, study_view
from labbook.report.study_results import StudyResults, read_results
from labbook.wording import count, listing, printable, sentence

MOST_BYTES = 5_000_000
HERE = Path(__file__).parent


def write_report(title: str, studies: Sequence[Path], out: Path, metrics: Path) -> None:
    """Write the page of all `studies` (results folders) to `out` and their metrics to `metrics`.

    Beside `metrics`, in plots.csv, every run by its study's metric, for `dvc plots`.
    Equal results give equal bytes. A page of more than 5 MB does without its largest figures, and
    says where they are. Raises `LabbookError` where a table is unfit or a file cannot be written.
    """
    results = [read_results(folder) for folder in studies]
    views = [study_view(one, place) for place, one in enumerate(results, 1)]
    write_text(out, _fitting(title, results, views))
    write_json(metrics, all_metrics({one.name: one for one in results}))
    write_text(metrics.with_name("plots.csv"), plot_table(results))


def render(
    title: str, results: Sequence[StudyResults], views: Sequence[StudyView], left_out: int = 0
) -> str:
    """The page's text; of the studies' figures so many are left out."""
    style, script = (  # our own files
        Markup((HERE / name).read_text(encoding="utf-8")) for name in ("page.css", "page.js")
    )
    template = templates(HERE).get_template("page.html.j2")
    return template.render(
        title=title, style=style, script=script, studies=views, left_out=left_out,
        **_overview(results, views),
    )  # fmt: skip


def _fitting(title: str, results: Sequence[StudyResults], views: Sequence[StudyView]) -> str:
    """The page's text, without as many of its largest figures as it has too many bytes for."""
    page = render(title, results, views)
    figures = largest_figures([view.figures for view in views])
    left_out = set[Place]()
    while (excess := len(page.encode()) - MOST_BYTES) > 0 and figures:
        while excess > 0 and figures:
            saved, place = figures.pop(0)
            excess -= saved
            left_out.add(place)
        smaller = [
            replace(view, figures=without(view.figures, study, left_out))
            for study, view in enumerate(views)
        ]
        page = render(title, results, smaller, len(left_out))
    return page


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
        "findings": findings(results, [claim for view in views for claim in view.claims]),
        "symbols": SYMBOLS,
    }
