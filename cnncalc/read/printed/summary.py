"""A summary table as a network: its sizes and counts are what is known, and they must agree with one another."""

from __future__ import annotations

import re
from math import prod

from cnncalc.core.problem import Problem, Source, SpecError
from cnncalc.network.graph import Graph, Node
from cnncalc.read.opaque import listed
from cnncalc.read.printed.table import Line, Table, parse
from cnncalc.read.python.files.places import span_of
from cnncalc.read.python.tensor.tensors import Origin
from cnncalc.read.python.values import Refused


class SummaryModel:
    """A model as torchinfo's, torchsummary's or Keras' table shows it."""

    format = "printed"

    def __init__(self, source: Source) -> None:
        self.source = source
        self.notes: list[Problem] = []
        self._table: Table | None = None
        self._order: list[str] = []

    @property
    def name(self) -> str:
        """The model's name, or its class."""
        table = self.table()
        return table.name or (table.lines[0].kind if table.style == "torchinfo" else "model")

    def table(self) -> Table:
        """The table, read and compared with itself once. Raises `SpecError`."""
        if self._table is None:
            try:
                table = parse(self.source.text)
                self._compare(table)
            except Refused as refused:
                raise SpecError([self.problem(refused)]) from None
            self._table = table
        return self._table

    def problem(self, refused: Refused, severity: str = "error") -> Problem:
        """A refusal at its place in the text."""
        span = span_of(refused.node, self.source) if refused.node is not None else None
        return Problem(
            refused.code, refused.message, source=self.source, span=span, help=refused.help, severity=severity
        )

    # --- what it shows against what it adds up to -------------------------------------------------------------------

    def _compare(self, table: Table) -> None:
        problems = []
        before: tuple[int, ...] | None = None
        for line in table.lines:
            taken = line.taken or (before if table.chain and not line.depth else None)
            reason = "" if line.recursive else impossible(line, taken, table.style)
            if reason:
                problems.append(self.problem(Refused("summary-row", f"{line.name}: {reason}", line.place)))
            if not line.depth:
                before = line.shape
        if not problems:
            problems = [*self._blocks(table), *self._sums(table)]
        if problems:
            raise SpecError(problems[:12])

    def _blocks(self, table: Table) -> list[Problem]:
        """A nested model of Keras has as many as its layers together."""
        found = []
        if table.style != "keras":
            return []
        for index, line in enumerate(table.lines):
            parts = _children(table.lines, index)
            total = sum(part.params or 0 for part in parts)
            if parts and line.params is not None and total != line.params:
                message = f"{line.name} shows {line.params:,} parameters, and its rows add up to {total:,}"
                found.append(self.problem(Refused("summary-total", message, line.place)))
        return found

    def _sums(self, table: Table) -> list[Problem]:
        stated = table.sums.get("Total")
        if stated is None:
            return []
        count, place = stated
        optimizer = table.sums["Optimizer"][0] if "Optimizer" in table.sums else 0
        rows = sum(line.params or 0 for line in _counted(table))
        if rows != count - optimizer:
            apart = f" without the optimizer's {optimizer:,}" if optimizer else ""
            message = f"the rows add up to {rows:,}, and the table says {count - optimizer:,}{apart}"
            help = "a row is missing or was changed, or layers are shared in a way that the table does not show"
            return [self.problem(Refused("summary-total", message, place, help=help))]
        if "Trainable" in table.sums and "Non-trainable" in table.sums:
            parts = table.sums["Trainable"][0] + table.sums["Non-trainable"][0] + optimizer
            if parts != count:
                message = f"trainable and other parameters add up to {parts:,}, and the table says {count:,}"
                return [self.problem(Refused("summary-total", message, place))]
        return []

    # --- graphs -----------------------------------------------------------------------------------------------------

    def graph(self, texts: list[str]) -> tuple[Graph, list[Problem]]:
        """Refused: a table has no options of layers."""
        table = self.table()
        message = "a summary table shows shapes and counts, and neither options nor connections of layers"
        help = "shapes and params answer from it; for more give FILE.py, an .onnx or .keras file"
        raise SpecError([self.problem(Refused("summary-only", message, table.head, help=help))])

    def counts(self) -> Graph:
        """The rows that have parameters of their own, or none inside."""
        table = self.table()
        self._say(table)
        return self._made(table, _counted(table), shapes=False)

    def shown(self) -> Graph:
        """Every row with the shape that it shows."""
        table = self.table()
        self._say(table)
        sizes = {line.shape[0] for line in table.lines if line.shape}
        if not sizes:
            message = "the table shows no shapes: it was made without the size of an input"
            raise SpecError([self.problem(Refused("summary-only", message, table.head, help="params counts it"))])
        if len(sizes) > 1:
            listing = ", ".join(str(size) for size in sorted(sizes)[:6])
            message = f"the shapes begin with {listing}: which axis is the batch is not in the table"
            raise SpecError([self.problem(Refused("summary-only", message, table.head, help="params counts it"))])
        return self._made(table, [line for line in table.lines if line.shape or line.params], shapes=True)

    def _made(self, table: Table, lines: list[Line], shapes: bool) -> Graph:
        graph = Graph(self.name, [])
        graph.source, graph.format, graph.weights_only = self.source, self.format, True
        trainable = table.sums.get("Trainable")
        graph.summed = (trainable[0] if trainable is not None else None,)
        if table.style == "keras":
            graph.convention, graph.layout = "keras", "channels_last"
        counted = {id(line) for line in _counted(table)}
        names: dict[str, int] = {}
        for line in lines:
            seen = names[line.name] = names.get(line.name, 0) + 1
            name = line.name if seen == 1 else f"{line.name}_{seen}"
            params = line.params or 0 if id(line) in counted else 0
            sample = line.shape[1:] if shapes and line.shape else None
            if sample is not None and -1 in sample:
                message = f"{line.name} shows a size that is not known"
                raise SpecError([self.problem(Refused("summary-only", message, line.place, help="params counts it"))])
            kind = line.kind or "layer"
            span = span_of(line.place, self.source)
            graph.nodes.append(Node(name, listed(kind, sample, params), (), Origin(self.source, span), None, False))
        return graph

    def _say(self, table: Table) -> None:
        self.notes = []
        if "Total" not in table.sums:
            message = "the table has no exact total to compare with: rows may be missing"
            self._note(table, message)
        if table.style == "torchsummary":
            message = (
                "torchsummary counts a layer as often as it is called, and leaves out bare parameters and the weights "
                "of recurrent layers and attention: the total may differ"
            )
            self._note(table, message)

    def _note(self, table: Table, message: str) -> None:
        self.notes.append(self.problem(Refused("summary-hidden", message, table.head), "note"))


