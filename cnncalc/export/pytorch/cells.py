"""A recurrent cell that is given by its equations as a module of its own: each equation is a line of its `forward`."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnncalc.export.call import Leaf, literal
from cnncalc.export.identifiers import identifier, unique
from cnncalc.network.row import Row

FUNCTIONS = {"ln": "torch.log"}
SIGNS = ("+", "-", "*", "/", "**")
OWN = ("x", "t", "n", "self", "torch")


class Part(NamedTuple):
    """Code of a value: how many axes a sample has, and whether the batch axis stands in front; `kind` of a number."""

    code: str
    rank: int
    batched: bool = True
    number: bool = False

    @property
    def tensor(self) -> str:
        """The code as an array."""
        return f"x.new_tensor({self.code})" if self.number else self.code

    def aligned(self, rank: int) -> str:
        """The code with axes of 1 behind the batch, for a sample of more axes."""
        missing = rank - self.rank
        return f"{self.code}[:, {', '.join(['None'] * missing)}]" if missing and self.batched else self.code


def cell(row: Row, used: frozenset[str]) -> Leaf:
    """The cell's own class, and how it is called."""
    writer = _Cell(row)
    ports = {name: f'["{word}"]' for name, word in writer.names.items() if name in writer.steps}
    weights = {name: word for name, word in writer.words.items() if name != word}
    return Leaf("", (), "{self}({0})", f'["{writer.names[writer.layer.result]}"]', ports, (), weights, writer.source())


