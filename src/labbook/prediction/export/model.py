"""The champion as one ONNX model: preprocessing, network, and outputs as people want them."""

import json

import numpy as np
from onnx import ModelProto, TensorProto, ValueInfoProto, checker, helper

from labbook.data.prepared import LOGARITHMS
from labbook.errors import LabbookError
from labbook.prediction.champion import Champion
from labbook.prediction.export.graph import DOUBLE, Graph
from labbook.prediction.export.inputs import (
    IMAGES,
    NUMBERS,
    TEXTS,
    add_images,
    add_table,
    columns_of,
)
from labbook.prediction.export.layers import add_network, size_of

PREDICTION, PROBABILITIES = "prediction", "probabilities"
MOST_BYTES = 2_000_000_000  # of one file of ONNX
ROWS = "rows"  # the name of the free dimension


def onnx_model(champion: Champion) -> ModelProto:
    """The model, checked by onnx.checker.

    Raises `LabbookError` for a layer without a form in ONNX, and for one that is too large.
    """
    if size_of(champion.network) > MOST_BYTES:
        raise LabbookError("export: a file of ONNX holds 2 GB, and the model is larger.")
    graph = Graph()
    images = champion.about.rows.kind == "images"
    given = add_images(graph, champion) if images else add_table(graph, champion)
    outputs = add_network(graph, champion.network, champion.weights, given)
    if champion.about.task == "classification":
        _add_classes(graph, champion, outputs)
    else:
        _add_quantity(graph, champion, outputs)
    model = graph.model(_inputs(champion), _outputs(champion), _properties(champion))
    checker.check_model(model, full_check=True)
    return model


def _add_quantity(graph: Graph, champion: Champion, outputs: str) -> None:
    split = champion.prepared.split(champion.about.seed)
    flat = graph.add("Squeeze", outputs, graph.constant([1], np.int64))
    scaled = graph.add("Mul", flat, graph.constant(split.target_scale))
    if not champion.prepared.log_target:
        graph.add("Add", scaled, graph.constant(split.target_mean), output=PREDICTION)
        return
    value = graph.add("Add", scaled, graph.constant(split.target_mean))
    low, high = (graph.constant(end) for end in LOGARITHMS)
    graph.add("Exp", graph.add("Clip", value, low, high), output=PREDICTION)


def _add_classes(graph: Graph, champion: Champion, outputs: str) -> None:
    chances = graph.add("Softmax", outputs, axis=1, output=PROBABILITIES)
    if champion.about.threshold is None:
        best = graph.add("ArgMax", chances, axis=1, keepdims=0)
    else:
        second = graph.add("Gather", chances, graph.constant([1], np.int64), axis=1)
        second = graph.add("Squeeze", second, graph.constant([1], np.int64))
        limit = graph.constant(champion.about.threshold)
        best = graph.add("Cast", graph.add("GreaterOrEqual", second, limit), to=TensorProto.INT64)
    names = graph.constant(list(champion.classes), object)
    graph.add("Gather", names, best, axis=0, output=PREDICTION)


def _inputs(champion: Champion) -> list[ValueInfoProto]:
    value = helper.make_tensor_value_info
    if champion.about.rows.kind == "images":
        return [value(IMAGES, TensorProto.UINT8, [ROWS, *champion.about.rows.shape])]
    columns = columns_of(champion)
    inputs = []
    if columns.numbers:
        inputs.append(value(NUMBERS, DOUBLE, [ROWS, len(columns.numbers)]))
    if columns.texts:
        inputs.append(value(TEXTS, TensorProto.STRING, [ROWS, len(columns.texts)]))
    return inputs


def _outputs(champion: Champion) -> list[ValueInfoProto]:
    value = helper.make_tensor_value_info
    if champion.about.task == "regression":
        return [value(PREDICTION, DOUBLE, [ROWS])]
    return [
        value(PREDICTION, TensorProto.STRING, [ROWS]),
        value(PROBABILITIES, DOUBLE, [ROWS, len(champion.classes)]),
    ]


def _properties(champion: Champion) -> dict[str, str]:
    """What a program needs to know of the columns, in one entry."""
    columns = columns_of(champion) if champion.about.rows.kind == "table" else None
    content = {
        "study": champion.about.study,
        "run": champion.about.run,
        "target": champion.about.rows.target,
        "classes": list(champion.classes),
        NUMBERS: list(columns.numbers) if columns else [],
        TEXTS: list(columns.texts) if columns else [],
    }
    return {"labbook": json.dumps(content, sort_keys=True)}
