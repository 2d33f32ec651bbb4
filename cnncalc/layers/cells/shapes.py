"""The equations of a cell read as shapes, and as the multiply-accumulates of one step.

Shapes are those of one sample at one step: () one number, (m,) a vector, (m, n) a matrix. A size that is a name without
a value is determined by what it is multiplied with or added to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cnncalc.core.number import Number, Shape, is_one, prod
from cnncalc.core.problem import Fault
from cnncalc.expression.evaluation import Word
from cnncalc.expression.tokenize import ExpressionFault
from cnncalc.layers.cells.tree import Equation, Piece, unbound


class CellShapes:
    """What the equations make for given shapes of the input and the weights.

    values   the shape of each input, of each state and of each equation
    bound    the sizes that had no value and what they are
    """

    def __init__(
        self,
        equations: Iterable[Equation],
        states: Mapping[str, Shape],
        weights: Mapping[str, Shape],
        inputs: Mapping[str, Shape],
    ) -> None:
        self.bound: dict[str, Number] = {}
        self.states = dict(states)
        self.given = dict(weights)
        self.values: dict[str, Shape] = {**inputs, **states}
        # For each equation the sizes that each of its matrix products runs over.
        self.products: dict[str, list[Shape]] = {}
        for equation in equations:
            self.equation = equation
            self.products[equation.name] = []
            made = self.of(equation.tree)
            state = states.get(equation.name)
            self.values[equation.name] = made if state is None else self.fitted(state, made)

    def shape(self, name: str) -> Shape:
        """The shape of a state or an equation."""
        return self.settled(self.values[name])

    def weight(self, name: str) -> Shape:
        """The shape of a weight."""
        return self.settled(self.given[name])

    def macs(self) -> dict[str, Number]:
        """The multiply-accumulates of one step, by equation; equations without a matrix product have none."""
        found: dict[str, Number] = {}
        for name, products in self.products.items():
            total: Number = sum(prod(self.settled(sizes)) for sizes in products)
            if products:
                found[name] = total
        return found

    def settled(self, shape: Shape) -> Shape:
        """A shape with the values of the sizes that were found."""
        return tuple(self.size(size) for size in shape)

    def size(self, size: Number) -> Number:
        """The value of a size, as far as it is known."""
        while isinstance(size, Word) and size in self.bound:
            size = self.bound[size]
        return size

    def same(self, a: Number, b: Number) -> bool:
        """Whether two sizes agree; a name without a value takes the other one's."""
        a, b = self.size(a), self.size(b)
        if unbound(a) or unbound(b):
            name, other = (a, b) if unbound(a) else (b, a)
            if not (unbound(other) and other == name):
                self.bound[str(name)] = other
            return True
        return bool(a == b)

    def fitted(self, state: Shape, made: Shape) -> Shape:
        """The state's shape, which its equation must give; one number fills a state of one."""
        tree = self.equation.tree
        if not made and all(is_one(size) for size in self.settled(state)):
            return state
        if len(state) != len(made) or not all(self.same(a, b) for a, b in zip(state, made, strict=True)):
            name = self.equation.name
            raise self.fault(
                tree,
                f"the state {name} is {self.text(state)}, but this gives {self.text(made)}",
            )
        return state

    # --- one node --------------------------------------------------------------------------------------------------

    def of(self, piece: Piece) -> Shape:
        """The shape of a node."""
        op = piece.op
        if op in ("number", "size"):
            return ()
        if op == "weight":
            return self.given[piece.name]
        if op == "value":
            return self.values[piece.name]
        if op == "@":
            return self.product(piece)
        if op == "transpose":
            return self.transposed(piece)
        shapes = [self.of(arg) for arg in piece.args]
        if op == "index":
            return self.part(piece, shapes[0])
        if op == "concat":
            return self.joined(piece, shapes)
        if op == "outer":
            return self.crossed(piece, shapes)
        if op == "softmax" and not shapes[0]:
            raise self.fault(piece, f"softmax() takes a vector, and {self.said(piece.args[0])} is one number")
        if op == "sum" or (op in ("max", "min") and len(shapes) == 1):
            return ()
        result = shapes[0]
        for arg, shape in zip(piece.args[1:], shapes[1:], strict=True):
            result = self.broadcast(piece, result, piece.args[0], shape, arg)
        return result

    def broadcast(self, piece: Piece, a: Shape, left: Piece, b: Shape, right: Piece) -> Shape:
        """Two shapes combined number by number, aligned at their last axis."""
        made: list[Number] = []
        for index in range(1, max(len(a), len(b)) + 1):
            if index > len(a) or index > len(b):
                made.append((a if len(a) > len(b) else b)[-index])
                continue
            one, other = self.size(a[-index]), self.size(b[-index])
            if is_one(one) or is_one(other):
                made.append(other if is_one(one) else one)
            elif self.same(one, other):
                made.append(one)
            else:
                raise self.fault(
                    piece,
                    f"{self.said(left)} is {self.text(a)} and {self.said(right)} is {self.text(b)}: "
                    f"{SENSES.get(piece.op, 'they do not fit')}",
                )
        return tuple(reversed(made))

    def product(self, piece: Piece) -> Shape:
        """A product of matrices and vectors, and what it costs."""
        left, right = piece.args
        # A row times a column is a dot product: as a left factor a vector is a row already.
        a = self.transposed(left, row=True) if left.op == "transpose" else self.of(left)
        b = self.of(right)
        if not a or not b:
            number = left if not a else right
            raise self.fault(
                piece,
                f"{self.said(number)} is one number, and @ is the product of matrices",
                f"write {self.said(left)} * {self.said(right)}",
            )
        if len(a) > 2 or len(b) > 2:
            raise self.fault(piece, f"@ takes matrices and vectors, not {self.text(a if len(a) > 2 else b)}")
        inner = b[0]
        if not self.same(a[-1], inner):
            raise self.fault(piece, f"{self.text(a)} @ {self.text(b)} do not fit: {self.why(left, a, right, b)}")
        self.products[self.equation.name].append((*a[:-1], a[-1], *b[1:]))
        return (*a[:-1], *b[1:])

    def why(self, left: Piece, a: Shape, right: Piece, b: Shape) -> str:
        """What the two sides of a product have."""
        mine = f"{self.said(left)} has {self.size(a[-1])} " + ("columns" if len(a) == 2 else "numbers")
        return f"{mine}, {self.said(right)} has {self.size(b[0])} " + ("rows" if len(b) == 2 else "numbers")

    def transposed(self, piece: Piece, row: bool = False) -> Shape:
        """A matrix transposed; a vector only where it is meant as a `row`."""
        shape = self.of(piece.args[0])
        if row and len(shape) == 1:
            return shape
        if len(shape) != 2:
            name = self.said(piece.args[0])
            raise self.fault(
                piece,
                f"{name} is {self.text(shape) if shape else 'one number'}: only a matrix can be transposed",
                f"write outer(a, {name}) for a product of a column and a row" if shape else "",
            )
        return tuple(reversed(shape))

    def part(self, piece: Piece, shape: Shape) -> Shape:
        """An element or a slice of the first axis."""
        if not shape:
            raise self.fault(piece, f"{self.said(piece.args[0])} is one number and has no positions")
        size, key = self.size(shape[0]), piece.value
        if not isinstance(key, slice):
            if isinstance(size, int) and isinstance(key, int) and not -size <= key < size:
                raise self.fault(piece, f"there is no position {key}: {self.said(piece.args[0])} is {self.text(shape)}")
            return shape[1:]
        low = 0 if key.start is None else key.start
        high = size if key.stop is None else key.stop
        if isinstance(low, int) and low < 0:
            low = size + low
        if isinstance(high, int) and high < 0:
            high = size + high
        if unbound(size) or unbound(low) or unbound(high):
            raise self.fault(piece, "a part can only be taken where all sizes have a value")
        if low < 0 or high > size or high < low:
            raise self.fault(
                piece, f"there are no positions {low} to {high}: {self.said(piece.args[0])} is {self.text(shape)}"
            )
        return (high - low, *shape[1:])

    def joined(self, piece: Piece, shapes: list[Shape]) -> Shape:
        """One behind the other; a number counts as a vector of one."""
        shapes = [shape or (1,) for shape in shapes]
        first = shapes[0]
        total: Number = 0
        for arg, shape in zip(piece.args, shapes, strict=True):
            if len(shape) != len(first) or not all(self.same(a, b) for a, b in zip(shape[1:], first[1:], strict=True)):
                raise self.fault(
                    arg,
                    f"{self.said(arg)} is {self.text(shape)} and cannot be joined to {self.said(piece.args[0])}, "
                    f"which is {self.text(first)}",
                )
            size = self.size(shape[0])
            if unbound(size):
                raise self.fault(arg, f"the size of {self.said(arg)} is not known here", "give it a value in let")
            total = total + size
        return (total, *first[1:])

    def crossed(self, piece: Piece, shapes: list[Shape]) -> Shape:
        """Every number of one vector times every number of another."""
        for arg, shape in zip(piece.args, shapes, strict=True):
            if len(shape) != 1:
                raise self.fault(arg, f"outer() takes vectors, and {self.said(arg)} is {self.text(shape)}")
        return (*shapes[0], *shapes[1])

    # --- words -----------------------------------------------------------------------------------------------------

    def said(self, piece: Piece) -> str:
        """A node as it was written."""
        return self.equation.source(piece)

    def text(self, shape: Shape) -> str:
        """A shape for a message."""
        return "[" + ", ".join(str(size) for size in self.settled(shape)) + "]" if shape else "one number"

    def fault(self, piece: Piece, message: str, help: str = "") -> ExpressionFault:
        """The fault that points at a node."""
        return self.equation.fault(piece, "shapes-differ", message, help)


SENSES = {
    "+": "they cannot be added",
    "-": "one cannot be taken from the other",
    "*": "they cannot be multiplied number by number",
    "/": "one cannot be divided by the other",
}


def no_value(name: str, option: str, known: Iterable[str]) -> Fault:
    """The fault for a size whose name nothing defines and nothing determines."""
    from cnncalc.core.problem import did_you_mean

    near = did_you_mean(name, [word for word in known if len(word) > 1]) if len(name) > 1 else None
    return Fault(
        "unknown-name",
        f'the size "{name}" has no value',
        option=option,
        help=f"did you mean {near}?" if near else f"define it: let: {{{name}: 8}}",
    )
