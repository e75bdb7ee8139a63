"""results/metrics.json and plots.csv, as DVC shows them."""

import csv
import io

from labbook.report.dvc_metrics import plot_table
from labbook.report.study_results import read_results
from tests import made_results


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_run_that_ended_has_a_row_in_plots(tmp_path):
    studies = [read_results(folder) for folder in made_results.everything(tmp_path)]
    found = rows(plot_table(studies))
    for results in studies:
        ended = [run for run in results.runs if run["ended"] != "diverged"]
        mine = [row for row in found if row["study"] == results.name]
        assert [row["seed"] for row in mine] == [run["seed"] for run in ended]
        assert all(row["value"] for row in mine)
        assert {row["metric"] for row in mine} == {results.metric}


def test_epochs_of_a_run_that_diverged_are_not_plotted(tmp_path):
    for metric in ("best_epoch", "epochs"):
        made = made_results.boston(metric=metric)
        results = read_results(made_results.write(made, tmp_path))
        for run in results.runs:
            run[metric] = "2" if run["ended"] == "diverged" else "7"
        assert {row["value"] for row in rows(plot_table([results]))} == {"7"}
