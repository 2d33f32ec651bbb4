"""A recurrent cell that is given by its equations as a module of its own: each equation is a line of its `forward`."""

from __future__ import annotations

from cnncalc.export.call import Leaf, literal
from cnncalc.export.equations import Cell, Words
from cnncalc.network.row import Row


def cell(row: Row, used: frozenset[str]) -> Leaf:
    """The cell's own class, and how it is called."""
    writer = Cell(row, Words())
    ports = {name: f'["{word}"]' for name, word in writer.names.items() if name in writer.steps}
    weights = {name: word for name, word in writer.words.items() if name != word}
    taken = ", ".join(f"{{{at}}}" for at in range(len(row.facts.inputs)))
    return Leaf(
        "", (), f"{{self}}({taken})", f'["{writer.names[writer.layer.result]}"]', ports, (), weights, _source(writer)
    )


def _source(writer: Cell) -> str:
    """The class, whose name is put in later."""
    lines = ["class {class}(nn.Module):", "    def __init__(self):", "        super().__init__()"]
    for name, word in writer.words.items():
        bound = literal(writer.shapes[name][-1]) if writer.shapes[name] else "1"
        made = f"torch.empty({literal(tuple(writer.shapes[name]))}).uniform_(-1, 1) / {bound} ** 0.5"
        lines.append(f"        self.{word} = nn.Parameter({made})")
    lines += ["", f"    def forward(self, {', '.join(writer.inputs.values())}):", "        n = x.shape[0]"]
    lines += [f"        {line}" for line in writer.steps_of()]
    words = [writer.names[name] for name in writer.steps]
    found = ", ".join(f'"{word}": {writer.target.stacked(word)}' for word in words)
    return "\n".join([*lines, f"        return {{{found}}}"])
