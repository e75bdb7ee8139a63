"""The rivals: scikit-learn's models as they come, modest in size, none of them tuned.

All see all columns, prepared as for the network; lines and neighbours measure distances and sizes of
coefficients, so for them columns are standardised, on training rows. To add one: an entry in
MODELS here, and its name in NAMES in file.py.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from labbook.rivals.file import NAMES

NEIGHBOURS = 10
TREES = 100
# Of a large table a tree of the forest draws so many rows, and neighbours are sought among as many.
MOST_ROWS = 20_000


def _neighbours(model: type, rows: int) -> Any:
    return make_pipeline(StandardScaler(), model(min(NEIGHBOURS, rows), n_jobs=1))


def _forest(model: type, rows: int, state: int) -> Any:
    drawn = MOST_ROWS if rows > MOST_ROWS else None
    # As Breiman's own code: a third of the columns at each node and leaves of five rows for
    # quantities, the columns' square root and whole trees for classes.
    quantities = model is RandomForestRegressor
    return model(
        TREES,
        max_features=1 / 3 if quantities else "sqrt",
        min_samples_leaf=5 if quantities else 1,
        max_samples=drawn,
        random_state=state,
        n_jobs=1,
    )


_OF_QUANTITIES: tuple[Callable[[int, int], Any], ...] = (
    lambda rows, state: make_pipeline(StandardScaler(), Ridge(1.0)),
    lambda rows, state: _neighbours(KNeighborsRegressor, rows),
    lambda rows, state: _forest(RandomForestRegressor, rows, state),
    lambda rows, state: HistGradientBoostingRegressor(early_stopping=False, random_state=state),
)
_OF_CLASSES: tuple[Callable[[int, int], Any], ...] = (
    lambda rows, state: make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    lambda rows, state: _neighbours(KNeighborsClassifier, rows),
    lambda rows, state: _forest(RandomForestClassifier, rows, state),
    lambda rows, state: HistGradientBoostingClassifier(early_stopping=False, random_state=state),
)
# By task and name a function of (training rows, random state) to a model that is not fitted yet.
MODELS: Mapping[str, Mapping[str, Callable[[int, int], Any]]] = {
    "regression": dict(zip(NAMES["regression"][1:], _OF_QUANTITIES, strict=True)),
    "classification": dict(zip(NAMES["classification"][1:], _OF_CLASSES, strict=True)),
}
