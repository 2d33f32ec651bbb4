"""What the written shape of an input means: a batch axis that was written along, and the place of the channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.problem import Problem

if TYPE_CHECKING:
    from cnncalc.graph import Graph, Input
    from cnncalc.layer import Layer


def has_channels(axes: str, convention: str = "pytorch") -> bool:
    """Whether an axis string stands for channels followed by space, as in "N C H W", or with Keras "N H W C"."""
    names = axes.split(" | ")[-1].split()
    if convention == "keras":
        return len(names) > 2 and names[-1][0] in "CF" and names[-2][0] in "WL" and "U" not in names
    return len(names) > 2 and names[1].startswith("C") and names[2][0] in "DHL"


def turned_out(shape: Any, convention: str) -> Any:
    """A sample's shape in the order that is shown where it is not the layers'."""
    return (shape[-1], *shape[:-1]) if convention == "keras" else (*shape[1:], shape[0])


def turned_in(shape: Any, convention: str) -> Any:
    """A sample's shape as it was written, in the order that the layers have."""
    return (*shape[1:], shape[0]) if convention == "keras" else (shape[-1], *shape[:-1])


def settle_inputs(graph: Graph) -> list[Problem]:
    """Set a written batch axis aside, put channels first, and question what looks turned. Returns the notes."""
    notes: list[Problem] = []
    for number, given in enumerate(graph.inputs):
        readers = [node.layer for node in graph.nodes if number in node.inputs and node.layer is not None]
        graph.inputs[number] = _settle(graph, given, readers, notes)
    return notes


def misplaced_tokens(graph: Graph) -> list[Problem]:
    """Layers that look numbers up (an Embedding) but take what another layer computed."""
    problems = []
    count = len(graph.inputs)
    for node in graph.nodes:
        if not getattr(node.layer, "integers", False) or not node.inputs or isinstance(node.inputs[0], tuple):
            continue
        source = node.inputs[0]
        if source < count or graph.nodes[source - count].layer is None:
            continue
        above = graph.nodes[source - count]
        if above.layer.inferences and above.layer.gives != "N *" and not getattr(above.layer, "integers", False):
            named = ", ".join(given.name for given in graph.inputs if given.dtype == "int") or graph.inputs[0].name
            problems.append(
                Problem(
                    "tokens-expected",
                    f"{node.name}: {node.layer.type()} looks up whole numbers, but {above.name} gives computed ones",
                    source=graph.source,
                    span=node.place(),
                    help=f"{node.name} follows {above.name} here; say what it reads: from: {named}",
                )
            )
    return problems


def _settle(graph: Graph, given: Input, readers: list[Layer], notes: list[Problem]) -> Input:
    def note(code: str, message: str, help: str = "") -> None:
        notes.append(
            Problem(code, message, source=graph.source, span=given.span, help=(help,) if help else (), severity="note")
        )

    shape, batch = given.shape, given.batch
    if given.batch is not None:
        note("batch-set-aside", f"{given.batch} read as the batch size; shapes are for one sample")
    else:
        wanted = _rank(readers)
        if wanted is not None and len(shape) == wanted + 1 and _fits(readers, shape):
            note("batch-set-aside", f"{shape[0]} read as the batch size; shapes are for one sample")
            batch, shape = shape[0], shape[1:]
    image = False
    whose = graph.convention
    if graph.turned and (len(shape) > 2 or any(has_channels(_takes(r), whose) for r in readers)):
        shape = turned_in(shape, whose) if shape else shape
        image = True
    elif not graph.turned:
        (_question_keras if whose == "keras" else _question)(given, shape, readers, notes, graph)
    return given._replace(shape=tuple(shape), image=image, batch=batch)


def _rank(readers: list[Layer]) -> int | None:
    """The number of axes of one sample that the readers agree on, where it is fixed."""
    wanted = None
    for layer in readers:
        ranks = layer.ranks[0] if layer.ranks else None
        if ranks is None or len(ranks) != 1:
            return None
        rank = next(iter(ranks)) - 1
        if wanted is not None and rank != wanted:
            return None
        wanted = rank
    return wanted


def _fits(readers: list[Layer], shape: Any) -> bool:
    """Whether the shape without its first number is what the readers say they take, and with it is not.

    A layer that says nothing of sizes (a pool) confirms nothing, unless the first number is followed by an image's
    1, 3 or 4 channels and a layer that infers them.
    """
    for layer in readers:
        for axis in layer.inferences:
            if axis.input or len(shape) < 3:
                continue
            size = layer.__dict__[axis.option]
            at = axis.axis if axis.axis < 0 else axis.axis - 1
            if size is None:
                return shape[at + 1] in (1, 3, 4) if at >= 0 else True
            return bool(shape[at + 1 if at >= 0 else at] == size and (at < 0 or shape[at] != size))
    return False


def _question(given: Input, shape: Any, readers: list[Layer], notes: list[Problem], graph: Graph) -> None:
    """[32, 32, 3] where channels come first and their number is inferred is probably turned."""
    if len(shape) != 3 or any(type(size) is not int for size in shape):
        return
    first, height, width = shape
    inferring = [r for r in readers if has_channels(_takes(r)) and not any(getattr(r, a.option) for a in r.inferences)]
    if inferring and width in (1, 3, 4) and first > width and height > width:
        kind = "RGB " if width == 3 else ""
        notes.append(
            Problem(
                "channels-last-input",
                f"{given.name} {list(shape)} means {first} channels of {height}x{width}",
                source=graph.source,
                span=given.span,
                help=f"a {first}x{height} {kind}picture is [{width}, {first}, {height}]; "
                "to keep this order write layout: channels_last",
                severity="warning",
            )
        )


def _question_keras(given: Input, shape: Any, readers: list[Layer], notes: list[Problem], graph: Graph) -> None:
    """[3, 32, 32] where channels come last is probably turned."""
    if len(shape) != 3 or any(type(size) is not int for size in shape):
        return
    first, height, width = shape
    if first in (1, 3, 4) and height > 4 and width > 4 and any(has_channels(_takes(r), "keras") for r in readers):
        kind = "RGB " if first == 3 else ""
        notes.append(
            Problem(
                "channels-first-input",
                f"{given.name} {list(shape)} means {width} channels of {first}x{height}",
                source=graph.source,
                span=given.span,
                help=f"in Keras a {height}x{width} {kind}picture is [{height}, {width}, {first}]; "
                "to keep this order write layout: channels_first",
                severity="warning",
            )
        )


def _takes(layer: Layer) -> str:
    return layer.takes if isinstance(layer.takes, str) else layer.takes[0]
