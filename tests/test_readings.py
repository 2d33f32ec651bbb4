"""Every layer's rules read with numbers, with numbers that remember, and with free dimensions: the values agree.

The layers are small examples of every type and PyTorch's recorded calls. Formulas are worked out anew from their parts.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import keras_cases
import pytest
import sequence_cases
import torch_cases
from layer_examples import examples

from cnncalc.core.formula import Part
from cnncalc.core.layer import Layer
from cnncalc.core.layer_result import LayerResult
from cnncalc.core.number import Shape, is_free
from cnncalc.core.problem import Fault
from cnncalc.explain.explain import Explanation, explain
from cnncalc.explain.symbols import with_symbols
from cnncalc.layers import find, names
from cnncalc.network.graph import Node
from cnncalc.network.row import Row

RECORDED = Path(__file__).parent / "data" / "torch_cases.jsonl.gz"
NOWHERE: Any = None

# With free sizes a chunk is taken to divide its axis; the common example does not.
MORE: list[tuple[str, dict[str, Any], list[Any]]] = [("Chunk", {"chunks": 2, "dim": 2}, [(2, 6, 5)])]


def worked_out(part: Part) -> Any:
    """The value of a formula, from its leaves alone."""
    if part.kind in ("leaf", "const"):
        return part.value
    args = [worked_out(arg) for arg in part.args]
    if part.kind == "sum":
        return sum(sign * arg for sign, arg in zip(part.signs, args, strict=True))
    if part.kind == "product":
        value = 1
        for arg in args:
            value *= arg
        return value
    a, b = args
    if part.kind == "quotient":
        assert a % b == 0, "a quotient leaves no rest"
    return {
        "power": lambda: a**b,
        "quotient": lambda: a // b,
        "floor": lambda: a // b,
        "ceil": lambda: (a + b - 1) // b,
        "scale": lambda: int(a * b),
        "mod": lambda: a % b,
        "max": lambda: max(a, b),
        "min": lambda: min(a, b),
    }[part.kind]()


def row_of(layer: Layer, xs: tuple[Shape, ...]) -> Row:
    return Row(NOWHERE, Node("layer", layer, tuple(range(len(xs)))), LayerResult(layer, xs))


def shapes(facts: LayerResult) -> list[list[Any]]:
    """All shapes that a layer's rules give."""
    found = [facts.shape, *facts.ports.values(), *(weight.shape for weight in (*facts.weights, *facts.buffers))]
    return [list(shape) for shape in found]


def disagreements(layer: Layer, xs: tuple[Shape, ...], full: bool) -> Iterator[str]:
    """What an explanation says differently from the numbers."""
    row = row_of(layer, xs)
    known = row.facts
    remembered = with_symbols(layer, xs)
    again = LayerResult(remembered.layer, remembered.inputs)
    if [[int(size) for size in shape] for shape in shapes(again)] != shapes(known):
        yield f"shapes {shapes(again)}"
    if {name: int(count) for name, count in again.ledger.items()} != known.ledger:
        yield f"macs {again.ledger}"
    explanation = explain(row, full)
    for line in explanation.lines:
        if worked_out(line.part) != line.value:
            yield f"{line.text} comes to {worked_out(line.part)}"
    for topic, wanted in (("params", row.params), ("macs", row.macs), ("dense", row.dense)):
        lines = explanation.of(topic)
        if (lines[-1].value if lines else 0) != (wanted or 0):
            yield f"{topic}: {lines[-1].text if lines else 'nothing'}, not {wanted}"
        if len(lines) > 1 and sum(line.value for line in lines[:-1]) != wanted:
            yield f"{topic}: the parts come to {sum(line.value for line in lines[:-1])}, not {wanted}"
    yield from misread(explanation, row)


def misread(explanation: Explanation, row: Row) -> Iterator[str]:
    """Sizes of the output that are explained as something else."""
    sizes = row.facts.shape[1:]
    for line in explanation.of("shape"):
        if line.left in explanation.made and line.value != sizes[explanation.made.index(line.left)]:
            yield f"{line.text}, not {sizes}"


def every_example() -> list[tuple[str, Layer, tuple[Shape, ...]]]:
    found = []
    for kind, options, inputs in [*examples(), *MORE]:
        layer_type = find(kind)
        assert layer_type is not None, kind
        xs = tuple((1, *(size for size in x if size != "int")) for x in inputs)
        found.append((kind, layer_type(**options), xs))
    return found


def test_there_is_an_example_of_every_layer() -> None:
    assert {kind for kind, _, _ in every_example()} == set(names())


@pytest.mark.parametrize("full", [False, True], ids=["short", "full"])
def test_numbers_that_remember_agree_for_every_layer(full: bool) -> None:
    wrong = [f"{layer} on {xs}: {line}" for _, layer, xs in every_example() for line in disagreements(layer, xs, full)]
    assert not wrong, "\n".join(wrong)


