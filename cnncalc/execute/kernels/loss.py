"""Losses: a number for each sample, or before the reduction for each place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnncalc.execute.kernel import Array, Weights, kernel
from cnncalc.execute.kernels.activation import log_softmax

if TYPE_CHECKING:
    from cnncalc.layers.loss import (
        BCELoss,
        BCEWithLogitsLoss,
        CrossEntropyLoss,
        HuberLoss,
        KLDivLoss,
        L1Loss,
        Loss,
        MSELoss,
        NLLLoss,
        SmoothL1Loss,
    )

# Logarithms of probabilities are not taken below this, as in PyTorch.
LEAST = -100.0


def goal(layer: Loss, x: Array, given: tuple[Array, ...]) -> Array:
    """The target: the second input, or the constant for every sample."""
    if given:
        return given[0]
    constant = np.asarray(layer.target)
    if constant.dtype.kind != "f" and layer.type() in ("NLLLoss", "CrossEntropyLoss"):
        fits = constant.shape == x.shape[1:]
        places = x.shape[2:] if constant.ndim == 0 else constant.shape
        constant = constant.astype(x.dtype) if fits else np.broadcast_to(constant, places)
    else:
        constant = np.broadcast_to(constant.astype(x.dtype), x.shape[1:] if constant.ndim == 0 else constant.shape)
    return np.broadcast_to(constant, (len(x), *constant.shape))


def reduced(layer: Loss, each: Array) -> Array:
    """The mean or sum of each sample's numbers, or all of them."""
    if layer.reduction == "none":
        return each
    flat = each.reshape(len(each), -1)
    return flat.mean(1) if layer.reduction == "mean" else flat.sum(1)  # type: ignore[no-any-return]


@kernel("MSELoss")
def squared(layer: MSELoss, weights: Weights, x: Array, *given: Array) -> Array:
    """(x - t)²."""
    return reduced(layer, np.square(x - goal(layer, x, given)))


@kernel("L1Loss")
def absolute(layer: L1Loss, weights: Weights, x: Array, *given: Array) -> Array:
    """|x - t|."""
    return reduced(layer, np.abs(x - goal(layer, x, given)))


@kernel("SmoothL1Loss")
def smooth(layer: SmoothL1Loss, weights: Weights, x: Array, *given: Array) -> Array:
    """(x - t)² / (2 beta) below beta, |x - t| - beta / 2 above."""
    apart, beta = x - goal(layer, x, given), layer.beta
    if beta == 0:
        return reduced(layer, np.abs(apart))
    size = np.abs(apart)
    return reduced(layer, np.where(size < beta, np.square(apart) / (2 * beta), size - beta / 2))


@kernel("HuberLoss")
def huber(layer: HuberLoss, weights: Weights, x: Array, *given: Array) -> Array:
    """(x - t)² / 2 up to delta, delta (|x - t| - delta / 2) beyond."""
    apart, delta = x - goal(layer, x, given), layer.delta
    size = np.abs(apart)
    return reduced(layer, np.where(size <= delta, np.square(apart) / 2, delta * (size - delta / 2)))


@kernel("BCELoss")
def binary(layer: BCELoss, weights: Weights, x: Array, *given: Array) -> Array:
    """-(t ln x + (1 - t) ln(1 - x))."""
    target = goal(layer, x, given)
    with np.errstate(divide="ignore", invalid="ignore"):
        yes, no = np.maximum(np.log(x), LEAST), np.maximum(np.log(1 - x), LEAST)
    return reduced(layer, -(target * yes + (1 - target) * no))


@kernel("BCEWithLogitsLoss")
def binary_logits(layer: BCEWithLogitsLoss, weights: Weights, x: Array, *given: Array) -> Array:
    """The same for x before the sigmoid."""
    target = goal(layer, x, given)
    return reduced(layer, target * np.logaddexp(0, -x) + (1 - target) * np.logaddexp(0, x))


@kernel("KLDivLoss")
def divergence(layer: KLDivLoss, weights: Weights, x: Array, *given: Array) -> Array:
    """t (ln t - x); 0 where t is 0."""
    target = goal(layer, x, given)
    if layer.log_target:
        return reduced(layer, np.exp(target) * (target - x))
    some = np.where(target > 0, target, 1)
    return reduced(layer, np.where(target > 0, target * np.log(some), 0) - target * x)


@kernel("NLLLoss")
def likelihood(layer: NLLLoss, weights: Weights, x: Array, *given: Array) -> Array:
    """-x of the target's class."""
    return reduced(layer, -(x * spread(x, goal(layer, x, given))).sum(1))


@kernel("CrossEntropyLoss")
def cross_entropy(layer: CrossEntropyLoss, weights: Weights, x: Array, *given: Array) -> Array:
    """-ln softmax(x) of the target's class, or weighted by the target's probabilities."""
    target, part = goal(layer, x, given), layer.label_smoothing
    wanted = spread(x, target) if target.ndim < x.ndim else target
    if part:
        wanted = wanted * (1 - part) + part / x.shape[1]
    return reduced(layer, -(log_softmax(x, 1) * wanted).sum(1))


def spread(x: Array, classes: Array) -> Array:
    """1 at each place's class along axis 1, 0 elsewhere."""
    count = x.shape[1]
    whole = classes.astype(np.int64)
    if whole.size and (whole.min() < 0 or whole.max() >= count):
        raise ValueError(f"a target is no class from 0 to {count - 1}")
    return np.moveaxis(np.eye(count, dtype=x.dtype)[whole], -1, 1)
