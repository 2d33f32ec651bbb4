"""Losses computed otherwise: summed for a mean, without squares, with the wrong logarithm or sign."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from cnncalc.network.row import Row
from cnncalc.query.scope import NetworkScope

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array

Step: TypeAlias = "tuple[str, int, dict[str, Array]]"
LN_10 = 2.302585092994046
MEAN, SUM = "a mean, not a sum", "a sum, not a mean"


def loss(names: NetworkScope, row: Row) -> Iterator[Step]:
    """What people compute in place of a loss of numbers and their targets."""
    import numpy as np

    number = len(names.report.graph.inputs) + names.report.graph.nodes.index(row.node)
    right = np.asarray(names.run.value(number), dtype=float)[0]
    x = np.asarray(names.run.value(row.node.inputs[0]), dtype=float)[0]
    target = row.layer.__dict__.get("target")
    if len(row.node.inputs) > 1:
        t = np.asarray(names.run.value(row.node.inputs[1]), dtype=float)[0]
    elif isinstance(target, (int, float)):
        t = np.asarray(float(target))
    else:
        return
    for name, rank, made in _made(row.type, row.layer.__dict__["reduction"], x, t, right):
        if np.isfinite(made).all() and np.shape(made) == right.shape:
            yield name, rank, {"output": np.asarray(made, dtype=float)}


def _made(kind: str, reduction: str, x: Array, t: Array, right: Array) -> Iterator[tuple[str, int, Array]]:
    import numpy as np

    def reduced(each: Array) -> Array:
        return each if reduction == "none" else each.sum() if reduction == "sum" else each.mean()

    with np.errstate(all="ignore"):
        yield "sign wrong", 6, -right
        if kind in ("MSELoss", "L1Loss"):
            difference = x - t
            each = difference**2 if kind == "MSELoss" else np.abs(difference)
            yield from _reduction(each, reduction)
            if kind == "MSELoss":
                yield "absolute differences, not squares", 7, reduced(np.abs(difference))
                yield "half of it: the factor 1/2 of some textbooks", 7, right / 2
                yield "the root of the loss", 8, np.sqrt(right)
                yield "half of the sum of squares", 9, (difference**2).sum() / 2
                yield "squared after the mean, not before", 9, reduced(difference) ** 2
            else:
                yield "squares, not absolute differences", 7, reduced(difference**2)
            yield "differences with their signs, not squared", 9, reduced(difference)
            yield "differences with their signs, not squared", 9, reduced(-difference)
        elif kind in ("BCELoss", "BCEWithLogitsLoss"):
            p = x if kind == "BCELoss" else 1 / (1 + np.exp(-np.clip(x, -700, 700)))
            one, other = t * np.log(p), (1 - t) * np.log(1 - p)
            yield from _reduction(-(one + other), reduction)
            yield "the term of the other class left out", 7, reduced(-one)
            yield "target and 1 − target exchanged", 8, reduced(-(t * np.log(1 - p) + (1 - t) * np.log(p)))
            yield "the logarithm of 10, not the natural one", 8, right / LN_10
            yield "the logarithm of 2, not the natural one", 9, right / np.log(2)
            if kind == "BCEWithLogitsLoss" and (x > 0).all() and (x < 1).all():
                yield "the sigmoid left out", 8, reduced(-(t * np.log(x) + (1 - t) * np.log(1 - x)))
        elif kind in ("NLLLoss", "CrossEntropyLoss") and x.ndim == 1 and t.ndim == 0 and 0 <= int(t) < len(x):
            yield from _classes(kind, x, int(t), right)


def _reduction(each: Array, reduction: str) -> Iterator[tuple[str, int, Array]]:
    if reduction == "mean":
        yield SUM, 5, each.sum()
    elif reduction == "sum":
        yield MEAN, 5, each.mean()


def _classes(kind: str, x: Array, at: int, right: Array) -> Iterator[tuple[str, int, Array]]:
    """Of numbers for each class and the number of the right one."""
    import numpy as np

    parts = np.exp(np.clip(x - x.max(), -700, 700))
    soft = parts / parts.sum()
    yield "the logarithm of 10, not the natural one", 8, right / LN_10
    yield "the logarithm of 2, not the natural one", 9, right / np.log(2)
    if kind == "CrossEntropyLoss":
        yield "the logarithm forgotten: softmax alone", 5, soft[at]
        yield "the logarithm forgotten: softmax alone", 6, 1 - soft[at]
        yield "the softmax left out", 6, -x[at]
        yield "the softmax left out", 6, -np.log(x[at])
        yield "the softmax done twice", 7, -np.log((np.exp(soft) / np.exp(soft).sum())[at])
        yield "divided by the number of classes", 9, right / len(x)
        for other in range(len(x)):
            if other != at:
                name = "counted from 1, not from 0" if other == at - 1 else "of another class than the target"
                yield name, 8 if other == at - 1 else 10, -np.log(soft[other])
    else:
        for other in range(len(x)):
            if other != at:
                yield "of another class than the target", 10, -x[other]
