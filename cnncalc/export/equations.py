"""A recurrent cell that is given by its equations as lines of code, one for each equation, in the words of a target."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnncalc.export.call import literal
from cnncalc.export.identifiers import identifier, unique
from cnncalc.layers.equations import Recurrent
from cnncalc.network.row import Row

if TYPE_CHECKING:
    from cnncalc.core.number import Number
    from cnncalc.layers.cells.tree import Equation, Piece

SIGNS = ("+", "-", "*", "/", "**")
OWN = ("x", "t", "n", "self", "torch", "ops")


class Words:
    """How PyTorch writes what targets write differently; values are code."""

    def array(self, word: str) -> str:
        """One of the layer's arrays."""
        return f"self.{word}"

    def constant(self, number: str) -> str:
        """A number as an array."""
        return f"x.new_tensor({number})"

    def zeros(self, sizes: str) -> str:
        """Zeros of each sample."""
        return f"x.new_zeros({sizes})"

    def function(self, name: str, value: str) -> str:
        """A function of each number, or of two arrays."""
        return f"torch.{name}({value})"

    def softmax(self, value: str) -> str:
        """The softmax over the last axis."""
        return f"{value}.softmax(-1)"

    def repeated(self, value: str, rank: int) -> str:
        """A value of so many axes for each of n samples."""
        return f"{value}.expand({', '.join(['n', *['-1'] * rank])})"

    def joined(self, values: str) -> str:
        """Values one behind the other, along the samples' first axis."""
        return f"torch.cat(({values},), 1)"

    def stacked(self, values: str) -> str:
        """A list of steps as a sequence."""
        return f"torch.stack({values}, 1)"

    def whole(self, name: str, value: str, batched: bool, rank: int) -> str:
        """The sum, the largest or the smallest number of each sample, or of a value."""
        word = {"sum": "sum", "max": "amax", "min": "amin"}[name]
        if not batched:
            return f"{value}.{word}()"
        return f"{value}.flatten(1).{word}(1)" if rank else value

    def inner(self, product: str) -> str:
        """The sum over the last axis."""
        return f"({product}).sum(-1)"

    def turned(self, value: str, batched: bool) -> str:
        """A matrix transposed, or that of each sample."""
        return f"{value}.transpose(-1, -2)" if batched else f"{value}.T"


class KerasWords(Words):
    """The same in Keras' words."""

    def array(self, word: str) -> str:
        return f"self.array_{word}"

    def constant(self, number: str) -> str:
        return f"constant(numpy.array({number}))"

    def zeros(self, sizes: str) -> str:
        return f"ops.zeros(({sizes if ',' in sizes else f'{sizes},'}))"

    def function(self, name: str, value: str) -> str:
        return f"ops.{name}({value})"

    def softmax(self, value: str) -> str:
        return f"ops.softmax({value}, axis=-1)"

    def repeated(self, value: str, rank: int) -> str:
        return f"ops.repeat(({value})[None], n, axis=0)"

    def joined(self, values: str) -> str:
        return f"ops.concatenate([{values}], axis=1)"

    def stacked(self, values: str) -> str:
        return f"ops.stack({values}, axis=1)"

    def whole(self, name: str, value: str, batched: bool, rank: int) -> str:
        if not batched:
            return f"ops.{name}({value})"
        return f"ops.{name}({value}, axis={literal(tuple(range(1, rank + 1)))})" if rank else value

    def inner(self, product: str) -> str:
        return f"ops.sum({product}, axis=-1)"

    def turned(self, value: str, batched: bool) -> str:
        return f"ops.swapaxes({value}, -1, -2)"


class Part(NamedTuple):
    """Code of a value: how many axes a sample has, and whether the batch axis stands in front; `kind` of a number."""

    code: str
    rank: int
    batched: bool = True
    number: bool = False

    def aligned(self, rank: int) -> str:
        """The code with axes of 1 behind the batch, for a sample of more axes."""
        missing = rank - self.rank
        return f"{self.code}[:, {', '.join(['None'] * missing)}]" if missing and self.batched else self.code


