"""What names mean in `expect`, `ask` and `check`: the analysed network.

Layers, blocks, layer types, inputs, `output` and `total`, each with its attributes. Shapes and arrays are those of one
sample; arrays execute the network once, in float64, when a number of theirs is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cnncalc import layers
from cnncalc.core.number import Number, Shape
from cnncalc.core.problem import Fault
from cnncalc.expression.evaluation import Function
from cnncalc.network.graph import Ref
from cnncalc.network.report import Report, Row
from cnncalc.query.arrays import ArrayValue, equal, rank

if TYPE_CHECKING:
    from cnncalc.cost.cost import Convention, Cost
    from cnncalc.execute.gradient.tape import Tape
    from cnncalc.receptive.fields import Fields

DERIVATIVES = ("gradient", "jacobian")
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


class NetworkScope:
    """The scope of an analysed network. `execute` runs it once and is only called for numbers of arrays.

    With a `convention` MACs, FLOPs and bytes are counted by it; `used` are those of its settings that mattered.
    `samples` says how many samples are given where they are a batch, 0 else; such arrays have a batch axis.
    `constants` gives the names of `let`.
    """

    def __init__(
        self,
        report: Report,
        execute: Callable[[], Any],
        convention: Convention | None = None,
        samples: Callable[[], int] | None = None,
        constants: Callable[[], dict[str, Any]] | None = None,
    ) -> None:
        self.report = report
        self._constants = constants
        self.convention = convention
        self.used: set[str] = set()
        self._let: dict[str, Any] = {}
        self._cost: Cost | None = None
        self._execute = execute
        self._samples = samples
        self._batch: tuple[int, ...] | None = None
        self._run: Any = None
        self._prefixes: dict[str, list[Row]] | None = None
        self._fields: Fields | None = None
        self._tape: Tape | None = None
        # What was worked out for this network once, by whom it concerns.
        self.remembered: dict[str, Any] = {}

    @property
    def fields(self) -> Fields:
        """The receptive fields of all layers."""
        if self._fields is None:
            from cnncalc.receptive.fields import Fields

            self._fields = Fields(self.report)
        return self._fields

    @property
    def cost(self) -> Cost:
        """Costs by the convention."""
        if self._cost is None:
            from cnncalc.cost.cost import Cost

            self._cost = Cost(self.report, self.convention)
        return self._cost

    def unused(self) -> list[str]:
        """The settings of the convention that made no difference to what was asked."""
        from cnncalc.cost.cost import SETTINGS

        return [name for name in SETTINGS if name not in self.used]

    def counted(self, rows: list[Row], name: str) -> Number:
        """One of `COUNTS` over some layers."""
        total: Number = 0
        if name in ("macs", "flops") and self.convention is not None and self.convention.counts:
            for layer in self.cost.of(rows):
                total = total + getattr(layer, name)
                self.used |= layer.counted(name)
            return total
        for row in rows:
            if name == "flops":
                value = 2 * row.macs
            elif name == "buffers":
                value = sum(_product(shape) for shape in row.buffers.values())
            else:
                value = getattr(row, name)
            total = total + (0 if value is None else value)
        return total

    def size(self, name: str, rows: list[Row] | None) -> Number:
        """A name of memory, tokens or training, over some rows or the whole network; KeyError where it is none."""
        from cnncalc.cost import sizes

        known = sizes.SIZES[name]
        if rows is not None and not known.layers:
            raise Fault("no-value", f"{name} is that of the whole network", help=f"write total.{name}")
        self.used.update(set(known.settings) - set(self.cost.unused()))
        if name in ("flops_per_token", "training_flops", "bops"):
            for layer in self.cost.layers if rows is None else self.cost.of(rows):
                self.used |= layer.counted("macs" if name == "bops" else "flops")
        return sizes.value(self.cost, name, rows)

    @property
    def run(self) -> Any:
        """The executed network."""
        if self._run is None:
            self._run = self._execute()
        return self._run

    @property
    def executed(self) -> Any:
        """The executed network, if anything asked for it; None else."""
        return self._run

    @property
    def batch(self) -> tuple[int, ...]:
        """The axis that arrays have beside those of a sample: (samples,) or none."""
        if self._batch is None:
            count = self._samples() if self._samples is not None else 0
            self._batch = (count,) if count else ()
        return self._batch

    @property
    def tape(self) -> Tape:
        """The executed network, followed so that derivatives can be taken."""
        if self._tape is None:
            from cnncalc.execute.gradient.tape import Tape

            self._tape = Tape(self.run)
        return self._tape

    @property
    def remarks(self) -> list[str]:
        """What there is to say about derivatives that were taken."""
        return [] if self._tape is None else self._tape.notes

    @property
    def prefixes(self) -> dict[str, list[Row]]:
        """Every scope's name with its rows: `encoder`, `encoder.0`, `encoder.0.attn`."""
        if self._prefixes is None:
            found: dict[str, list[Row]] = {}
            for row in self.report.rows:
                at = row.name.find(".")
                while at >= 0:
                    found.setdefault(row.name[:at], []).append(row)
                    at = row.name.find(".", at + 1)
                found.setdefault(row.name, [row])
            for name in self.report.graph.blocks:
                found.setdefault(name, [])
            self._prefixes = found
        return self._prefixes

    def lookup(self, name: str) -> Any:
        """A layer, block, input, type, `output`, `total` or function; KeyError where there is none."""
        part = self.part(name)
        if part is not None:
            return part
        if name in self.report.graph.ambiguous:
            numbered = self.report.graph.ambiguous[name]
            raise Fault("ambiguous-name", f'"{name}" is {len(numbered)} layers', help=f"say {' or '.join(numbered)}")
        for index, given in enumerate(self.report.graph.inputs):
            if given.name == name:
                return self._value(index)
        if name == "output":
            return self._value(self.report.graph.output)
        if name == "total":
            return Sums(self, "total", self.report.rows, whole=True)
        if name in self.report.symbols:
            return self.report.symbols[name]
        if name in FUNCTIONS:
            return FUNCTIONS[name]
        if name in self.constants:
            return self.constants[name]
        if name in DERIVATIVES:
            return _derivative(name, self)
        kind = layers.find(name, self.report.graph.convention)
        if kind is not None:
            return Sums(self, kind.type(), [row for row in self.report.rows if row.type == kind.type()])
        raise KeyError(name)

    @property
    def constants(self) -> dict[str, Any]:
        """The names of `let` with their values."""
        if callable(self._constants):
            self._let, self._constants = self._constants(), None
        return self._let

    def _value(self, ref: Ref) -> ArrayValue:
        """An input or the output: a shape, and the array itself."""
        return ArrayValue(self.report.shown(self.report.shape_of(ref), ref), lambda: _fetch(self, ref), ref)

    def part(self, name: str) -> Any:
        """The layer or block of a full name; None where there is none."""
        rows = self.prefixes.get(name)
        if rows is None:
            name = self.report.graph.aliases.get(name, name)
            rows = self.prefixes.get(name)
        if rows is None:
            return None
        if len(rows) == 1 and rows[0].name == name:
            return LayerValue(self, rows[0])
        return BlockValue(self, name, rows)

    def names(self) -> list[str]:
        """Every name, for suggestions."""
        kinds = dict.fromkeys(row.type for row in self.report.rows)
        inputs = [given.name for given in self.report.graph.inputs]
        return [
            *self.prefixes,
            *inputs,
            "output",
            "total",
            *self.report.symbols,
            *self.constants,
            *kinds,
            *FUNCTIONS,
            *DERIVATIVES,
        ]


