"""Products by part: what a causal mask leaves of them, and the additions of biases beside them."""

from __future__ import annotations

from typing import Any

from cnncalc.core.layer_result import is_bias
from cnncalc.core.number import Number, Shape, prod
from cnncalc.cost.saved_activations import kinds
from cnncalc.network.row import Row


def ledger(row: Row, halve: bool) -> dict[str, Number]:
    """Multiply-accumulates by part; with `halve` a causal mask's pairs alone count."""
    if not halve or not row.facts.ledger:
        return row.facts.ledger
    return _halved(row.layer, row.facts.shape, row.facts.inputs, False)


def _halved(layer: Any, y: Shape, xs: tuple[Shape, ...], causal: bool) -> dict[str, Number]:
    names = kinds(layer)
    if "Composed" in names:
        total: dict[str, Number] = {}
        for name, part, given in layer.parts(*xs):
            masked = name == "self_attn" and bool(layer.is_causal)
            for key, amount in _halved(part, part.shape(*given), given, masked).items():
                key = "feed_forward" if "Linear" in kinds(part) else key
                total[key] = total[key] + amount if key in total else amount
        return total
    found = dict(layer.macs(y, *xs))
    if not (causal or is_causal(layer)):
        return found
    source = xs[min(1, len(xs) - 1)]
    length, memory = xs[0][-2], layer.length(source) if layer.has("length") else source[-2]
    allowed = pairs(length, memory, getattr(layer, "window", None))
    for part in ("scores", "mix"):
        if part in found and allowed is not None:
            found[part] = found[part] // (length * memory) * allowed
    return found


def is_causal(layer: Any) -> bool:
    """Whether an attention layer says that no position reads a later one."""
    return bool(getattr(layer, "causal", False) or getattr(layer, "is_causal", False))


def pairs(length: Number, memory: Number, window: Number | None = None) -> Number | None:
    """Pairs that a causal mask leaves: position i of the query reads the first i + 1 keys (PyTorch's top left).

    L(L + 1)/2 where both are equally long. None where that is no plain number.
    """
    if type(length) is int and type(memory) is int and (window is None or type(window) is int):
        return sum(min(position, memory, window or memory) for position in range(1, length + 1))
    return length * (length + 1) // 2 if window is None and length == memory else None


def bias_additions(row: Row) -> Number:
    """Additions of biases beside the products: every bias number once for each place it is added at."""
    if not row.facts.ledger:
        return 0
    xs, y = row.facts.inputs, row.facts.shape
    names = kinds(row.layer)
    biases = [weight for weight in row.facts.weights if is_bias(weight.name)]
    if "Conv" in names or "ConvTranspose" in names or "Linear" in names or "Bilinear" in names:
        return prod(y[1:]) if biases else 0
    total: Number = 0
    for name, shape in biases:
        place = 1 if name in ("b_k", "b_v") and len(xs) > 1 else 0
        if name.endswith("in_proj_bias") and len(xs) > 1:  # a third for the query, the rest for the memory
            total = total + shape[0] // 3 * (prod(xs[0][1:-1]) + 2 * prod(xs[1][1:-1]))
        else:
            total = total + prod(shape) * prod(xs[place][1:-1])
    return total
