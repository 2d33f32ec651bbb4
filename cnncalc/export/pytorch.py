"""A network as Python code for PyTorch: blocks as classes, layers as modules, the wiring as `forward`.

Blocks that are written alike are one class; what differs between them are its arguments.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from cnncalc.core.problem import Fault, Problem, SpecError, settled
from cnncalc.export.call import Leaf, form, literal, plain, refuse, written
from cnncalc.export.forward import LOOP, Body, Line, chained, units_of
from cnncalc.export.identifiers import class_name, comment, identifier, unique
from cnncalc.export.modules import UNNAMED, Unit, Uses, local, tree
from cnncalc.export.pytorch_functions import functions
from cnncalc.export.pytorch_helpers import HELPERS
from cnncalc.export.pytorch_modules import modules
from cnncalc.export.pytorch_selftest import Place, after, main
from cnncalc.network.propagate import problem_of
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.spec.words.convention import calls

if TYPE_CHECKING:
    from cnncalc.spec.model import Spec

# Layers that read whole numbers.
READS_WHOLE = ("Embedding", "EmbeddingBag", "OneHot")


class Exported:
    """The code, and what it holds.

    parameters   where each array of the spec is: "layer.weight" to the name in PyTorch's state_dict
    name         the network's class
    whole        for each input whether it takes whole numbers
    """

    def __init__(self, text: str, parameters: dict[str, str], name: str, whole: list[bool]) -> None:
        self.text = text
        self.parameters = parameters
        self.name = name
        self.whole = whole


def export(report: Report, spec: Spec | None = None) -> Exported:
    """The code of a network; with its spec, classes bear the names of its blocks.

    Raises `SpecError` with every layer that cannot be written.
    """
    if report.graph.convention == "keras":
        raise SpecError([_keras(report)])
    return _Writer(report, _leaves(report), _block_names(spec)).exported()


def _block_names(spec: Spec | None) -> dict[int, str]:
    """For each entry inside of a block of the spec (its id), the block's name."""
    found: dict[int, str] = {}
    for name, block in (spec.blocks if spec is not None else {}).items():
        found |= dict.fromkeys(map(id, calls(block.body)), name)
    return found


def _keras(report: Report) -> Problem:
    message = "a network in Keras' words has its channels last and cannot be written for PyTorch"
    return Problem("cannot-export", message, help="write its layers in PyTorch's words, without convention: keras")


def _leaves(report: Report) -> list[Leaf]:
    uses: dict[int, set[str]] = {}
    count = len(report.graph.inputs)
    for ref in [*(ref for node in report.graph.nodes for ref in node.inputs), report.graph.output]:
        if isinstance(ref, tuple):
            uses.setdefault(ref[0] - count, set()).add(ref[1])
    found: list[Leaf] = []
    problems = []
    for index, row in enumerate(report.rows):
        try:
            found.append(_leaf(row, frozenset(uses.get(index, ()))))
        except Fault as fault:
            fault.option = None
            problems.append(problem_of(fault, report.graph, row.node))
    if problems:
        raise SpecError(settled(problems))
    return found


def _leaf(row: Row, used: frozenset[str]) -> Leaf:
    leaf = functions(row) or modules(row, used)
    if leaf is None and row.type.endswith("Loss"):
        raise refuse(row, "a loss is no part of what is exported; leave it out", "PyTorch")
    if leaf is None:
        raise refuse(row, "PyTorch has no such layer, and it is not written out", "PyTorch")
    for port in used:
        if port not in leaf.ports:
            raise refuse(row, f"its output {port} is not one of PyTorch's", "PyTorch")
    for argument in leaf.args:
        literal(argument.value)
    return leaf


class _Class:
    """Units that are written alike."""

    def __init__(self, name: str, first: Unit) -> None:
        self.name = name
        self.first = first
        self.units: list[Unit] = []
        self.values: list[list[str]] = []
        self.words: list[str] = []
        # For each place among the values: the parameter, or "" where all have the same value.
        self.params: list[str] = []
        self.body: list[Line] = []

    def settle(self) -> None:
        """Make parameters of the places whose values differ; places with the same values share one."""
        known: dict[tuple[str, ...], str] = {}
        for place, word in enumerate(self.words):
            column = tuple(values[place] for values in self.values)
            if len(set(column)) < 2:
                self.params.append("")
                continue
            if column not in known:
                known[column] = unique(identifier(word), known.values())
            self.params.append(known[column])


