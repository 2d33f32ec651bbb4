"""How a layer of many parts is put together: lines that name the parts before their sizes are summed.

Layers times directions times gates of recurrent layers, attention and feed-forward net of transformers, the factors and
shifts of norms, the size of an attention head. Every size is one that the layer's own rules give.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cnncalc.core.formula import Part, ordered, simplify, total
from cnncalc.core.layer import Weight
from cnncalc.core.number import Shape, prod
from cnncalc.core.rules import is_bias

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.core.number import Number

# Left of "=", and the formula.
Named = tuple[str, Part]

# Scopes that only hold others, and what people call the parts of a transformer layer.
HOLDERS = ("encoder", "decoder", "layers", "layer")
WORDS = {
    "self_attn": "self-attention",
    "multihead_attn": "cross-attention",
    "linear1": "feed-forward",
    "linear2": "feed-forward",
    "norm": "last norm",
}


def structure(layer: Layer, xs: tuple[Shape, ...], weights: list[Weight]) -> list[Named]:
    """The lines of a layer with traced sizes (`with_symbols`); none where its sizes say enough."""
    rule = STRUCTURES.get(layer.explained)
    return rule(layer, xs, weights) if rule is not None else []


def symbol(name: str, value: object) -> Part:
    """A number under a name."""
    return Part("leaf", value, (), name, name)


def product(*factors: Part) -> Part:
    """A product that is left as it is written."""
    value: Any = 1
    for factor in factors:
        value = value * factor.value
    return Part("product", value, factors)


def added(parts: list[Part]) -> Part:
    """A sum that is left as it is written."""
    if len(parts) == 1:
        return parts[0]
    value: Number = sum(part.value for part in parts)
    return Part("sum", value, tuple(parts), signs=(1,) * len(parts))


# --- recurrent layers ----------------------------------------------------------------------------------------------


def _recurrent(layer: Any, xs: tuple[Shape, ...], weights: list[Weight]) -> list[Named]:
    """One gate's weights, in the first layer and in further ones; then gates, layers and directions."""
    held = {weight.name: weight.shape for weight in weights}
    levels, ways, gates = _plain(layer.num_layers), layer.directions, layer.gates
    if levels * ways * gates == 1:
        return []
    lines: list[Named] = []
    sums = []
    for level in range(min(levels, 2)):
        where = ("layer 0" if level == 0 else "later layers") if levels > 1 else ""
        word = (f"gate, {where}" if where else "gate") if gates > 1 else where or "one direction"
        own = _gate(held, f"_l{level}", layer.hidden_size)
        lines.append((f"each {word}" if gates > 1 else word, own))
        one = symbol(f"[{word}]" if gates > 1 and where else word, own.value)
        if gates > 1:
            one = product(symbol("gates", gates), one)
        extra = held.get(f"weight_hr_l{level}")
        if extra is not None:
            one = added([one, simplify(prod(extra))])
        sums.append(one)
    if levels > 2:
        sums[1] = product(symbol("(layers−1)", levels - 1), sums[1])
    whole = added(sums)
    if ways > 1:
        whole = product(symbol("directions", ways), whole)
    return [*lines, ("params", whole)]


def _gate(held: dict[str, Shape], ending: str, hidden: object) -> Part:
    """H·I + H² + 2·H: what one gate has of each matrix and bias."""
    columns = [held[f"weight_{name}{ending}"][1] for name in ("ih", "hh")]
    parts = [simplify(hidden * size) for size in columns]
    biases = [name for name in ("bias_ih", "bias_hh") if name + ending in held]
    if biases:
        parts.append(total([simplify(hidden)] * len(biases)))
    return added(parts)


def _plain(number: Number) -> int:
    return int(getattr(number, "value", number))


def _positions(layer: Any, xs: tuple[Shape, ...], weights: list[Weight]) -> list[Named]:
    """What one position has of its own, and how many positions there are."""
    own = [ordered(simplify(layer.out_channels * xs[0][1] * prod(layer.kernel_size)))]
    if layer.bias:
        own.append(simplify(layer.out_channels))
    each = added(own)
    names = ("L_out",) if layer.axes == 1 else ("H_out", "W_out")
    sizes = [symbol(name, simplify(size).value) for name, size in zip(names, layer.shape(*xs)[2:], strict=True)]
    return [("each position", each), ("params", product(*sizes, symbol("each position", each.value)))]