def size_names(whole: bool) -> list[str]:
    """The names of memory, tokens and training, of the whole network or of a part."""
    from cnncalc.cost.sizes import SIZES

    return [name for name, size in SIZES.items() if whole or size.layers]


class Sums:
    """Counts over some layers: a type, a block, everything."""

    def __init__(self, names: NetworkScope, name: str, rows: list[Row], whole: bool = False) -> None:
        self.names = names
        self.name = name
        self.rows = rows
        self.whole = whole

    def cnncalc_attribute(self, name: str) -> Any:
        """A sum over the layers, `layers` for how many there are."""
        if name in COUNTS:
            return self.names.counted(self.rows, name)
        if name in ("layers", "count"):
            return len(self.rows)
        return self.names.size(name, None if self.whole else self.rows)

    def cnncalc_attributes(self) -> list[str]:
        """What can stand after the dot."""
        return [*COUNTS, "layers", *size_names(self.whole)]


class LayerValue:
    """One layer."""

    def __init__(self, names: NetworkScope, row: Row) -> None:
        self.names = names
        self.row = row

    def cnncalc_attribute(self, name: str) -> Any:
        """Shapes, counts, weights, ports; KeyError for what it has not."""
        row, names = self.row, self.names
        graph = names.report.graph
        if name == "shape":
            return list(row.output_shape)
        if name == "input_shape":
            return list(row.input_shapes[0]) if row.input_shapes else []
        if name in row.weights or name in row.buffers:
            shape = row.weights.get(name, row.buffers.get(name, ()))
            place = ("weight", names.report.rows.index(row), name)
            return ArrayValue(shape, lambda: names.run.weight(row.name, name), place)
        number = len(graph.inputs) + graph.nodes.index(row.node)
        if name in row.ports:
            return ArrayValue(row.ports[name], lambda: _fetch(names, (number, name)), (number, name))
        inside = row.facts.inside
        whole = name if name in inside else name.replace("_l0", "")  # PyTorch's weights name the first layer too
        if whole in inside:
            return ArrayValue(inside[whole][1:], lambda: _fetch(names, (number, whole)), (number, whole))
        if name == "output":
            return ArrayValue(row.output_shape, lambda: _fetch(names, number), number)
        if name in COUNTS:
            return names.counted([row], name)
        if name == "receptive_field":
            return _receptive_field(names, row.name)
        inner = self._nested(name)
        if inner is not None:
            return inner
        if name in type(row.layer).options:  # `drop.p`, `conv1.stride`
            value = getattr(row.layer, name)
            return list(value) if isinstance(value, tuple) else value
        return names.size(name, [row])

    def _nested(self, name: str) -> Any:
        """The first part of a weight's name with dots: `self_attn` of `self_attn.in_proj_weight`."""
        start = name + "."
        if any(weight.startswith(start) for weight in self.row.weights):
            return _Nested(self, name)
        return self.names.part(f"{self.row.name}.{name}")

    def cnncalc_index(self, key: Any) -> Any:
        """`chunk[0]`: a port by its number; of other layers `rnn[2]` is a part of the output, as in derivatives."""
        if str(key) in self.row.ports:
            return self.cnncalc_attribute(str(key))
        return self.cnncalc_attribute("output").cnncalc_index(key)

    def cnncalc_attributes(self) -> list[str]:
        """What can stand after the dot."""
        row = self.row
        words = ["shape", "input_shape", "output", *COUNTS, "receptive_field"]
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

    def cnncalc_index(self, key: Any) -> Any:
        return self.cnncalc_attribute(str(key))

    def cnncalc_attributes(self) -> list[str]:
        """What can stand after the dot."""
        start = len(self.prefix) + 1
        return [w[start:].split(".")[0] for w in self.layer.row.weights if w.startswith(self.prefix + ".")]


