"""PyTorch's recorded answers, asked of cnncalc's rules.

`tests/data/torch_cases.jsonl.gz` holds a call a line: layer, arguments, input shapes, and what PyTorch answered (or
refused). `translate` says the same call in cnncalc's words: shapes of one sample with a batch axis of 1 in front,
axis numbers that count it. A family whose calls differ from cnncalc's adds a function to `WORDS`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from cnncalc.core.problem import Fault
from cnncalc.layers import find

DATA = Path(__file__).parent / "data" / "torch_cases.jsonl.gz"

Case = dict[str, Any]
Shape = tuple[int, ...]


class Call(NamedTuple):
    """A layer's type, its options and the shapes of its inputs with a batch axis of 1."""

    type: str
    options: dict[str, Any]
    inputs: tuple[Shape, ...]


class Skip(Exception):
    """A case that cnncalc cannot be asked; the reason is counted."""


class Answer(NamedTuple):
    """What a layer gives, as PyTorch records it: shapes without the batch axis."""

    outputs: list[list[int]]
    params: dict[str, list[int]]
    buffers: dict[str, list[int]]
    macs: int


Words = Callable[[Case], Call]
WORDS: dict[str, Words] = {}


@lru_cache(maxsize=1)
def cases() -> dict[str, list[Case]]:
    """Every recorded case, by family."""
    families: dict[str, list[Case]] = {}
    with gzip.open(DATA, "rt", encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            families.setdefault(case["family"], []).append(case)
    return families


def samples(case: Case) -> tuple[Shape, ...]:
    """The input shapes of one sample, a batch axis of 1 in front."""
    return tuple((1, *given["shape"]) for given in case["inputs"])


def plain(case: Case) -> Call:
    """The same call in cnncalc's words, where they are PyTorch's."""
    return Call(case["layer"], {**case["kwargs"], **(case.get("call") or {})}, samples(case))


def translate(case: Case) -> Call:
    """The call in cnncalc's words; raises `Skip`."""
    if case.get("inconsistent"):
        raise Skip("PyTorch contradicts itself")
    if not case["ok"] and case.get("data_dependent"):
        raise Skip("the refusal depends on values")
    return WORDS.get(case["family"], plain)(case)


def answer(call: Call) -> Answer:
    """What cnncalc's rules say; raises `Fault` where they refuse."""
    found = find(call.type)
    if found is None:
        raise LookupError(f"there is no layer {call.type}")
    layer = found.bind((), dict(call.options))
    layer.accept(call.inputs)
    output = layer.shape(*call.inputs)
    ports = layer.ports(*call.inputs)
    outputs = [output, *(shape for name, shape in ports.items() if name != "0")]
    return Answer(
        [list(shape[1:]) for shape in outputs],
        {weight.name: list(weight.shape) for weight in layer.weights(*call.inputs)},
        {buffer.name: list(buffer.shape) for buffer in layer.buffers(*call.inputs)},
        sum(layer.macs(output, *call.inputs).values()),
    )


def chain(case: Case) -> Answer:
    """What cnncalc says of a recorded torch.nn.Sequential."""
    x, params, buffers, macs = samples(case)[0], {}, {}, 0
    for index, (kind, options) in enumerate(case["kwargs"]["layers"]):
        here = answer(Call(kind, options, (x,)))
        x = (1, *here.outputs[0])
        params.update({f"{index}.{name}": shape for name, shape in here.params.items()})
        buffers.update({f"{index}.{name}": shape for name, shape in here.buffers.items()})
        macs += here.macs
    return Answer([list(x)[1:]], params, buffers, macs)


def same(case: Case) -> Case:
    """The case as it was recorded."""
    return case


def batched(case: Case) -> Case:
    """An unbatched call of a function that knows no such thing: its first axis is the batch."""
    if case["batch"] is not None:
        return case
    inputs = [{**given, "shape": given["shape"][1:]} for given in case["inputs"]]
    outputs = [{**output, "batch_axis": 0} for output in case.get("outputs", ())]
    return {**case, "inputs": inputs, "batch": case["inputs"][0]["shape"][0], "outputs": outputs}


# How the unbatched calls of a family are to be read.
UNBATCHED: dict[str, Callable[[Case], Case]] = {
    "shuffle": lambda case: batched(case) if case["layer"] == "ChannelShuffle" else case,
    "fold": lambda case: batched(case) if len(case["inputs"][0]["shape"]) == 4 else case,
    "functional": lambda case: batched(case) if case["kwargs"].get("mode", "constant") != "constant" else case,
}


def expected(case: Case) -> Answer:
    """What PyTorch answered."""
    outputs = []
    for output in case["outputs"]:
        shape, batch = list(output["shape"]), output["batch_axis"]
        outputs.append(shape if batch is None else shape[:batch] + shape[batch + 1 :])
    macs = case["macs"] and case["macs"] // (case["batch"] or 1)  # None where the witness could not count
    return Answer(outputs, case.get("params", {}), case.get("buffers", {}), macs)


def disagreement(case: Case) -> str | None:
    """How cnncalc's answer differs from PyTorch's, None where they agree; raises `Skip`."""
    case = UNBATCHED.get(case["family"], same)(case)
    try:
        call = translate(case)
        ours = chain(case) if case["family"] == "network" else answer(call)
    except Fault as fault:
        return f"{case['id']} {_ask(case)}: refused, {fault.message}" if case["ok"] else None
    if not case["ok"]:
        return f"{case['id']} {_ask(case)}: gives {ours.outputs}, PyTorch: {case['message'][:120]}"
    theirs = expected(case)
    parts = [
        f"{name} {mine} for {wanted}"
        for name, mine, wanted in zip(Answer._fields, ours, theirs, strict=True)
        if mine != wanted and wanted is not None
    ]
    return f"{case['id']} {_ask(case)}: {'; '.join(parts)}" if parts else None


def compare(family: str) -> tuple[int, list[str], dict[str, int]]:
    """How many cases of a family were asked, every disagreement, and the counts of what was skipped and why."""
    asked, lines, skipped = 0, [], dict[str, int]()
    for case in cases()[family]:
        try:
            line = disagreement(case)
        except Skip as skip:
            skipped[str(skip)] = skipped.get(str(skip), 0) + 1
            continue
        asked += 1
        if line:
            lines.append(line)
    return asked, lines, skipped


def _ask(case: Case) -> str:
    shapes = [given["shape"] for given in case["inputs"]]
    batch = "" if case["batch"] else " unbatched"
    return f"{case['layer']}({case['kwargs']}, {case.get('call') or ''}) on {shapes}{batch}"


def words(*families: str) -> Callable[[Words], Words]:
    """Register a function as the words of families."""

    def register(function: Words) -> Words:
        WORDS.update(dict.fromkeys(families, function))
        return function

    return register


def shift(case: Case, *names: str, **defaults: int) -> dict[str, Any]:
    """The options with axis numbers that count a batch axis, which an unbatched call has not."""
    options = dict(defaults) if case["batch"] is None else {}
    options.update(case["kwargs"])
    if case["batch"] is None:
        for name in (*names, *defaults):
            if name in options:
                options[name] = _shifted(options[name])
    return options


def _shifted(dim: Any) -> Any:
    if isinstance(dim, list):
        return [_shifted(part) for part in dim]
    return dim + 1 if isinstance(dim, int) and dim >= 0 else dim


# --- families whose calls differ --------------------------------------------------------------------------


@words("maxunpool")
def _unpool(case: Case) -> Call:
    return plain(case)._replace(inputs=samples(case) * 2)


@words("shuffle")
def _shuffle(case: Case) -> Call:
    if case["batch"] and case["ok"] and len(case["inputs"][0]["shape"]) == 2:
        raise Skip("takes the batch axis for the channels")
    return plain(case)


@words("flatten")
def _flatten(case: Case) -> Call:
    if case["layer"] == "Flatten":
        first, rank = case["kwargs"].get("start_dim", 1), 1 + len(case["inputs"][0]["shape"])
        if case["ok"] and case["batch"] and first in (0, -rank):
            raise Skip("flattens the batch axis too")
        return plain(case)._replace(options=shift(case, "end_dim", start_dim=1))
    return plain(case)._replace(options=shift(case, "dim"))


# PyTorch's functions: our type, and the options that are axis numbers.
FUNCTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "add": ("Add", ()),
    "amax": ("Max", ("dim",)),
    "broadcast_to": ("Expand", ()),
    "cat": ("Concat", ("dim",)),
    "chunk": ("Chunk", ("dim",)),
    "cosine_similarity": ("CosineSimilarity", ("dim",)),
    "einsum": ("Einsum", ()),
    "expand": ("Expand", ()),
    "flatten": ("Flatten", ("start_dim", "end_dim")),
    "flip": ("Flip", ("dims",)),
    "matmul": ("MatMul", ()),
    "mean": ("Mean", ("dim",)),
    "movedim": ("Movedim", ("source", "destination")),
    "mul": ("Multiply", ()),
    "narrow": ("Narrow", ("dim",)),
    "one_hot": ("OneHot", ()),
    "outer": ("Outer", ()),
    "pad": ("Pad", ()),
    "permute": ("Permute", ("dims",)),
    "repeat": ("Tile", ()),
    "reshape": ("Reshape", ()),
    "roll": ("Roll", ("dims",)),
    "softmax": ("Softmax", ("dim",)),
    "split": ("Split", ("dim",)),
    "squeeze": ("Squeeze", ("dim",)),
    "stack": ("Stack", ("dim",)),
    "sum": ("Sum", ("dim",)),
    "tile": ("Tile", ()),
    "transpose": ("Transpose", ("dim0", "dim1")),
    "unsqueeze": ("Unsqueeze", ("dim",)),
}
RENAMED = {"size": "sizes", "pad": "padding"}


@words("functional")
def _functional(case: Case) -> Call:
    function = case["layer"]
    if function not in FUNCTIONS:
        raise Skip(f"{function} is no layer")
    kind, dims = FUNCTIONS[function]
    options = {RENAMED.get(name, name): value for name, value in shift(case, *dims).items()}
    if function == "permute":
        options["dims"] = [0, *options["dims"]]
    if function == "repeat" and not case["ok"]:
        raise Skip("Tile adds axes where repeat refuses")
    return Call(kind, options, samples(case))
