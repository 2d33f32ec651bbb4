"""What names mean in `expect`, `ask` and `check`: the analysed network.

Layers, blocks, layer types, inputs, `output` and `total`, each with its attributes. Shapes and arrays are those of one
sample; arrays execute the network once, in float64, when a number of theirs is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cnncalc import layers
from cnncalc.core.number import Number, prod
from cnncalc.core.problem import Fault
from cnncalc.expression.evaluation import Function
from cnncalc.network.graph import Ref
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.query.arrays import ArrayValue, equal, rank
from cnncalc.query.short import HINTS, short
from cnncalc.query.values import Analysed, BlockValue, LayerValue, Sums, fetch

if TYPE_CHECKING:
    from cnncalc.cost.cost import Convention, Cost
    from cnncalc.execute.execution import Execution
    from cnncalc.execute.gradient.tape import Tape
    from cnncalc.receptive.fields import Fields

DERIVATIVES = ("gradient", "jacobian")


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
        constants: Callable[[], dict[str, object]] | None = None,
    ) -> None:
        self.report = report
        self._constants = constants
        self.convention = convention
        self.used: set[str] = set()
        self._let: dict[str, object] = {}
        self._cost: Cost | None = None
        self._execute = execute
        self._samples = samples
        self._batch: tuple[int, ...] | None = None
        self._run: Execution | None = None
        self._prefixes: dict[str, list[Row]] | None = None
        self._signed: tuple[str, ...] | None = None
        self.sums: dict[str, Sums] = {}
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
                value = sum(prod(shape) for shape in row.buffers.values())
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
    def run(self) -> Execution:
        """The executed network."""
        run: Execution = self._execute() if self._run is None else self._run
        self._run = run
        return run

    @property
    def executed(self) -> Execution | None:
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

    @property
    def signed(self) -> tuple[str, ...]:
        """The names that have signs in them, as other tools' files have: `/layer1/conv1/Conv`; the longest first."""
        if self._signed is None:
            names = dict.fromkeys([*self.prefixes, *(given.name for given in self.report.graph.inputs)])
            found = (name for name in names if not name.replace(".", "").replace("_", "").isalnum())
            self._signed = tuple(sorted(found, key=len, reverse=True))
        return self._signed

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
            return self._sums(name, lambda: Sums(self, "total", self.report.rows, whole=True))
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
            word = kind.type()
            return self._sums(word, lambda: Sums(self, word, [row for row in self.report.rows if row.type == word]))
        full = short(name)
        if full is not None:
            from cnncalc.expression.evaluate import evaluate
            from cnncalc.expression.syntax import parse

            return evaluate(parse(full), self)
        if name.lower() in HINTS:
            raise Fault("unknown-name", f'unknown name "{name}"', help=HINTS[name.lower()])
        raise KeyError(name)

    def _sums(self, name: str, make: Callable[[], Sums]) -> Sums:
        """Sums by their name, each added up once."""
        if name not in self.sums:
            self.sums[name] = make()
        return self.sums[name]

    @property
    def constants(self) -> dict[str, object]:
        """The names of `let` with their values."""
        if callable(self._constants):
            self._let, self._constants = self._constants(), None
        return self._let

    def _value(self, ref: Ref) -> ArrayValue:
        """An input or the output: a shape, and the array itself."""
        return ArrayValue(self.report.shown(self.report.shape_of(ref), ref), lambda: fetch(self, ref), ref)

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


def _growth(name: str) -> Callable[[object], object]:
    """A function of `growth`, whose module is not needed before it is called."""

    def apply(value: object) -> Any:
        from cnncalc.symbolic import growth

        result = getattr(growth, name)(value)
        return "\n".join(result) if name == "growth" else result

    return apply


def _derivative(name: str, names: Analysed) -> Function:
    """A function of `derivatives`, imported when it is called, about this network."""

    def apply(arguments: object, scope: object) -> object:
        from cnncalc.query import derivatives

        return getattr(derivatives, name)(arguments, names, scope)

    return Function(apply, raw=True)


FUNCTIONS = {"rank": Function(rank), "equal": Function(equal)}
FUNCTIONS |= {name: Function(_growth(name)) for name in ("growth", "leading", "big_o")}
