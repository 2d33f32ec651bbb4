"""Mistakes with receptive fields: strides, pools or dilation left out, kernels added up or multiplied."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from operator import mul
from typing import Any, NamedTuple, cast

from cnncalc.core.number import prod, shown
from cnncalc.grading.question.number import Other
from cnncalc.network.report import Report
from cnncalc.network.row import Row

MOST_LAYERS = 200


class Step(NamedTuple):
    """One layer with windows on the way from the input."""

    name: str
    kernel: int
    stride: int
    dilation: int
    pool: bool

    @property
    def span(self) -> int:
        """How far a window reaches beyond its first position."""
        return self.dilation * (self.kernel - 1)


def of_receptive(row: Row, right: object) -> Iterator[Other]:
    """What a receptive field comes to with a mistake; nothing where the way from the input is not one line."""
    steps = steps_to(row)
    if not steps or type(right) is not int or field(steps) != right:
        return
    pools = [step for step in steps if step.pool]
    others = [step for step in steps if not step.pool]
    bare = [step._replace(stride=1) for step in steps]
    yield _made("strides ignored", 4, bare)
    if pools and others:
        yield _made("pools forgotten", 5, others)
        yield _made("pools forgotten and strides ignored", 12, [step._replace(stride=1) for step in others])
        yield _made("strides of the pools ignored", 8, [_unless(step, step.pool, stride=1) for step in steps])
        yield _made(
            "strides of the convolutions ignored", 9, [_unless(step, not step.pool, stride=1) for step in steps]
        )
        yield _made("windows of the pools ignored", 10, [_unless(step, step.pool, kernel=1) for step in steps])
    yield _made("dilation ignored", 6, [step._replace(dilation=1) for step in steps])
    yield _made("dilation ignored and strides ignored", 14, [step._replace(dilation=1) for step in bare])
    yield _made(
        "dilated kernel taken as dilation times kernel",
        9,
        [step._replace(kernel=step.kernel * step.dilation, dilation=1) for step in steps],
    )
    for some, aside in ((steps, ""), (others, " of the convolutions")):
        if not some or (aside and not pools):
            continue
        kernels = [step.kernel for step in some]
        yield _shown(f"product of the kernels{aside}", 6, "·".join(map(shown, kernels)), prod(kernels))
        yield _shown(f"sum of the kernels{aside}", 6, " + ".join(map(shown, kernels)), sum(kernels))
        ones = sum(kernels) - len(kernels)
        yield _shown(f"the 1 of the first position lost{aside}", 11, " + ".join(shown(k - 1) for k in kernels), ones)
    last = steps[-1]
    yield Other(last.kernel, "only the last layer's kernel", 7)
    yield Other(max(step.kernel for step in steps), "only the largest kernel", 14)
    strides = prod(step.stride for step in steps)
    yield Other(strides, "only the strides multiplied", 10)
    yield Other(last.kernel * prod(step.stride for step in steps[:-1]), "the last kernel times the strides before", 9)
    yield Other(last.kernel * strides, "the last kernel times the strides", 10)
    yield Other(right - 1, "the 1 of the first position lost", 10)
    yield Other(right + 1, "one position too many", 16)
    yield Other(right * right, "the area, not the side", 8)
    yield Other(right // 2, "half of the field, on one side", 15)
    # The stride of a layer counts for those after it.
    yield Other(
        1 + sum(step.span * jump * step.stride for step, jump in _jumps(steps)), "a layer's own stride counted", 8
    )
    added = 1
    total = 1
    for step in steps:
        total += step.span * added
        added += step.stride
    yield Other(total, "strides added instead of multiplied", 11)
    yield Other(1 + sum(step.span * before for step, before in _previous(steps)), "only the stride before counted", 11)
    yield Other(1 + sum(step.kernel * jump for step, jump in _jumps(steps)), "kernels not lessened by 1", 10)
    yield Other(sum(step.kernel * jump for step, jump in _jumps(steps)), "kernels not lessened by 1", 11)
    wide = [(step.kernel * step.dilation, jump) for step, jump in _jumps(steps)]
    if any(step.dilation != 1 for step in steps):
        yield Other(1 + sum(size * jump for size, jump in wide), "kernels not lessened by 1", 12)
        yield Other(sum(size * jump for size, jump in wide), "kernels not lessened by 1", 12)
        yield Other(field(_as_strides(steps)), "dilations multiplied like strides", 12)
    for at, step in enumerate(steps):
        if len(steps) > 1:
            yield _made(f"{step.name} left out", 13, [*steps[:at], *steps[at + 1 :]])
            yield _made(f"stride of {step.name} ignored", 13, [*steps[:at], step._replace(stride=1), *steps[at + 1 :]])
    for count in range(1, len(steps)):
        yield Other(field(steps[:count]), f"that is {steps[count - 1].name}.receptive_field", 15)
        yield _made(f"counted from {steps[count].name} on", 16, steps[count:])


def steps_to(row: Row) -> list[Step]:
    """The layers with windows from the input to this one; nothing where there are more ways, or axes that differ."""
    report = cast(Report, row._report)
    count = len(report.graph.inputs)
    found: list[Step] = []
    for _ in range(MOST_LAYERS):
        layer: Any = row.layer
        if layer.axes >= 1 and layer.has("kernel_size") and layer.has("stride"):
            sizes = [set(getattr(layer, name, (1,))) for name in ("kernel_size", "stride", "dilation")]
            if "Transpose" in row.type or any(len(some) != 1 for some in sizes):
                return []
            kernel, stride, dilation = (next(iter(some)) for some in sizes)
            if not all(type(size) is int for size in (kernel, stride, dilation)):
                return []
            found.append(Step(row.name, kernel, stride, dilation, "Pool" in row.type))
        elif not layer.elementwise and row.type not in ("Dropout", "Dropout2d", "Identity") and "Norm" not in row.type:
            return []
        if len(row.node.inputs) != 1 or not isinstance(row.node.inputs[0], int):
            return []
        at = row.node.inputs[0] - count
        if at < 0:
            return found[::-1]
        row = report.rows[at]
    return []


def field(steps: list[Step]) -> int:
    """The receptive field: r + (K - 1) D j, where j is the product of the strides before."""
    return 1 + sum(step.span * jump for step, jump in _jumps(steps))


def summed(row: Row) -> str:
    """The receptive field of a layer as a sum with its value, `1 + 2 + 2·2 = 7`; empty where it is none."""
    steps = steps_to(row)
    how = _summed(steps)
    return f"{how} = {shown(field(steps))}" if how != "1" else ""


def _summed(steps: list[Step]) -> str:
    spans = [(shown(step.span), jump) for step, jump in _jumps(steps) if step.span]
    return " + ".join(["1", *(span if jump == 1 else f"{span}·{shown(jump)}" for span, jump in spans)])


def _jumps(steps: list[Step]) -> Iterator[tuple[Step, int]]:
    jump = 1
    for step in steps:
        yield step, jump
        jump *= step.stride


def _previous(steps: list[Step]) -> Iterator[tuple[Step, int]]:
    before = 1
    for step in steps:
        yield step, before
        before = step.stride


def _as_strides(steps: list[Step]) -> list[Step]:
    """Each dilation multiplied with those before it."""
    dilations = list(accumulate((step.dilation for step in steps), mul))
    return [step._replace(dilation=dilation) for step, dilation in zip(steps, dilations, strict=True)]


def _unless(step: Step, condition: bool, **other: int) -> Step:
    return step._replace(**other) if condition else step  # type: ignore[arg-type]


def _made(name: str, rank: int, steps: list[Step]) -> Other:
    return _shown(name, rank, _summed(steps), field(steps))


def _shown(name: str, rank: int, how: str, value: int) -> Other:
    return Other(value, name, rank, lambda _: f"{how} = {shown(value)}" if len(how) < 120 else "")
