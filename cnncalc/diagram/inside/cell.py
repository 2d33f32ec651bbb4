"""The equations of a recurrent cell as a diagram of one step: a box an input, a matrix, an operation."""

from __future__ import annotations

from copy import copy

from cnncalc.core.number import Number, prod
from cnncalc.diagram.model import Diagram
from cnncalc.layers.cells.shapes import CellShapes
from cnncalc.layers.cells.tree import Equation, Piece

CONSTANT = ("number", "size")
LONGEST = 24  # characters of an operation that is written out


def cell(diagram: Diagram, equations: tuple[Equation, ...], shapes: CellShapes, biased: bool = False) -> dict[str, int]:
    """Draw one step into `diagram`; the box of each equation by its name.

    `biased`: a bias that is added to a product with a matrix stands in the matrix' box.
    """
    return _Sketch(diagram, equations, shapes, biased).draw()


class _Sketch:
    def __init__(self, diagram: Diagram, equations: tuple[Equation, ...], shapes: CellShapes, biased: bool) -> None:
        self.diagram = diagram
        self.equations = equations
        self.shapes = copy(shapes)  # reading a product notes its cost, which was noted already
        self.shapes.products = {equation.name: [] for equation in equations}
        self.biased = biased
        self.made: dict[str, int] = {}
        self.values: dict[tuple[str, int], int] = {}
        self.weights: dict[str, int] = {}
        self.used: dict[str, int] = {}

    def draw(self) -> dict[str, int]:
        """All equations, in the order of a step, and the arrows to the next one."""
        for equation in self.equations:
            self.equation = self.shapes.equation = equation
            box = self.of(equation.tree)
            name = f"{equation.name}[t]"
            tree = equation.tree
            if box is None or tree.op == "value" or (tree.op == "weight"):
                word = "" if box is not None else f" = {equation.source(tree)}"
                whole = self.diagram.box("operation", name, name + word, shape=self.shapes.shape(equation.name))
                if box is not None:
                    self.diagram.edge(box, whole.id)
                box = whole.id
            else:
                made = self.diagram.boxes[box]
                made.name = name
                made.label = f"{name} = {made.label}"
            self.made[equation.name] = box
        for (name, lag), box in list(self.values.items()):
            if lag:
                source = self.made[name] if name in self.made else self.value(name, 0)
                self.diagram.edge(source, box, delay=lag)
        return self.made

    # --- one node of the tree: its box, or None for a number ---------------------------------------------------------

    def of(self, piece: Piece) -> int | None:
        """The box of a part of an equation; None for a number."""
        op, args = piece.op, piece.args
        if op in CONSTANT:
            return None
        if op == "value":
            return self.value(piece.name, piece.lag)
        if op == "weight":
            return self.weight(piece.name)
        if op == "@":
            for matrix, other in ((args[0], args[1]), (args[1], args[0])):
                turned = matrix.op == "transpose" and matrix.args[0].op == "weight"
                if matrix.op == "weight" or turned:
                    source = self.of(other)
                    name = matrix.args[0].name if turned else matrix.name
                    return self.matrix(piece, name, f"{name}.T" if turned else name, source)
        sources = self.sum(piece) if op == "+" else [self.of(part) for part in args]
        if op == "+" and len(sources) == 1:
            return sources[0]
        return self.operation(piece, sources, constant=any(source is None for source in sources))

    def sum(self, piece: Piece) -> list[int | None]:
        """The boxes of all that a sum of sums adds, from left to right."""
        found: list[int | None] = []
        waiting = [piece]
        while waiting:
            here = waiting.pop()
            if here.op == "+":
                waiting += [here.args[1], here.args[0]]
            elif self.biased and here.op == "weight" and found and found[-1] is not None:
                into = self.diagram.boxes[found[-1]]
                into.label += f", {here.name}"
                into.params = _add(into.params, prod(self.shapes.weight(here.name)))
            else:
                found.append(self.of(here))
        return found

    def operation(self, piece: Piece, sources: list[int | None], constant: bool) -> int:
        """A box for what is computed without weights."""
        text = self.equation.source(piece)
        label = piece.op
        if piece.op == "index":
            label = text if len(text) <= LONGEST else "part"
        elif piece.op == "transpose":
            label = "transpose"
        elif (constant or piece.op in ("-", "/", "**")) and len(text) <= LONGEST:
            label = text
        shape = self.shapes.settled(self.shapes.of(piece))
        box = self.diagram.box("operation", label, label, shape=shape)
        for source in dict.fromkeys(sources):
            if source is not None:
                self.diagram.edge(source, box.id)
        return box.id

    def matrix(self, piece: Piece, name: str, label: str, source: int | None) -> int:
        """A product with a weight."""
        shape = self.shapes.settled(self.shapes.of(piece))
        box = self.diagram.box("matrix", name, label, shape=shape, params=self.params(name))
        if source is not None:
            self.diagram.edge(source, box.id)
        return box.id

    def weight(self, name: str) -> int:
        """The box of a weight that is no factor of a matrix product."""
        if name not in self.weights:
            shape = self.shapes.weight(name)
            self.weights[name] = self.diagram.box("weight", name, name, shape=shape, params=self.params(name)).id
        return self.weights[name]

    def value(self, name: str, lag: int) -> int:
        """The box of x[t], h[t-1], or of another equation."""
        if lag == 0 and name in self.made:
            return self.made[name]
        if (name, lag) not in self.values:
            label = f"{name}[t-{lag}]" if lag else f"{name}[t]"
            kind = "value" if lag else "input"
            self.values[name, lag] = self.diagram.box(kind, label, label, shape=self.shapes.shape(name)).id
        return self.values[name, lag]

    def params(self, name: str) -> Number | None:
        """The parameters of a weight, where it is used first."""
        self.used[name] = self.used.get(name, 0) + 1
        return prod(self.shapes.weight(name)) if self.used[name] == 1 else None


def _add(a: Number | None, b: Number) -> Number:
    return b if a is None else a + b
