"""Records ONNX files that tf2onnx writes of Keras models, channels last, with what onnxruntime says of their shapes.

    python tests/record_tf2onnx.py > tests/data/tf2onnx.jsonl

needs tensorflow 2.15, tf2onnx and onnxruntime. One line a file: the file in base64, the inputs' shapes, those of the
outputs and of the nodes that multiply, with the batch axis, multiply-accumulates, and how many floats it stores: those
that something else than a `Shape` reads, without single numbers and without statistics of batch norms.
"""

from __future__ import annotations

import base64
import json
import sys
from math import prod
from typing import Any

import numpy as np
import onnx
import onnxruntime
import tensorflow as tf
import tf2onnx
from record_keras2 import MODELS

OPSETS = (13, 15, 17)


def shapes(model: Any, feeds: dict[str, Any]) -> dict[str, list[int]]:
    """The shape of every value as onnxruntime computes it, without its optimiser."""
    whole = onnx.ModelProto()
    whole.CopyFrom(model)
    known = {output.name for output in whole.graph.output}
    names = [name for node in whole.graph.node for name in node.output if name and name not in known]
    whole.graph.output.extend(onnx.ValueInfoProto(name=name) for name in dict.fromkeys(names))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(whole.SerializeToString(), options, providers=["CPUExecutionProvider"])
    made = session.run(None, feeds)
    found = {output.name: list(np.shape(array)) for output, array in zip(session.get_outputs(), made, strict=True)}
    found.update({tensor.name: list(tensor.dims) for tensor in model.graph.initializer})
    return {**found, **{name: list(array.shape) for name, array in feeds.items()}}


def macs(node: Any, found: dict[str, list[int]]) -> int | None:
    """Multiply-accumulates of a node; None for one without."""
    sizes = [found.get(name, []) for name in node.input]
    out = found.get(node.output[0], [])
    if node.op_type == "Conv":
        return prod(out) * prod(sizes[1][1:])
    if node.op_type == "ConvTranspose":
        return prod(sizes[0]) * prod(sizes[1][1:])
    if node.op_type in ("MatMul", "Gemm"):
        return prod(out) * sizes[0][-1]
    if node.op_type in ("LSTM", "GRU", "RNN"):
        (length, batch, _), (ways, rows, wide), (_, _, hidden) = sizes[:3]
        return length * batch * ways * rows * (wide + hidden)
    return None


def floats(model: Any) -> int:
    """Elements of the float initializers that count as parameters."""
    nodes = model.graph.node
    statistics = {name for node in nodes if node.op_type == "BatchNormalization" for name in node.input[3:5]}
    read = {name for node in nodes if node.op_type != "Shape" for name in node.input}
    return sum(
        prod(tensor.dims)
        for tensor in model.graph.initializer
        if tensor.data_type == onnx.TensorProto.FLOAT and prod(tensor.dims) > 1
        if tensor.name in read and tensor.name not in statistics
    )


def record(name: str, opset: int) -> dict[str, Any]:
    tf.keras.backend.clear_session()
    made = MODELS[name]()
    taken = [
        tf.TensorSpec([None, *list(one.shape)[1:]], one.dtype, name=f"in{at}") for at, one in enumerate(made.inputs)
    ]
    model, _ = tf2onnx.convert.from_keras(made, input_signature=taken, opset=opset)
    feeds = {}
    for given in model.graph.input:
        dims = [dim.dim_value or (11 if at else 1) for at, dim in enumerate(given.type.tensor_type.shape.dim)]
        whole = given.type.tensor_type.elem_type != onnx.TensorProto.FLOAT
        feeds[given.name] = np.ones(dims, np.int32 if whole else np.float32)
    found = shapes(model, feeds)
    costs = {node.name: macs(node, found) for node in model.graph.node}
    layers = {node.name: found[node.output[0]] for node in model.graph.node if costs[node.name] and node.output[0]}
    kinds = {node.op_type for node in model.graph.node}
    for tensor in model.graph.initializer:  # zeros are small when they are packed
        if tensor.data_type == onnx.TensorProto.FLOAT and prod(tensor.dims) > 64:
            tensor.CopyFrom(onnx.numpy_helper.from_array(np.zeros(tensor.dims, np.float32), tensor.name))
    return {
        "name": name,
        "base64": base64.b64encode(model.SerializeToString()).decode(),
        "inputs": {key: list(array.shape) for key, array in feeds.items()},
        "outputs": [found[output.name] for output in model.graph.output],
        "layers": layers,
        "macs": None if "Einsum" in kinds else sum(cost or 0 for cost in costs.values()),
        "floats": floats(model),
        "refused": sorted(kinds & {"Loop", "Scan", "If"}),
    }


if __name__ == "__main__":
    for at, name in enumerate(MODELS):
        if name[0].isupper():  # whole networks are large files
            continue
        try:
            print(json.dumps(record(name, OPSETS[at % 3])))
        except Exception as error:  # what tf2onnx cannot convert, or onnxruntime not run
            print(name, " ".join(str(error).split())[:100], file=sys.stderr)
