"""A recurrent layer whose state attends to the input and to the states before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape
from cnncalc.core.option import Option, custom, inferred, whole
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text, show
from cnncalc.layers.sequence import sequence_help


def _slots(value: object, option: Option, axes: int) -> Any:
    """How many past states, or "all"."""
    if isinstance(value, str) and value.lower() in option.words:
        return value.lower()
    number = whole(value)
    if number is None or number < 0:
        raise Fault(
            "option-value",
            f"{option.name} must be {option.expects}, not {show(value)}",
            option=option.name,
        )
    return number


class AttentionRNN(Layer):
    """h[t] = sum of a_i V_i s_i over the slots x[t], h[t-1], ..., h[t-k], with a = softmax of (Q_i s_i) . (K_i s_i).

    States before the first step are zero and take part. With `k: all` every past state is a slot; they share the
    second set of weights, and only states that have been take part.
    """

    scratch = "scores"
    parallel = "whole"
    takes, gives = "N T n", "N T n"
    receptive = "everything"
    example = "10x16 -> {type}(2)"
    step_work = 500_000
    origin = "cnncalc: no library has it."
    saves = "weights"
    category = "recurrent"
    explained = "nothing"
    interior = "slots"

    k = custom(
        "how many past states each step attends to, or all",
        _slots,
        symbol="k",
        words=("all",),
        expects="a whole number of at least 0, or all",
    )
    size = inferred("features of the input and of the state", symbol="n")

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return sequence_help(x)

    def formulas(self, tex: bool = False) -> list[str]:
        """The equations of a step, as text or as TeX."""

        def named(lag: Number) -> str:
            return f"h_{{t-{lag}}}" if tex else f"h[t−{lag}]"

        dots = r"\dots" if tex else "..."
        slots = ["x_t" if tex else "x[t]"]
        if self.every:
            slots += [named(1), dots, "h_1" if tex else "h[1]"]
        elif type(self.k) is int and self.k <= 3:
            slots += [named(lag) for lag in range(1, self.k + 1)]
        else:
            slots += [named(1), dots, named(self.k)]
        shared = r"Q_i = Q_1 \text{ for } i \geq 1" if tex else "Q_i = Q_1 for i ≥ 1, and so K_i and V_i"
        return [
            f"{'s_i' if tex else 's'} = {', '.join(slots)}",
            *([shared] if self.every else []),
            r"w_i = (Q_i s_i) \cdot (K_i s_i)" if tex else "w_i = (Q_i s_i)·(K_i s_i)",
            r"a = \text{softmax}(w)" if tex else "a = softmax(w)",
            r"h_t = \sum_i a_i V_i s_i" if tex else "h[t] = Σ a_i V_i s_i",
        ]

    @property
    def every(self) -> bool:
        """Whether each step attends to all states before it."""
        return isinstance(self.k, str)

    @property
    def sets(self) -> Number:
        """Sets of weights: one a slot; two where all past states share one."""
        return 2 if self.every else self.k + 1

    def shape(self, x: Shape) -> Shape:
        if x[1] < 1:
            raise Fault("empty-sequence", f"{self.type()} needs at least one step, but gets {shape_text(x)}")
        return x

    def ports(self, x: Shape) -> dict[str, Shape]:
        slots = (x[0], x[1], x[1] if self.every else self.k + 1)
        return {"scores": slots, "attention": slots, "h": x}

    def carried(self, x: Shape) -> Number:
        return (x[1] if self.every else self.k) * x[2]

    def weights(self, x: Shape) -> Iterator[Weight]:
        for name in ("Q", "K", "V"):
            yield Weight(name, (self.sets, x[2], x[2]))

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        steps, size = x[1], x[2]
        # Slots that are computed in all steps: with all past states 1 + 2 + ... + T.
        slots = x[0] * (steps * (steps + 1) // 2 if self.every else steps * (self.k + 1))
        return {"project": 3 * slots * size * size, "scores": slots * size, "mix": slots * size}
