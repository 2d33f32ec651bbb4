"""The target "keras": code with the functional API, channels first, and the given weights beside it.

Keras' own .weights.h5 needs h5py; the arrays are written as .npz, and the code has what puts them in.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault, Problem, SpecError, settled
from cnncalc.export.call import Leaf, arguments, literal, refuse_opaque, written
from cnncalc.export.forward import SPARE, Body
from cnncalc.export.identifiers import comment, identifier, unique
from cnncalc.export.keras import own, plain, sequence, shapes, spatial
from cnncalc.export.keras.classes.source import classes
from cnncalc.export.keras.piece import Piece, Rule, made, no, same
from cnncalc.export.keras.piece import own as own_layer
from cnncalc.export.modules import Unit, Uses
from cnncalc.export.targets import Product, Request
from cnncalc.network.propagate import problem_of
from cnncalc.network.row import Row

if TYPE_CHECKING:
    from cnncalc.core.number import Shape
    from cnncalc.network.graph import Input
    from cnncalc.network.report import Report
    from cnncalc.network.row import Row
    from cnncalc.spec.model import Spec

LOAD = '''

def load(model, path):
    """Put the arrays of an .npz file in: "layer/0", "layer/1", ... in the order of the layer's weights."""
    arrays = numpy.load(path)
    for layer in model.layers:
        if layer.weights:
            layer.set_weights([arrays[f"{layer.name}/{at}"] for at in range(len(layer.weights))])
