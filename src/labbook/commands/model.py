"""`labbook model`: the layers of a network."""

import argparse
from pathlib import Path

from labbook.commands.print_table import print_table
from labbook.errors import LabbookError
from labbook.params.load import load_params

HELP = "Layers, shapes and parameters of a recipe's model."


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("recipe", help="a recipe of params.yaml")
    parser.add_argument("--inputs", type=int, help="columns, where the data are not prepared yet")


def run(options: argparse.Namespace) -> None:
    """Print the layers of a recipe's model with output shapes and parameters."""
    from labbook.data.prepared import read_prepared
    from labbook.models import build

    params = load_params()
    if options.recipe not in params.recipes:
        allowed = ", ".join(params.recipes)
        raise LabbookError(f"{options.recipe}: no such recipe; allowed: {allowed}.")
    recipe = params.recipes[options.recipe]
    prepared = Path(f"data/prepared/{recipe.dataset}.safetensors")
    columns, outputs = options.inputs or recipe.features.k, 1
    if prepared.exists():
        data = read_prepared(prepared)
        outputs = len(data.classes) or 1
        if data.kind == "images":
            columns = None
        elif columns is None:
            columns = data.features.shape[1]
    elif columns is None:
        raise LabbookError(
            f"{options.recipe}: the number of inputs is known once the data are prepared: run "
            f"`snakemake {prepared}` first, or give --inputs."
        )
    inputs = (1, *data.features.shape[1:]) if columns is None else (columns,)
    layers = build(recipe.model, inputs, outputs).summary()
    rows = [(name, " x ".join(map(str, shape)), count) for name, shape, count in layers]
    total = ("total", "", sum(count for _, _, count in layers))
    print_table(("layer", "output shape", "parameters"), [*rows, total])
