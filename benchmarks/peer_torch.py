"""A cnncalc network built in PyTorch, layer by layer, to time the same forward pass there."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from cnncalc.network.report import Report
from cnncalc.network.row import Row

# Options that PyTorch's modules do not have.
OURS = {"fused", "bias_vectors", "average_attn_weights", "need_weights", "is_causal", "output_size_"}


class Merge(nn.Module):
    """A function of several values as a module."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def forward(self, *xs: Any) -> Any:
        return self.function(*xs)


class Attention(nn.Module):
    """The textbook layer with biases and an output projection, through PyTorch's fused kernel."""

    def __init__(self, layer: Any, size: int) -> None:
        super().__init__()
        self.heads, self.causal = layer.num_heads, layer.causal
        self.query, self.key, self.value, self.out = (nn.Linear(size, size) for _ in range(4))

    def forward(self, x: Any) -> Any:
        n, length, size = x.shape
        q, k, v = (
            part(x).view(n, length, self.heads, size // self.heads).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return self.out(y.transpose(1, 2).reshape(n, length, size))


class Constant(nn.Module):
    """A bare parameter."""

    def __init__(self, shape: Any) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, *shape))

    def forward(self) -> Any:
        return self.weight


class Positions(nn.Module):
    """Learned positions, added."""

    def __init__(self, length: int, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(length, size))

    def forward(self, x: Any) -> Any:
        return x + self.weight[: x.shape[1]]


class Network(nn.Module):
    """The report's graph as modules, called in order."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report
        self.steps = nn.ModuleList(module(row) for row in report.rows)

    def forward(self, *inputs: Any) -> Any:
        values: list[Any] = list(inputs)
        last = {}
        for index, row in enumerate(self.report.rows):
            for ref in row.node.inputs:
                last[ref if isinstance(ref, int) else ref[0]] = index
        for index, (row, step) in enumerate(zip(self.report.rows, self.steps, strict=True)):
            xs = []
            for ref in row.node.inputs:
                number, port = ref if isinstance(ref, tuple) else (ref, "")
                value = values[number]
                if isinstance(value, tuple):
                    value = value[1][0].transpose(0, 1) if port == "h_n" else value[0]
                xs.append(value)
            if row.type == "MultiheadAttention" and len(xs) == 1:
                xs = [xs[0]] * 3
            values.append(step(*xs) if xs else step())
            for ref in row.node.inputs:
                number = ref if isinstance(ref, int) else ref[0]
                if last[number] == index:
                    values[number] = None
        return values[self.report.graph.output]


def module(row: Row) -> nn.Module:
    """The module of one layer."""
    layer: Any = row.layer
    kind = row.type
    size = row.facts.inputs[0][-1] if row.facts.inputs else 0
    made: dict[str, Any] = {
        "Add": lambda: Merge(lambda a, b: a + b),
        "Concat": lambda: Merge(
            lambda *xs: torch.cat([x.expand(xs[-1].shape[0], *x.shape[1:]) for x in xs], layer.dim)
        ),
        "Transpose": lambda: Merge(lambda x: x.transpose(layer.dim0, layer.dim1)),
        "Select": lambda: Merge(lambda x: x.select(layer.dim, layer.index)),
        "Slice": lambda: Merge(lambda x: x.narrow(layer.dim, layer.start, x.shape[layer.dim] - layer.start)),
        "Attention": lambda: Attention(layer, size),
        "PositionalEmbedding": lambda: Positions(layer.num_embeddings, size),
        "Parameter": lambda: Constant(layer.__dict__["shape_"]),
        "MultiheadAttention": lambda: Single(nn.MultiheadAttention(size, layer.num_heads, batch_first=True)),
    }
    if kind in made:
        return made[kind]()  # type: ignore[no-any-return]
    options = {}
    for name, option in layer.options.items():
        value = layer.__dict__[name]
        if option.ignored or name in OURS or (value is None and not option.inferred):
            continue
        options[name] = _plain(value)
    for at in layer.inferences:
        options[at.option] = row.facts.inputs[at.input][at.axis]
    if kind in ("LSTM", "GRU", "RNN"):
        options["batch_first"] = True
    return getattr(nn, kind)(**options)  # type: ignore[no-any-return]


class Single(nn.Module):
    """Attention without its weights."""

    def __init__(self, inner: nn.MultiheadAttention) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, *xs: Any) -> Any:
        return self.inner(*xs, need_weights=False)[0]


def _plain(value: Any) -> Any:
    """Our (before, after) pairs as PyTorch's one number an axis; negative ZeroPads as they are."""
    if isinstance(value, tuple) and value and all(isinstance(part, tuple) for part in value):
        if all(part[0] == part[1] for part in value):
            return tuple(part[0] for part in value)
        return tuple(side for part in reversed(value) for side in part)
    return value


def inputs(report: Report) -> list[Any]:
    """Random inputs of the declared shapes."""
    return [
        torch.randint(0, 100, (1, *given.shape)) if given.dtype == "int" else torch.randn(1, *given.shape)
        for given in report.graph.inputs
    ]
