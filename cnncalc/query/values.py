"""Layers, blocks and sums as values of expressions: what stands after their dots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from cnncalc.core.number import Number, Shape, prod
from cnncalc.core.problem import Fault
from cnncalc.network.graph import Ref
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.query.arrays import ArrayValue

if TYPE_CHECKING:
    from cnncalc.execute.execution import Execution
    from cnncalc.receptive.fields import Fields
COUNTS = (
    "params",
    "active_params",
    "trainable",
    "macs",
    "flops",
    "dense",
    "dense_weights",
    "dense_biases",
    "biases",
    "buffers",
)


class Analysed(Protocol):
    """What values ask of the network's scope."""

    @property
    def report(self) -> Report: ...
    @property
    def fields(self) -> Fields: ...
    @property
    def run(self) -> Execution: ...
    def counted(self, rows: list[Row], name: str) -> Number: ...
    def size(self, name: str, rows: list[Row] | None) -> Number: ...
    def part(self, name: str) -> Any: ...


def size_names(whole: bool) -> list[str]:
    """The names of memory, tokens and training, of the whole network or of a part."""
    from cnncalc.cost.sizes import SIZES

    return [name for name, size in SIZES.items() if (whole or size.layers) and name not in COUNTS]


class Sums:
    """Counts over some layers: a type, a block, everything."""

    def __init__(self, names: Analysed, name: str, rows: list[Row], whole: bool = False) -> None:
        self.names = names
        self.name = name
        self.rows = rows
        self.whole = whole
        self._counted: dict[str, Number] = {}

    def cnncalc_attribute(self, name: str) -> object:
        """A sum over the layers, `layers` for how many there are."""
        if name in COUNTS:
            if name not in self._counted:
                self._counted[name] = self.names.counted(self.rows, name)
            return self._counted[name]
        if name in ("layers", "count"):
            return len(self.rows)
        return self.names.size(name, None if self.whole else self.rows)

    def cnncalc_attributes(self) -> list[str]:
        """What can stand after the dot."""
        return [*COUNTS, "layers", *size_names(self.whole)]


class LayerValue:
    """One layer."""

    def __init__(self, names: Analysed, row: Row) -> None:
        self.names = names
        self.row = row

    def cnncalc_attribute(self, name: str) -> Any:
        """Shapes, counts, weights, ports; KeyError for what it has not."""
        row, names = self.row, self.names
        graph = names.report.graph
        if row.unused and name in ("shape", "numel", "input_shape", "output", "receptive_field"):
            counted = f"its parameters are counted: {row.name}.params"
            raise Fault("no-output", f"{row.name} is never called, so nothing comes out of it", help=counted)
        if name == "shape":
            return list(row.output_shape)
        if name == "numel" and name not in row.weights:
            return prod(row.output_shape)
        if name == "input_shape":
            return list(row.input_shapes[0]) if row.input_shapes else []
        if name in row.weights or name in row.buffers:
            shape = row.weights.get(name, row.buffers.get(name, ()))
            place = ("weight", names.report.rows.index(row), name)
            return ArrayValue(shape, lambda: names.run.weight(row.name, name), place)
        inside = row.facts.inside
        if name in COUNTS and name not in row.ports and name not in inside:
            return names.counted([row], name)
        number = len(graph.inputs) + graph.nodes.index(row.node)
        if name in row.ports:
            return ArrayValue(row.ports[name], lambda: fetch(names, (number, name)), (number, name))
        whole = name if name in inside else name.replace("_l0", "")  # PyTorch's weights name the first layer too
        if whole in inside:
            return ArrayValue(inside[whole][1:], lambda: fetch(names, (number, whole)), (number, whole))
        if name == "output":
            return ArrayValue(row.output_shape, lambda: fetch(names, number), number)
        if name == "receptive_field":
            return _receptive_field(names, row.name)
        inner = self._nested(name)
        if inner is not None:
            return inner
        if name in type(row.layer).options:  # `drop.p`, `conv1.stride`
            value = getattr(row.layer, name)
            if value is None:
                value = row.layer.inferred(row.facts.inputs).get(name)
            return list(value) if isinstance(value, tuple) else value
        return names.size(name, [row])

    def _nested(self, name: str) -> object:
        """The first part of a weight's name with dots: `self_attn` of `self_attn.in_proj_weight`."""
        start = name + "."
        if any(weight.startswith(start) for weight in self.row.weights):
            return _Nested(self, name)
        return self.names.part(f"{self.row.name}.{name}")

    def cnncalc_index(self, key: object) -> object:
        """`chunk[0]`: a port by its number; of other layers `rnn[2]` is a part of the output, as in derivatives."""
        if str(key) in self.row.ports:
            return self.cnncalc_attribute(str(key))
        return self.cnncalc_attribute("output").cnncalc_index(key)

    def cnncalc_attributes(self) -> list[str]:
        """What can stand after the dot."""
        row = self.row
        words = ["shape", "numel", "input_shape", "output", *COUNTS, "receptive_field"]
        return [*words, *row.weights, *row.buffers, *row.ports, *row.facts.inside, *size_names(False)]


