"""Mistakes with computed numbers: what the right array explains, what another step gives, the network run otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.grading.perturbed.network import NoAnswer, Question
from cnncalc.query.scope import NetworkScope
from cnncalc.spec.expected import Quantity, exact

MOST_FACTOR = 1000  # a mean in place of a sum divides by that at most


def found(names: NetworkScope, question: Question, quantity: Quantity, actual: Any) -> Iterator[tuple[str, int]]:
    """Names and ranks of the mistakes that give what was written."""
    yield from of_array(quantity, actual)
    for name, rank, value in values(names, question):
        if quantity.holds(value):
            yield name, rank


def values(names: NetworkScope, question: Question) -> Iterator[tuple[str, int, Any]]:
    """What each mistake makes of a question: every network with a mistake is run once, every value taken once."""
    from cnncalc.grading.mistakes import steps
    from cnncalc.grading.perturbed import reruns

    known: dict[Any, Any] = names.remembered.setdefault("arrays", {})
    if "" not in known:
        known[""] = [*steps.others(names), *reruns.reruns(names)]
    for at, (name, rank, wrong) in enumerate(known[""]):
        if (question.text, at) not in known:
            try:
                known[question.text, at] = question.value(wrong)
            except NoAnswer:
                known[question.text, at] = None
        if known[question.text, at] is not None:
            yield name, rank, known[question.text, at]


# --- the right array, turned ------------------------------------------------------------------------------------------


def of_array(quantity: Quantity, actual: Any) -> Iterator[tuple[str, int]]:
    """Mistakes that the right array explains: its sign, its axes, a factor, one number."""
    import numpy as np

    try:
        array = np.asarray(actual, dtype=float)
    except (TypeError, ValueError):
        return
    if not np.isfinite(array).all():
        return

    def holds(other: Any) -> bool:
        return quantity.holds(other.tolist())

    if holds(-array):
        yield "sign wrong", 4
    if array.ndim > 1:
        if holds(np.swapaxes(array, -1, -2)):
            yield "rows and columns exchanged", 5
        if holds(np.flip(array, (-1, -2))):
            yield "turned round", 6
        if holds(np.flip(array, -1)):
            yield "mirrored, left and right exchanged", 7
        if holds(np.flip(array, -2)):
            yield "mirrored, top and bottom exchanged", 7
    if array.ndim == 1 and array.size > 1 and holds(array[::-1]):
        yield "in reverse order", 6
    if array.ndim and array.min() < 0 and holds(np.maximum(array, 0)):
        yield "negative numbers cut off, an activation that is not there", 7
    if array.ndim and array.min() < 0 and holds(np.abs(array)):
        yield "signs dropped", 8
    if array.ndim and len(array) > 1:
        for step, name in ((1, "one step late"), (-1, "one step early")):
            moved = np.roll(array, step, 0)
            moved[0 if step > 0 else -1] = 0
            if holds(moved):
                yield f"shifted: {name}", 9
    yield from _factors(quantity, array)
    yield from _in_one_place(quantity, array)


def _factors(quantity: Quantity, array: Any) -> Iterator[tuple[str, int]]:
    """The array times a number that a mean, a sum, a root or a factor of two leaves."""
    import numpy as np

    written = _numbers(quantity)
    if array.size < 2 or written is None or len(written) != array.size or not array.any():
        return
    flat = array.reshape(-1)
    at = int(np.argmax(np.abs(flat)))
    factor = written[at] / flat[at]

    def fits(number: float) -> bool:
        return quantity.holds((array * number).tolist())

    if fits(2):
        yield "twice too much", 9
    if fits(0.5):
        yield "half of it, or a mean of two", 9
    for number, divided in ((1 / factor if factor else 0, True), (factor, False)):
        count, square = round(number), round(number**2)
        if 2 < count <= MOST_FACTOR and fits(1 / count if divided else count):
            name = (
                "divided by {}, a mean in place of a sum" if divided else "{} times too much, a sum in place of a mean"
            )
            yield name.format(count), 6
        rooted = number > 0 and 1 < square <= MOST_FACTOR and round(square**0.5) ** 2 != square
        if rooted and fits(square**-0.5 if divided else square**0.5):
            yield f"{'divided by' if divided else 'multiplied with'} √{square}", 8
    if array.size > 2:
        shift = written[at] - flat[at]
        if abs(shift) > 1e-6 and abs(factor - 1) > 1e-6 and quantity.holds((array + round(shift, 9)).tolist()):
            yield "off by the same number everywhere: a bias or a constant", 10


def _in_one_place(quantity: Quantity, array: Any) -> Iterator[tuple[str, int]]:
    """All numbers right but one."""
    flat = list(_items(quantity))
    right = array.reshape(-1).tolist()
    if len(flat) != len(right) or len(right) < 4 or not quantity.items:
        return
    wrong = [at for at, (item, value) in enumerate(zip(flat, right, strict=True)) if not item.holds(value)]
    if len(wrong) == 1 and _shape(quantity) == tuple(array.shape):
        at, places = wrong[0], []
        for size in reversed(array.shape):
            places.append(at % size)
            at //= size
        yield f"one number is wrong, at [{', '.join(map(str, reversed(places)))}]", 20


def _items(quantity: Quantity) -> Iterator[Quantity]:
    if quantity.kind != "list":
        yield quantity
        return
    for item in quantity.items:
        yield from _items(item)


def _shape(quantity: Quantity) -> tuple[int, ...]:
    if quantity.kind != "list":
        return ()
    return (len(quantity.items), *(_shape(quantity.items[0]) if quantity.items else ()))


def _numbers(quantity: Quantity) -> list[float] | None:
    found = [exact(item.number) for item in _items(quantity)]
    return None if any(number is None for number in found) else [float(number) for number in found]