class _Writer:
    def __init__(self, report: Report, leaves: list[Leaf], blocks: dict[int, str]) -> None:
        self.blocks = blocks
        self.report = report
        self.graph = report.graph
        self.taken: set[str] = {*HELPERS, "nn", "torch", "F"}
        self.sources: dict[str, str] = {}
        self.leaves = [self._named(leaf) for leaf in leaves]
        self.uses = Uses(self.graph)
        self.root = tree(self.graph, self.uses)
        self.attrs: dict[int, dict[int, str]] = {}  # of each unit: node number or id of a unit -> attribute
        self.classes: dict[Any, _Class] = {}
        self.of: dict[int, _Class] = {}
        self.flat: dict[int, list[str]] = {}
        self.words: dict[int, list[str]] = {}
        self.paths: dict[int, tuple[str, str]] = {}  # of each node: as code, in state_dict
        self.places: list[Place] = []
        for unit in self.root.units():
            if not unit.stack:
                self._settle(unit)
        for held in self.classes.values():
            held.settle()
        self._find(self.root, "self", "")

    def _named(self, leaf: Leaf) -> Leaf:
        """A layer with a class of its own gets the class' name; cells with the same equations are one class."""
        if not leaf.source:
            return leaf
        if leaf.source not in self.sources:
            self.sources[leaf.source] = unique("Cell", self.taken)
            self.taken.add(self.sources[leaf.source])
        return leaf._replace(maker=self.sources[leaf.source])

    # --- names and classes -----------------------------------------------------------------------------------------

    def _settle(self, unit: Unit) -> None:
        """Name what a unit is made of, write its `forward`, and find its class."""
        attrs = self.attrs[id(unit)] = self._attributes(unit)
        values: list[str] = []
        words: list[str] = []
        shape: list[Any] = []
        for item in unit.items:
            if isinstance(item, Unit):
                attr = attrs[id(item)]
                inner = units_of(item) if item.stack else [item]
                kind: Any = ("stack", chained(item, self.uses) is None, len(item.externals)) if item.stack else "class"
                shape.append((attr, kind, tuple(id(self.of[id(child)]) for child in inner)))
                for child in inner:
                    values += self.flat[id(child)]
                    words += [f"{attr}_{word}" for word in self.words[id(child)]]
            elif self.leaves[item].maker:
                leaf = self.leaves[item]
                for word, code in plain(leaf.args):
                    values.append(code)
                    words.append(f"{attrs[item]}_{word}")
                shape.append((attrs[item], leaf.maker, form(leaf.args)))
        body = Body(unit, self.uses, self.leaves, attrs, self._arguments(unit)).lines
        key = (tuple(shape), tuple(line.code for line in body), len(unit.externals), unit is self.root)
        held = self.classes.get(key)
        if held is None:
            name = unique(class_name(self._word(unit)), self.taken)
            self.taken.add(name)
            held = self.classes[key] = _Class(name, unit)
            held.body, held.words = body, words
        held.units.append(unit)
        held.values.append(values)
        self.of[id(unit)], self.flat[id(unit)], self.words[id(unit)] = held, values, words

    def _word(self, unit: Unit) -> str:
        """What a class is called after: the network, the block of the spec whose layers it has, or its first place."""
        if unit is self.root:
            return self.graph.name
        nodes = [self.graph.nodes[item] for item in unit.items if not isinstance(item, Unit)]
        names = {self.blocks.get(id(node.origin), "") for node in nodes} - {""}
        if len(names) == 1:
            return names.pop()
        parts = [part for part in unit.name.split(".") if not part.isdigit() and not UNNAMED.fullmatch(part)]
        return parts[-1] if parts else "Block"

    def _attributes(self, unit: Unit) -> dict[int, str]:
        """The name of every item inside of a class; names that are short stay so where they are the only ones."""
        named: list[tuple[int, str, str]] = []
        for item in unit.items:
            if isinstance(item, Unit):
                named.append((id(item), *local(item.name, unit.name)))
            elif self.leaves[item].maker:
                named.append((item, *local(self.graph.nodes[item].name, unit.name)))
        shorts = [identifier(short) for _, short, _ in named]
        counts = Counter(shorts)
        found: dict[int, str] = {}
        taken: set[str] = set()
        for (key, _, whole), word in zip(named, shorts, strict=True):
            word = unique(word if counts[word] == 1 else identifier(whole), taken)
            found[key] = word
            taken.add(word)
        return found

    def _arguments(self, unit: Unit) -> list[str]:
        if unit is not self.root:
            return [f"other_{at}" if at > 1 else "other" if at else "x" for at in range(len(unit.externals))]
        names: list[str] = []
        for given in self.graph.inputs:
            word = identifier(given.name)
            word = "x" if word == "input" and len(self.graph.inputs) == 1 else word
            names.append(unique(word, [*names, LOOP]))
        return names

    def _find(self, unit: Unit, code: str, state: str) -> None:
        """Where every node's module is, seen from the network."""
        attrs = self.attrs[id(unit)]
        self.places.append(Place(unit.start, unit.stop, code, self.of[id(unit)].name))
        for item in unit.items:
            if not isinstance(item, Unit):
                if item in attrs:
                    self.paths[item] = (f"{code}.{attrs[item]}", f"{state}{attrs[item]}")
                continue
            attr = attrs[id(item)]
            if not item.stack:
                self._find(item, f"{code}.{attr}", f"{state}{attr}.")
                continue
            for at, child in enumerate(units_of(item)):
                self._find(child, f"{code}.{attr}[{at}]", f"{state}{attr}.{at}.")

    # --- code ------------------------------------------------------------------------------------------------------

    def exported(self) -> Exported:
        """The whole module."""
        paths = {index: code for index, (code, _) in self.paths.items()}
        ties = after(self.report, self.leaves, paths, self.places)
        used = dict.fromkeys(name for leaf in self.leaves for name in leaf.helpers)
        if any(line.startswith("share(") for line in ties):
            used["share"] = None
        parts = [HELPERS[name].strip("\n") for name in HELPERS if name in used]
        parts += [source.replace("{class}", name) for source, name in self.sources.items()]
        parts += [self._class(held, ties if held.first is self.root else []) for held in self.classes.values()]
        whole = [self._reads_whole(number, given.dtype) for number, given in enumerate(self.graph.inputs)]
        name = self.of[id(self.root)].name
        parts.append(main(self.report, name, self._arguments(self.root), whole))
        code = "\n\n\n".join(parts)
        imports = ["import torch", "from torch import nn"]
        if "F." in code:
            imports.insert(1, "import torch.nn.functional as F")
        head = f"# {comment(self.graph.name) or 'a network'}: written by cnncalc for PyTorch\n\n"
        text = head + "\n".join(imports) + "\n\n\n" + code + "\n"
        return Exported(text, self._parameters(), name, whole)

    def _class(self, held: _Class, more: list[str]) -> str:
        unit = held.first
        params = list(dict.fromkeys(param for param in held.params if param))
        lines = [f"class {held.name}(nn.Module):"]
        if unit is not self.root:
            count = len(held.units)
            lines[0] += f"  # {comment(unit.name)}"
            lines[0] += f", and {count - 1} more: the shapes are those of the first" if count > 1 else ""
        lines.append(f"    def __init__({', '.join(['self', *params])}):")
        lines.append("        super().__init__()")
        at = 0
        for item in unit.items:
            made = self._made(unit, item, held, at)
            if made is not None:
                code, at = made
                attr = self.attrs[id(unit)][id(item) if isinstance(item, Unit) else item]
                lines.append(f"        self.{attr} = {code}")
        lines += [f"        {line}" for line in more]
        lines += ["", f"    def forward({', '.join(['self', *self._arguments(unit)])}):"]
        lines += [f"        {line.code}{self._shape(line.node)}" for line in held.body]
        return "\n".join(lines)

    def _made(self, unit: Unit, item: int | Unit, held: _Class, at: int) -> tuple[str, int] | None:
        """What makes an attribute, and the place of the next value."""

        def value(place: int) -> str:
            return held.params[place] or held.values[0][place]

        if not isinstance(item, Unit):
            leaf = self.leaves[item]
            if not leaf.maker:
                return None
            after = at + sum(1 for _ in plain(leaf.args))
            return f"{leaf.maker}({written(leaf.args, map(value, range(at, after)))})", after
        calls = []
        for child in units_of(item) if item.stack else [item]:
            inner = self.of[id(child)]
            given: dict[str, str] = {}
            for place, param in enumerate(inner.params):
                if param and param not in given:
                    given[param] = value(at + place)
            calls.append(f"{inner.name}({', '.join(given.values())})")
            at += len(inner.params)
        if not item.stack:
            return calls[0], at
        straight = chained(item, self.uses) is not None and len(item.externals) == 1
        if len(set(calls)) == 1 and len(calls) > 1:
            listed = f"[{calls[0]} for _ in range({len(calls)})]"
            return (f"nn.Sequential(*{listed})" if straight else f"nn.ModuleList({listed})"), at
        lines = "".join(f"\n            {call}," for call in calls)
        return (f"nn.Sequential({lines}\n        )" if straight else f"nn.ModuleList([{lines}\n        ])"), at

    def _shape(self, node: int) -> str:
        if node < 0:
            return ""
        sizes = ", ".join(comment(str(size)) for size in self.report.rows[node].facts.shape[1:])
        return f"  # (N, {sizes})" if sizes else "  # (N,)"

    def _parameters(self) -> dict[str, str]:
        found = {}
        for index, row in enumerate(self.report.rows):
            if index not in self.paths:
                continue
            state = self.paths[index][1]
            for weight in (*row.facts.weights, *row.facts.buffers):
                end = self.leaves[index].weights.get(weight.name, weight.name)
                found[f"{row.name}.{weight.name}"] = f"{state}.{end}" if end else state
        return found

    def _reads_whole(self, number: int, dtype: str) -> bool:
        """Whether an input holds tokens: it says so, or a table reads it."""
        readers = self.uses.readers.get(number, [])
        return dtype == "int" or any(self.report.rows[reader].type in READS_WHOLE for reader in readers)