class BlockValue(Sums):
    """A block, a copy, or all copies of one."""

    def cnncalc_attribute(self, name: str) -> Any:
        """A sum over its layers, its shapes, or what is inside it."""
        inner = self.names.part(f"{self.name}.{name}")
        if inner is not None:
            return inner
        report = self.names.report
        block = report.graph.blocks.get(self.name)
        if name in ("shape", "output") and block is not None:
            ref = block.output
            shape: Shape = report.shown(report.shape_of(ref), ref)
            return list(shape) if name == "shape" else ArrayValue(shape, lambda: _fetch(self.names, ref), ref)
        if name == "input_shape" and block is not None and block.inputs:
            return list(report.shown(report.shape_of(block.inputs[0]), block.inputs[0]))
        if name == "receptive_field" and block is not None and block.stop > block.start:
            ref = block.output
            number = (ref[0] if isinstance(ref, tuple) else ref) - len(report.graph.inputs)
            return _receptive_field(self.names, report.rows[number].name)
        return super().cnncalc_attribute(name)

    def cnncalc_index(self, key: Any) -> Any:
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


def _receptive_field(names: NetworkScope, name: str) -> Any:
    from cnncalc.receptive.fields import receptive_field

    return receptive_field(names.fields, name)


def _product(shape: Shape) -> Number:
    result: Number = 1
    for size in shape:
        result = result * size
    return result


def _fetch(names: NetworkScope, ref: Ref) -> Any:
    """The executed array of a value, one sample or the batch that was given, in the network's layout."""
    run, report = names.run, names.report
    array = run.value(ref) if run.batched else run.value(ref)[0]
    if report.image(ref):
        import numpy as np

        first = 1 if run.batched else 0
        array = np.moveaxis(array, *((-1, first) if report.graph.convention == "keras" else (first, -1)))
    return array


def _growth(name: str) -> Callable[[Any], Any]:
    """A function of `growth`, whose module is not needed before it is called."""

    def apply(value: Any) -> Any:
        from cnncalc.symbolic import growth

        result = getattr(growth, name)(value)
        return "\n".join(result) if name == "growth" else result

    return apply


def _derivative(name: str, names: NetworkScope) -> Function:
    """A function of `derivatives`, imported when it is called, about this network."""

    def apply(arguments: Any, scope: Any) -> Any:
        from cnncalc.query import derivatives

        return getattr(derivatives, name)(arguments, names, scope)

    return Function(apply, raw=True)


FUNCTIONS = {"rank": Function(rank), "equal": Function(equal)}
FUNCTIONS |= {name: Function(_growth(name)) for name in ("growth", "leading", "big_o")}
