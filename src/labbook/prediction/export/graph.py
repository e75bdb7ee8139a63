"""A graph of ONNX that grows node by node, with names that no text of a table gets into."""

from typing import Any

import numpy as np
from onnx import (
    GraphProto,
    ModelProto,
    NodeProto,
    TensorProto,
    ValueInfoProto,
    helper,
    numpy_helper,
)

OPSET = 20  # Equal of texts is of 19, Gelu of 20
IR_VERSION = 9
PRODUCER, PRODUCER_VERSION = "labbook", "1"  # of this form of the graph, not of the package
DOUBLE, FLOAT, BOOL = TensorProto.DOUBLE, TensorProto.FLOAT, TensorProto.BOOL


class Graph:
    """Nodes and constants so far; every value has a name of its own, such as `gemm7`."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, value: Any, dtype: Any = np.float64) -> str:
        """The name of a constant array; texts have the dtype object."""
        name = f"constant{len(self.constants)}"
        array = np.asarray(value, dtype)
        if array.dtype == object:
            texts = [str(text).encode() for text in array.ravel()]
            tensor = TensorProto(
                name=name, data_type=TensorProto.STRING, dims=array.shape, string_data=texts
            )
        else:
            tensor = numpy_helper.from_array(np.ascontiguousarray(array), name)
        self.constants.append(tensor)
        return name

    def add(self, operator: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        """Add a node; the name of its output."""
        name = output or f"{operator.lower()}{len(self.nodes)}"
        node = helper.make_node(
            operator, list(inputs), [name], name=f"n{len(self.nodes)}", **attributes
        )
        self.nodes.append(node)
        return name

    def cast(self, value: str, to: int) -> str:
        """`value` as numbers of another type."""
        return self.add("Cast", value, to=to)

    def model(
        self,
        inputs: list[ValueInfoProto],
        outputs: list[ValueInfoProto],
        properties: dict[str, str],
    ) -> ModelProto:
        """The whole model, the same bytes for the same content."""
        graph: GraphProto = helper.make_graph(
            self.nodes, "champion", inputs, outputs, initializer=self.constants
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            producer_name=PRODUCER,
            producer_version=PRODUCER_VERSION,
            ir_version=IR_VERSION,
        )
        helper.set_model_props(model, dict(sorted(properties.items())))
        return model
