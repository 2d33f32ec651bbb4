"""A network as Python code for PyTorch: blocks as classes, layers as modules, the wiring as `forward`.

Blocks that are written alike are one class; what differs between them are its arguments.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.core.problem import Problem, SpecError
from cnncalc.export.call import Leaf, form, plain, written
from cnncalc.export.forward import LOOP, Body, chained, units_of
from cnncalc.export.identifiers import class_name, comment, identifier, unique
from cnncalc.export.modules import UNNAMED, Unit, Uses, local, tree
from cnncalc.export.pytorch.attention import sources as attention_sources
from cnncalc.export.pytorch.classes import Class, gathered
from cnncalc.export.pytorch.helpers import HELPERS
from cnncalc.export.pytorch.layers import block_names, leaves_of
from cnncalc.export.pytorch.names import attributes, class_word, side_by_side, usual, wrapped
from cnncalc.export.pytorch.selftest import Place, after, main, shared_blocks
from cnncalc.export.pytorch.sizes import Sized, sized
from cnncalc.network.report import Report

if TYPE_CHECKING:
    from cnncalc.export.call import Turn
    from cnncalc.network.network import Network
    from cnncalc.spec.model import Spec

# Layers that read whole numbers.
READS_WHOLE = ("Embedding", "EmbeddingBag", "OneHot")


class Exported(NamedTuple):
    """The code, and what it holds.

    parameters   where each array of the spec is: "layer.weight" to the name in PyTorch's state_dict
    name         the network's class
    turns        what is done with those of them that have another order there
    whole        for each input whether it takes whole numbers
    """

    text: str
    parameters: dict[str, str]
    turns: dict[str, Turn]
    name: str
    whole: list[bool]


def export(report: Report, spec: Spec | None = None, network: Network | None = None) -> Exported:
    """The code of a network; with its spec, classes bear the names of its blocks.

    With the network itself sizes under `let` are arguments of the class, where that is all that they are.
    Raises `SpecError` with every layer that cannot be written.
    """
    if report.graph.convention == "keras" and report.graph.layout == "channels_first":
        raise SpecError([_keras(report)])
    return _Writer(report, sized(leaves_of(report), network, leaves_of), block_names(spec)).exported()


def _keras(report: Report) -> Problem:
    message = "a network in Keras' words with layout: channels_first cannot be written for PyTorch"
    return Problem("cannot-export", message, help="leave out layout: Keras' own is channels_last")


class _Writer:
    def __init__(self, report: Report, sizes: Sized, blocks: dict[int, str]) -> None:
        self.sizes, leaves = sizes.values, sizes.leaves
        self.blocks = blocks
        self.report = report
        self.graph = report.graph
        helpers = {name.partition(":")[0] for leaf in leaves for name in leaf.helpers}
        self.taken = {*self.sizes, "nn", "torch", "F", *helpers}
        self.sources: dict[str, str] = {}
        leaves, self.attention = attention_sources(leaves)
        self.leaves = [self._named(leaf) for leaf in leaves]
        self.uses = Uses(self.graph)
        self.root = tree(self.graph, self.uses)
        self.attrs: dict[int, dict[int, str]] = {}  # of each unit: node number or id of a unit -> attribute
        self.classes: dict[Hashable, Class] = {}
        self.of: dict[int, Class] = {}
        self.flat: dict[int, list[str]] = {}
        self.words: dict[int, list[tuple[str, ...]]] = {}
        self.paths: dict[int, tuple[str, str]] = {}  # of each node: as code, in state_dict
        self.places: list[Place] = []
        self.around: dict[int, Unit] = {}
        for unit in self.root.units():
            for item in unit.items:
                if isinstance(item, Unit):
                    self.around.update(dict.fromkeys(map(id, units_of(item) if item.stack else [item]), unit))
        for unit in self.root.units():
            if not unit.stack:
                self._settle(unit)
        for held in self.classes.values():
            held.settle(set() if held.first is self.root else set(self.sizes))
        self._find(self.root, "self", "")
        self.shared = shared_blocks(report, self.places)
        self.repeated: set[int] = set()  # first nodes of copies that are written as one object several times

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
        words: list[tuple[str, ...]] = []
        shape: list[Hashable] = []
        for item in unit.items:
            if isinstance(item, Unit):
                attr = attrs[id(item)]
                inner = units_of(item) if item.stack else [item]
                kind: Hashable = (
                    ("stack", chained(item, self.uses) is None, len(item.externals)) if item.stack else "class"
                )
                shape.append((attr, kind, tuple(id(self.of[id(child)]) for child in inner)))
                for child in inner:
                    values += self.flat[id(child)]
                    words += [(attr, *word) for word in self.words[id(child)]]
            elif self.leaves[item].maker:
                leaf = self.leaves[item]
                for word, code in plain(leaf.args):
                    values.append(code)
                    words.append((attrs[item], word))
                shape.append((attrs[item], leaf.maker, form(leaf.args)))
        body = Body(unit, self.uses, self.leaves, attrs, self._arguments(unit)).lines
        key = (tuple(shape), tuple(line.code for line in body), len(unit.externals), unit is self.root)
        held = self.classes.get(key)
        if held is None:
            name = class_word(class_name(self._word(unit)), self.taken)
            self.taken.add(name)
            held = self.classes[key] = Class(name, unit)
            held.body, held.words = body, words
        held.units.append(unit)
        held.values.append(values)
        self.of[id(unit)], self.flat[id(unit)], self.words[id(unit)] = held, values, words

    def _word(self, unit: Unit) -> str:
        """What a class is called after: the network, the block of the spec whose layers it has, or its first place."""
        if unit is self.root:
            return self.graph.name
        names = self._blocks(unit)
        if len(names) == 1 and not names & self._blocks(self.around[id(unit)]):
            return names.pop()
        parts = [part for part in unit.name.split(".") if not part.isdigit() and not UNNAMED.fullmatch(part)]
        return parts[-1] if parts else "Block"

    def _blocks(self, unit: Unit) -> set[str]:
        """The blocks of the spec that a unit's own layers are written in."""
        nodes = [self.graph.nodes[item] for item in unit.items if not isinstance(item, Unit)]
        return {self.blocks.get(id(node.origin), "") for node in nodes} - {""}

    def _attributes(self, unit: Unit) -> dict[int, str]:
        """The name of every item inside of a class."""
        named: list[tuple[int, str]] = []
        for item in unit.items:
            if isinstance(item, Unit):
                named.append((id(item), local(item.name, unit.name)))
            elif self.leaves[item].maker:
                node = self.graph.nodes[item]
                named.append((item, usual(local(node.name, unit.name), node.layer.type())))
        found = dict(zip((key for key, _ in named), attributes([word for _, word in named]), strict=True))
        for base, run in side_by_side(unit.items, found, self.graph, self.leaves):
            if base not in found.values():
                found.update({item: f"{base}[{at}]" for at, item in enumerate(run)})
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
        kind = (self.of[id(unit)].name, *self.flat[id(unit)])
        self.places.append(Place(unit.start, unit.stop, code, kind))
        for item in unit.items:
            if not isinstance(item, Unit):
                if item in attrs:
                    inner = attrs[item].replace("[", ".").replace("]", "")
                    self.paths[item] = (f"{code}.{attrs[item]}", f"{state}{inner}")
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
        for item in self.root.items:
            if isinstance(item, Unit) and item.stack and self._one_object(units_of(item)) is not None:
                self.repeated.update(child.start for child in units_of(item) if child.start in self.shared)
        ties = after(self.report, self.leaves, paths, self.shared, self.repeated)
        used = dict.fromkeys(name for leaf in self.leaves for name in leaf.helpers)
        parts = [HELPERS[name].strip("\n") for name in HELPERS if name in used]
        parts += self.attention
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
        text = wrapped(head + "\n".join(imports) + "\n\n\n" + code + "\n")
        turns = {
            f"{row.name}.{name}": turn
            for row, leaf in zip(self.report.rows, self.leaves, strict=True)
            for name, turn in leaf.turns.items()
        }
        return Exported(text, self._parameters(), turns, name, whole)

    def _owner(self, unit: Unit) -> Place | None:
        """The block that a unit is once more; None where it is one of its own."""
        found = None
        at = unit.start
        while at in self.shared:
            found = self.shared[at][1]
            at = found.start
        return found

    def _one_object(self, units: list[Unit]) -> str | None:
        """The block that all copies are: one that is there, "" for the first of them; None where they differ."""
        first, *rest = [self._owner(unit) for unit in units]
        if not rest or any(owner is None for owner in rest):
            return None
        starts = {owner.start for owner in rest if owner is not None}
        if first is None:
            return "" if starts == {units[0].start} else None
        return first.path if starts == {first.start} else None

    def _class(self, held: Class, more: list[str]) -> str:
        unit = held.first
        params = list(dict.fromkeys(param for param in held.params if param))
        if unit is self.root:
            params = [f"{name}={value}" for name, value in self.sizes.items()]
        lines = [f"class {held.name}(nn.Module):"]
        if unit is not self.root:
            count = len(held.units)
            lines[0] += f"  # {comment(unit.name)}"
            lines[0] += f", and {count - 1} more: the shapes are those of the first" if count > 1 else ""
        lines.append(f"    def __init__({', '.join(['self', *params])}):")
        lines.append("        super().__init__()")
        at = 0
        lists: dict[str, list[str]] = {}
        for item in unit.items:
            made = self._made(unit, item, held, at)
            if made is not None:
                code, at = made
                attr, _, number = self.attrs[id(unit)][id(item) if isinstance(item, Unit) else item].partition("[")
                if number in ("", "0]"):
                    lines.append(f"        self.{attr} = " + ("{" + attr + "}" if number else code))
                if number:
                    lists.setdefault(attr, []).append(code)
        for attr, made_by in lists.items():
            place = lines.index(f"        self.{attr} = {{{attr}}}")
            alike = len(set(made_by)) == 1
            each = f"{made_by[0]} for _ in range({len(made_by)})"
            listed = each if alike else ", ".join(gathered(made_by))
            lines[place] = f"        self.{attr} = nn.ModuleList([{listed}])"
        lines += [f"        {line}" for line in more]
        lines += ["", f"    def forward({', '.join(['self', *self._arguments(unit)])}):"]
        lines += [f"        {line.code}{self._shape(line.node)}" for line in held.body]
        return "\n".join(lines)

    def _made(self, unit: Unit, item: int | Unit, held: Class, at: int) -> tuple[str, int] | None:
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
        if unit is self.root and units_of(item)[-1].start in self.repeated:
            listed = f"[{self._one_object(units_of(item)) or calls[0]}] * {len(calls)}"
            return (f"nn.Sequential(*{listed})" if straight else f"nn.ModuleList({listed})"), at
        if len(set(calls)) == 1 and len(calls) > 1:
            listed = f"[{calls[0]} for _ in range({len(calls)})]"
            return (f"nn.Sequential(*{listed})" if straight else f"nn.ModuleList({listed})"), at
        listed = ", ".join(gathered(calls))
        return (f"nn.Sequential({listed})" if straight else f"nn.ModuleList([{listed}])"), at

    def _shape(self, node: int) -> str:
        if node < 0:
            return ""
        shape = self.report.rows[node].facts.shape[1:]
        shape = (shape[-1], *shape[:-1]) if self.leaves[node].front else shape
        sizes = ", ".join(comment(str(size)) for size in shape)
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
