"""Record layers in training: `python tests/record_train.py OUT.json`, where torch and keras are installed.

Outputs of a batch, gradients of sum(output * weight), and the statistics after that batch.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras  # type: ignore[import-not-found,unused-ignore]
import torch  # type: ignore[import-not-found,unused-ignore]

torch.set_default_dtype(torch.float64)
keras.config.set_floatx("float64")


def listed(array: Any) -> Any:
    """Numbers of an array of torch's or Keras'."""
    return array.detach().cpu().numpy().tolist()


def drawn(weights: Any) -> None:
    """Numbers for weights."""
    with torch.no_grad():
        for weight in weights:
            weight.uniform_(0.5, 1.5)


def torch_case(call: str, layer: Any, shape: list[int], old: dict[str, str] | None = None) -> dict[str, Any]:
    """A layer of PyTorch's on a batch; `old` says what its arrays are called here."""
    drawn(layer.parameters())
    x = torch.randn(*shape, requires_grad=True)
    names = old or {}
    held = {names.get(name, name): listed(array) for name, array in layer.state_dict().items()}
    layer.train()
    output = layer(x)
    weight = torch.randn(output.shape)
    (output * weight).sum().backward()
    return {
        "layer": call,
        "convention": "pytorch",
        "values": {"input": listed(x), "output.grad": listed(weight), **{f"layer.{k}": v for k, v in held.items()}},
        "output": listed(output),
        "gradients": {
            "input": listed(x.grad),
            **{f"layer.{names.get(name, name)}": listed(part.grad) for name, part in layer.named_parameters()},
        },
        "after": {f"layer.{names.get(name, name)}": listed(buffer) for name, buffer in layer.named_buffers()},
    }


def keras_case(call: str, layer: Any, shape: list[int], inner: Any = None) -> dict[str, Any]:
    """A layer of Keras' on a batch."""
    x = torch.randn(*shape)
    layer(x)
    drawn(weight.value for weight in layer.trainable_variables)
    if inner is not None:
        drawn([layer.vector_u.value])
    held = {weight.name: listed(weight.value) for weight in layer.weights}
    output = layer(x, training=True)
    return {
        "layer": call,
        "convention": "keras",
        "values": {"input": listed(x), **{f"layer.{name}": array for name, array in held.items()}},
        "output": listed(output),
        "gradients": {},
        "after": {f"layer.{weight.name}": listed(weight.value) for weight in layer.non_trainable_variables},
    }


def main(out: str) -> None:
    """Write all cases."""
    torch.manual_seed(3)
    spectral = torch.nn.utils.spectral_norm(torch.nn.Linear(3, 2))
    k = keras.layers
    dense = k.Dense(2)
    found = [
        torch_case("BatchNorm1d(2)", torch.nn.BatchNorm1d(2), [4, 2]),
        torch_case("BatchNorm1d(2, momentum=0.3)", torch.nn.BatchNorm1d(2, momentum=0.3), [3, 2, 2]),
        torch_case("BatchNorm2d(3, momentum=None)", torch.nn.BatchNorm2d(3, momentum=None), [2, 3, 2, 2]),
        torch_case("BatchNorm2d(2, affine=False)", torch.nn.BatchNorm2d(2, affine=False), [2, 2, 2, 2]),
        torch_case(
            "InstanceNorm2d(2, affine=True, track_running_stats=True)",
            torch.nn.InstanceNorm2d(2, affine=True, track_running_stats=True),
            [2, 2, 2, 3],
        ),
        torch_case("SpectralNorm(Linear(3, 2))", spectral, [2, 3]),
        keras_case("BatchNormalization()", k.BatchNormalization(), [4, 2]),
        keras_case("BatchNormalization(momentum=0.8)", k.BatchNormalization(momentum=0.8), [2, 2, 2, 3]),
        keras_case("SpectralNormalization(Dense(2))", k.SpectralNormalization(dense), [2, 3], dense),
    ]
    with open(out, "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in found) + "\n]\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
