"""The code of each kind of job, and the libraries whose versions its numbers follow from."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from labbook.data.fetching import MAKERS
from labbook.identity.code import NO_NUMBERS_OF_RUNS, code_digest, library_versions
from labbook.models import LAYERS
from labbook.params.datasets import Dataset
from labbook.params.engines import ENGINES

RELEASED = Path(__file__).with_name("released.json")
# Code that an engine does not import: a process of its own makes machine code of it.
BUILT = {"compiled": ("labbook.engines.compiled.build",)}
CODE = {
    "prepare": ("labbook.data.prepare",),
    "select": ("labbook.data.select",),
    "describe": ("labbook.data.describe",),
    "rivals": ("labbook.rivals.fit",),
    **{
        f"train/{engine}": (
            "labbook.data.prepare",
            "labbook.data.select",
            "labbook.training.pack",
            "labbook.training.checkpoint",
            f"labbook.engines.{engine}.engine",
            *BUILT.get(engine, ()),
        )
        for engine in ENGINES
    },
    "look": ("labbook.evaluate.looks",),
    "tune": ("labbook.tuning.decide",),
    "tuned": ("labbook.report.tuning.page",),
    "evaluate": ("labbook.evaluate.study", "labbook.data.remarks"),  # study.json shows these
    "claims": ("labbook.evaluate.all_claims", "labbook.evaluate.datasets_table"),
    "figures": ("labbook.report.figures.draw",),
    "report": ("labbook.report.page.page",),
}
MODELS = {kind: layers.__module__ for kind, layers in LAYERS.items()}
ALL_MODELS = frozenset(MODELS.values())
LIBRARIES = {
    "prepare": ("numpy",),
    "select": ("numpy", "scikit-learn", "scipy"),
    "describe": ("numpy",),
    "rivals": ("numpy", "scikit-learn", "scipy"),
    # What prepared the data and chose the features counts for a run, too.
    "train/torch": ("numpy", "scikit-learn", "scipy", "torch"),
    "train/compiled": ("llvmlite", "numba", "numpy", "scikit-learn", "scipy"),
    "train/cuda": ("numpy", "scikit-learn", "scipy", "torch"),
    "evaluate": ("numpy", "ruamel.yaml", "scikit-learn", "scipy", "statsmodels"),
    "look": ("numpy", "scikit-learn", "scipy", "statsmodels"),
    "tune": ("numpy", "scikit-learn", "scipy", "statsmodels"),
    "tuned": ("jinja2", "matplotlib", "numpy"),
    "claims": ("numpy", "scipy", "statsmodels"),
    "figures": ("matplotlib", "numpy", "pandas"),
    "report": ("jinja2", "pandas", "pyarrow"),  # its zlib packs the page's numbers
}
# What reads a user's own files, by their copies' ends. Of a text file any library reads the same
# numbers: those that Python's own float() gives.
READERS = {".tar": "pillow", ".xlsx": "openpyxl", ".parquet": "pyarrow"}


@cache
def released() -> Mapping[str, Mapping[str, Any]]:
    """The versions of the numbers, and the digests of the code that is known to make them.

    Written by `make golden`, which has trained small runs with that code and compared their bits.
    """
    return dict(json.loads(RELEASED.read_text(encoding="utf-8")))


def code_digests() -> dict[str, str]:
    """Digests of all code that numbers follow from, by what it makes: raw/boston, prepare, ..."""
    digests = {f"raw/{name}": code_digest(maker.make.__module__) for name, maker in MAKERS.items()}
    digests |= {kind: code_digest(*CODE[kind]) for kind in ("prepare", "select")}
    for engine in ENGINES:
        digests |= {f"train/{engine}/{model}": code_of_runs(engine, model) for model in LAYERS}
    return digests


def code_of_runs(engine: str, model: str) -> str:
    """Digest of the code that trains runs of a kind of model by an engine."""
    modules = (*CODE[f"train/{engine}"], MODELS[model])
    return code_digest(*modules, choices=ALL_MODELS, without=NO_NUMBERS_OF_RUNS)


def _numbers(name: str, code: str) -> str:
    """The version of the numbers where `code` is what was released, else `code` itself.

    So moving, renaming and rewording code costs nobody their trainings, and an edit of one's own
    counts at once.
    """
    if released()["code"].get(name) != code:
        return code
    versions = released()["versions"]
    data = f"data {versions['data']}"
    kind, _, rest = name.partition("/")
    engine = rest.partition("/")[0]
    return f"{data}, {engine} {versions[engine]}" if kind == "train" else data


def code_of(kind: str, model: str | None = None) -> tuple[str, Mapping[str, str]]:
    """The code of a kind of node, and the versions of the libraries that it uses.

    A version of the numbers or a digest. Where a `model` is named, one of the kinds in
    params.yaml, it is the code of a run of that kind.
    """
    if model is None:
        return _numbers(kind, code_digest(*CODE[kind])), library_versions(LIBRARIES[kind])
    code = code_of_runs(kind.removeprefix("train/"), model)
    return _numbers(f"{kind}/{model}", code), library_versions(LIBRARIES[kind])


def libraries_of(dataset: Dataset) -> Mapping[str, str]:
    """Versions of what reads the raw files of this data set, and of no other."""
    ends = {Path(copy).suffix for copy in (*dataset.own_files, *dataset.downloads)}
    return library_versions(tuple(READERS[end] for end in sorted(ends & READERS.keys())))


def maker_of(dataset: Dataset, standing_in: bool) -> Any:
    """What made the raw data, as `code_of` says it; None for files pinned by their sums."""
    name = dataset.made_by(standing_in=standing_in)
    if name is None:
        return None
    code = code_digest(MAKERS[name].make.__module__)
    return _numbers(f"raw/{name}", code), library_versions(MAKERS[name].libraries)
