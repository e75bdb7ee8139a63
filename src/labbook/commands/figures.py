"""`labbook figures`: the figures of the report for a paper."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from labbook.errors import LabbookError
from labbook.files import write_bytes
from labbook.languages import ENGLISH, LANGUAGES
from labbook.params.load import load_params
from labbook.paths import RESULTS
from labbook.wording import count, listing

if TYPE_CHECKING:
    from labbook.languages.language import Language

HELP = "Figures of the report for a paper: PDF, SVG or PNG of one or two columns' width."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("study", nargs="?", help="its name; without it all studies")
    parser.add_argument("figure", nargs="?", help="its name; without it all figures")
    parser.add_argument(
        "--format", choices=("pdf", "svg", "png"), default="pdf", help="default: pdf"
    )
    parser.add_argument(
        "--columns", type=int, choices=(1, 2), default=1, help="of a paper; default: 1 (3.35 in)"
    )
    parser.add_argument(
        "--language", choices=LANGUAGES, help="of its words; default: that of the report"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("figures"), help="write into this folder; default: figures"
    )


def run(options: argparse.Namespace) -> None:
    """Write `<study>-<figure>.<format>` for each. Raises `LabbookError` for an unknown name."""
    from labbook.languages.figure import translated_figure
    from labbook.languages.language import language_of
    from labbook.report.figures.draw import figures_of
    from labbook.report.page.own_texts import own_texts
    from labbook.report.paper.for_papers import paper_figure
    from labbook.report.study_results import read_results

    params, written = load_params(), []
    catalogue = language_of(options.language or params.report.language)
    fonts = _fonts(catalogue, options.format) if catalogue else []
    for study in _studies(list(params.studies), options.study):
        results = read_results(RESULTS / study)
        words = catalogue and catalogue.keeping(own_texts("", [results]))
        figures = figures_of(results)
        if options.figure is not None and options.figure not in figures:
            raise LabbookError(
                f"{study} has no figure {options.figure}: it has {listing(figures)}."
            )
        for name in [options.figure] if options.figure else figures:
            path = options.out / f"{study}-{name}.{options.format}"
            figure = translated_figure(figures[name], words) if words else figures[name]
            write_bytes(path, paper_figure(figure, options.format, options.columns, fonts))
            written.append(path)
    print(f"Wrote {count(len(written), 'figure')} into {options.out}.")


def _fonts(words: "Language", format: str) -> list[str]:
    """The fonts of this machine with the letters of a language, which an SVG does not need."""
    from labbook.report.paper.for_papers import fonts_here

    found = fonts_here(words.fonts)
    if not found and format != "svg":
        raise LabbookError(
            f"No font of this machine has the letters of the language {words.name}: install one of "
            f"{listing(words.fonts)}, or use --format svg, or --language {ENGLISH}."
        )
    return found


def _studies(studies: list[str], asked: str | None) -> list[str]:
    """The study that is asked for, or all that have results."""
    if asked is not None and asked not in studies:
        raise LabbookError(f"No study {asked} in params.yaml: it has {listing(studies)}.")
    wanted = studies if asked is None else [asked]
    there = [study for study in wanted if (RESULTS / study / "study.json").exists()]
    if not there:
        of = f" of {asked}" if asked else ""
        raise LabbookError(f"No results yet{of}: run make report, or snakemake.")
    return there