# --- attention -----------------------------------------------------------------------------------------------------


def _head(layer: Any, xs: tuple[Shape, ...], weights: list[Weight]) -> list[Named]:
    """Features of one head."""
    each = layer.each(xs) if layer.has("each") else xs[0][-1] // layer.num_heads
    if _plain(layer.num_heads) == 1 or getattr(layer, "head_dim", None) is not None:
        return []
    return [("d_k", simplify(each))]


# --- norms ---------------------------------------------------------------------------------------------------------


def _norm(layer: Layer, xs: tuple[Shape, ...], weights: list[Weight]) -> list[Named]:
    """A factor and a shift, as courses call them."""
    if not any(name in ("weight", "gamma", "scale") for name, _ in weights):
        return []
    return [(f"{'β' if is_bias(name) else 'γ'} ({name})", simplify(prod(shape))) for name, shape in weights]


# --- transformers --------------------------------------------------------------------------------------------------


def _parts(layer: Layer, xs: tuple[Shape, ...], weights: list[Weight]) -> list[Named]:
    """Each part of a layer; where layers are stacked, one of them, and how many there are."""
    stacks: dict[str, dict[str, dict[str, list[Part]]]] = {}  # stack -> part -> copy -> sizes
    members: dict[tuple[str, str], list[str]] = {}
    for weight in weights:
        scope, part = _place(weight.name)
        stack, word = re.sub(r"\d+", "*", scope), _word(part)
        copies = stacks.setdefault(stack, {}).setdefault(word, {})
        copies.setdefault(scope, []).append(simplify(prod(weight.shape)))
        names = members.setdefault((stack, word), [])
        names.extend([] if part in names else [part])
    lines: list[Named] = []
    sums: list[Part] = []
    for stack, parts in stacks.items():
        one = _stack(stack)
        inside = []
        for word, copies in parts.items():
            size = total(next(iter(copies.values())))
            shown = members[(stack, word)]
            left = f"{one}: {word}" if one else word
            lines.append((f"{left} ({', '.join(shown)})" if shown != [word] else left, size))
            inside.append(symbol(word if "*" in stack or not one else left, size.value))
        if "*" not in stack:
            sums.extend(inside)
            continue
        each = added(inside)
        lines.append((f"each {one}", each))
        count = len(next(iter(parts.values())))
        named = symbol(f"each {one}", each.value)
        sums.append(product(Part("const", count), named) if count > 1 else named)
    return [*lines, ("params", added(sums))]


def _place(name: str) -> tuple[str, str]:
    """Where a weight belongs: the scope of its layer, and the part of that: `layers.0`, `self_attn`."""
    parts = name.split(".")
    at = 0
    while at < len(parts) - 2 and (parts[at] in HOLDERS or parts[at].isdigit()):
        at += 1
    return ".".join(parts[:at]), parts[at]


def _word(part: str) -> str:
    return WORDS.get(part, "norms" if re.fullmatch(r"norm\d+", part) else part)


def _stack(scope: str) -> str:
    """ "encoder layer" for `encoder.layers.*`."""
    words = [word for word in scope.replace(".*", "").split(".") if word and word != "layers"]
    return " ".join([*words, *(["layer"] if "*" in scope else [])])


# By what a layer's class declares as `explained`; what is not here has no lines of this kind.
Rule = Callable[[Any, "tuple[Shape, ...]", "list[Weight]"], "list[Named]"]
STRUCTURES: dict[str, Rule] = {
    "recurrent": _recurrent,
    "attention": _head,
    "positions": _positions,
    **dict.fromkeys(("transformer", "transformer layer"), _parts),
    **dict.fromkeys(
        ("batch norm", "instance norm", "group norm", "layer norm", "layer norm of axes", "root mean square",
         "root mean square of axes"),
        _norm,
    ),
}  # fmt: skip