@cache
def recorded() -> dict[str, list[tuple[Layer, tuple[Shape, ...]]]]:
    """PyTorch's recorded calls that it did not refuse, by family, for one sample."""
    found: dict[str, list[tuple[Layer, tuple[Shape, ...]]]] = {}
    with gzip.open(RECORDED, "rt", encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            if not case["ok"] or case["family"] == "network":
                continue
            module = sequence_cases if case["family"] in sequence_cases.FAMILIES else torch_cases
            try:
                call = module.translate(case)
                layer_type = find(call[0])
                assert layer_type is not None, call[0]
                layer = layer_type(**call[1]) if module is sequence_cases else layer_type.bind((), dict(call[1]))
                xs = tuple((1, *x[1:]) for x in call[2])
                layer.accept(xs)
                layer.shape(*xs)
            except (sequence_cases.Skip, torch_cases.Skip, Fault):
                continue  # whether a refusal is right is asked elsewhere
            found.setdefault(case["family"], []).append((layer, xs))
    return found


def test_enough_calls_are_recorded() -> None:
    assert len(recorded()) >= 35
    assert sum(map(len, recorded().values())) > 3500


@pytest.mark.parametrize("full", [False, True], ids=["short", "full"])
def test_numbers_that_remember_agree_for_recorded_calls(full: bool) -> None:
    wrong = [
        f"{layer} on {xs}: {line}"
        for calls in recorded().values()
        for layer, xs in calls
        for line in disagreements(layer, xs, full)
    ]
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:20])


@pytest.mark.parametrize("full", [False, True], ids=["short", "full"])
def test_numbers_that_remember_agree_for_recorded_calls_of_keras(full: bool) -> None:
    asked = 0
    wrong = []
    for cases in keras_cases.cases().values():
        for case in cases:
            try:
                layer = keras_cases.layer(case)
                xs = tuple((1, *given["shape"]) for given in case["inputs"])
                layer.accept(xs)
                layer.shape(*xs)
            except (keras_cases.Skip, Fault):
                continue
            asked += 1
            wrong += [f"{layer} on {xs}: {line}" for line in disagreements(layer, xs, full)]
    assert asked > 700
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:20])


def test_a_rule_that_forgets_is_noticed() -> None:
    layer_type = find("Conv2d")
    assert layer_type is not None

    class Wrong(layer_type):  # type: ignore[misc, valid-type]
        """A rule that branches on what a number is."""

        def macs(self, y: Shape, x: Shape) -> dict[str, Any]:
            parts = super().macs(y, x)
            return parts if type(x[2]) is int else {name: count * 2 for name, count in parts.items()}

    layer = Wrong(out_channels=4, kernel_size=3)
    assert any(line.startswith("macs") for line in disagreements(layer, ((1, 3, 8, 8),), full=False))


def free_copy(xs: tuple[Shape, ...], symbol: Any) -> tuple[tuple[Shape, ...], dict[str, int]]:
    """The inputs with every size free; sizes that are equal among the inputs stay equal, and 1 is what broadcasts."""
    symbols: dict[int, Any] = {}
    values: dict[str, int] = {}
    result = []
    for x in xs:
        sizes = []
        for size in x[1:]:
            if size == 1:
                symbols[size] = 1
            elif size not in symbols:
                name = f"n{len(symbols)}"
                symbols[size], values[name] = symbol(name), size
            sizes.append(symbols[size])
        result.append((1, *sizes))
    return tuple(result), values


def settled(number: Any, values: dict[str, int]) -> int:
    """A formula's value for given sizes."""
    if not is_free(number):
        return int(number)
    from cnncalc.symbolic.algebra.look import symbols
    from cnncalc.symbolic.values import value

    return int(value(number.expr, {name: values[str(name)] for name in symbols(number.expr)}))


def test_free_dimensions_agree_for_every_layer() -> None:
    from cnncalc.symbolic.dimension import assuming, symbol
    from cnncalc.symbolic.values import holds

    wrong = []
    asked: set[str] = set()
    for kind, layer, xs in every_example():
        free, values = free_copy(xs, symbol)
        known = LayerResult(layer, xs)
        try:
            with assuming() as assumed:
                layer.accept(free)
                facts = LayerResult(layer, free)
        except Fault as fault:
            if not fault.code.startswith("free"):
                wrong.append(f"{layer} on {xs}: {fault.code}, {fault.message}")
            continue
        if not holds(assumed, {symbol(name).expr: size for name, size in values.items()}):
            continue
        new = kind not in asked
        asked.add(kind)
        found = [[settled(size, values) for size in shape] for shape in shapes(facts)]
        if found != shapes(known):
            wrong.append(f"{layer} on {xs}: {shapes(facts)} is {found}, not {shapes(known)}")
        for name, count in known.ledger.items():
            if settled(facts.ledger[name], values) != count:
                wrong.append(f"{layer} on {xs}: {name} is {facts.ledger[name]}, not {count}")
        if not new:
            continue  # one is enough: this is slow
        with assuming():
            row = row_of(layer, free)
        explanation = explain(row)
        for topic, wanted in (("params", known.params), ("macs", known.macs)):
            lines = explanation.of(topic)
            if settled(lines[-1].value if lines else 0, values) != wanted:
                wrong.append(f"{layer} on {xs}: {lines[-1].text}, not {wanted}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:30])
    assert asked == set(names())
