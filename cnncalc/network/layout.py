"""What the written shape of an input means: whether it has a batch axis, and which axis has the channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.core.channels import has_channels, to_layer_order
from cnncalc.core.problem import Problem
from cnncalc.network.order import PICTURE, batch_in_front, contradiction, question, readers, reversed_sequence, takes

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.core.number import Shape
    from cnncalc.network.graph import Graph, Input


def settle_inputs(graph: Graph, free: bool = False, ask: bool = True) -> list[Problem]:
    """Set a written batch axis aside, put channels first, and question doubtful orders. Returns problems to print.

    `free` says that some sizes have no number yet; without `ask` nothing is questioned.
    """
    notes: list[Problem] = []
    doubts = []
    for number, given in enumerate(graph.inputs):
        nodes = readers(graph, number)
        direct = [node.layer for node in nodes if number in node.inputs]
        settled = graph.inputs[number] = _settle(graph, given, direct, notes)
        if ask and settled.known and not graph.layout_said and not graph.layout_differs:
            wrong = reversed_sequence(graph, settled, settled.shape, nodes)
            if wrong is None and graph.convention != "keras":
                wrong = contradiction(graph, settled, settled.shape, nodes)
            if wrong is not None:
                notes.append(wrong)
                graph.inputs[number] = settled._replace(known=False)
            else:
                doubts.append((number, nodes))
    for number, nodes in doubts:
        asked = question(graph, number, graph.inputs[number].shape, nodes, free)
        if asked is not None:
            notes.append(asked)
    return notes


def misplaced_tokens(graph: Graph) -> list[Problem]:
    """Layers that look numbers up (an Embedding) but take what another layer computed."""
    problems = []
    count = len(graph.inputs)
    for node in graph.nodes:
        if node.layer is None or not node.layer.integers or not node.inputs or isinstance(node.inputs[0], tuple):
            continue
        source = node.inputs[0]
        if source < count or graph.nodes[source - count].layer is None:
            continue
        above = graph.nodes[source - count]
        if above.layer.inferences and above.layer.gives != "N *" and not above.layer.integers:
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
    whose = graph.convention
    turned = ((given.layout or graph.layout) == "channels_last") != (whose == "keras")

    source = graph.source if given.span else None

    def note(code: str, message: str, help: str = "") -> None:
        notes.append(
            Problem(code, message, source=source, span=given.span, help=(help,) if help else (), severity="note")
        )

    shape, batch = given.shape, given.batch
    if given.batch is not None:
        note("batch-set-aside", f"{given.batch} read as the batch size; shapes are for one sample")
    else:
        wanted = _rank(readers)
        inner = (shape[0], *to_layer_order(shape[1:], whose)) if turned and len(shape) > 1 else shape
        fits = wanted is not None and len(shape) == wanted + 1 and _fits(readers, inner)
        if fits or batch_in_front(graph, graph.inputs.index(given), shape):
            note("batch-set-aside", f"{shape[0]} read as the batch size; shapes are for one sample")
            batch, shape = shape[0], shape[1:]
    spatial = len(shape) > 2 or any(has_channels(takes(layer), whose) for layer in readers)
    if turned and spatial and shape:
        shape = to_layer_order(shape, whose)
    return given._replace(shape=tuple(shape), image=graph.layout_differs and spatial, batch=batch)


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


def _fits(readers: list[Layer], shape: Shape) -> bool:
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
            last = at >= 0 and len(shape) > 3  # a picture with its channels at the end, behind a batch
            if size is None:
                return shape[at + 1] in PICTURE or (last and _picture(shape)) if at >= 0 else True
            if last and shape[-1] == size and shape[at + 1] != size and shape[at] != size:
                return True
            return bool(shape[at + 1 if at >= 0 else at] == size and (at < 0 or shape[at] != size))
    return False


def _picture(shape: Shape) -> bool:
    """Whether a batch and a picture with its channels at the end were written, 64x28x28x1."""
    return bool(len(shape) == 4 and shape[-1] in PICTURE and shape[1] == shape[2])
