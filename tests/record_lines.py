"""Record what each statement of a model gives in PyTorch: `python tests/record_lines.py [FILE.py:MAKER SIZES ...]`.

Without arguments the models of data/written are run, and what their lines give is written to data/lines.json, which
tests/test_lines.py reads. With arguments it is printed, for a file of any package that can be imported.

The source is run as it is, with a note around each value that a statement of a function assigns or returns. What is
noted is the sizes of tensors while the model is called, and the parameters of modules while it is made. It is called
with a batch of two and one of three: what differs is the batch.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
import sys
import types
from pathlib import Path
from typing import Any

import torch

HERE = Path(__file__).parent
FOLDER = HERE / "data" / "written"
OUT = HERE / "data" / "lines.json"


class Noting(ast.NodeTransformer):
    """Puts the note around the values."""

    def __init__(self) -> None:
        self.inside = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        self.inside += 1
        self.generic_visit(node)
        self.inside -= 1
        return node

    def noted(self, node: Any, value: ast.expr) -> ast.expr:
        place = ast.Constant(f"{node.lineno}-{node.end_lineno}")
        return ast.Call(ast.Name("note__", ast.Load()), [place, value], [])

    def visit_Assign(self, node: ast.Assign) -> Any:
        self.generic_visit(node)
        if self.inside:
            node.value = self.noted(node, node.value)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        self.generic_visit(node)
        if self.inside and node.value is not None:
            node.value = self.noted(node, node.value)
        return node

    def visit_Return(self, node: ast.Return) -> Any:
        self.generic_visit(node)
        if self.inside and node.value is not None:
            node.value = self.noted(node, node.value)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        self.generic_visit(node)
        if not self.inside:
            return node
        load = ast.parse(ast.unparse(node.target), mode="eval").body
        return [node, ast.Expr(self.noted(node, load))]


class Notes:
    """What was noted, by lines."""

    def __init__(self) -> None:
        self.calling = False
        self.shapes: dict[str, list[Any]] = {}
        self.made: dict[str, list[Any]] = {}

    def __call__(self, place: str, value: Any) -> Any:
        if self.calling:
            found = sizes(value)
            if found:
                self.shapes.setdefault(place, []).append(found)
        elif isinstance(value, (torch.nn.Module, torch.nn.Parameter)):
            self.made.setdefault(place, []).append(value)
        return value


def sizes(value: Any) -> list[list[int]]:
    if isinstance(value, torch.Tensor):
        return [list(value.shape)]
    if isinstance(value, torch.nn.utils.rnn.PackedSequence):
        return []
    if isinstance(value, (tuple, list)):
        return [size for part in value for size in sizes(part)]
    return []


def count(part: Any) -> int:
    if isinstance(part, torch.nn.Module):
        return sum(param.numel() for param in part.parameters())
    return part.numel()


def load(path: Path, name: str, notes: Notes) -> types.ModuleType:
    """The module of a file, with notes."""
    tree = ast.fix_missing_locations(Noting().visit(ast.parse(path.read_text())))
    spec = importlib.util.spec_from_file_location(name, path)
    made = importlib.util.module_from_spec(spec)
    sys.modules[name] = made
    made.__dict__["note__"] = notes
    exec(compile(tree, str(path), "exec"), made.__dict__)
    return made


def tensors(text: str, batch: int) -> list[torch.Tensor]:
    given = []
    for word in text.split():
        shape = [int(size) for size in word.lstrip("i").strip("()").split("x") if size]
        given.append(torch.randint(0, 10, (batch, *shape)) if word[0] == "i" else torch.randn(batch, *shape))
    return given


def batched(two: Any, three: Any) -> Any:
    """Sizes with the batch as "N", or as so many times N."""
    if isinstance(two, list):
        return [batched(small, large) for small, large in zip(two, three, strict=True)]
    if two == three:
        return two
    assert three * 2 == two * 3, (two, three)
    return "N" if two == 2 else f"{two // 2}·N"


def lines(path: Path, name: str, maker: str, given: str) -> dict[str, Any]:
    """What each statement gives: shapes with how often, in the order of their first times; parameters of each copy."""
    found = []
    made: dict[str, list[int]] = {}
    for batch in (2, 3):
        torch.manual_seed(0)
        notes = Notes()
        home = load(path, name, notes)
        notes.made.clear()  # of what the file itself makes
        model = eval(maker if "(" in maker else f"{maker}()", home.__dict__).eval()
        made = {place: [count(part) for part in parts] for place, parts in notes.made.items()}
        notes.calling = True
        with torch.no_grad():
            model(*tensors(given, batch))
        found.append(notes.shapes)
    shapes: dict[str, list[Any]] = {}
    for place, values in found[0].items():
        if any(len(values) != len(other[place]) for other in found):
            continue
        texts: dict[str, int] = {}
        for two, three in zip(values, found[1][place], strict=True):
            text = json.dumps(batched(two, three), ensure_ascii=False)
            texts[text] = texts.get(text, 0) + 1
        shapes[place] = [[json.loads(text), times] for text, times in texts.items()]
    return {"shapes": shapes, "params": {place: counts for place, counts in made.items() if any(counts)}}


def main() -> None:
    """Write or print."""
    if len(sys.argv) > 1:
        for net, given in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
            path, _, rest = net.partition(".py:")
            name, _, maker = rest.rpartition("@")
            print(json.dumps(lines(Path(f"{path}.py"), name or Path(path).name, maker, given), ensure_ascii=False))
        return
    found = {}
    sys.path.insert(0, str(FOLDER))
    for line in (FOLDER / "cases.txt").read_text().splitlines():
        net, maker, given = line.split(maxsplit=2)
        try:
            found[line] = lines(FOLDER / f"{net.removesuffix('.py')}.py", net.removesuffix(".py"), maker, given)
        except Exception as error:
            print(f"{line}: left out, {type(error).__name__}: {error}")
    OUT.write_text("{\n" + ",\n".join(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
                                       for key, value in found.items()) + "\n}\n", encoding="utf-8")  # fmt: skip


if __name__ == "__main__":
    main()
