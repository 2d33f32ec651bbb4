"""Record what PyTorch, Keras and ONNX Runtime say of faulty code, in `data/errors.json`.

Needs torch, keras (KERAS_BACKEND=torch), onnx and onnxruntime.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "errors.json"

# What is run, by a name of its own.
CODE = {
    "output_size": "nn.ConvTranspose2d(4, 4, 3, stride=2, padding=1)(zeros(1, 4, 8, 8), output_size=[14, 14])",
    "conv groups": "F.conv2d(zeros(1, 4, 8, 8), zeros(5, 2, 3, 3), groups=2)",
    "no channels": "F.conv2d(zeros(1, 32, 8, 8), zeros(0, 32, 1, 1))",
    "padding mask": "nn.MultiheadAttention(8, 2, batch_first=True)(*[zeros(4, 6, 8)] * 3, zeros(4, 5) > 0)",
    "reflection": "F.pad(zeros(1, 3, 2, 2), (3, 3, 0, 0), mode='reflect')",
    "negative": "nn.Conv2d(34, -2, 3)",
    "assignment": "zeros(3, 4).__setitem__(torch.tensor([0, 1]), zeros(3, 4))",
    "no input": "nn.Linear(3, 4)()",
    "two inputs": "nn.Sequential(nn.ReLU())(zeros(1), zeros(1))",
    "empty": "nn.MaxPool2d(2)(zeros(1, 0, 4, 4))",
    "keras add": "L.Add()([keras.Input((56, 56, 64)), keras.Input((56, 56, 256))])",
    "keras weights": "load(L.Dense(3), L.Dense(5))",
    "keras no weights": "load(L.Flatten(), L.Dense(5))",
    "keras unbuilt": "keras.Sequential([L.Dense(3)]).load_weights(saved(L.Dense(3)))",
    "keras set_weights": "built(L.Conv2D(64, 3), 8, 8, 3).set_weights([np.zeros((3, 3, 1, 64)), np.zeros(64)])",
    "keras inputs": "L.Dense(3)([keras.Input((4,)), keras.Input((4,))])",
    "keras axis": "keras.Sequential([keras.Input((4,)), L.Dense(3)]).predict(np.zeros((2, 5)), verbose=0)",
    "keras ndim": "L.LSTM(3)(keras.Input((4,)))",
    "keras min_ndim": "L.Conv2D(3, 3)(keras.Input((28, 28)))",
    "keras target": "fit('categorical_crossentropy', np.zeros((2, 1)))",
    "keras sparse target": "fit('sparse_categorical_crossentropy', np.zeros((2, 3)))",
    "keras samples": "fit('mse', np.zeros((3, 3)))",
    "keras reshape": "L.Reshape((3, 5))(keras.Input((4, 4)))",
    "keras dot": "L.Dot(1)([keras.Input((4, 4)), keras.Input((5, 4))])",
    "keras groups": "L.Conv2D(4, 3, groups=3)(keras.Input((8, 8, 3)))",
    "onnx rank": "node('Add', [1, 7], [1, 7], np.zeros((1, 1, 7), np.float32))",
    "onnx type": "node('Add', [1, 7], [1, 7], np.zeros((1, 7)))",
    "onnx add": "node('Add', ['n', 'm'], [1, 8], np.zeros((1, 7), np.float32))",
    "onnx matmul": "node('MatMul', ['n', 'm'], [8, 3], np.zeros((1, 7), np.float32))",
    "onnx concat": "node('Concat', ['n', 'm'], [2, 8], np.zeros((1, 7), np.float32), axis=0)",
}


def names() -> dict[str, Any]:
    """What the lines of code know."""
    import tempfile

    import keras
    import numpy as np
    import onnx
    import onnxruntime
    import torch
    from onnx import TensorProto, helper

    def saved(layer: Any) -> str:
        path = f"{tempfile.mkdtemp()}/a.weights.h5"
        keras.Sequential([keras.Input((4,)), layer]).save_weights(path)
        return path

    def load(first: Any, second: Any) -> None:
        keras.Sequential([keras.Input((4,)), second]).load_weights(saved(first))

    def built(layer: Any, *shape: int) -> Any:
        layer.build((None, *shape))
        return layer

    def fit(loss: str, target: Any) -> None:
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
        model.compile(loss=loss)
        model.fit(np.zeros((2, 4)), target, verbose=0)

    def node(kind: str, x: list[Any], w: list[int], value: Any, **options: Any) -> None:
        made = helper.make_node(kind, ["x", "w"], ["y"], name=f"{kind}_12", **options)
        graph = helper.make_graph(
            [made],
            "g",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, x)],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["a", "b"])],
            [onnx.numpy_helper.from_array(np.zeros(w, np.float32), "w")],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": value})

    return {
        "torch": torch, "nn": torch.nn, "F": torch.nn.functional, "zeros": torch.zeros, "np": np, "keras": keras,
        "L": keras.layers, "saved": saved, "load": load, "built": built, "fit": fit, "node": node,
    }  # fmt: skip


def main() -> None:
    os.environ.setdefault("KERAS_BACKEND", "torch")
    known, said = names(), {}
    for name, code in CODE.items():
        try:
            eval(code, known)
        except Exception as error:
            text = re.sub(r"value=\[.*?\]\]?>", "value=...>", f"{type(error).__name__}: {error}", flags=re.DOTALL)
            said[name] = re.sub(r"/\S*/(\w+\.\w+:\d+)", r"\1", text)
        else:
            raise SystemExit(f"{name}: no error")
    DATA.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
