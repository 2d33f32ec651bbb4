"""Where nobody says the size of the input: the sizes that fit the network, found by trying."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from cnncalc.core.problem import Problem, Source, Span, SpecError
from cnncalc.network.graph import Graph
from cnncalc.network.propagate import propagate
from cnncalc.read.python.layers import modules
from cnncalc.read.python.layers.module import Module


class Sized(Protocol):
    """A model whose forward can be tried with an input."""

    source: Source
    whole_batches: bool

    def model(self) -> Module: ...
    def trace(self, shapes: dict[str, tuple[int, ...]]) -> tuple[Graph, Problem | None]: ...
    def _note(self, code: str, message: str) -> None: ...
    def _forward_span(self) -> Span | None: ...


LARGEST = 1024
SEQUENCES = ("Embedding", "RNN", "LSTM", "GRU", "MultiheadAttention")
COMMON = (224, 32, 28, 64, 128, 256, 299, 227, 512, 96, 48)


def sized(model: Sized, name: str) -> dict[str, tuple[int, ...]]:
    """The only size that fits, with a note that says so; raises `SpecError` where there are several or none."""
    first = _first(model.model())
    if first is None:
        raise _ask(model, name, "", "")
    kind, features, axes = first
    if features is None and kind != "Embedding":
        raise _ask(model, name, kind, "")
    before = () if features is None else (features,)

    def shape(size: int) -> tuple[int, ...]:
        sizes = [size] * axes
        return (*sizes, *before) if kind in SEQUENCES else (*before, *sizes)

    def said(size: int) -> str:
        return "x".join(map(str, shape(size)))

    if axes == 0:
        if not _fits(model, {name: shape(0)})[0]:
            raise _ask(model, name, kind, f"{kind} takes {features} features: -i {features}")
        model._note("python-size", f"no input size: {name} of {features} is what {kind} takes")
        return {name: shape(0)}
    found = _fitting(model, name, shape)
    if len(found) == 1:
        what = "square one" if axes > 1 else "one"
        model._note("python-size", f"no input size: {said(found[0])} is the only {what} that fits the network")
        return {name: shape(found[0])}
    if not found:
        what = "square size" if axes > 1 else "size"
        raise _ask(model, name, kind, f"no {what} up to {LARGEST} fits; -i {said(224 if axes == 2 else 128)}")
    common = [size for size in COMMON if size in found] if axes == 2 else []
    likely = common[0] if common else found[0]
    if len(found) > 40:
        typical = likely if axes == 2 else next((size for size in (128, 16) if size in found), likely)
        hint = f"any size fits from {said(found[0])} on, such as -i {said(typical)}"
        raise _ask(model, name, kind, hint)
    few = ", ".join(str(size) for size in found[:6]) + (" ..." if len(found) > 6 else "")
    if len(common) == 1:
        model._note("python-size", f"no input size: the sizes {few} fit the network, and {said(likely)} is taken")
        return {name: shape(likely)}
    raise _ask(model, name, kind, f"sizes that fit are {few}: -i {said(likely)}")


def _first(model: Module) -> tuple[str, int | None, int] | None:
    """The first layer with a known number of features, those, and how many axes come beside them."""
    for _, part in modules.modules(model):
        layer = part.layer
        if layer is None:
            continue
        if "Conv" in part.kind:
            return part.kind, layer.__dict__.get("in_channels"), layer.axes
        if part.kind == "Linear":
            return part.kind, layer.__dict__.get("in_features"), 0
        if part.kind in SEQUENCES:
            size = layer.__dict__.get("input_size", layer.__dict__.get("embed_dim"))
            return part.kind, None if part.kind == "Embedding" else size, 1
    return None


_WANTED = (
    re.compile(r"in_features=(?P<wanted>\d+), but its input .* = (?P<got>\d+)"),
    re.compile(r"Linear\((?P<wanted>\d+),.* gives (?P<got>\d+)"),
    re.compile(r"(?P<got>\d+) numbers per sample are not a multiple of (?P<wanted>\d+)"),
    re.compile(r"holds (?P<wanted>\d+) numbers per sample, but .* has (?P<got>\d+)"),
)


def _fits(model: Sized, shape: dict[str, tuple[int, ...]]) -> tuple[bool, int]:
    """Whether a size fits; and whether what did not fit had too few (-1) or too many (1) numbers."""
    graph, problem = model.trace(shape)
    problems = [problem] if problem is not None else []
    if problem is None:
        try:
            propagate(graph)
        except SpecError as error:
            problems = list(error.problems)
    if not problems:
        return model.whole_batches, 1
    for one in problems:
        for pattern in _WANTED:
            found = pattern.search(one.message)
            if found:
                return False, 1 if int(found["got"]) > int(found["wanted"]) else -1
    return False, -1


def _fitting(model: Sized, name: str, shape: Callable[[int], tuple[int, ...]]) -> list[int]:
    """Sizes that fit, in order: by halving, since a network takes one stretch of sizes."""

    def ask(size: int) -> tuple[bool, int]:
        return _fits(model, {name: shape(size)})

    low, high = 1, LARGEST
    hit = None
    for size in COMMON:
        fits, way = ask(size)
        if fits:
            hit = size
            break
        if way < 0:
            low = max(low, size)
        elif way > 0:
            high = min(high, size)
    while hit is None and low <= high:
        middle = (low + high) // 2
        fits, way = ask(middle)
        if fits:
            hit = middle
        elif way == 0:
            break
        elif way < 0:
            low = middle + 1
        else:
            high = middle - 1
    if hit is None:
        return []
    low, high = _edge(ask, hit, 1), _edge(ask, hit, LARGEST)
    return list(range(low, high + 1))


def _edge(ask: Callable[[int], tuple[bool, int]], hit: int, end: int) -> int:
    """The last size on the way to `end` that fits: what fits is one stretch."""
    if ask(end)[0]:
        return end
    while abs(end - hit) > 1:
        middle = (hit + end) // 2
        if ask(middle)[0]:
            hit = middle
        else:
            end = middle
    return hit


def _ask(model: Sized, name: str, kind: str, hint: str) -> SpecError:
    text = f"the size of {name} is not known, and nothing in the file says it"
    helps = hint or {
        "Embedding": f"{name} holds whole numbers: -i 128 for 128 of them",
        "LSTM": "a sequence is length x features: -i 20x64",
    }.get(kind, "give it without the batch axis: -i 3x224x224")
    return SpecError([Problem("python-input", text, source=model.source, span=model._forward_span(), help=helps)])
