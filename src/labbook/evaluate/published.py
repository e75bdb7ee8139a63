"""published.csv: what a source reported of a study's combinations, to be shown beside ours."""

from pathlib import Path

from labbook.evaluate.results import Results
from labbook.evaluate.tables import write_table
from labbook.params.combinations import matches

COLUMNS = ("combination", "metric", "set", "value", "source")


def write_published(results: Results, path: Path) -> None:
    """Write one row per reported figure, in the order of params.yaml.

    `set` counts the figures of one combination and metric from 1; `value` is in the metric's unit
    and empty where the reported run diverged.
    """
    study = results.study
    rows = []
    for block in study.block.published:
        label = next(c.label for c in study.combinations if matches(c.settings, block.of))
        for number, given in enumerate(block.values, 1):
            reported = None if given == "diverged" else float(given)
            rows.append([label, block.metric or study.metric, number, reported, block.source])
    write_table(path, COLUMNS, rows)