'''
MAIN = """

if __name__ == "__main__":
    model = build()
    assert model.count_params() == %(params)s, model.count_params()
    shapes = [tuple(output.shape[1:]) for output in model.outputs]
    assert shapes == %(shapes)s, shapes
    if len(sys.argv) > 1:
        load(model, sys.argv[1])
    print(f"{model.count_params():,} parameters")
"""


def write(report: Report, spec: Spec | None, request: Request) -> Product:
    """The code; with arrays also an .npz file of Keras' own weights."""
    pieces = pieces_of(report)
    text = code(report, pieces)
    if request.arrays is None:
        return Product(text)
    import numpy as np

    arrays: dict[str, Any] = {}
    for row, found in zip(report.rows, pieces, strict=True):
        for layer, held in found.held:
            for at, (names, turn) in enumerate(held):
                array = turn(*(np.asarray(request.arrays[f"{row.name}.{name}"]) for name in names))
                arrays[f"{layer}/{at}"] = array.astype(request.dtype)
    out = io.BytesIO()
    np.savez(out, **arrays)
    remark = 'load(model, "{file}.npz") puts the weights in; model.save_weights writes Keras\' .weights.h5 then'
    return Product(text, out.getvalue(), ".npz", (remark,))


def pieces_of(report: Report) -> list[Piece]:
    """Every layer in Keras' words. Raises `SpecError` with all that have none."""
    own = report.graph.convention == "keras"
    if own and report.graph.layout == "channels_first":
        message = "a network in Keras' words with layout: channels_first cannot be written for Keras"
        raise SpecError([Problem("cannot-export", message, help="leave out layout: Keras' own is channels_last")])
    asked_for = {ref for row in report.rows for ref in row.node.inputs}
    asked_for |= set(report.graph.outputs or [report.graph.output])
    ports = {ref for ref in asked_for if isinstance(ref, tuple)}
    read = {ref[0] if isinstance(ref, tuple) else ref for ref in asked_for}
    found: list[Piece] = []
    problems = []
    for index, row in enumerate(report.rows):
        try:
            refuse_opaque(row, "Keras")
            made = own_piece(row) if own else piece(row)
            asked = {port for number, port in ports if number == len(report.graph.inputs) + index}
            if asked - made.ports.keys():
                raise no(row, "its further outputs are not written")
            if len(report.graph.inputs) + index not in read and row.own:
                made = _idle(row)
            found.append(made)
        except Fault as fault:
            fault.option = None
            problems.append(problem_of(fault, report.graph, row.node))
    problems += _share(report, found) if not problems else []
    if problems:
        raise SpecError(settled(problems))
    return found


def _idle(row: Row) -> Piece:
    """An array that nothing reads: Keras would leave its layer out."""
    if row.type != "Parameter":
        raise no(row, "nothing takes what it gives, and Keras would leave it out")
    return own_layer(row, "Unused", {"shape": tuple(row.facts.shape[1:])}, "{first}")


def _groups(report: Report) -> dict[int, list[int]]:
    """The layers that have their weights from another one, by the one whose they are."""
    first: dict[int, int] = {}
    found: dict[int, list[int]] = {}
    for index, row in enumerate(report.rows):
        shares = row.node.shares
        if shares is not None and row.owner is not None:
            first[index] = first.get(shares, shares)
            found.setdefault(first[index], []).append(index)
    return found


def _share(report: Report, found: list[Piece]) -> list[Problem]:
    """Let layers that share their weights be one layer; the problems where they are none."""
    problems = []
    for first, members in _groups(report).items():
        table, owner = report.rows[first], found[first]
        if table.type == "Embedding" and any(report.rows[index].type == "Linear" for index in members):
            rows, size = table.facts.weights[0].shape
            owner = own_layer(table, "TokenEmbedding", {"num_embeddings": rows, "embedding_dim": size})
        for index in members:
            row, mine = report.rows[index], found[index]
            if not row.own and owner.maker and found[first].kind == mine.kind:
                call = mine.call.replace(mine.maker, owner.maker, 1)
                found[index] = mine._replace(call=call, held=(), maker="")
            elif "TokenEmbedding" in owner.classes and row.type == "Linear":
                found[index] = _scores(row, owner.maker)
            else:
                fault = no(row, "it shares some of its weights, or with a layer of another kind")
                problems.append(problem_of(fault, report.graph, row.node))
        found[first] = owner
    return problems


def _scores(row: Row, maker: str) -> Piece:
    """The table of tokens as the last matrix; a bias is an array of its own."""
    call = f"{maker}({{0}}, reverse=True)"
    if not row.own:
        return Piece(call)
    shape = (*[1] * (len(row.facts.shape) - 2), row.facts.shape[-1])
    bias = own_layer(row, "Parameter", {"shape": shape, "init": 0.0})
    held = ((bias.held[0][0], ((("bias",), lambda array: array.reshape(shape)),)),)
    return bias._replace(call=f"{call} + {bias.call}", held=held, maker="")


def code(report: Report, pieces: list[Piece]) -> str:
    """The module."""
    graph = report.graph
    uses = Uses(graph)
    root = Unit("", 0, len(graph.nodes), graph.output)
    root.externals = list(range(len(graph.inputs)))
    root.items = [*range(len(graph.nodes))]
    names: list[str] = []
    for given in graph.inputs:
        word = "x" if len(graph.inputs) == 1 else identifier(given.name)
        names.append(unique(word, [*names, "inputs"]))
    calls = [found.call for found in pieces]
    shared: dict[str, str] = {}
    for first, members in _groups(report).items():
        maker = pieces[first].maker
        shared[maker] = unique(identifier(report.rows[first].name), [*names, *shared.values(), "inputs", *SPARE])
        for index in (first, *members):
            calls[index] = calls[index].replace(maker, shared[maker], 1)
    leaves = [Leaf(call=call, main=found.main, ports=found.ports) for call, found in zip(calls, pieces, strict=True)]
    body = Body(root, uses, leaves, {}, names, tuple(shared.values())).lines
    lines = ["def build():", *(f"    {word} = {maker}" for maker, word in shared.items())]
    for given, name in zip(graph.inputs, names, strict=True):
        whole = ', dtype="int32"' if _whole(report, given) else ""
        sizes = literal(tuple(given.shape))
        lines.append(f"    {name} = keras.Input({sizes}, name={literal(given.name)}{whole})")
    inner = names[0] if len(names) == 1 else f"[{', '.join(names)}]"
    lines.append(f"    inputs = {inner}")
    for found in pieces:
        if "Unused" in found.classes:  # in front, where the input still is what it was
            lines.append(f"    {names[0]} = {found.call.format(first=names[0])}")
    for line in body[:-1]:
        if line.node >= 0 and "Unused" in pieces[line.node].classes:
            continue
        shown = f"  # (N, {', '.join(map(str, report.rows[line.node].facts.shape[1:]))})" if line.node >= 0 else ""
        *before, last = _apart(line.code)
        lines += [*(f"    {one}" for one in before), f"    {last}{shown}"]
    result = body[-1].code.removeprefix("return ")
    result = f"[{result}]" if ", " in result else result
    title = literal(identifier(graph.name or "net"))
    lines.append(f"    return keras.Model(inputs, {result}, name={title})")
    above = classes({kind for found in pieces for kind in found.classes})
    above += "".join(f"\n\n{source}\n" for source in dict.fromkeys(found.source for found in pieces) if source)
    text = above.lstrip("\n") + "\n\n" * bool(above) + "\n".join(lines)
    imports = ["import sys", "", "import keras", "import numpy"]
    more = [word for word in ("layers", "ops") if f"{word}." in text]
    imports += [f"from keras import {', '.join(more)}"] if more else []
    order = "" if graph.convention == "keras" else ", channels first"
    head = f"# {comment(graph.name) or 'a network'}: written by cnncalc for Keras{order}\n\n"
    shapes = [tuple(report.shape_of(ref)[1:]) for ref in graph.outputs or [graph.output]]
    params = report.totals.params + sum(
        _size(held.shape)
        for row, found in zip(report.rows, pieces, strict=True)
        for held in row.facts.buffers
        if any(held.name in names for _, arrays in found.held for names, _ in arrays)
    )
    tail = MAIN % {"params": params, "shapes": literal(shapes)}
    return head + "\n".join(imports) + "\n\n\n" + text + "\n" + LOAD + tail


def _apart(line: str) -> list[str]:
    """`x = outer(inner(y))` as two lines, where the inner call is a layer or an operation too; in one pass."""
    name, _, rest = line.partition(" = ")
    opened: list[int] = []
    opens: dict[int, int] = {}  # where a bracket opens, by where it ends
    commas: dict[int, int] = {}  # the last comma in a bracket, by where it opens
    for at, sign in enumerate(rest):
        if sign in "([":
            opened.append(at)
        elif sign in ")]" and opened:
            opens[at] = opened.pop()
        elif sign == "," and opened and rest.startswith(", ", at):
            commas[opened[-1]] = at
    start, end, outer = 0, len(rest), []
    while rest[end - 1 : end] == ")" and end - 1 in opens:
        opening = opens[end - 1]
        inner = rest.startswith(("layers.", "ops."), opening + 1) and rest[end - 2] == ")"
        if not inner or opening in commas:
            break
        outer.append(rest[start:opening])
        start, end = opening + 1, end - 1
    return (
        [f"{name} = {rest[start:end]}", *(f"{name} = {call}({name})" for call in reversed(outer))] if outer else [line]
    )


def _size(shape: Shape) -> int:
    total = 1
    for size in shape:
        total *= int(size)
    return total


def _whole(report: Report, given: Input) -> bool:
    from cnncalc.execute.integer_inputs import limits

    return report.graph.inputs.index(given) in limits(report)


RULES: dict[str, Rule] = {**own.RULES, **plain.RULES, **shapes.RULES, **spatial.RULES, **sequence.RULES}


def piece(row: Row) -> Piece:
    """A layer in Keras' words; raises `Fault` where it has none."""
    rule = RULES.get(row.layer.type())
    if rule is None:
        raise no(row, "Keras has no such layer")
    return rule(row, row.layer, row.facts.inputs)


# Layers that mean the same in both orders of axes, in a network that is in Keras' words.
EITHER = ("Add", "Average", "Subtract", "Multiply", "Maximum", "Minimum", "Concat", "ReLU", "Flatten", "Reshape",
          "Dropout", "Identity", "Sigmoid", "Tanh", "SiLU", "GELU", "Softmax", "Embedding", "LayerNorm", "Linear",
          "Scale")  # fmt: skip


def own_piece(row: Row) -> Piece:
    """A layer of a network in Keras' words: Keras' own with the options given, or one that both have."""
    if not type(row.layer).__module__.startswith("cnncalc.layers.keras"):
        if row.layer.type() not in EITHER:
            raise no(row, "its axes are meant as PyTorch has them")
        return piece(row)
    given = arguments(row.layer, row.facts.inputs)
    if any(isinstance(argument.value, Layer) for argument in given):
        raise no(row, "a layer inside of a layer is not written")
    held = (*row.facts.weights, *row.facts.buffers)
    inputs = ", ".join(f"{{{at}}}" for at in range(len(row.facts.inputs)))
    of = f"[{inputs}]" if len(row.facts.inputs) > 1 else inputs
    return made(row, row.type, written(given), of, tuple(((one.name,), same) for one in held))
