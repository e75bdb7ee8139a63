"""The rivals: scikit-learn's models as they come, and the settings that tuning tries.

All see all columns, prepared as for the network; lines and neighbours measure distances and sizes
of coefficients, so for them columns are standardised, on training rows. To add one: an entry in
MODELS and in TRIED here, and its names in NAMES and TUNED in file.py.
"""

from collections.abc import Callable, Mapping, Sequence
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

Settings = Mapping[str, Any]

NEIGHBOURS = 10
TREES = 100
# Of a large table a tree of the forest draws so many rows, and neighbours are sought among as many.
MOST_ROWS = 20_000


def _linear(model: type, **settings: Any) -> Any:
    return make_pipeline(StandardScaler(), model(**settings))


def _neighbours(model: type, rows: int, neighbours: int = NEIGHBOURS) -> Any:
    return make_pipeline(StandardScaler(), model(min(neighbours, rows), n_jobs=1))


def _forest(model: type, rows: int, state: int, **settings: Any) -> Any:
    drawn = MOST_ROWS if rows > MOST_ROWS else None
    # As Breiman's own code: a third of the columns at each node and leaves of five rows for
    # quantities, the columns' square root and whole trees for classes.
    quantities = model is RandomForestRegressor
    return model(
        TREES,
        max_features=1 / 3 if quantities else "sqrt",
        max_samples=drawn,
        random_state=state,
        n_jobs=1,
        **{"min_samples_leaf": 5 if quantities else 1, **settings},
    )


def _boosting(model: type, state: int, **settings: Any) -> Any:
    return model(early_stopping=False, random_state=state, **settings)


_OF_QUANTITIES: tuple[Callable[..., Any], ...] = (
    lambda rows, state, **more: _linear(Ridge, **more),
    lambda rows, state, **more: _neighbours(KNeighborsRegressor, rows, **more),
    lambda rows, state, **more: _forest(RandomForestRegressor, rows, state, **more),
    lambda rows, state, **more: _boosting(HistGradientBoostingRegressor, state, **more),
)
_OF_CLASSES: tuple[Callable[..., Any], ...] = (
    lambda rows, state, **more: _linear(LogisticRegression, **{"max_iter": 1000, **more}),
    lambda rows, state, **more: _neighbours(KNeighborsClassifier, rows, **more),
    lambda rows, state, **more: _forest(RandomForestClassifier, rows, state, **more),
    lambda rows, state, **more: _boosting(HistGradientBoostingClassifier, state, **more),
)
# By task and name a function of (training rows, random state), and of settings by their names, to
# a model that is not fitted yet.
MODELS: Mapping[str, Mapping[str, Callable[..., Any]]] = {
    "regression": dict(zip(NAMES["regression"][1:], _OF_QUANTITIES, strict=True)),
    "classification": dict(zip(NAMES["classification"][1:], _OF_CLASSES, strict=True)),
}
AS_IT_COMES: Settings = {}
# What tuning tries of each; what is first, the model as it comes, is kept where none is better.
TRIED: Mapping[str, Sequence[Settings]] = {
    "a straight line": (AS_IT_COMES, *({"alpha": a} for a in (0.1, 10.0, 100.0, 1000.0))),
    "logistic regression": (AS_IT_COMES, *({"C": c} for c in (0.001, 0.01, 0.1, 10.0))),
    "nearest neighbours": (AS_IT_COMES, *({"neighbours": n} for n in (3, 5, 20, 50))),
    "a random forest": (AS_IT_COMES, *({"min_samples_leaf": n} for n in (1, 3, 5, 10))),
    "gradient boosting": (
        AS_IT_COMES,
        {"learning_rate": 0.1, "max_leaf_nodes": 7},
        {"learning_rate": 0.03, "max_leaf_nodes": 31},
        {"learning_rate": 0.03, "max_leaf_nodes": 7},
        {"learning_rate": 0.3, "max_leaf_nodes": 7},
    ),
}
