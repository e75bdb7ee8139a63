"""Is the network worth it? The chosen combination against simpler models, as claims are judged."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from labbook.evaluate.choice import Choice
from labbook.evaluate.claims.better_in import COLUMNS as BETTER_IN
from labbook.evaluate.claims.better_in import better_in
from labbook.evaluate.claims.judge import judge
from labbook.evaluate.claims.outcome import RATIO, Judgement
from labbook.evaluate.claims.reasons import why
from labbook.evaluate.statistics.intervals import metric_interval, oriented
from labbook.evaluate.study_runs import StudyRuns
from labbook.evaluate.worth import worth
from labbook.evaluate.writing import write_table
from labbook.measures import MEASURED, higher_is_better, measure_all, split_name
from labbook.metrics import of_task
from labbook.params.claims import Claim
from labbook.params.redraws import redraws_alone
from labbook.plan.studies import ClaimPlan
from labbook.training.runfile import USED_UP, RunRecord

COLUMNS = (
    "rival", "best", "metric", "mean", "mean_low", "mean_high", "n", "scale", "effect", "low",
    "high", "pairs", "test", "p", "p_holm", "margin", "verdict", "kind", "fresh_seeds", "new_data",
    "why", *BETTER_IN,
)  # fmt: skip


def write_rivals(results: StudyRuns, choice: Choice | None, path: Path) -> list[str]:
    """One row per rival, and what follows in sentences, the answer to what the network is worth.

    `effect` is in the metric's own direction: the network's figure divided by the rival's, or minus
    it. Only a header where a study has no rivals, or no run a result.
    """
    rows, sentences = [], []
    if results.rivals is not None and choice is not None:
        both = with_rivals(results)
        best = best_rival(both, results.rivals.names)
        judged = judge_rivals(both, choice.label)
        rows = [_row(both, one, best) for one in judged]
        settings = 1 if redraws_alone(results.study.combinations) else len(results.labels)
        sentences = worth(choice.label, rows, settings, results.study.rivals == "tuned")
    write_table(path, pd.DataFrame(rows, columns=COLUMNS, dtype=object))
    return sentences


def with_rivals(results: StudyRuns) -> StudyRuns:
    """The results with the rivals beside the runs, by their names in place of labels."""
    rivals = results.rivals
    if rivals is None:
        return results
    records = dict(results.records)
    # As runs have them; of other measures those by which they are chosen and compared.
    wanted = {f"{part}_{name}" for part in MEASURED for name in of_task(results.study.task)}
    wanted |= {judged_by(results), results.choice}
    for name in rivals.names:
        for seed in results.study.seeds:
            metrics: dict[str, float] = {}
            for part in MEASURED:
                target = results.prepared.target[getattr(results.prepared.split(seed), part)]
                predicted = rivals.predictions[name, seed, part]
                metrics |= measure_all(results.study.task, part, target, predicted)
            kept = {metric: metrics[metric] for metric in metrics if metric in wanted}
            records[name, seed] = RunRecord(name, {}, USED_UP, 0, 0, kept)
    return replace(results, records=records)


def judged_by(results: StudyRuns) -> str:
    """The study's metric on test rows; where it has no part (epochs) that of the choice."""
    part, metric = split_name(results.study.metric)
    return f"test_{metric if part else split_name(results.choice)[1]}"


def best_rival(results: StudyRuns, names: tuple[str, ...]) -> str:
    """The rival with the best mean on validation rows by which networks are chosen, too."""

    def mean(name: str) -> float:
        found = metric_interval(results.values(name, results.choice), results.choice).mean
        return float(oriented(pd.array([found]).to_numpy(float), results.choice)[0])

    means = {name: mean(name) for name in names}
    return max(names, key=lambda name: -math.inf if math.isnan(means[name]) else means[name])


def judge_rivals(results: StudyRuns, chosen: str) -> list[Judgement]:
    """That the chosen combination is better than each rival, judged as a study's claims are.

    So Holm's correction is over the rivals, a family of their own.
    """
    assert results.rivals is not None
    metric, claims = judged_by(results), []
    for number, name in enumerate(results.rivals.names):
        text = f"The network beats {name}."
        block = Claim.model_validate(
            {"id": f"rival-{number}", "sentence": text, "better": {"of": 1}, "than": {"of": 2}}
        )
        claims.append(
            ClaimPlan(block.id, text, None, metric, "better", ((chosen,), (name,)), block)
        )
    study = replace(results.study, claims=tuple(claims))
    return judge(replace(results, study=study))


def _row(results: StudyRuns, judgement: Judgement, best: str) -> dict[str, Any]:
    outcome, metric = judgement.outcome, judgement.claim.metric
    rival = judgement.claim.sides[1][0]
    own = metric_interval(results.values(rival, metric), metric)
    effect, low, high = outcome.effect, outcome.low, outcome.high
    if outcome.scale == RATIO:
        effect, low, high = (1 / end if end > 0 else math.nan for end in (effect, high, low))
    elif not higher_is_better(metric):
        effect, low, high = -effect, -high, -low
    told = {
        "rival": rival, "best": "best" if rival == best else "", "metric": metric,
        "mean": own.mean, "mean_low": own.low, "mean_high": own.high, "n": own.n,
        "effect": effect, "low": low, "high": high, "pairs": outcome.n, "why": why(judgement),
        "p": judgement.p, **better_in(outcome),
    }  # fmt: skip
    return {name: ({**vars(outcome), **vars(judgement), **told}).get(name) for name in COLUMNS}
