import gzip
import hashlib
import io

import numpy as np
import pytest

from labbook.data.fetching.stand_ins import DAYS, INDICATORS, STATES, covid, mnist


@pytest.fixture(scope="module")
def files():
    return covid()


@pytest.fixture(scope="module")
def survey(files):
    """The header, the rows with a target, and those without one."""
    header = files["covid_train.csv"].split(b"\n", 1)[0].decode().split(",")
    arrays = (
        np.loadtxt(io.BytesIO(files[name]), delimiter=",", skiprows=1)
        for name in ("covid_train.csv", "covid_test.csv")
    )
    return header, *arrays


def test_the_stand_in_has_the_columns_of_the_real_files(survey):
    header, train, test = survey
    assert (train.shape, test.shape, len(STATES)) == ((3009, 89), (997, 88), 34)
    assert header == ["id", *STATES, *(list(INDICATORS) * DAYS)]
    assert header[-1] == "tested_positive"
    assert (train[:, 0] == np.arange(3009)).all()
    for columns, real in (  # SHA-256 of the first lines of the real files
        (header, "ee6192ae7b3924874c1d3bd618aeedc81a426ac38a3e640de433cbe64cf546e2"),
        (header[:-1], "ef879c66a3b9b6f3a1c79c5f32e3f0f4b7608bcdac0435f22d6e2974437b7f4f"),
    ):
        assert hashlib.sha256(",".join(columns).encode()).hexdigest() == real


def test_values(survey):
    _, train, test = survey
    assert (train[:, 1:35].sum(axis=1) == 1).all()
    for i, (low, mean, high, *_) in enumerate(INDICATORS.values()):
        column = np.concatenate([train[:, 35 + i], test[:, 35 + i]])
        assert low <= column.min() < column.max() <= high
        assert column.mean() == pytest.approx(mean, rel=0.2)
    assert len(np.unique(train[:, -1])) > 2900  # nothing piles up at the ends


def test_dependence(survey):
    """As in such surveys: the last days tell nearly all, symptoms much, beliefs little."""
    header, train, _ = survey
    target = train[:, -1]

    def correlation(name):
        return np.corrcoef(train[:, header.index(name)], target)[0, 1]

    assert correlation("tested_positive") > 0.95
    assert correlation("hh_cmnty_cli") > 0.8
    assert correlation("wshop_indoors") < -0.4
    assert abs(correlation("worried_finances")) < 0.3
    inputs = np.column_stack([train[:, 1:-1], np.ones(len(train))])
    fit = inputs[:2000] @ np.linalg.lstsq(inputs[:1500], target[:1500])[0][:, None]
    error = ((fit[1500:2000, 0] - target[1500:2000]) ** 2).mean()
    assert 0.5 < error < 2.0


def test_always_the_same_bytes(files):
    assert covid() == files


def test_images():
    files = mnist()
    for begin, count in (("train", 400), ("t10k", 100)):
        images, labels = (
            gzip.decompress(files[f"{begin}-{kind}-ubyte.gz"])
            for kind in ("images-idx3", "labels-idx1")
        )
        assert np.bincount(list(labels[8:])).tolist() == [count] * 10
        assert len(images) == 16 + 10 * count * 784