def _children(lines: list[Line], index: int) -> list[Line]:
    """The rows directly inside a row."""
    found = []
    for line in lines[index + 1 :]:
        if line.depth <= lines[index].depth:
            break
        if line.depth == lines[index].depth + 1:
            found.append(line)
    return found


def _counted(table: Table) -> list[Line]:
    """The rows whose parameters add up: a nested model of Keras repeats what its rows have."""
    if table.style != "keras":
        return [line for line in table.lines if not line.recursive]
    lines = table.lines
    return [line for index, line in enumerate(lines) if index + 1 == len(lines) or lines[index + 1].depth <= line.depth]


# Layers that have no parameters.
BARE = re.compile(
    r"(ReLU6?|LeakyReLU|ELU|GELU|SiLU|Sigmoid|Tanh|Softmax|LogSoftmax|Hardswish|Dropout\w*|Identity|Flatten|Unflatten|"
    r"\w*MaxPool\w*|\w*AvgPool\w*|\w*AveragePooling\w*|ZeroPad\w*|Upsample|UpSampling\dD|Reshape|Permute|InputLayer|"
    r"Add|Concatenate|Multiply|Average|Maximum|Subtract|Cropping\dD|ZeroPadding\dD|Activation|RepeatVector)$"
)


def impossible(line: Line, taken: tuple[int, ...] | None, style: str) -> str:
    """Why a row cannot be as it is shown, given the shape that comes in where it is known; empty where it can."""
    params, shape, kind = line.params or 0, line.shape, line.kind
    if BARE.match(kind):
        if params:
            return f"{kind} has no parameters, and {params:,} are shown"
        if kind == "Flatten" and taken and shape and -1 not in (*taken[1:], *shape[1:]):
            size = prod(taken[1:])
            if len(shape) == 2 and size != shape[1]:
                return f"Flatten of {_text(taken)} gives {size} numbers, and {shape[1]} are shown"
        return ""
    if shape is None or not params or line.params is None or -1 in shape[1:]:
        return ""
    if kind in ("Dense", "Linear"):
        out = shape[-1]
        if taken and taken[-1] > 0:
            bare = taken[-1] * out
            if params not in (bare, bare + out):
                return (
                    f"{kind} from {taken[-1]} features to {out} has {bare:,} weights, {bare + out:,} with biases, "
                    f"and {params:,} are shown"
                )
        elif out and params % out:
            return f"the parameters of {kind} with {out} outputs are a multiple of {out}, and {params:,} are shown"
    elif re.fullmatch(r"Conv[123][dD]", kind) and len(shape) > 2:
        channels = {shape[1], shape[-1]} if style == "keras" else {shape[1]}
        if all(size and params % size for size in channels):
            filters = shape[-1 if style == "keras" else 1]
            return f"the parameters of {kind} with {filters} filters are a multiple of that, and {params:,} are shown"
    elif kind == "Embedding" and shape[-1] and params % shape[-1]:
        return f"the parameters of Embedding of {shape[-1]} features are a multiple of that, and {params:,} are shown"
    elif kind == "BatchNormalization":
        if all(params not in (2 * size, 3 * size, 4 * size) for size in shape[1:]):
            return f"BatchNormalization has four numbers per channel, {4 * shape[-1]:,}, and {params:,} are shown"
    elif re.fullmatch(r"BatchNorm[123]d", kind) and len(shape) > 1 and params != 2 * shape[1]:
        return f"{kind} has two numbers per channel, {2 * shape[1]:,}, and {params:,} are shown"
    return ""


def _text(shape: tuple[int, ...]) -> str:
    return "(" + ", ".join("N" if size < 0 else str(size) for size in shape) + ")"
