"""Calls of recurrent layers and cells: where the batch stands, and the states."""

from __future__ import annotations

import ast

from cnncalc.core.layer import Layer
from cnncalc.read.opaque import folded
from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.layers.apply import as_tensor, layer_of, node_of
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.tensor.sizes import Dim, Dims
from cnncalc.read.python.tensor.strides import packed
from cnncalc.read.python.tensor.tensors import Tensor, batch_at, is_batch, is_merged, sample, text
from cnncalc.read.python.values import Refused, Unknown


def with_batch(shape: tuple[int, ...], at: int | None, size: Dim) -> Dims:
    """The sizes with the batch at its place, where there is one."""
    if at is None:
        return shape
    result: list[Dim] = list(shape)
    result.insert(at, size)
    return tuple(result)


def call_sequence(packages: PackagesBase, module: Module, given: dict[str, object], node: ast.AST) -> object:
    """The output and the last states of an RNN, LSTM or GRU, with the batch where PyTorch has it."""
    layer = layer_of(module)
    x = as_tensor(given["input"], f"the input of {module.kind}", node)
    batch_first = bool(module.attrs.get("batch_first", False))
    at = batch_at(x.dims)
    other = at is not None and is_batch(x.dims[at]) and at == (1 if batch_first else 0) and len(x.dims) == 3
    merged = is_merged(x.dims)
    if len(x.dims) not in (2, 3):
        message = f"{module.kind} takes 3 axes, [batch, length, features] or such, but gets {text(x.dims)}"
        raise Refused("wrong-axes", message, node)
    if at == 2:
        message = f"{module.kind} reads the last axis, which holds the batch in {text(x.dims)}"
        raise Refused("python-batch-axis", message, node)
    if len(x.dims) == 2 and at is not None:
        message = f"{module.kind} takes [batch, length, features], but gets {text(x.dims)}"
        raise Refused("wrong-axes", message, node, help="a sequence of one step is x.unsqueeze(1)")
    size: Dim = x.dims[at] if at is not None else 1
    ended: list[Tensor] | list[Unknown]
    names: tuple[str, ...] = layer.states  # type: ignore[attr-defined]
    states: list[Tensor] = []
    hx = given.get("hx")
    if hx is not None and not isinstance(hx, Unknown):
        for state in hx if isinstance(hx, (tuple, list)) else [hx]:
            states.append(as_tensor(state, f"the state of {module.kind}", node))
    fixed = [state for state in states if batch_at(state.dims) is None]
    if fixed and is_batch(size):
        message = f"a state of {module.kind} is {text(fixed[0].dims)}: the batch axis has a fixed size"
        raise Refused("python-batch-axis", message, node, help="write x.size(0) for the batch")
    known = [state for state in states if batch_at(state.dims) is not None and not merged and not other]
    if len(known) != len(states):
        known = []
    if merged:
        used: Layer = folded(layer)
        xs = [sample(x.dims)]
    else:
        used = layer
        xs = [sample(x.dims)]
        if at is None and len(x.dims) == 3:
            first = 0 if batch_first else 1
            size, at = x.dims[first], first
            xs = [sample((*x.dims[:first], *x.dims[first + 1 :]))]
    xs += [sample(state.dims) for state in known]
    outputs = node_of(packages, used, [x, *known], xs, node, module)
    y, ref = outputs[""]
    if merged:
        out = Tensor((size, *y[1:]), ref)
        ended = [Tensor((outputs[p][0][1], size, *outputs[p][0][2:]), outputs[p][1]) for p in names]
    else:
        out = Tensor(with_batch(y, at, size), ref)
        if other:
            what = "it has batch_first=False, so the first axis is the time and not the batch"
            if batch_first:
                what = "it has batch_first=True, so the second axis is the time"
            ended = [Unknown(f"the last state of {module.path or module.kind}: {what}", node) for _ in names]
            packages.remark(f"{module.path or module.kind} gets {text(x.dims)}, but {what}", module, node)
        else:
            ended = [Tensor(with_batch(outputs[p][0], None if at is None else 1, size), outputs[p][1]) for p in names]
    out.strides = packed(out.dims, (1, 0, 2) if batch_first and len(out.dims) == 3 else None)
    for state in ended:
        if isinstance(state, Tensor):
            state.strides = packed(state.dims)
    return (out, tuple(ended) if len(ended) > 1 else ended[0])


def call_cell(packages: PackagesBase, module: Module, given: dict[str, object], node: ast.AST) -> object:
    """The state of a cell after one step; of an LSTMCell both."""
    layer = layer_of(module)
    x = as_tensor(given["input"], f"the input of {module.kind}", node)
    hx = given.get("hx")
    states = []
    if hx is not None:
        states = [as_tensor(s, "a state", node) for s in (hx if isinstance(hx, (tuple, list)) else [hx])]
    if any(batch_at(state.dims) != batch_at(x.dims) for state in states):
        states = []
    fold = is_merged(x.dims)
    outputs = node_of(
        packages, folded(layer) if fold else layer, [x, *states], [sample(t.dims) for t in (x, *states)], node, module
    )
    at = batch_at(x.dims)

    def made(port: str) -> Tensor:
        shape, ref = outputs[port]
        if at is None:
            result = Tensor((*x.dims[:-1], shape[-1]) if len(x.dims) == 1 else (x.dims[0], shape[-1]), ref)
        else:
            result = Tensor((x.dims[at], shape[-1]), ref)
        result.strides = packed(result.dims)
        return result

    return (made("h"), made("c")) if module.kind == "LSTMCell" else made("")