class Cell:
    """The lines of a cell.

    names   of the equations' lists, by the equations; words: of the weights, by theirs
    """

    def __init__(self, row: Row, target: Words) -> None:
        self.row, self.target = row, target
        layer = row.layer
        assert isinstance(layer, Recurrent)
        self.layer = layer
        self.shapes = {weight.name: weight.shape for weight in row.facts.weights}
        self.sizes: dict[str, Number] = {"n": row.facts.inputs[0][2]}
        for name, sizes in self.layer.declared.items():
            for size, found in zip(sizes.shape, self.shapes[name], strict=True):
                if isinstance(size, str):
                    self.sizes[size] = found
        self.steps = [equation.name for equation in self.layer.equations]
        self.names: dict[str, str] = {}
        for name in self.steps:
            word = identifier(name)
            word = f"v_{word}" if word.startswith(("zero_", "x_")) else word
            self.names[name] = unique(word, [*self.names.values(), *OWN])
        self.words: dict[str, str] = {}
        for name in self.layer.declared:
            self.words[name] = unique(identifier(name), self.words.values())
        layer_inputs = row.facts.inputs[len(layer.sequences) :]
        self.inputs = {name: "x" if name == "x" else f"x_{name}" for name in (*layer.sequences, *layer.fixed)}
        self.fixed = {name: len(shape) - 1 for name, shape in zip(layer.fixed, layer_inputs, strict=True)}
        self.ranks = {
            **dict.fromkeys(layer.sequences, 1),
            **{name: len(sizes.shape) for name, sizes in self.layer.states.items()},
        }

    def steps_of(self) -> list[str]:
        """The lines that go through the steps: a list for each equation."""
        lines = []
        for name, sizes in self.layer.states.items():
            shape = [self.sizes[size] if isinstance(size, str) else int(size) for size in sizes.shape]
            zeros = self.target.zeros(", ".join(["n", *map(literal, shape)]))
            lines.append(f"zero_{self.names[name]} = {zeros}")
        lists = ", ".join(self.names[name] for name in self.steps)
        lines.append(f"{lists} = {', '.join(['[]'] * len(self.steps))}")
        lines.append("for t in range(x.shape[1]):")
        for equation in self.layer.equations:
            lines.append(f"    {self.names[equation.name]}.append({self.filled(equation)})")
        return lines

    def tensor(self, part: Part) -> str:
        """The code of a part as an array."""
        return self.target.constant(part.code) if part.number else part.code

    def filled(self, equation: Equation) -> str:
        """An equation's code; one number fills a state of one, and every sample has its own."""
        part = self.of(equation.tree)
        rank = self.ranks.setdefault(equation.name, part.rank)
        if equation.name in self.layer.states and rank != part.rank:
            return f"zero_{self.names[equation.name]} + {part.aligned(rank)}"
        if part.batched:
            return _bare(part.code)
        return self.target.repeated(self.tensor(part), part.rank)

    def at(self, name: str, lag: int) -> Part:
        """A value at this step, or some steps back."""
        if name in self.layer.sequences:
            word = self.inputs[name]
            now, zero = word + "[:, t{}]", self.target.function("zeros_like", f"{word}[:, 0]")
        else:
            now, zero = f"{self.names[name]}[t{{}}]", f"zero_{self.names[name]}"
        rank = self.ranks[name]
        if not lag:
            return Part(now.format(""), rank)
        return Part(f"({now.format(f' - {lag}')} if t >= {lag} else {zero})", rank)

    def of(self, piece: Piece) -> Part:
        """The code of a part of an equation."""
        op = piece.op
        if op == "value":
            return self.at(piece.name, piece.lag)
        if op == "weight" and piece.name in self.fixed:
            return Part(self.inputs[piece.name], self.fixed[piece.name])
        if op == "weight":
            return Part(self.target.array(self.words[piece.name]), len(self.shapes[piece.name]), False)
        if op in ("number", "size"):
            value = piece.value if op == "number" else int(self.sizes[piece.name])
            return Part(literal(float(value)), 0, False, True)
        if op == "@":
            return self.product(piece)
        args = [self.of(arg) for arg in piece.args]
        first = args[0]
        if op in SIGNS or (op in ("max", "min") and len(args) > 1):
            return self.pairs(op, args)
        if op == "negate":
            return first._replace(code=f"(-{first.code})")
        if op == "transpose":
            return first._replace(code=self.target.turned(first.code, first.batched))
        if op == "softmax":
            return first._replace(code=self.target.softmax(self.tensor(first)), number=False)
        if op == "index":
            return self.index(piece.value, first)
        if op == "concat":
            parts = [self.batch(part) for part in args]
            inner = ", ".join(f"{part.code}[:, None]" if part.rank == 0 else part.code for part in parts)
            return Part(self.target.joined(inner), max(part.rank for part in (*parts, Part("", 1))))
        if op == "outer":
            a, b = (self.batch(part) for part in args)
            return Part(f"({a.code}[:, :, None] * {b.code}[:, None, :])", 2)
        if op in ("sum", "max", "min"):
            return Part(self.target.whole(op, self.tensor(first), first.batched, first.rank), 0, first.batched)
        name = {"ln": "log"}.get(op, op)
        return first._replace(code=self.target.function(name, _bare(self.tensor(first))), number=False)

    def batch(self, part: Part) -> Part:
        """The part for each sample."""
        if part.batched:
            return part
        return Part(self.target.repeated(self.tensor(part), part.rank), part.rank)

    def index(self, value: object, part: Part) -> Part:
        """One position of the first axis of a sample, or a piece of it."""
        if isinstance(value, slice):
            ends = ["" if end is None else literal(end) for end in (value.start, value.stop, value.step)]
            text, rank = ":".join(ends[: 3 if ends[2] else 2]), part.rank
        else:
            text, rank = literal(value), part.rank - 1
        return Part(f"{part.code}[{':, ' if part.batched else ''}{text}]", rank, part.batched)

    def pairs(self, op: str, args: list[Part]) -> Part:
        """Values combined number by number."""
        result = args[0]
        for other in args[1:]:
            rank = max(result.rank, other.rank)
            if op in SIGNS:
                code = f"({result.aligned(rank)} {op} {other.aligned(rank)})"
            else:
                sides = [self.tensor(part) if part.number else part.aligned(rank) for part in (result, other)]
                code = self.target.function(f"{op}imum", f"{sides[0]}, {sides[1]}")
            number = result.number and other.number and op in SIGNS
            result = Part(code, rank, result.batched or other.batched, number)
        return result

    def product(self, piece: Piece) -> Part:
        """Matrices and vectors multiplied; as the left factor a transposed vector is the row that it is already."""
        left, right = piece.args
        b = self.of(right)
        a = self.of(left)
        if left.op == "transpose":
            inner = self.of(left.args[0])
            a = inner if inner.rank == 1 else a
        batched = a.batched or b.batched
        if a.rank == 1 and b.rank == 1:
            return Part(self.target.inner(f"{a.code} * {b.code}"), 0, batched)
        if b.rank == 1:
            code = (
                f"({b.code} @ {self.target.turned(a.code, False)})"
                if not a.batched
                else f"({a.code} @ {b.code}[..., None])[..., 0]"
            )
            return Part(code, 1, batched)
        if a.rank == 1:
            code = f"({a.code} @ {b.code})" if not b.batched else f"({a.code}[..., None, :] @ {b.code})[..., 0, :]"
            return Part(code, 1, batched)
        return Part(f"({a.code} @ {b.code})", 2, batched)


def _bare(code: str) -> str:
    """Code without brackets that are around all of it."""
    depth = 0
    for at, letter in enumerate(code):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return code[1:-1] if code.startswith("(") and at == len(code) - 1 else code
    return code  # pragma: no cover - brackets match
