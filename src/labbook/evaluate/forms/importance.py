"""Claims that settings matter in an order."""

from dataclasses import replace

import numpy as np

from labbook.errors import LabbookError
from labbook.evaluate.decomposition import forest_shares, grid_shares
from labbook.evaluate.design import Design, design_of
from labbook.evaluate.finding import Finding
from labbook.evaluate.forms.order import order_of
from labbook.evaluate.results import Results
from labbook.plan import ClaimPlan
from labbook.wording import percent


def importance(results: Results, claim: ClaimPlan) -> Finding:
    """Settings explain the study's metric in this order: Page's test of their shares by seed.

    The shares of a seed are those of its runs alone. What follows is about the combinations that
    were tried. Raises `LabbookError` where the study has no such design.
    """
    names, design = claim.block.matters, design_of(results)
    if names is None or design is None:
        raise LabbookError(
            f"studies.{results.study.name}.claims, claim {claim.id}: matters needs settings that "
            "vary in a mapping or a sample, and at least two seeds."
        )
    columns = [design.names.index(name) for name in names]
    values = np.array([_shares(design, seed)[columns] for seed in range(design.metric.shape[1])])
    found = order_of(values)
    shares = zip(names, values.mean(axis=0).tolist(), strict=True)
    return replace(found, ours="; ".join(f"{name} {percent(share)}" for name, share in shares))


def _shares(design: Design, seed: int) -> np.ndarray:
    """Shares of the settings by the runs of one seed, shape (settings + 2,)."""
    metric = design.metric[:, [seed]]  # (combinations, 1)
    if not design.complete:
        return forest_shares(design.levels, metric)
    # One run per combination has no repetition; twice itself is one without chance.
    return grid_shares(design.levels, np.repeat(metric, 2, axis=1))
