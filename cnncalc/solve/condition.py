"""A condition of a search: an expression about the network, asked again for each combination of values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnncalc.core.problem import Fault, Problem, Source, Span, SpecError
from cnncalc.cost.convention import Convention
from cnncalc.cost.sizes import SIZES
from cnncalc.expression.evaluate import evaluate
from cnncalc.expression.parsed import Expression
from cnncalc.expression.pasted import without_commas
from cnncalc.expression.syntax import parse
from cnncalc.query.scope import NetworkScope
from cnncalc.query.short import short

if TYPE_CHECKING:
    from cnncalc.network.network import Network
    from cnncalc.network.report import Report

# A name that a search may have a range for although no network has it: samples at once.
BATCH = "batch"
CLOSE = re.compile(rf"\.(?:receptive_field|{'|'.join(SIZES)})\b|\b(?:rank|equal|growth|leading|big_o)\(")


class Condition:
    """`output.shape == [16, 32, 32]`; the free names themselves may stand in it too."""

    def __init__(self, text: str, convention: Convention | None = None) -> None:
        self.text = text
        self.convention = convention
        self.written = normalized(without_commas(text))
        self.fault: Fault | None = None
        self.answered = False
        try:
            self.expression: Expression = parse(self.written)
        except Fault as fault:
            raise self.error(fault) from None
        self.names = self.expression.names()
        # Memory and tokens are those of the whole network, and of the batch.
        told = {short(name) or name for name in self.names} | {self.written}
        self.sized = any(re.search(rf"\.{name}\b", text) for name in SIZES for text in told)
        # Whether it can be asked of numbers that are followed: bytes and receptive fields look at them closely.
        self.followed = not (self.sized or any(CLOSE.search(text) for text in told))
        self._scope: Any = None

    def bind(self, report: Report, values: Mapping[str, Any], network: Network) -> None:
        """Ask from now on about this report, whose rows change."""
        self._scope = _Scope(report, values, network, self.convention)

    @property
    def used(self) -> set[str]:
        """The settings of the convention that it asked for."""
        return self._scope.network_names.used if self._scope is not None else set()

    def last_node(self, report: Report) -> int:
        """The number of the last layer that the condition needs: the last of all where it is not about layers alone."""
        if self.sized:
            return len(report.rows) - 1
        last = -1
        for name in self.names:
            if name in self._scope.values or name in self._scope.free:
                continue
            if name in {given.name for given in report.graph.inputs}:
                continue
            rows = self._scope.network_names.prefixes.get(name)
            if not rows:
                return len(report.rows) - 1
            last = max(last, report.rows.index(rows[-1]))
        return last

    def holds(self, layers: int) -> bool:
        """Whether it holds now; what cannot be computed does not, unless that is always so.

        `layers` is another number whenever a layer is another one than the last time.
        """
        self._scope.renew(layers)
        try:
            value = evaluate(self.expression, self._scope)
        except Fault as fault:
            if fault.code not in ("expression-value", "number-too-large", "list-too-large"):
                raise self.error(fault) from None
            self.fault = self.fault or fault
            return False
        if not isinstance(value, bool):
            raise self.error(
                Fault(
                    "no-condition",
                    f"{self.text} is a value, not a condition",
                    help="a condition is true or false: output.shape == [16, 32, 32]",
                )
            )
        self.answered = True
        return value

    def finish(self) -> None:
        """Raise what went wrong, where it went wrong each time."""
        if self.fault is not None and not self.answered:
            raise self.error(self.fault)

    def error(self, fault: Fault) -> SpecError:
        """The fault at its place in the condition."""
        offset = getattr(fault, "offset", 0)
        span = Span(1, offset + 1, max(1, getattr(fault, "length", len(self.written))))
        source = Source("--want", self.written)
        return SpecError([Problem(fault.code, fault.message, source=source, span=span, help=fault.help)])


def normalized(text: str) -> str:
    """`output.shape = 16x32x32` as it is meant: `output.shape == [16, 32, 32]`."""
    text = re.sub(r"(?<![=<>!])=(?!=)", "==", text)
    return re.sub(
        r"(?<![\w.\]])\d+(?:\s?[x×]\s?\d+)+(?![\w.])",
        lambda found: "[" + ", ".join(re.split(r"\s?[x×]\s?", found[0])) + "]",
        text,
    )


class _Scope:
    """The network's names, and the values that the search gives; nothing is executed."""

    def __init__(
        self, report: Report, values: Mapping[str, Any], network: Network, convention: Convention | None
    ) -> None:
        self.report = report
        self.values = values
        self.free = {*network.symbols, *network.spec.let}
        self.settings = network.settings
        self.network_names = NetworkScope(report, _refuse, convention)
        self.network = network
        self.layers = -1

    def renew(self, layers: int) -> None:
        """Forget what was computed for other values."""
        known = self.network_names
        cost = known._cost if layers == self.layers else None
        self.layers = layers
        self.report._totals = None
        known.sums.clear()
        known._fields = None
        if BATCH in self.values and BATCH not in self.free:
            known.convention = (known.convention or Convention()).of(self.values[BATCH])
            cost = cost and cost.for_batch(known.convention.batch)
        known._cost = cost

    def lookup(self, name: str) -> Any:
        """A layer, a total, an input; a free name's value; a short name such as `params`."""
        mine = name in self.values or name in self.settings or name in self.network.spec.let
        if not (mine and short(name)):
            try:
                return self.network_names.lookup(name)
            except KeyError:
                pass
        if name in self.values:
            return self.values[name]
        if name in self.settings:
            return self.settings[name]
        if name in self.network.spec.let:
            free = {name: value for name, value in self.values.items() if name in self.free}
            return self.network.constants(**free)[name]
        raise KeyError(name)

    def names(self) -> list[str]:
        """Every name, for suggestions."""
        return [*self.network_names.names(), *self.values]


def _refuse() -> Any:
    raise Fault(
        "solve-executes",
        "solve computes shapes and counts and executes nothing",
        help="ask for shapes, parameters or costs: output.shape, total.params, conv1.macs",
    )
