"""A report as a diagram: a box a layer or a folded block, a frame a block, copies that are alike once."""

from __future__ import annotations

from collections import Counter

from cnncalc.core.layer import Layer
from cnncalc.core.number import Number, prod
from cnncalc.diagram.model import MOST_BOXES, Diagram, Edge
from cnncalc.diagram.tree import Item, copies_of, tree
from cnncalc.diagram.words import short
from cnncalc.network.report import Report


def network(report: Report, depth: int | None = None, full: bool = False, most: int = MOST_BOXES) -> Diagram:
    """The whole network; blocks below `depth` levels are one box each, copies are drawn once unless `full`.

    At depth 0 the outermost blocks are one box each, even those that are nothing but numbered blocks.

    Raises `Fault` for more boxes than `most`.
    """
    return _Builder(report, full, most).build(depth)


class _Builder:
    """Walks the tree of blocks once; afterwards every node knows its box."""

    def __init__(self, report: Report, full: bool, most: int) -> None:
        self.report = report
        self.graph = report.graph
        self.copies = None if full else copies_of(report)
        self.diagram = Diagram(report.name, most)
        self.where: list[int] = [-1] * len(self.graph.nodes)
        # The nodes whose arrows are drawn: those of first copies.
        self.drawn: list[int] = []
        self.prefixes: dict[int, str] = {}
        self.whole = False

    def build(self, depth: int | None) -> Diagram:
        """The diagram."""
        diagram = self.diagram
        diagram.total = self.report.totals.params
        for name, shape in self.report.inputs.items():
            diagram.box("input", name, name, type="input", shape=shape)
        self.whole = depth == 0
        self.level(tree(self.graph), None, "", 1 if self.whole else depth)
        self.tell_apart()
        self.connect()
        shared = sum(row.owner is not None for row in self.report.rows)
        if shared:
            verb = "1 layer uses" if shared == 1 else f"{shared:,} layers use"
            diagram.notes.append(f"{verb} the weights of another: counted once")
        out = self.graph.output
        diagram.output = self.box_of(out[0] if isinstance(out, tuple) else out)
        return diagram

    # --- boxes and frames ------------------------------------------------------------------------------------------

    def runs(self, items: list[Item]) -> list[list[Item]]:
        """The items, copies together."""
        return [[item] for item in items] if self.copies is None else self.copies.runs(items)

    def level(self, items: list[Item], group: int | None, prefix: str, left: int | None) -> None:
        """Some neighbours inside a frame; `prefix` is what their names have in common."""
        for run in self.runs(items):
            name = short(run[0].name, prefix)
            self.place(run, group, prefix, left, f"{name}..{run[-1].word}" if len(run) > 1 else name, len(run))

    def place(
        self,
        run: list[Item],
        group: int | None,
        prefix: str,
        left: int | None,
        label: str,
        copies: int,
        named: bool = False,
    ) -> None:
        """A layer, a block, or copies of one, under a label."""
        first = run[0]
        if first.children is None:
            if copies > 1:
                group = self.frame(first, group, label, copies)
            self.leaf(first, group, label if copies == 1 else short(first.name, prefix), prefix)
        else:
            self.block(first, first.children, group, prefix, left, label, copies, named)
        for copy in run[1:]:
            self.where[copy.start : copy.stop] = self.where[first.start : first.stop]

    def block(
        self,
        item: Item,
        children: list[Item],
        group: int | None,
        prefix: str,
        left: int | None,
        label: str,
        copies: int,
        named: bool,
    ) -> None:
        """A block: one box where no level is left; otherwise a frame, unless that would stand around nothing else."""
        if left is not None and not item.numbered:
            left -= 1
        runs = self.runs(children)
        if left is not None and left <= 0 and (self.whole or not _only_copies(children, runs)):
            self.folded(item, group, label, copies)
            return
        inner = runs[0][0]
        named = named or not item.unnamed
        if len(runs) == 1 and (len(runs[0]) == 1 or copies == 1):
            if len(runs[0]) == 1 and not inner.unnamed:
                label = f"{label}.{inner.word}"
            self.place(runs[0], group, prefix, left, label, copies * len(runs[0]), named)
        elif copies == 1 and not named:
            self.level(children, group, prefix, left)
        else:
            self.level(children, self.frame(item, group, label, copies), item.name + ".", left)

    def frame(self, item: Item, parent: int | None, label: str, copies: int) -> int:
        """A frame around a block or a layer."""
        name = item.name if copies == 1 or not item.numbered else item.name.rpartition(".")[0]
        return self.diagram.group(name, label, parent, copies, self.params(item)).id

    def leaf(self, item: Item, group: int | None, label: str, prefix: str) -> None:
        """The box of one layer."""
        row = self.report.rows[item.start]
        box = self.diagram.box(
            "layer",
            row.name,
            label,
            type=row.type,
            detail=row.call,
            shape=row.output_shape,
            params=row.params,
            group=group,
            category=row.layer.category,
            macs=row.macs,
            memory=self.memory(item),
            tied=short(row.owner, prefix) if row.owner is not None and _none(row.params) else "",
        )
        self.prefixes[box.id] = prefix
        self.where[item.start] = box.id
        self.drawn.append(item.start)

    def folded(self, item: Item, group: int | None, label: str, copies: int) -> None:
        """A block as one box."""
        report, layers = self.report, item.stop - item.start
        out = self.graph.blocks[item.name].output
        box = self.diagram.box(
            "block",
            item.name,
            label,
            type="block",
            detail=f"{layers} layers" if layers > 1 else "1 layer",
            shape=report.shown(report.shape_of(out), out),
            params=self.params(item),
            group=group,
            copies=copies,
            macs=self.macs(item),
            memory=self.memory(item),
        )
        self.where[item.start : item.stop] = [box.id] * layers
        self.drawn.extend(range(item.start, item.stop))

    def params(self, item: Item) -> Number:
        """The parameters of one copy."""
        return sum(row.params for row in self.report.rows[item.start : item.stop])

    def macs(self, item: Item) -> Number:
        """The multiply-accumulates of one copy."""
        return sum(row.macs for row in self.report.rows[item.start : item.stop])

    def memory(self, item: Item) -> Number:
        """The elements of the weights and outputs of one copy."""
        total = self.params(item)
        for row in self.report.rows[item.start : item.stop]:
            total = total + prod(row.output_shape)
        return total

    def tell_apart(self) -> None:
        """Boxes of one frame that would bear the same label get the longer one."""
        boxes = self.diagram.boxes
        often = Counter((box.group, box.label) for box in boxes)
        for box in boxes:
            if often[box.group, box.label] > 1 and box.id in self.prefixes:
                box.label = box.name.removeprefix(self.prefixes[box.id])

    # --- arrows ----------------------------------------------------------------------------------------------------

    def connect(self) -> None:
        """The arrows between boxes, each once."""
        seen: dict[tuple[int, int, str], Edge] = {}
        for number in self.drawn:
            target = self.where[number]
            node = self.graph.nodes[number]
            roles = roles_of(node.layer, len(node.inputs)) if self.diagram.boxes[target].kind == "layer" else ()
            for place, ref in enumerate(node.inputs):
                at, port = ref if isinstance(ref, tuple) else (ref, "")
                key = (self.box_of(at), target, port)
                role = roles[place] if place < len(roles) else ""
                if key in seen:
                    seen[key].role += f", {role}" if role else ""
                elif key[0] != target:
                    self.diagram.edge(*key, role=role)
                    seen[key] = self.diagram.edges[-1]
        self.alone()

    def alone(self) -> None:
        """An arrow that is the only one of its box needs no words."""
        sources: dict[int, set[int]] = {}
        for edge in self.diagram.edges:
            sources.setdefault(edge.target, set()).add(edge.source)
        for edge in self.diagram.edges:
            if len(sources[edge.target]) == 1:
                edge.role = ""

    def box_of(self, number: int) -> int:
        """The box of a value: inputs have the first ones."""
        count = len(self.graph.inputs)
        return number if number < count else self.where[number - count]


def _only_copies(children: list[Item], runs: list[list[Item]]) -> bool:
    """Whether a block is nothing but numbered blocks, or layers that are all alike."""
    if not all(child.numbered for child in children):
        return False
    return len(runs) == 1 or any(child.children is not None for child in children)


def _none(params: Number) -> bool:
    return type(params) is int and params == 0


def roles_of(layer: Layer, count: int) -> tuple[str, ...]:
    """The words for so many inputs; none where there is one, or where their order does not count."""
    known = layer.roles
    if count < 2 or known == ():
        return ()
    if isinstance(known, dict):
        return known.get(count, ())
    return tuple(str(number) for number in range(1, count + 1))
