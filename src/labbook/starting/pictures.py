"""A folder of one's own images: IDX files, or a folder of pictures for each class."""

from dataclasses import dataclass
from pathlib import Path

from labbook.starting.study_of import SEEDS, TEST, VALID
from labbook.starting.yaml_lines import Line, setting
from labbook.wording import count, listing

PICTURES = (".png", ".jpg", ".jpeg")
IDX = "idx"  # in the names of such files: train-images-idx3-ubyte.gz
FIXED = "t10k"  # where those of a test set begin


@dataclass(frozen=True)
class Pictures:
    """What is in a folder, in words, and whether it has a test set of its own."""

    path: Path
    words: str
    fixed: bool = False


def pictures_in(folder: Path) -> Pictures | None:
    """The images in a folder, None if there are none."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    if idx := [name for name in names if IDX in name]:
        fixed = any(name.startswith(FIXED) for name in idx)
        return Pictures(folder, f"IDX files: {listing(idx)}", fixed)
    by_class = {
        inner.name: sum(path.suffix.lower() in PICTURES for path in inner.iterdir())
        for inner in sorted(folder.iterdir())
        if inner.is_dir() and not inner.name.startswith(".")
    }
    classes = [name for name, files in by_class.items() if files]
    if len(classes) < 2:
        return None
    words = f"{count(sum(by_class.values()), 'file')} in {len(classes)} folders: {listing(classes)}"
    return Pictures(folder, words)


def lines_of(seen: Pictures, name: str, study: str) -> dict[str, list[Line]]:
    """The lines of a data set, a recipe and a first study, by block."""
    training = {"batch": 32, "epochs": 40, "patience": 6}
    dataset = [
        Line(1, f"{name}:"),
        setting(2, "kind", "images"),
        setting(2, "path", seen.path.as_posix(), seen.words),
        Line(2, "split:"),
        setting(3, "valid", VALID, "chooses epochs and models"),
        setting(3, "test", "fixed" if seen.fixed else TEST, "for the last look"),
    ]
    recipe = [
        Line(1, f"{name}:"),
        setting(2, "dataset", name),
        setting(2, "model", {"kind": "cnn", "channels": [8, 16]}),
        setting(2, "optimizer", {"kind": "adam", "rate": 0.002}),
        setting(2, "training", training),
    ]
    question = "How many convolutions tell these images apart best?"
    channels = [[8], [8, 16]]
    return {
        "datasets": dataset,
        "recipes": recipe,
        "studies": [
            Line(1, f"{study}:"),
            setting(2, "question", question),
            setting(2, "recipe", name),
            setting(2, "vary", {"model.channels": channels}),
            setting(2, "seeds", SEEDS, "trainings of each, each with a split of its own"),
            Line(2, "claims:", "what you expect, written down before the results"),
            Line(3, f"- id: {study}-two"),
            setting(4, "sentence", "Two convolutions read more images right than one."),
            setting(4, "better", {"model.channels": channels[1]}),
            setting(4, "than", {"model.channels": channels[0]}),
        ],
    }
