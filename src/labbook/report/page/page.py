"""Writes the report: one page that needs nothing else, and the metrics beside it."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from labbook.files import read_json, write_json, write_text
from labbook.languages import ENGLISH
from labbook.languages.html import translated_page, words_block
from labbook.languages.language import language_of
from labbook.report.dvc_metrics import all_metrics, plot_table
from labbook.report.missing import MissingStudy
from labbook.report.page.claims import MEANINGS, SYMBOLS, standing_view
from labbook.report.page.contents import contents
from labbook.report.page.controls import controls_of_page
from labbook.report.page.findings import findings
from labbook.report.page.methods import made_by
from labbook.report.page.numbers import block_of_numbers
from labbook.report.page.over_datasets import over_datasets_view
from labbook.report.page.overview import overview
from labbook.report.page.own_texts import own_texts
from labbook.report.page.provenance import provenance_of_page
from labbook.report.page.script import page_script, script_sum
from labbook.report.page.study import study_view
from labbook.report.page.style import joined_style
from labbook.report.page.topics import topics
from labbook.report.page.weight import lighter
from labbook.report.result_tables import as_number
from labbook.report.study_results import StudyResults, read_results
from labbook.report.together import NOTHING_TOGETHER, Together, read_together
from labbook.report.tuning.view import tuning_view
from labbook.wording import printable, sentence

HERE = Path(__file__).parent


def write_report(
    title: str,
    studies: Sequence[Path],
    out: Path,
    metrics: Path,
    claims: Path | None = None,
    over_datasets: Path | None = None,
    provenance: Mapping[str, Any] | None = None,
    missing: Sequence[MissingStudy] = (),
    language: str = ENGLISH,
    tunings: Mapping[str, Sequence[Path]] = {},
) -> None:
    """Write the page of all `studies` (results folders) to `out` and their metrics to `metrics`.

    `claims` and `over_datasets` are the tables of all claims and of questions with several data
    sets, by default those beside `metrics`. `provenance` is that of `provenance_of_page`. The page
    says on top which studies are `missing`. Its words are those of `language`, one of LANGUAGES.
    `tunings` are the files of the steps of each tuning, by its name.

    Beside `metrics`, in plots.csv, every run by its study's metric, for `dvc plots`.
    Equal results give equal bytes. Raises `LabbookError` where a table is unfit or a file cannot be
    written.
    """
    results = [read_results(folder) for folder in studies]
    together = read_together(
        claims or metrics.with_name("claims.csv"),
        over_datasets or metrics.with_name("datasets.csv"),
    )
    chosen = [
        tuning_view(name, [*map(read_json, steps)], steps[0].parent / "figures", place)
        for place, (name, steps) in enumerate(tunings.items(), 1)
    ]
    page = page_of(title, results, together, provenance or {}, missing, language, chosen)
    write_text(out, lighter(page))
    write_json(metrics, all_metrics({study.name: study for study in results}, together))
    write_text(metrics.with_name("plots.csv"), plot_table(results))


def page_of(
    title: str,
    results: Sequence[StudyResults],
    together: Together = NOTHING_TOGETHER,
    provenance: Mapping[str, Any] = {},
    missing: Sequence[MissingStudy] = (),
    language: str = ENGLISH,
    tunings: Sequence[Mapping[str, Any]] = (),
) -> str:
    """The page's text."""
    catalogue = language_of(language)
    words = catalogue and catalogue.keeping(own_texts(title, results, together))
    views = [study_view(study, place) for place, study in enumerate(results, 1)]
    for view in views:
        view["methods"] += made_by(provenance)
    claims = [claim for view in views for claim in view["claims"]]
    for claim in claims:
        claim.update(standing_view(together.claims.get(claim["id"], {})))
    found = findings(results, claims)
    script = page_script()
    context = {
        "title": title,
        "style": Markup(joined_style()),  # our own files
        "script": Markup(script),
        "script_sum": script_sum(script),
        "words": Markup(words_block(words)) if words else None,
        "numbers": block_of_numbers(results, words),
        "overview": overview(results, found["claims"], found["groups"]),
        "contents": contents(views),
        "topics": topics(results, found["claims"]),
        "stand_ins": [view["name"] for view in views if view["stand_in"]],
        "findings": found | {"standing": together.standing_in_words()},
        "over_datasets": over_datasets_view(together.over_datasets, claims),
        "controls": controls_of_page(results),
        "tunings": tunings,
        "missing": missing,
        "symbols": SYMBOLS,
        "meanings": MEANINGS,
        "studies": views,
        **provenance_of_page(provenance),
    }
    page = templates(HERE).get_template("page.html.j2").render(context)
    return translated_page(page, words) if words else page


def study_page(results: StudyResults) -> str:
    """The room of one study, by itself."""
    view = study_view(results, 1)
    context = {"study": view, "place": 1, "studies": [view], "symbols": SYMBOLS}
    return templates(HERE).get_template("study.html.j2").render(context)


def templates(*folders: Path) -> Environment:
    """The templates in `folders`, under the page's rules: every text is escaped and printable."""
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_without_unseen_characters,
    )
    environment.filters["sentence"] = sentence
    environment.filters["exact"] = _in_few_digits
    return environment


def _in_few_digits(value: Any) -> str:
    """A number for sorting and for tables that are taken along: seven digits, nothing for none."""
    number = as_number(value)
    return f"{number:.7g}" if math.isfinite(number) else ""


def _without_unseen_characters(text: Any) -> Any:
    """What is put into the page, if it is text that is not ours."""
    return printable(text) if isinstance(text, str) and not isinstance(text, Markup) else text