class _Cell:
    def __init__(self, row: Row) -> None:
        self.row = row
        layer: Any = row.layer
        self.layer = layer
        self.shapes = {weight.name: weight.shape for weight in row.facts.weights}
        self.sizes: dict[str, Any] = {"n": row.facts.inputs[0][2]}
        for name, sizes in self.layer.declared.items():
            for size, found in zip(sizes.shape, self.shapes[name], strict=True):
                if isinstance(size, str):
                    self.sizes[size] = found
        self.steps = [equation.name for equation in self.layer.equations]
        self.names: dict[str, str] = {}
        for name in self.steps:
            word = identifier(name)
            word = f"v_{word}" if word.startswith("zero_") else word
            self.names[name] = unique(word, [*self.names.values(), *OWN])
        self.words: dict[str, str] = {}
        for name in self.layer.declared:
            self.words[name] = unique(identifier(name), self.words.values())
        self.ranks = {"x": 1, **{name: len(sizes.shape) for name, sizes in self.layer.states.items()}}

    def source(self) -> str:
        """The class, whose name is put in later."""
        lines = ["class {class}(nn.Module):", "    def __init__(self):", "        super().__init__()"]
        for name, word in self.words.items():
            bound = literal(self.shapes[name][-1]) if self.shapes[name] else "1"
            made = f"torch.empty({literal(tuple(self.shapes[name]))}).uniform_(-1, 1) / {bound} ** 0.5"
            lines.append(f"        self.{word} = nn.Parameter({made})")
        lines += ["", "    def forward(self, x):", "        n = x.shape[0]"]
        for name, sizes in self.layer.states.items():
            shape = [self.sizes[size] if isinstance(size, str) else int(size) for size in sizes.shape]
            lines.append(f"        zero_{self.names[name]} = x.new_zeros({', '.join(['n', *map(literal, shape)])})")
        lists = ", ".join(self.names[name] for name in self.steps)
        lines.append(f"        {lists} = {', '.join(['[]'] * len(self.steps))}")
        lines.append("        for t in range(x.shape[1]):")
        for equation in self.layer.equations:
            lines.append(f"            {self.names[equation.name]}.append({self.filled(equation)})")
        found = ", ".join(f'"{self.names[name]}": torch.stack({self.names[name]}, 1)' for name in self.steps)
        return "\n".join([*lines, f"        return {{{found}}}"])

    def filled(self, equation: Any) -> str:
        """An equation's code; one number fills a state of one, and every sample has its own."""
        part = self.of(equation.tree)
        rank = self.ranks.setdefault(equation.name, part.rank)
        if equation.name in self.layer.states and rank != part.rank:
            return f"zero_{self.names[equation.name]} + {part.aligned(rank)}"
        if part.batched:
            return _bare(part.code)
        return f"{part.tensor}.expand({', '.join(['n', *['-1'] * part.rank])})"

    def at(self, name: str, lag: int) -> Part:
        """A value at this step, or some steps back."""
        if name == "x":
            now, zero = "x[:, t{}]", "torch.zeros_like(x[:, 0])"
        else:
            now, zero = f"{self.names[name]}[t{{}}]", f"zero_{self.names[name]}"
        rank = self.ranks[name]
        if not lag:
            return Part(now.format(""), rank)
        return Part(f"({now.format(f' - {lag}')} if t >= {lag} else {zero})", rank)

    def of(self, piece: Any) -> Part:
        """The code of a part of an equation."""
        op = piece.op
        if op == "value":
            return self.at(piece.name, piece.lag)
        if op == "weight":
            return Part(f"self.{self.words[piece.name]}", len(self.shapes[piece.name]), False)
        if op in ("number", "size"):
            value = piece.value if op == "number" else self.sizes[piece.name]
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
            return first._replace(code=_turned(first))
        if op == "softmax":
            return first._replace(code=f"{first.tensor}.softmax(-1)", number=False)
        if op == "index":
            return self.index(piece.value, first)
        if op == "concat":
            parts = [self.batch(part) for part in args]
            inner = ", ".join(f"{part.code}[:, None]" if part.rank == 0 else part.code for part in parts)
            return Part(f"torch.cat(({inner},), 1)", max(part.rank for part in (*parts, Part("", 1))))
        if op == "outer":
            a, b = (self.batch(part) for part in args)
            return Part(f"({a.code}[:, :, None] * {b.code}[:, None, :])", 2)
        if op in ("sum", "max", "min"):
            name = {"sum": "sum", "max": "amax", "min": "amin"}[op]
            whole = f"{first.tensor}.flatten(1).{name}(1)" if first.rank and first.batched else first.tensor
            return Part(whole if first.batched else f"{first.tensor}.{name}()", 0, first.batched)
        return first._replace(code=f"{FUNCTIONS.get(op, f'torch.{op}')}({_bare(first.tensor)})", number=False)

    def batch(self, part: Part) -> Part:
        """The part for each sample."""
        if part.batched:
            return part
        return Part(f"{part.tensor}.expand({', '.join(['n', *['-1'] * part.rank])})", part.rank)

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
                sides = [part.tensor if part.number else part.aligned(rank) for part in (result, other)]
                code = f"torch.{op}imum({sides[0]}, {sides[1]})"
            number = result.number and other.number and op in SIGNS
            result = Part(code, rank, result.batched or other.batched, number)
        return result

    def product(self, piece: Any) -> Part:
        """Matrices and vectors multiplied; as the left factor a transposed vector is the row that it is already."""
        left, right = piece.args
        b = self.of(right)
        a = self.of(left)
        if left.op == "transpose":
            inner = self.of(left.args[0])
            a = inner if inner.rank == 1 else a
        batched = a.batched or b.batched
        if a.rank == 1 and b.rank == 1:
            return Part(f"({a.code} * {b.code}).sum(-1)", 0, batched)
        if b.rank == 1:
            code = f"({b.code} @ {_turned(a)})" if not a.batched else f"({a.code} @ {b.code}[..., None])[..., 0]"
            return Part(code, 1, batched)
        if a.rank == 1:
            code = f"({a.code} @ {b.code})" if not b.batched else f"({a.code}[..., None, :] @ {b.code})[..., 0, :]"
            return Part(code, 1, batched)
        return Part(f"({a.code} @ {b.code})", 2, batched)


def _turned(part: Part) -> str:
    """A matrix transposed, or that of each sample."""
    return f"{part.code}.transpose(-1, -2)" if part.batched else f"{part.code}.T"


def _bare(code: str) -> str:
    """Code without brackets that are around all of it."""
    depth = 0
    for at, letter in enumerate(code):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return code[1:-1] if code.startswith("(") and at == len(code) - 1 else code
    return code  # pragma: no cover - brackets match
