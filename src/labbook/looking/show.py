"""What `labbook show` prints: all studies in short, or one of them."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from labbook.looking.bars import LINES, WIDTH, Axis, Signs, progress_bar
from labbook.looking.missing import lines_of, missing_studies, missing_tunings
from labbook.looking.state import State, StudyState
from labbook.looking.tunings import HEAD as HEAD_OF_TUNINGS
from labbook.looking.tunings import tuning_states
from labbook.measures import is_ratio
from labbook.paths import RESULTS
from labbook.report.page.answer import answer, cautions
from labbook.report.page.claims import claim_views, verdicts_in_words
from labbook.report.result_tables import interval
from labbook.report.study_results import StudyResults, read_results
from labbook.report.summary import GEOMETRIC, HEAD, LEGEND, main_line
from labbook.wording import NOTHING, count, digits, metric_name, plain, short

MOST_ROWS = 30  # combinations of one study
WIDE_ENOUGH = 90  # columns of a terminal
SETTING = 48  # the most characters of a setting

BARS_MEAN = "bars: the best setting's interval, from the study's lowest to its highest"
STYLES = {"failed": "bold red", "✓": "green", "✕": "magenta", "?": "yellow", "best": "bold"}
BARS = set("".join(vars(LINES).values()))

Row = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A heading, and rows of as many cells as it has names."""

    names: Row
    rows: Sequence[Row]


def overview(state: State, of: Signs) -> Iterator[str | Table]:
    """Lines and tables: how far the work is, what lacks, and each study's best."""
    trained, runs = len(state.trained), len(state.progress.cost)
    yield plain(state.graph.plan.params.report.title)
    yield f"{progress_bar(trained, runs, of)} {state.line()}"
    if state.at_work or state.in_work:
        yield f"at work: {', '.join(sorted(state.in_work)[:6]) or 'between two jobs'}"
    yield ""
    yield Table((*HEAD[:3], "", HEAD[3]), list(_rows(state, of)))
    yield ""
    yield BARS_MEAN
    yield LEGEND
    tunings = tuning_states(state)
    if tunings:
        yield ""
        yield Table(HEAD_OF_TUNINGS, [tuning.row for tuning in tunings.values()])
        yield ""
    if missing := [*missing_studies(state), *missing_tunings(tunings.values())]:
        yield "Not finished:"
        yield from lines_of(missing)
    one = "One study or tuning: labbook show NAME." if tunings else "One study: labbook show STUDY."
    yield f"{one} The page: labbook report, or labbook watch."


def _rows(state: State, of: Signs) -> Iterator[Row]:
    for name, study in state.studies.items():
        if study.finished:
            results = read_results(RESULTS / name)
            *cells, claims = main_line(results)
            metric = results.choice_metric
            found = interval((results.about.get("chosen") or {}).get("validation") or {})
            yield (*cells, _axis(results, metric).bar(found, of, bar_width()), claims)
        else:
            yield _unfinished(study, of)


def _unfinished(study: StudyState, of: Signs) -> Row:
    state = "failed" if study.failures else "not finished"
    words = f"{study.trained:,} of {count(study.runs, 'run')}"
    return (study.name, state, words, progress_bar(study.trained, study.runs, of, bar_width()), "")


def _axis(results: StudyResults, metric: str) -> Axis:
    intervals = [results.interval_of(label, metric) for label in results.labels]
    return Axis.of(intervals, ratio=is_ratio(metric))


def of_study(state: State, name: str, of: Signs) -> Iterator[str | Table]:
    """Lines and tables: a study's answer, its combinations and claims; or how far it is."""
    study = state.studies[name]
    yield plain(f"{name}: {state.graph.plan.studies[name].asked[1].question}")
    if not study.finished:
        yield " ".join(_unfinished(study, of)[2:4])
        yield from lines_of([one for one in missing_studies(state) if one.name == name])
        return
    results = read_results(RESULTS / name)
    if results.stand_in:
        yield "On stand-in data: not a finding about the real data."
    yield ""
    yield from answer(results)
    yield from (f"Note: {text}" for text in cautions(results))
    yield ""
    yield from _combinations(results, of)
    if results.verdicts:
        yield ""
        yield verdicts_in_words(row["verdict"] for row in results.verdicts)
        yield Table(("", "claim", "effect", "interval", "n"), list(_claims(results)))
    yield ""
    yield f"All of it: {RESULTS / name}/"


def of_tuning(state: State, name: str) -> Iterator[str | Table]:
    """Lines: what each step of a tuning found, what came out, and how to go on."""
    tuning = tuning_states(state)[name]
    yield plain(f"{name}: chooses {tuning.chooses}, from the recipe {tuning.plan.block.recipe}")
    for step in tuning.found:
        yield ""
        yield f"{tuning.plan.numbered(step['step'])}: {plain(step['said'])}"
        if step["stopped"]:  # those after it were not reached
            yield from () if step["stopped"] in step["said"] else (plain(step["stopped"]),)
            break
    yield ""
    yield f"{tuning.reached} steps: {tuning.outcome}"
    if tuning.failures:
        yield from lines_of(missing_tunings([tuning]))
    elif not tuning.whole:
        yield f"To make it: {tuning.way}"
    if not tuning.kept_back:
        yield f"To write what was chosen into the recipe: labbook tune apply {name}"
    if tuning.whole:
        yield f"All of it: {tuning.page}"


def _combinations(results: StudyResults, of: Signs) -> Iterator[str | Table]:
    metric = results.metric
    axis = _axis(results, metric)
    rows = []
    for label in results.ranked[:MOST_ROWS]:
        found = results.interval_of(label, metric)
        text = digits(*found)
        n = results.means.get(label, {}).get("n", "")
        chosen = "best" if label == results.best else ""
        mark = "reference" if label == results.reference else ""
        rows.append((
            short(label, SETTING), text.mean, text.interval, axis.bar(found, of, bar_width()), n,
            ", ".join(filter(None, (chosen, mark))),
        ))  # fmt: skip
    yield Table(("setting", metric_name(metric), "95 % interval", "", "n", "which"), rows)
    if more := len(results.labels) - len(rows):
        yield f"and {count(more, 'setting')} more: {results.folder}/combinations.csv"
    if is_ratio(metric):
        yield GEOMETRIC


def _claims(results: StudyResults) -> Iterator[Row]:
    for claim in claim_views(results):
        words = f"{claim['symbol']} {claim['verdict']}"
        effect = "" if claim["effect"] == NOTHING else claim["effect"]
        ends = "" if claim["interval"] == NOTHING else claim["interval"]
        yield (words, plain(claim["sentence"]), effect, ends, claim["n"])


def style_of(cell: str) -> str:
    """How a terminal shows a cell; what it says, it says in words or signs as well."""
    return STYLES.get(cell.partition(" ")[0], "cyan" if set(cell) & BARS else "")


def wrapped(text: str, width: int) -> list[str]:
    """A line in as many as a terminal needs; what stands in columns is left alone."""
    indent = " " * (len(text) - len(text.lstrip()))
    return wrap(text, max(width, 20), subsequent_indent=indent + "  " * bool(indent)) or [""]


def bar_width() -> int:
    """How many columns a bar takes of the terminal."""
    return WIDTH if columns() >= WIDE_ENOUGH else WIDTH // 2


def columns() -> int:
    """How wide the terminal is; of a pipe or file 100."""
    return min(shutil.get_terminal_size((100, 24)).columns, 120)
