"""Record states, gates and scores of recurrent layers and attention: `python tests/record_steps.py OUT.json`.

Needs torch and, with KERAS_BACKEND=torch, keras. Every layer is walked by hand, step by step, with the weights of the
layer; the cells of the same libraries and the layer's own output have to agree with the walk. Gradients are autograd's,
of sum(output * weight) by every value on the way.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import numpy as np

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras  # type: ignore[import-not-found,unused-ignore]
import torch  # type: ignore[import-not-found,unused-ignore]

torch.set_default_dtype(torch.float64)
keras.config.set_floatx("float64")
STEPS, FEATURES, UNITS = 4, 3, 2
# Keras multiplies matrices in single precision here, whatever it is told.
KERAS = 1e-6
LAYERS = {
    "RNN(3, 2)": torch.nn.RNN(3, 2, batch_first=True),
    'RNN(3, 2, nonlinearity="relu")': torch.nn.RNN(3, 2, nonlinearity="relu", batch_first=True),
    "RNN(3, 2, 2, bidirectional=True)": torch.nn.RNN(3, 2, 2, bidirectional=True, batch_first=True),
    "LSTM(3, 2)": torch.nn.LSTM(3, 2, batch_first=True),
    "LSTM(3, 2, 2, bidirectional=True)": torch.nn.LSTM(3, 2, 2, bidirectional=True, batch_first=True),
    "LSTM(3, 4, 2, proj_size=2)": torch.nn.LSTM(3, 4, 2, proj_size=2, batch_first=True),
    "GRU(3, 2)": torch.nn.GRU(3, 2, batch_first=True),
    "GRU(3, 2, 2, bidirectional=True)": torch.nn.GRU(3, 2, 2, bidirectional=True, batch_first=True),
}
CELLS = {"RNN": torch.nn.RNNCell, "LSTM": torch.nn.LSTMCell, "GRU": torch.nn.GRUCell}


def cell(layer: Any, ending: str, x: Any, state: tuple[Any, ...]) -> dict[str, Any]:
    """One step by the formulas of the layer's documentation: what is made on the way, by its letter."""
    weights = dict(layer.named_parameters())
    a = x @ weights[f"weight_ih{ending}"].T + weights[f"bias_ih{ending}"]
    b = state[0] @ weights[f"weight_hh{ending}"].T + weights[f"bias_hh{ending}"]
    if layer.mode == "LSTM":
        i, f, g, o = (a + b).chunk(4, -1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * state[1] + i * g
        h = o * c.tanh()
        if f"weight_hr{ending}" in weights:
            h = h @ weights[f"weight_hr{ending}"].T
        return {"h": h, "c": c, "i": i, "f": f, "g": g, "o": o}
    if layer.mode == "GRU":
        r, z, _ = (a + b).chunk(3, -1)
        r, z = r.sigmoid(), z.sigmoid()
        n = (a.chunk(3, -1)[2] + r * b.chunk(3, -1)[2]).tanh()
        return {"h": (1 - z) * n + z * state[0], "r": r, "z": z, "n": n}
    return {"h": (a + b).relu() if layer.mode == "RNN_RELU" else (a + b).tanh()}


def held_by_cells(layer: Any, ending: str, x: Any, state: tuple[Any, ...], made: dict[str, Any]) -> None:
    """Assert that the library's own cell makes the same state."""
    if getattr(layer, "proj_size", 0):
        return  # cells have none
    kind = layer.mode.partition("_")[0]
    extra = {"nonlinearity": "relu"} if layer.mode == "RNN_RELU" else {}
    own = CELLS[kind](x.shape[-1], layer.hidden_size, **extra)
    own.load_state_dict({name: getattr(layer, name + ending).detach() for name in own.state_dict()})
    given = own(x, state if kind == "LSTM" else state[0])
    for one, name in zip(given if kind == "LSTM" else (given,), "hc", strict=False):
        assert torch.allclose(one, made[name], rtol=0, atol=1e-14)


def walk(layer: Any, x: Any) -> tuple[Any, dict[str, list[Any]]]:
    """The output, and every value on the way by its name, one for each place of the sequence."""
    seen: dict[str, list[Any]] = {}
    for level in range(layer.num_layers):
        sides = []
        for side in ("", "_reverse") if layer.bidirectional else ("",):
            ending = f"_l{level}{side}"
            sizes = (getattr(layer, "proj_size", 0) or layer.hidden_size, layer.hidden_size)
            state: tuple[Any, ...] = tuple(torch.zeros(1, size) for size in sizes)
            at: list[Any] = [None] * len(x[0])
            for t in reversed(range(len(at))) if side else range(len(at)):
                made = cell(layer, ending, x[:, t], state)
                held_by_cells(layer, ending, x[:, t], state, made)
                for value in made.values():
                    value.retain_grad()
                state = (made["h"], made.get("c", state[1]))
                at[t] = made
            for letter in at[0]:
                seen[letter + ending.replace("_l0", "")] = [made[letter] for made in at]
            sides.append(torch.stack([made["h"] for made in at], 1))
        x = torch.cat(sides, -1)
    return x, seen


def listed(array: Any) -> Any:
    """Numbers of an array of torch's, NumPy's or Keras'."""
    if isinstance(array, torch.Tensor):
        array = array.detach().cpu().numpy()
    return np.asarray(array).tolist()


def torch_case(call: str, layer: Any) -> dict[str, Any]:
    """A layer of PyTorch's on a drawn sequence."""
    x = torch.randn(1, STEPS, FEATURES)
    with torch.no_grad():
        for weight in layer.parameters():
            weight.uniform_(-1, 1)
    output, seen = walk(layer, x)
    assert torch.allclose(output, layer(x)[0], rtol=0, atol=1e-14)
    weight = torch.randn(output.shape)
    (output * weight).sum().backward()
    return {
        "layer": call,
        "convention": "pytorch",
        "values": {
            "input": listed(x[0]),
            "output.grad": listed(weight[0]),
            **{f"layer.{name}": listed(held) for name, held in layer.named_parameters()},
        },
        "output": listed(output[0]),
        "inside": {name: [listed(value[0]) for value in steps] for name, steps in seen.items()},
        "gradients": {name: [listed(value.grad[0]) for value in steps] for name, steps in seen.items()},
    }


def jacobian_case() -> dict[str, Any]:
    """The last cell of an LSTM by the first, through all that comes between."""
    layer = torch.nn.LSTM(3, 2, batch_first=True)
    case = torch_case("LSTM(3, 2)", layer)
    x = torch.tensor([case["values"]["input"]])
    _, seen = walk(layer, x)
    rows = [torch.autograd.grad(seen["c"][3][0, at], seen["c"][1], retain_graph=True)[0][0] for at in range(2)]
    return {**case, "jacobian": ["layer.c[3]", "layer.c[1]", [listed(row) for row in rows]]}


def attention_case() -> dict[str, Any]:
    """PyTorch's attention with two heads: the projections, and the scores before the mask."""
    layer = torch.nn.MultiheadAttention(4, 2, batch_first=True)
    with torch.no_grad():
        for weight in layer.parameters():
            weight.uniform_(-1, 1)
    x = torch.randn(1, 3, 4)
    q, k, v = (x @ layer.in_proj_weight.T + layer.in_proj_bias).chunk(3, -1)
    scores = torch.stack([a @ b.T / 2**0.5 for a, b in zip(q[0].split(2, -1), k[0].split(2, -1), strict=True)])
    output, attention = layer(x, x, x, average_attn_weights=False)
    assert torch.allclose(scores.softmax(-1), attention[0], rtol=0, atol=1e-14)
    for value in (q, k, v, scores):
        value.retain_grad()
    mixed = torch.cat([a.softmax(-1) @ b for a, b in zip(scores, v[0].split(2, -1), strict=True)], -1)
    made = layer.out_proj(mixed)
    assert torch.allclose(made, output[0], rtol=0, atol=1e-14)
    weight = torch.randn(made.shape)
    (made * weight).sum().backward()
    inside = {"query": q[0], "key": k[0], "value": v[0], "scores": scores}
    grads = {"query": q.grad[0], "key": k.grad[0], "value": v.grad[0], "scores": scores.grad}
    return {
        "layer": "MultiheadAttention(4, 2)",
        "convention": "pytorch",
        "values": {
            "input": listed(x[0]),
            "output.grad": listed(weight),
            **{f"layer.{name}": listed(held) for name, held in layer.named_parameters()},
        },
        "output": listed(made),
        "inside": {name: listed(value) for name, value in inside.items()},
        "gradients": {name: listed(value) for name, value in grads.items()},
    }


# --- Keras ---------------------------------------------------------------------------------------------------------


def keras_step(layer: Any, x: Any, state: tuple[Any, ...]) -> dict[str, Any]:
    """One step of a Keras layer by the formulas of its documentation."""
    own = layer.cell
    kernel, matrix, bias = (np.asarray(listed(part.value)) for part in (own.kernel, own.recurrent_kernel, own.bias))

    def sigmoid(value: Any) -> Any:
        return 1 / (1 + np.exp(-value))

    kind = type(layer).__name__
    if kind == "LSTM":
        i, f, g, o = np.split(x @ kernel + state[0] @ matrix + bias, 4, -1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        c = f * state[1] + i * g
        return {"h": o * np.tanh(c), "c": c, "i": i, "f": f, "g": g, "o": o}
    if kind == "GRU":
        first, second = bias if bias.ndim == 2 else (bias, np.zeros_like(bias))
        a, b = x @ kernel + first, state[0] @ matrix + second
        z, r = (sigmoid(one + other) for one, other in zip(np.split(a, 3, -1)[:2], np.split(b, 3, -1)[:2], strict=True))
        inner = r * np.split(b, 3, -1)[2] if layer.reset_after else (r * state[0]) @ np.split(matrix, 3, -1)[2]
        n = np.tanh(np.split(a, 3, -1)[2] + inner)
        return {"h": z * state[0] + (1 - z) * n, "r": r, "z": z, "n": n}
    return {"h": np.tanh(x @ kernel + state[0] @ matrix + bias)}


def keras_walk(layer: Any, x: Any, prefix: str = "", turned: bool = False) -> dict[str, Any]:
    """Every value on the way; the sequence is turned round before, and the values turned back, where said."""
    x = x[:, ::-1] if turned or layer.go_backwards else x
    state: tuple[Any, ...] = (np.zeros((1, UNITS)), np.zeros((1, UNITS)))
    own = []
    for t in range(STEPS):
        made = keras_step(layer, x[:, t], state)
        states = [torch.tensor(part) for part in state]
        given, _ = layer.cell(torch.tensor(x[:, t].copy()), states if type(layer).__name__ == "LSTM" else states[:1])
        assert np.allclose(listed(given), made["h"], rtol=0, atol=KERAS)
        state = (made["h"], made.get("c", state[1]))
        own.append(made)
    own = own[::-1] if turned else own
    return {prefix + letter: [listed(made[letter][0]) for made in own] for letter in own[0]}


def keras_case(call: str, layer: Any) -> dict[str, Any]:
    """A layer of Keras' on a drawn sequence."""
    drawn = np.random.default_rng(5)
    x = drawn.standard_normal((1, STEPS, FEATURES))
    layer(torch.tensor(x))
    layer.set_weights([drawn.uniform(-1, 1, weight.shape) for weight in layer.weights])
    output = np.asarray(listed(layer(torch.tensor(x))))
    values: dict[str, Any] = {"input": listed(x[0])}
    if isinstance(layer, keras.layers.Bidirectional):
        ways = [("forward", layer.forward_layer), ("backward", layer.backward_layer)]
        inside = keras_walk(ways[0][1], x, "forward_") | keras_walk(ways[1][1], x, "backward_", turned=True)
    else:
        ways, inside = [("", layer)], keras_walk(layer, x)
        last = inside["h"] if layer.return_sequences else inside["h"][-1]
        assert np.allclose(output[0], last, rtol=0, atol=KERAS)
    for way, inner in ways:
        for name in ("kernel", "recurrent_kernel", "bias"):
            full = f"layer.{way}.{name}" if way else f"layer.{name}"
            values[full] = listed(getattr(inner.cell, name).value)
    return {"layer": call, "convention": "keras", "values": values, "output": listed(output[0]), "inside": inside}


def keras_cases() -> list[dict[str, Any]]:
    """All of Keras' layers that have steps."""
    k = keras.layers
    return [
        keras_case("SimpleRNN(2)", k.SimpleRNN(UNITS)),
        keras_case("LSTM(2, return_sequences=True)", k.LSTM(UNITS, return_sequences=True)),
        keras_case("LSTM(2, go_backwards=True)", k.LSTM(UNITS, go_backwards=True)),
        keras_case("GRU(2)", k.GRU(UNITS)),
        keras_case("GRU(2, reset_after=False)", k.GRU(UNITS, reset_after=False)),
        keras_case("Bidirectional(LSTM(2))", k.Bidirectional(k.LSTM(UNITS))),
    ]


def main(out: str) -> None:
    """Write all cases."""
    torch.manual_seed(11)
    found = [torch_case(call, layer) for call, layer in LAYERS.items()]
    found += [jacobian_case(), attention_case(), *keras_cases()]
    with open(out, "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in found) + "\n]\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
