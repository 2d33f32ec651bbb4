"""A recorded call in a kernel's terms: the layer, its weights, its inputs and what PyTorch gave, the batch in front."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch_cases
from array_data import Arrays, recorded
from torch_cases import Case, Skip

from cnncalc.layers import find

SEQUENCES = ("rnn", "lstm", "gru", "mha", "encoderlayer", "decoderlayer")


class Run(NamedTuple):
    """What a kernel is called with, and the arrays it must give, the output first."""

    layer: Any
    weights: Arrays
    inputs: list[Any]
    outputs: list[Any]
    # What to do with the kernel's answer before it is compared: a function that recording used differs from the layer.
    after: Callable[[Any], Any] = lambda given: given
    extra: dict[str, Any] = {}


def runs(family: str) -> list[tuple[str, Run | str]]:
    """Every case of a family that has arrays; a reason in place of a run that cannot be."""
    made: list[tuple[str, Run | str]] = []
    for case in torch_cases.cases()[family]:
        if case["id"] in recorded():
            try:
                made.append((case["id"], translate(case)))
            except Skip as skip:
                made.append((case["id"], str(skip)))
    return made


def translate(case: Case) -> Run:
    """The call in our terms; raises `Skip`."""
    arrays = recorded()[case["id"]]
    weights = named(arrays, "param:")
    if case["mode"] == "eval":
        weights.update(named(arrays, "buffer:"))
    family = case["family"]
    case = torch_cases.UNBATCHED.get(family, torch_cases.same)(case)
    xs = [arrays[f"input_{at}"] for at in range(len(case["inputs"]))]
    ys = [arrays[f"output_{at}"] for at in range(len(case["outputs"]))]
    kind, options = case["layer"], dict(case["kwargs"])
    if family not in ("sdpa", "rnncell") or case["batch"] is None:
        xs = [front(x, case["batch"], case["batch_axis"]) for x in xs]
    if family != "sdpa":
        ys = [front(y, *batch_of(at, case)) for at, y in enumerate(ys)]
    call = named(arrays, "call:")
    if family in WORDS:
        return WORDS[family](case, kind, options, weights, xs, ys, call)
    if kind == "GLU" and options.get("dim", -1) % xs[0].ndim == 0:
        raise Skip("halves the batch axis")
    if family in torch_cases.WORDS or case.get("call"):
        asked = torch_cases.translate(case)
        kind, options = asked.type, asked.options
    return Run(layer(kind, options), weights, xs, ys)


def layer(kind: str, options: dict[str, Any]) -> Any:
    """The layer of that name."""
    found = find(kind)
    if found is None:
        raise Skip(f"there is no layer {kind}")
    return found.bind((), options)


def named(arrays: Arrays, start: str) -> Arrays:
    """The arrays whose names start so, without it."""
    return {name[len(start) :]: array for name, array in arrays.items() if name.startswith(start)}


def batch_of(at: int, case: Case) -> tuple[int | None, int]:
    """Whether an output has a batch, and where."""
    axis = case["outputs"][at]["batch_axis"]
    return (None, 0) if axis is None else (1, axis)


def front(x: Any, batch: int | None, axis: int) -> Any:
    """The array with the batch axis in front."""
    return x[None] if batch is None else np.moveaxis(x, axis, 0)


# --- families whose calls differ ------------------------------------------------------------------------------------

Words = Callable[[Case, str, dict[str, Any], Arrays, list[Any], list[Any], Arrays], Run]
WORDS: dict[str, Words] = {}


def words(*families: str) -> Callable[[Words], Words]:
    """Register a function for families."""

    def register(function: Words) -> Words:
        WORDS.update(dict.fromkeys(families, function))
        return function

    return register


@words("maxunpool")
def _unpool(case: Case, kind: str, options: Any, weights: Any, xs: Any, ys: Any, call: Any) -> Run:
    indices = front(recorded()[case["id"]]["indices"], case["batch"], case["batch_axis"])
    return Run(layer(kind, {**options, **(case.get("call") or {})}), weights, [*xs, indices], ys)


@words("rnn", "lstm", "gru", "rnncell")
def _recurrent(case: Case, kind: str, options: Any, weights: Any, xs: Any, ys: Any, call: Any) -> Run:
    states = [call[name] for name in ("hx", "h0", "c0") if name in call]
    cell = case["family"] == "rnncell"
    if xs[0].ndim == 4:
        raise Skip("recorded as unbatched, but its first axis is the batch")
    if case["batch"] is None:
        states = [state[None] for state in states]
    elif not cell:
        states = [state.swapaxes(0, 1) for state in states]
    if kind == "LSTMCell":  # PyTorch returns h and c; here the output is h, and both are ports
        ys = [ys[0], *ys]
    return Run(layer(kind, options), weights, [*xs, *states], ys)


@words("embeddingbag")
def _bag(case: Case, kind: str, options: Any, weights: Any, xs: Any, ys: Any, call: Any) -> Run:
    offsets = call.pop("offsets", None)
    if offsets is not None:
        options["offsets"] = [int(place) for place in offsets]
    elif case["batch"] is None:
        raise Skip("needs offsets only because it is unbatched")
    factors = [front(array, case["batch"], 0) for array in call.values()]
    return Run(layer(kind, options), weights, [*xs, *factors], ys)


def mask(array: Any, samples: int, heads: int) -> Any:
    """A mask of PyTorch's for each sample: [L, S] of all, or [samples * heads, L, S]."""
    if array.ndim == 2:
        return np.broadcast_to(array, (samples, *array.shape))
    return array.reshape(samples, heads, *array.shape[1:])


@words("mha", "encoderlayer")
def _attention(case: Case, kind: str, options: Any, weights: Any, xs: Any, ys: Any, call: Any) -> Run:
    heads = options.get("num_heads") or options["nhead"]
    masks = []
    for name, array in call.items():
        if "padding" in name:
            masks.append(front(array, case["batch"], 0))
        else:
            masks.append(mask(array, len(xs[0]), heads))
    given = {name: value for name, value in (case.get("call") or {}).items() if isinstance(value, bool)}
    return Run(layer(kind, {**options, **given}), weights, [*xs, *masks], ys)


@words("decoderlayer")
def _decoder(case: Case, kind: str, options: Any, weights: Any, xs: Any, ys: Any, call: Any) -> Run:
    extra = {
        ours: (mask(call[theirs], len(xs[0]), options["nhead"]),)
        for theirs, ours in (("tgt_mask", "masks"), ("memory_mask", "memory_masks"))
        if theirs in call
    }
    return Run(layer(kind, options), weights, xs, ys, extra=extra)


@words("sdpa")
def _dot_product(case: Case, kind: str, options: Any, weights: Any, xs: Any, ys: Any, call: Any) -> Run:
    xs = [recorded()[case["id"]][f"input_{at}"] for at in range(3)]
    if min(x.ndim for x in xs) < 3:
        xs, ys = [x[None] for x in xs], [y[None] for y in ys]
    made = layer("ScaledDotProductAttention", options)
    for array in call.values():
        xs.append(np.broadcast_to(array, (*xs[0].shape[:-1], xs[1].shape[-2])))
    return Run(made, weights, xs, ys)


@words("functional")
def _functional(case: Case, kind: str, options: Any, weights: Any, xs: Any, ys: Any, call: Any) -> Run:
    asked = torch_cases.translate(case)
    return Run(layer(asked.type, asked.options), weights, xs, ys)
