"""`labbook export`: the best model of a study as an ONNX file, with a card."""

import argparse
from pathlib import Path

from labbook.errors import LabbookError

HELP = (
    "Write the best model of a study as an ONNX file for other programs, preprocessing inside, "
    "checked against labbook's own predictions; beside it a model card, .md and .json."
)
SUFFIX = ".onnx"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument(
        "champion", help="a study, an id of `labbook models`, or a champion's folder"
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="such as model.onnx")
    parser.add_argument("--force", action="store_true", help="replace files that are there")


def run(options: argparse.Namespace) -> None:
    """Write model, card and its JSON form, all of them or none."""
    from contextlib import ExitStack

    from labbook.history.named import folder_of
    from labbook.prediction.champion import read_champion
    from labbook.prediction.export.agreement import check
    from labbook.prediction.export.card import card
    from labbook.prediction.export.card_page import page
    from labbook.prediction.export.inputs import columns_of
    from labbook.prediction.export.model import onnx_model
    from labbook.prediction.output import json_bytes, refuse_taken, written_whole

    out = options.out
    if out.suffix != SUFFIX:
        raise LabbookError(f"{out}: give a name that ends in {SUFFIX}, such as model{SUFFIX}.")
    paths = (out, out.with_suffix(".md"), out.with_suffix(".json"))
    for path in paths:
        refuse_taken(path, options.force)
    with folder_of(options.champion) as folder:
        champion = read_champion(folder)
        model = onnx_model(champion)
        agreement = check(champion, model)
        content = model.SerializeToString(deterministic=True)
        about = card(champion, out.name, content, agreement)
    contents = (content, page(about).encode(), json_bytes(about))
    with ExitStack() as stack:
        files = [stack.enter_context(written_whole(path)) for path in paths]
        for file, bytes_ in zip(files, contents, strict=True):
            file.write(bytes_)
    print(
        f"{', '.join(map(str, paths))}: the champion of {champion.about.study}. On "
        f"{agreement.rows} made rows ONNX and labbook differ by {agreement.largest:.2g} at most."
    )
    if champion.about.rows.kind == "table" and (outside := columns_of(champion).outside):
        print(f"Not inside, to be computed from dates: {', '.join(outside)} (see the card).")
