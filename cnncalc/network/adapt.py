"""What is trained of a network: `freeze:` by patterns of names, and `lora:` small matrices beside frozen ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape, prod
from cnncalc.core.problem import Problem, Source, Span, suggestion
from cnncalc.network.graph import Graph, Node
from cnncalc.network.pattern import fits, stands_in

GATED = ("gate_proj", "up_proj", "down_proj")
LATENT = ("q_a_proj", "q_b_proj", "kv_a_proj_with_mqa", "kv_b_proj")
# What the matrices of attention, or of a gated net, in one layer are called by models that have a layer for each.
WORDS = {
    "q_proj": ("W_q", "q_proj_weight", "in_proj_weight", "q_proj.weight"),
    "k_proj": ("W_k", "k_proj_weight", "in_proj_weight"),
    "v_proj": ("W_v", "v_proj_weight", "in_proj_weight"),
    "o_proj": ("W_o", "out_proj.weight", "o_proj.weight"),
    "out_proj": ("W_o", "out_proj.weight"),
    **{name: (f"{name}.weight",) for name in (*GATED, *LATENT)},
}
# Layers whose matrices may get small ones.
HOSTS = ("Linear", "Attention", "MultiheadAttention", "LatentAttention", "SwiGLU", "GEGLU", "ReGLU")


class Lora(NamedTuple):
    """Low-rank matrices beside those whose layer's name, or own name, fits one of the patterns (Hu et al. 2021)."""

    rank: int
    on: tuple[str, ...]
    span: Span
    source: Source


def adapt(graph: Graph, freeze: list[tuple[str, Span, Source]], lora: Lora | None) -> list[Problem]:
    """Freeze what is named, add what `lora` says; a pattern that nothing fits is a problem."""
    problems: list[Problem] = []
    for pattern, span, source in freeze:
        found = [node for node in graph.nodes if node.layer is not None and stands_in(node.name, pattern)]
        for node in found:
            node.frozen = True
        if not found:
            problems.append(_nothing(graph, pattern, span, source, "freeze"))
    if lora is None:
        return problems
    made: dict[Any, Layer] = {}
    used: set[str] = set()
    for node in graph.nodes:
        if node.layer is None:
            continue
        chosen = {pattern: _chosen(node, pattern) for pattern in lora.on}
        names = frozenset(name for found in chosen.values() for name in found)
        used.update(pattern for pattern, found in chosen.items() if found)
        node.frozen = True
        if names:
            key = (id(node.layer), names)
            if key not in made:
                made[key] = _adapted(node.layer, lora.rank, names)
            node.layer = made[key]
            node.frozen = _All()
    problems += [_nothing(graph, pattern, lora.span, lora.source, "lora") for pattern in lora.on if pattern not in used]
    return problems


class _All(frozenset[str]):
    """The names of all weights but those of the adapters."""

    def __contains__(self, name: object) -> bool:
        return ".lora_" not in str(name)

    def __bool__(self) -> bool:
        return True


def _chosen(node: Node, pattern: str) -> frozenset[str]:
    """The names of a layer's arrays that a pattern means; those with two axes count."""
    kind = type(node.layer).__name__
    if kind not in HOSTS:
        return frozenset()
    inside = WORDS.get(pattern, ())
    if inside and kind != "Linear" and ("GLU" in kind) == (pattern in GATED):
        return frozenset(inside)
    short = pattern.removesuffix("_proj") if pattern in GATED else pattern  # bundled networks say gate, up and down
    if fits(node.name, pattern) or node.name.rpartition(".")[2] == short:
        return frozenset(("weight", *(name for names in WORDS.values() for name in names)))
    return frozenset()


def _adapted(layer: Layer, rank: int, names: frozenset[str]) -> Layer:
    """The same layer with A [rank, in] and B [out, rank] beside each of the matrices."""
    kind = type(layer)

    def matrices(self: Any, xs: tuple[Shape, ...]) -> Iterator[tuple[str, Number, Number]]:
        for weight in kind.weights(self, *xs):
            if weight.name in names and len(weight.shape) == 2:
                turned = weight.name.startswith("W_")  # row vectors: [in, out]
                rows, columns = weight.shape[::-1] if turned else weight.shape
                yield weight.name, rows, columns

    def weights(self: Any, *xs: Shape) -> Iterator[Weight]:
        yield from kind.weights(self, *xs)
        for name, rows, columns in matrices(self, xs):
            yield Weight(f"{name}.lora_A", (rank, columns))
            yield Weight(f"{name}.lora_B", (rows, rank))

    def macs(self: Any, y: Shape, *xs: Shape) -> dict[str, Number]:
        found = dict(kind.macs(self, y, *xs))
        total: Number = 0
        for name, rows, columns in matrices(self, xs):
            from_memory = name[:3] in ("W_k", "W_v", "k_p", "v_p") and len(xs) > 1
            total = total + prod(xs[1 if from_memory else 0][:-1]) * rank * (rows + columns)
        found["lora"] = total
        return found

    def between(self: object, *xs: Shape) -> Number:
        return sum(prod(xs[0][:-1]) * rank for _ in matrices(self, xs))

    more = {"weights": weights, "macs": macs, "between": between, "__module__": kind.__module__}
    other: Any = type(kind.__name__, (kind,), more, abstract=True)
    found: Layer = other.__new__(other)
    found.__dict__.update(layer.__dict__)
    return found


def _nothing(graph: Graph, pattern: str, span: Span, source: Source, key: str) -> Problem:
    words = {word for node in graph.nodes for word in node.name.split(".") if not word.isdigit()}
    return Problem(
        "unknown-layer",
        f'{key}: no layer fits "{pattern}"' + (" that has a matrix" if key == "lora" else ""),
        source=source,
        span=span,
        help=suggestion(pattern, sorted(words), "patterns are names, words of names, and * for any letters"),
    )
