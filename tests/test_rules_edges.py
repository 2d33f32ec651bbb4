"""The edges of the layers' rules: sizes at which a rule turns, and the whole of what a refusal says.

Shapes and refusals are PyTorch's (2.13), unless a line says whose they are; sums are worked out by hand.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cnncalc import window
from cnncalc.layer import Layer
from cnncalc.layers import find
from cnncalc.problem import Fault
from cnncalc.spec.expression import parse_call, value_of

Shape = tuple[int, ...]
DATA = Path(__file__).parent / "data" / "rule_edges.jsonl"


def made(text: str) -> Layer:
    """The layer that a call makes."""
    call = parse_call(text)
    assert call is not None
    kind = find(call.name)
    assert kind is not None, f"there is no layer {call.name}"
    args = [value_of(arg, {}, words=True) for arg in call.args]
    return kind.bind(args, {name: value_of(item, {}, words=True) for name, item in call.kwargs})


def batch(samples: tuple[Shape, ...]) -> tuple[Shape, ...]:
    return tuple((1, *sample) for sample in samples)


def shape(text: str, *samples: Shape) -> Shape:
    """The output's shape for inputs without the batch axis."""
    layer, xs = made(text), batch(samples)
    layer.accept(xs)
    return tuple(layer.shape(*xs)[1:])


def weights(text: str, *samples: Shape) -> dict[str, Shape]:
    return {weight.name: tuple(weight.shape) for weight in made(text).weights(*batch(samples))}


def ports(text: str, *samples: Shape) -> dict[str, Shape]:
    return {name: tuple(port[1:]) for name, port in made(text).ports(*batch(samples)).items()}


def macs(text: str, *samples: Shape) -> dict[str, int]:
    layer, xs = made(text), batch(samples)
    return dict(layer.macs(layer.shape(*xs), *xs))


def refusal(text: str, *samples: Shape) -> tuple[str, str | None, tuple[str, ...]]:
    """What is said, of which option, and the help."""
    with pytest.raises(Fault) as caught:
        shape(text, *samples)
    return caught.value.message, caught.value.option, caught.value.help


# A call a line, with inputs of one sample: the output's shape, or the refusal.
CASES: list[dict[str, Any]] = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=[f"{case['call']} of {case['inputs']}" for case in CASES])
def test_edges(case: dict[str, Any]) -> None:
    samples = [tuple(sample) for sample in case["inputs"]]
    if "shape" in case:
        assert list(shape(case["call"], *samples)) == case["shape"]
    else:
        message, option, help = refusal(case["call"], *samples)
        assert (message, option, list(help)) == (case["message"], case["option"], case["help"])


def test_there_are_edges() -> None:
    assert len(CASES) > 150
    assert {True, False} == {"shape" in case for case in CASES}


# --- windows -------------------------------------------------------------------------------------------------------


class Slides:
    """What the arithmetic of windows asks of a layer."""

    def __init__(self, kernel: int, stride: int, dilation: int, before: int, after: int) -> None:
        self.kernel_size, self.stride, self.dilation = (kernel,), (stride,), (dilation,)
        self.padding = ((before, after),)


def test_what_no_window_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The positions that windows read are written down one by one; beyond the bound none is said to be left out."""
    monkeypatch.setattr(window, "MOST_LOOKED_AT", 16)
    seen = set()
    for size in range(1, 15):
        for kernel, stride, dilation in ((k, s, d) for k in (1, 2, 3, 4) for s in (1, 2, 3, 5) for d in (1, 2, 3)):
            for before, after in ((0, 0), (1, 0), (0, 2), (3, 1)):
                for over in (0, 1):  # a window more, which hangs over the end
                    room = size + before + after - dilation * (kernel - 1) - 1
                    if room < 0:
                        continue
                    count = room // stride + 1 + over
                    starts = [at * stride - before for at in range(count)]
                    read = {start + tap * dilation for start in starts for tap in range(kernel)}
                    wanted = len(set(range(size)) - read)
                    end = (count - 1) * stride + dilation * (kernel - 1) + 1
                    if dilation > 1 and max(size + before + after, end, kernel * count) > 16:
                        seen.add(wanted > 0)
                        wanted = 0
                    layer: Any = Slides(kernel, stride, dilation, before, after)
                    assert window.unread(layer, (size,), (count,)) == (wanted,), (size, vars(layer), count)
    assert seen == {False, True}


def test_how_many_positions_are_looked_at() -> None:
    every_other: Any = Slides(1, 2, 2, 0, 0)
    assert window.unread(every_other, (10_000_000,), (5_000_000,)) == (5_000_000,)
    assert window.unread(every_other, (10_000_001,), (5_000_001,)) == (0,)


@pytest.mark.parametrize(
    ("word", "size", "kernel", "stride", "expected"),
    [
        # TensorFlow's guide to padding: max((⌈size / stride⌉ − 1) * stride + kernel − size, 0) in all
        ("same_upper", 5, 1, 3, (0, 0)),
        ("same_upper", 5, 2, 2, (0, 1)),
        ("same_upper", 6, 5, 2, (1, 2)),
        ("same_lower", 6, 5, 2, (2, 1)),
        ("same", 6, 4, 1, (1, 2)),
        ("causal", 6, 4, 1, (3, 0)),
        ("valid", 6, 4, 1, (0, 0)),
    ],
)
def test_words_for_padding(word: str, size: int, kernel: int, stride: int, expected: tuple[int, int]) -> None:
    layer = made(f"Conv1d(1, 1, {kernel}, stride={stride}, padding={word})")
    assert window.pads(layer, (size,)) == (expected,)
