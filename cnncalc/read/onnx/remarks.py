"""Where a count of an ONNX file may differ from that of the model it was exported from, and by how much."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from cnncalc.read.onnx.values import FLOATS, Value

# Operators whose arrays of several axes are masks, tables or constants as often as parameters.
BARE = ("Add", "Sub", "Mul", "Div", "Pow", "Where", "Concat", "Max", "Min", "Expand", "Tile", "Slice")
# The inputs of an operator that are its first states.
STATES = {"LSTM": (5, 6), "GRU": (5,), "RNN": (5,)}
CONVOLUTIONS = ("Conv", "ConvTranspose", "ConvInteger", "QLinearConv")
PRODUCTS = (*CONVOLUTIONS, "Gemm", "MatMul", "MatMulInteger")
# Names that exporters make: of convolutions with a norm folded into them, of arrays that were worked out, of numbers.
FOLDED_INTO = "onnx::Conv_"
WORKED_OUT = re.compile(r"_?(mul|div|add|sub|weight_norm\w*)(_\d+)?(_quantized)?")
OF_EXPORTER = re.compile(r"val_\d+|onnx::.*|/.*|\d+|.*_scale(_.*)?|.*constant.*", re.IGNORECASE)
SHOWN = 3  # names that are written out


class Use(NamedTuple):
    """An initializer that goes into a node: its name, the node and its operator, which input, whether it is counted."""

    name: str
    node: str
    op: str
    at: int
    counted: bool


class Remarks:
    """What there is to say of the counts of one file; `norms` says whether it has batch norms of its own."""

    def __init__(self, uses: list[Use], values: dict[str, Value], norms: bool) -> None:
        self.uses = uses
        self.values = values
        self.norms = norms
        self.counted: dict[str, list[Use]] = {}
        for use in uses:
            if use.counted and not (use.op == "BatchNormalization" and use.at > 2):
                self.counted.setdefault(use.name, []).append(use)

    def all(self) -> Iterator[str]:
        """One sentence for each reason."""
        size = self._size
        again = sum(size(name) * (len(some) - 1) for name, some in self.counted.items())
        if again:
            yield (
                f"arrays that several layers use are counted once, {again:,} parameters more if each use counts: "
                "an exporter stores equal arrays once, which the model may have apart"
            )
        yield from self._turned()
        yield from self._folded()
        states = [name for name, some in self.counted.items() if all(use.at in STATES.get(use.op, ()) for use in some)]
        yield from self._named(states, "first states, which most models do not have as parameters")
        bare = [name for name in self.counted if self._bare(name)]
        masks = [name for name in bare if self._is_mask(name)]
        yield from self._named(masks, "masks, by their numbers: buffers in a model, which does not count them")
        rest = [name for name in bare if name not in masks]
        yield from self._named(rest, "parameters, or buffers (positions, constants), which the model does not count")
        written = [name for name in self.counted if name.startswith("val_") and self._is_even(name)]
        yield from self._named(written, "ones or zeros, which the exporter writes for a norm without weights")
        single = {
            use.name: None
            for use in self.uses
            if not use.counted and use.op in ("Add", "Sub", "Mul", "Div", "PRelu") and self._is_number(use.name)
        }
        if single:
            yield f"{_some(list(single))}: single numbers, parameters or constants, which do not count"

    def _size(self, name: str) -> int:
        return prod(self.values[name].dims)

    def _named(self, names: list[str], what: str) -> Iterator[str]:
        if names:
            yield f"{_some(names)} ({sum(map(self._size, names)):,} numbers): {what}"

    def _turned(self) -> Iterator[str]:
        """Tables that stand in the file a second time, transposed: what ties them in the model is gone."""
        tables = {
            self.values[name].dims: name
            for name, some in self.counted.items()
            if some[0].op == "Gather" and len(self.values[name].dims) == 2
        }
        for name, some in self.counted.items():
            table = tables.get(self.values[name].dims[::-1])
            if table is None or name == table or some[0].op not in PRODUCTS:
                continue
            mine, other = self.values[name].data, self.values[table].data
            if mine is None or other is None:
                known = "are one array in the model where it ties them"
            elif (mine == other.T).all():
                known = "have the same numbers, transposed: one array in a model that ties them"
            else:
                continue
            yield f"{table} and {name} {known}, {self._size(name):,} parameters fewer"

    def _folded(self) -> Iterator[str]:
        """Batch norms that an exporter may have put into the layer before."""
        kernels = [
            name
            for name, some in self.counted.items()
            if some[0].op in PRODUCTS and some[0].at in (0, 1, 3) and len(self.values[name].dims) > 1
        ]
        folded = [name for name in kernels if name.startswith(FOLDED_INTO)]
        if folded:
            channels = sum(self.values[name].dims[0] for name in folded)
            yield (
                f"{_some(folded)}: kernels that the exporter worked out, as where it folds a batch norm: the model has "
                f"{channels:,} parameters more then, or {2 * channels:,} where these convolutions have biases too"
            )
        made = [name for name in kernels if WORKED_OUT.fullmatch(name)]
        if made:
            yield f"{_some(made)}: worked out by the exporter, as of weight norm; the model counts what it is made of"
        hidden = any(self.counted[name][0].node.startswith("node_") for name in kernels)
        if hidden and not self.norms and not folded and any(self.counted[name][0].op != "MatMul" for name in kernels):
            yield (
                "what the exporter folded into a layer, or left out, does not show: "
                "the model has 2 parameters more for each channel of a batch norm, 1 for each of a bias of zeros"
            )

    def _bare(self, name: str) -> bool:
        rank = len(self.values[name].dims)
        return all(use.op in BARE and (rank > 1 or use.op in ("Sub", "Div")) for use in self.counted[name])

    def _is_mask(self, name: str) -> bool:
        """Whether an array has two numbers, 0 and one as good as minus infinity."""
        data = self.values[name].data
        if data is None or data.dtype.kind != "f" or not data.size:
            return False
        low = data.min()
        return bool(low <= -1e4 and ((data == low) | (data == 0)).all())

    def _is_even(self, name: str) -> bool:
        data = self.values[name].data
        return data is not None and data.ndim == 1 and bool((data == 0).all() or (data == 1).all())

    def _is_number(self, name: str) -> bool:
        value = self.values[name]
        return prod(value.dims) == 1 and value.dtype in FLOATS and OF_EXPORTER.fullmatch(name) is None


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"
