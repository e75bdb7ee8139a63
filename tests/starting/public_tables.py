"""Public tables that scikit-learn, statsmodels and mlxtend carry, each written in a way of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.datasets
from mlxtend.data import autompg_data
from sklearn import datasets


@dataclass(frozen=True)
class Public:
    """A table's file, how it is written, and what `labbook new` is to say of it."""

    file: str
    write: Callable[[Path], None]
    target: str
    task: str
    expected: Mapping[str, Any] = field(default_factory=dict)  # of the block of the data set


def _sklearn(name: str) -> pd.DataFrame:
    return getattr(datasets, f"load_{name}")(as_frame=True).frame


def _statsmodels(name: str) -> pd.DataFrame:
    return getattr(statsmodels.datasets, name).load_pandas().data


def diabetes(path: Path) -> None:
    """German Excel's CSV: semicolons, decimal commas, CRLF."""
    frame = _sklearn("diabetes")
    frame.to_csv(path, sep=";", decimal=",", index=False, lineterminator="\r\n")


def breast_cancer(path: Path) -> None:
    """Tabs, names of classes, a number for each patient."""
    bunch = datasets.load_breast_cancer(as_frame=True)
    frame = bunch.data.assign(diagnosis=[bunch.target_names[c] for c in bunch.target])
    frame.insert(0, "id", np.random.default_rng(0).permutation(842302 + 7 * np.arange(len(frame))))
    frame.to_csv(path, sep="\t", index=False)


def wine(path: Path) -> None:
    """White space and no header, as the archive has it."""
    path.write_text(_sklearn("wine").to_string(header=False, index=False))


def iris(path: Path) -> None:
    """As pandas writes it: with row numbers in a first column without a name."""
    bunch = datasets.load_iris(as_frame=True)
    bunch.data.assign(species=[bunch.target_names[c] for c in bunch.target]).to_csv(path)


def digits(path: Path) -> None:
    """Parquet."""
    _sklearn("digits").to_parquet(path)


def longley(path: Path) -> None:
    """Excel with two lines of title."""
    with pd.ExcelWriter(path) as writer:
        frame = _statsmodels("longley")
        frame.to_excel(writer, sheet_name="Employment", startrow=2, index=False)
        writer.sheets["Employment"]["A1"] = "Longley's table of employment"


def fair(path: Path) -> None:
    """Question marks for what is not known."""
    frame = _statsmodels("fair").astype(object)
    unknown = np.random.default_rng(0).random(frame.shape) < 0.03
    unknown[:, -1] = False
    frame.mask(unknown, "?").to_csv(path, index=False)


def star98(path: Path) -> None:
    """A byte order mark, and Windows' line ends."""
    frame = _statsmodels("star98")
    frame.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def spector(path: Path) -> None:
    """Letters of Western Europe in cp1252, answers in place of 0 and 1."""
    frame = _statsmodels("spector").rename(columns={"GPA": "Durchschnittsnote für Schüler"})
    frame["PSI"] = frame["PSI"].map({0.0: "nein", 1.0: "ja"})
    frame["GRADE"] = frame["GRADE"].map({0.0: "übrige", 1.0: "A"})
    frame.to_csv(path, sep=";", index=False, encoding="cp1252")


def anes96(path: Path) -> None:
    """Lines of title above the header, comments between."""
    text = _statsmodels("anes96").to_csv(index=False)
    path.write_text(f"# American National Election Study 1996\n# 944 people were asked\n{text}")


def ccard(path: Path) -> None:
    """-200 for what is not known, as instruments write it."""
    frame = _statsmodels("ccard")
    frame.loc[frame.index[5::9], "INCOME"] = -200
    frame.loc[frame.index[3::11], "AGE"] = -200
    frame.to_csv(path, index=False)


def autompg(path: Path) -> None:
    """Thousands with a comma in quotation marks, a category, one NA."""
    features, mpg = autompg_data()
    names = ["cylinders", "displacement", "horsepower", "weight", "acceleration", "year", "origin"]
    frame = pd.DataFrame(features[:, :7], columns=names).assign(mpg=mpg)
    frame["weight"] = [f"{weight:,.0f}" for weight in frame["weight"]]
    frame["origin"] = frame["origin"].map({1.0: "USA", 2.0: "Europe", 3.0: "Japan"})
    frame.loc[7, "horsepower"] = np.nan
    frame.to_csv(path, index=False, na_rep="NA")


def macrodata(path: Path) -> None:
    """Dates as Europe writes them, a row each quarter."""
    frame = _statsmodels("macrodata")
    months = 3 * frame["quarter"].astype(int) - 2
    years = frame["year"].astype(int)
    dates = [f"01/{month:02}/{year}" for month, year in zip(months, years, strict=True)]
    frame.drop(columns=["year", "quarter"]).assign(when=dates).to_csv(path, index=False)


def statecrime(path: Path) -> None:
    """The names of the states, and a remark on each."""
    frame = _statsmodels("statecrime").reset_index()
    frame["remark"] = [f"as the state of {state} reported it in 2009" for state in frame["state"]]
    frame.to_csv(path, index=False)


def grunfeld(path: Path) -> None:
    """Firms over the years: a category whose rows belong together."""
    _statsmodels("grunfeld").rename(columns={"firm": "firm id"}).to_csv(path, index=False)


def modechoice(path: Path) -> None:
    """Four rows for each person."""
    _statsmodels("modechoice").to_csv(path, sep="|", index=False)


PUBLIC = {
    public.write.__name__: public
    for public in (
        Public("diabetes.csv", diabetes, "target", "regression", {"delimiter": ";", "decimal": ","}),
        Public(
            "breast_cancer.tsv", breast_cancer, "diagnosis", "classification",
            {"delimiter": "\t", "id": "id"},
        ),
        Public(
            "wine.data", wine, "14", "classification",
            {"delimiter": "whitespace", "header": False, "target": "14"},
        ),
        Public("iris.csv", iris, "species", "classification", {"drop": ["Unnamed: 0"]}),
        Public("digits.parquet", digits, "target", "classification"),
        Public("longley.xlsx", longley, "TOTEMP", "regression", {"skip_lines": 2}),
        Public(
            "fair.csv", fair, "affairs", "regression",
            {"missing_marks": ["?"], "missing": "median"},
        ),
        Public("star98.csv", star98, "NABOVE", "regression"),
        Public(
            "spector.csv", spector, "GRADE", "classification",
            {"encoding": "cp1252", "ordinal": {"PSI": ["nein", "ja"]}},
        ),
        Public("anes96.csv", anes96, "vote", "classification", {"task": "classification"}),
        Public(
            "ccard.csv", ccard, "AVGEXP", "regression",
            {"missing": "median", "log_target": None},
        ),
        Public(
            "autompg.csv", autompg, "mpg", "regression",
            {"thousands": ",", "categorical": ["origin"], "missing": "median"},
        ),
        Public(
            "macrodata.csv", macrodata, "infl", "regression",
            {"dates": {"when": {"format": "%d/%m/%Y", "parts": ["month", "elapsed"]}}},
        ),
        Public("statecrime.csv", statecrime, "murder", "regression", {"id": "state", "drop": ["remark"]}),
        Public("grunfeld.csv", grunfeld, "invest", "regression", {"categorical": ["firm id"]}),
        Public("modechoice.txt", modechoice, "choice", "classification", {"drop": ["individual"]}),
    )
}  # fmt: skip
