"""Keras' recorded answers, asked of cnncalc's rules and kernels under `convention: keras`.

`tests/data/keras_cases.jsonl.gz` holds a call a line: layer, arguments, input shapes (channels last), and what Keras
answered: output shapes, weights as [name, shape, trainable], counts. `keras_arrays.npz.xz` holds float32 arrays of some
of them, in the form that `array_data` describes: `input_0`, `weight_0` (in the order of the weights), `output_0`.
"""

from __future__ import annotations

import gzip
import io
import json
import lzma
import re
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cnncalc.core.problem import Fault
from cnncalc.execute import kernel
from cnncalc.layers import find

DATA = Path(__file__).parent / "data"
CASES = DATA / "keras_cases.jsonl.gz"
ARRAYS = DATA / "keras_arrays.npz.xz"

Case = dict[str, Any]

# Keras' arguments under which a call goes to a layer's option of the same name.
CALLED = ("use_causal_mask", "return_attention_scores")


class Answer(NamedTuple):
    """What a layer gives: shapes without the batch axis; weights with their shape and whether they are trained."""

    outputs: list[list[int]]
    weights: dict[str, tuple[list[int], bool]]
    params: int
    trainable: int


class Skip(Exception):
    """A case that cnncalc cannot be asked; the reason is counted."""


@lru_cache(maxsize=1)
def cases() -> dict[str, list[Case]]:
    """Every recorded case, by layer."""
    found: dict[str, list[Case]] = {}
    with gzip.open(CASES, "rt", encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            found.setdefault(case["layer"], []).append(case)
    return found


@lru_cache(maxsize=1)
def recorded() -> dict[str, dict[str, Any]]:
    """The arrays of every case that has some, by its id."""
    held = np.load(io.BytesIO(lzma.decompress(ARRAYS.read_bytes())))
    rows = {kind: held[kind] for kind in "fib"}
    index = json.loads(held["index"].tobytes())
    return {
        case: {
            name: rows[kind][start : start + prod(shape)].reshape(shape) for name, (kind, start, shape) in entry.items()
        }
        for case, entry in index.items()
    }


def build(kind: str, options: dict[str, Any]) -> Any:
    """The layer of that name and those arguments; an argument ["Dense", {...}] is a layer itself."""
    values = {
        name: build(*value)
        if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], dict)
        else value
        for name, value in options.items()
    }
    found = find(kind, "keras")
    if found is None:
        raise LookupError(f"there is no layer {kind}")
    return found.bind((), values)


def layer(case: Case) -> Any:
    """The layer of a case; raises `Fault` where it cannot be made."""
    called = case.get("call") or {}
    if set(called) - set(CALLED):
        raise Skip(f"calls with {', '.join(called)}")
    return build(case["layer"], {**case["kwargs"], **called})


def answer(case: Case) -> Answer:
    """What cnncalc's rules say; raises `Fault` where they refuse."""
    made = layer(case)
    inputs = tuple((1, *given["shape"]) for given in case["inputs"])
    made.accept(inputs)
    outputs = [made.shape(*inputs), *made.ports(*inputs).values()]
    weights = {weight.name: (list(weight.shape), True) for weight in made.weights(*inputs)}
    buffers = {weight.name: (list(weight.shape), False) for weight in made.buffers(*inputs)}
    trainable = sum(prod(shape) for shape, _ in weights.values())
    counted = sum(prod(shape) for shape, _ in buffers.values()) if made.counts_buffers else 0
    return Answer([list(shape[1:]) for shape in outputs], {**weights, **buffers}, trainable + counted, trainable)


def plain(name: str) -> str:
    """A weight's name without Keras' numbered scopes: `forward_gru_65/gru_cell/kernel` is `forward.kernel`."""
    parts = name.split("/")
    kept = []
    for part in parts[:-1]:
        if part.startswith(("forward_", "backward_")):
            kept.append(part.split("_")[0])
        elif not part.endswith("_cell") and not re.fullmatch(r"[a-z_0-9]+_\d+", part) and part != "dense":
            kept.append(part)
    return ".".join([*kept, parts[-1]])


def expected(case: Case) -> Answer:
    """What Keras answered."""
    return Answer(
        [list(shape[1:]) for shape in case["outputs"]],
        {plain(name): (shape, trained) for name, shape, trained in case["weights"]},
        case["n_params"],
        case["n_trainable"],
    )


def disagreement(case: Case) -> str | None:
    """How cnncalc's answer differs from Keras', None where they agree; raises `Skip`."""
    told = f"{case['id']} {case['layer']}({case['kwargs']}) on {[given['shape'] for given in case['inputs']]}"
    try:
        ours = answer(case)
    except Fault as fault:
        return f"{told}: refused, {fault.message}" if case["ok"] or "backend_fault" in case else None
    if "backend_fault" in case:  # Keras' shape rule answers, its backends cannot run it
        theirs = case["symbolic"]
        return f"{told}: outputs {ours.outputs} for {theirs}" if ours.outputs != theirs else None
    if not case["ok"]:
        return f"{told}: gives {ours.outputs}, Keras: {case['message'][:120]}"
    wanted = expected(case)
    parts = [
        f"{name} {mine} for {theirs}"
        for name, mine, theirs in zip(Answer._fields, ours, wanted, strict=True)
        if mine != theirs
    ]
    return f"{told}: {'; '.join(parts)}" if parts else None


def compare(kind: str) -> tuple[int, list[str], dict[str, int]]:
    """How many cases of a layer were asked, every disagreement, and the counts of what was skipped and why."""
    asked, lines, skipped = 0, [], dict[str, int]()
    for case in cases()[kind]:
        try:
            line = disagreement(case)
        except Skip as skip:
            skipped[str(skip)] = skipped.get(str(skip), 0) + 1
            continue
        asked += 1
        if line:
            lines.append(line)
    return asked, lines, skipped


# --- arrays --------------------------------------------------------------------------------------------------------


def run(case: Case) -> tuple[list[Any], list[Any]]:
    """What the kernel gives for a case's arrays, and what Keras gave; computed in float64."""
    arrays = recorded()[case["id"]]
    made = layer(case)
    weights = {
        plain(name): arrays[f"weight_{index}"].astype(np.float64) for index, (name, _, _) in enumerate(case["weights"])
    }
    xs = [arrays[f"input_{index}"] for index in range(len(case["inputs"]))]
    given = kernel.find(made.kernel_name())(
        made, weights, *(x.astype(np.float64) if x.dtype.kind == "f" else x for x in xs)
    )
    ours = list(given.values()) if isinstance(given, dict) else [given]
    return ours, [arrays[f"output_{index}"] for index in range(len(case["outputs"]))]


def case_of(name: str) -> Case:
    """The case of that id."""
    return next(case for found in cases().values() for case in found if case["id"] == name)