class _Nested:
    """A weight's name on its way: `core.layer.self_attn`, to be followed by `.in_proj_weight`."""

    def __init__(self, layer: LayerValue, prefix: str) -> None:
        self.layer = layer
        self.prefix = prefix

    def cnncalc_attribute(self, name: str) -> Any:
        full = f"{self.prefix}.{name}"
        if full in self.layer.row.weights:
            return self.layer.cnncalc_attribute(full)
        if any(weight.startswith(full + ".") for weight in self.layer.row.weights):
            return _Nested(self.layer, full)
        raise KeyError(name)

    def cnncalc_index(self, key: object) -> object:
        return self.cnncalc_attribute(str(key))

    def cnncalc_attributes(self) -> list[str]:
        """What can stand after the dot."""
        start = len(self.prefix) + 1
        return [w[start:].split(".")[0] for w in self.layer.row.weights if w.startswith(self.prefix + ".")]


class BlockValue(Sums):
    """A block, a copy, or all copies of one."""

    def cnncalc_attribute(self, name: str) -> object:
        """A sum over its layers, its shapes, or what is inside it."""
        inner = self.names.part(f"{self.name}.{name}")
        if inner is not None:
            return inner
        report = self.names.report
        block = report.graph.blocks.get(self.name)
        if name in ("shape", "output") and block is not None:
            ref = block.output
            shape: Shape = report.shown(report.shape_of(ref), ref)
            return list(shape) if name == "shape" else ArrayValue(shape, lambda: fetch(self.names, ref), ref)
        if name == "input_shape" and block is not None and block.inputs:
            return list(report.shown(report.shape_of(block.inputs[0]), block.inputs[0]))
        if name == "receptive_field" and block is not None and block.stop > block.start:
            ref = block.output
            number = (ref[0] if isinstance(ref, tuple) else ref) - len(report.graph.inputs)
            return _receptive_field(self.names, report.rows[number].name)
        return super().cnncalc_attribute(name)

    def cnncalc_index(self, key: object) -> Any:
        """A copy by its number."""
        inner = self.names.part(f"{self.name}.{key}")
        if inner is None:
            raise Fault("unknown-name", f"{self.name} has no copy {key}")
        return inner

    def cnncalc_attributes(self) -> list[str]:
        """What can stand after the dot."""
        start = len(self.name) + 1
        inside = dict.fromkeys(row.name[start:].split(".")[0] for row in self.rows)
        return ["shape", "input_shape", *COUNTS, "layers", "receptive_field", *inside, *size_names(False)]


def _receptive_field(names: Analysed, name: str) -> object:
    from cnncalc.receptive.fields import receptive_field

    return receptive_field(names.fields, name)


def fetch(names: Analysed, ref: Ref) -> Any:
    """The executed array of a value, one sample or the batch that was given, in the network's layout."""
    run, report = names.run, names.report
    array = run.value(ref) if run.batched else run.value(ref)[0]
    if report.image(ref):
        import numpy as np

        first = 1 if run.batched else 0
        array = np.moveaxis(array, *((-1, first) if report.graph.convention == "keras" else (first, -1)))
    return array
