"""Attention without weights. Source: PyTorch, torch.nn.functional.scaled_dot_product_attention."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.layer import Layer
from cnncalc.core.number import Number, Shape, is_one, prod
from cnncalc.core.option import flag, positive, real
from cnncalc.core.problem import Fault
from cnncalc.core.rules import Attended
from cnncalc.core.texts import shape_text


class ScaledDotProductAttention(Layer):
    """softmax(query key^T / sqrt(E)) value, without weights: from query, key and value [heads, length, features].

    A fourth input is a mask (true or 0: attend), which broadcasts to [heads, L, S].
    """

    scratch = "scores"
    parallel = "passes"
    takes, gives, inputs = ("N * L E", "N * S E", "N * S E_v", "N *"), "N * L E_v", (3, 4)
    receptive = "dot_product"
    example = "4x10x8, 4x12x8, 4x12x8 -> {type}"
    torch = "nn.functional.scaled_dot_product_attention"
    saves = "input output scores"
    category = "other"
    explained = "scaled dot products"
    interior = "attention"
    roles = {2: ("query", "key, value"), 3: ("query", "key", "value")}

    dropout_p = real("part of the attention weights that is dropped in training", default=0.0)
    is_causal = flag("no position reads a later one", default=False)
    scale = real("factor of the scores; without it 1 / sqrt(E)", default=None)
    enable_gqa = flag("fewer heads of key and value than of query: groups share them", default=False)
    window = positive("each position reads only so many positions up to itself", default=None, keyword_only=True)

    def shape(self, query: Shape, key: Shape, value: Shape, *masks: Shape) -> Shape:
        for x in (query, key, value):
            if len(x) < 3 or len(x) != len(query):
                raise Fault(
                    "wrong-axes",
                    f"{self.type()} takes query, key and value [heads, length, features], as many axes each, "
                    f"but gets {shape_text(query)}, {shape_text(key)} and {shape_text(value)}",
                )
        if key[-1] != query[-1]:
            raise Fault(
                "shapes-differ",
                f"{self.type()} needs query and key of as many features, but they have {query[-1]} and {key[-1]}",
            )
        if value[-2] != key[-2]:
            raise Fault(
                "shapes-differ",
                f"{self.type()} needs a value for each key, but there are {key[-2]} keys and {value[-2]} values",
            )
        if self.window is not None and not self.is_causal:
            raise Fault("option-value", f"a window of {self.type()} needs is_causal=True", option="window")
        y = (*self.leading(query, key, value), query[-2], value[-1])
        for mask in masks:
            if self.is_causal:
                raise Fault("mask-twice", f"{self.type()} takes a mask or is_causal=True, not both", option="is_causal")
            pairs = (*y[:-1], key[-2])
            if len(mask) > len(pairs) or any(
                not is_one(a) and a != b for a, b in zip(mask[:0:-1], pairs[:0:-1], strict=False)
            ):
                raise Fault(
                    "mask-shape",
                    f"the mask {shape_text(mask)} of {self.type()} does not broadcast to {shape_text(pairs)}",
                )
        return y

    def leading(self, query: Shape, key: Shape, value: Shape) -> Shape:
        """The axes before length and features, broadcast; with enable_gqa the heads of the query."""
        sizes = list(query[:-2])
        for x in (key, value):
            for axis, size in enumerate(x[:-2]):
                if self.enable_gqa and axis == len(x) - 3 and axis > 0:
                    if query[axis] % size != 0:
                        raise Fault(
                            "heads-do-not-divide",
                            f"{query[axis]} heads of the query cannot share {size} heads of keys and values",
                        )
                elif is_one(sizes[axis]):
                    sizes[axis] = size
                elif not is_one(size) and size != sizes[axis]:
                    gqa = axis == len(x) - 3 and axis > 0
                    raise Fault(
                        "shapes-differ",
                        f"{self.type()} needs as many heads in query, key and value, but gets "
                        f"{shape_text(query)}, {shape_text(key)} and {shape_text(value)}",
                        help="with enable_gqa=True groups of heads share keys and values" if gqa else (),
                    )
        return tuple(sizes)

    def ports(self, query: Shape, key: Shape, value: Shape, *masks: Shape) -> dict[str, Shape]:
        pairs = (*self.leading(query, key, value), query[-2], key[-2])
        return {"scores": pairs, "attention": pairs}

    def macs(self, y: Shape, query: Shape, key: Shape, value: Shape, *masks: Shape) -> dict[str, Number]:
        pairs = prod(y[:-1]) * key[-2]
        return {"scores": pairs * query[-1], "mix": pairs * value[-1]}

    def attended(self, query: Shape, key: Shape, value: Shape, *masks: Shape) -> Iterator[Attended]:
        leading = prod(self.leading(query, key, value)[1:])
        yield Attended(
            *(0, 1, query[-2], key[-2]),
            numbers=prod(key[1:]) + prod(value[1:]),
            pair=leading * (query[-1] + value[-1]),
            causal=bool(self.is_causal),
            window=self.window,
            masks=tuple(range(3, 3 + len(masks))),
        )
