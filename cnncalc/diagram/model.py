"""What a diagram is made of, without ink: builders make these, writers draw them, neither knows the other."""

from __future__ import annotations

from cnncalc.core.number import Number, Shape
from cnncalc.core.problem import Fault

# More boxes than this are no picture any more; JSON and DOT, which other programs read, have more room.
MOST_BOXES = 2_000
MOST_FOR_PROGRAMS = 100_000

BLOCKS = "--depth 1 draws each block as one box"  # what helps against too many

# Kinds of a box:
#   input      what comes in from outside       layer    one layer of the network
#   block      a block shown as one box         value    x[t], h[t-1]: a value of a cell
#   matrix     a product with a weight          weight   a bias, or another weight that is no left factor
#   operation  what is computed without weights


class Box:
    """One box. `name` is the full name, `label` what is written on it, `detail` the line below that.

    `params`, `macs` and `memory` (elements of weights and output) are those of one copy; None where counting makes
    no sense. `copies` > 1 for a folded block in one box. `tied` is the layer whose weights it uses.
    """

    type = ""
    detail = ""
    shape: Shape | None = None
    params: Number | None = None
    group: int | None = None
    copies = 1
    category = ""
    macs: Number | None = None
    memory: Number | None = None
    tied = ""

    def __init__(self, id: int, kind: str, name: str, label: str, **more: object) -> None:
        self.id = id
        self.kind = kind
        self.name = name
        self.label = label
        # Layers that are drawn in this box, as calls: those that come before and after it.
        self.before: list[str] = []
        self.after: list[str] = []
        self.__dict__.update(more)


class Edge:
    """An arrow between two boxes, by their ids; `delay` steps lie between its ends where it is not 0.

    `label` is the output that it takes, `role` what it is for the box at its end.
    """

    __slots__ = ("delay", "label", "role", "source", "target")

    def __init__(self, source: int, target: int, label: str = "", delay: int = 0, role: str = "") -> None:
        self.role = role
        self.source = source
        self.target = target
        self.label = label
        self.delay = delay


class Group:
    """A frame around boxes and other frames; `copies` of it stand in a row. `params` are those of one copy."""

    __slots__ = ("copies", "id", "label", "name", "params", "parent")

    def __init__(
        self, id: int, name: str, label: str, parent: int | None, copies: int = 1, params: Number | None = None
    ) -> None:
        self.id = id
        self.name = name
        self.label = label
        self.parent = parent
        self.copies = copies
        self.params = params

    @property
    def title(self) -> str:
        """Its label with the number of copies."""
        return f"{self.label} × {self.copies}" if self.copies > 1 else self.label


class Diagram:
    """Boxes in an order in which each comes after what its arrows without delay come from; arrows; frames.

    `cell`: it is a recurrent cell, which the field draws to the right, with the input below; `states`: of it only the
    inputs, states and outputs.
    """

    __slots__ = ("advice", "boxes", "cell", "edges", "groups", "most", "name", "notes", "output", "states", "total")

    def __init__(self, name: str, most: int = MOST_BOXES, advice: str = BLOCKS) -> None:
        self.name = name
        self.advice = advice
        self.boxes: list[Box] = []
        self.edges: list[Edge] = []
        self.groups: list[Group] = []
        self.notes: list[str] = []
        self.output: int | None = None
        self.total: Number | None = None
        self.most = most
        self.cell = False
        self.states = False

    def box(self, kind: str, name: str, label: str, **more: object) -> Box:
        """Add a box; raises `Fault` where there are too many."""
        if len(self.boxes) >= self.most:
            raise Fault(
                "too-many-boxes",
                f"the diagram would have more than {self.most:,} boxes",
                help=self.advice,
            )
        made = Box(len(self.boxes), kind, name, label, **more)
        self.boxes.append(made)
        return made

    def edge(self, source: int, target: int, label: str = "", delay: int = 0, role: str = "") -> None:
        """Add an arrow."""
        self.edges.append(Edge(source, target, label, delay, role))

    def group(self, name: str, label: str, parent: int | None, copies: int = 1, params: Number | None = None) -> Group:
        """Add a frame."""
        made = Group(len(self.groups), name, label, parent, copies, params)
        self.groups.append(made)
        return made

    def frames(self, group: int | None) -> list[int]:
        """The frames around what stands in one, outermost first."""
        found = []
        while group is not None:
            found.append(group)
            group = self.groups[group].parent
        return found[::-1]
