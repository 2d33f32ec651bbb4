"""Mistakes with computed numbers: what the right array explains, what another step gives, the network run otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnncalc.grading.perturbed.network import NoAnswer, Question
from cnncalc.grading.question import through_time, worked
from cnncalc.query.scope import NetworkScope
from cnncalc.spec.expected import Quantity, exact

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array

MOST_FACTOR = 1000  # a mean in place of a sum divides by that at most
MOST_ARRAYS = 20  # layers of a network whose other arrays are looked at
MOST_JACOBIANS = 10  # questions about them whose mistakes are looked for: each is as many passes as it has rows
NOISE = 1e-9
How = Callable[[str, worked.Place], str] | None  # the arithmetic of one number, by attribute and place


def found(names: NetworkScope, question: Question, quantity: Quantity, actual: Any) -> Iterator[tuple[str, int, str]]:
    """Names and ranks of the mistakes that give what was written, and how one number of it came about."""
    gradient = question.text.startswith("gradient(")
    units = [one.unit for one in _items(quantity) if one.kind == "rounded"]
    quantity = _alike(quantity, max(units)) if units and max(units) < 1 else quantity
    for name, rank, how in of_array(quantity, actual, gradient):
        yield name, rank, how or compared(quantity, actual)
    for name, rank, value, wrong, step in values(names, question):
        if quantity.holds(value):
            yield name, rank, _arithmetic(question.text, value, wrong, actual, step) or compared(quantity, actual)
    yield from through_time.found(names, question.text, quantity)
    yield from _other_arrays(names, question, quantity)


def _alike(quantity: Quantity, unit: Fraction) -> Quantity:
    """The array with 0 and 1 beside numbers such as 0.3333 as rounded as these."""
    if quantity.kind == "list":
        return Quantity("list", quantity.text, items=[_alike(item, unit) for item in quantity.items])
    if quantity.kind != "whole" or abs(quantity.number) > 1:
        return quantity
    return Quantity("rounded", quantity.text, number=quantity.number, unit=unit)


def values(names: NetworkScope, question: Question) -> Iterator[tuple[str, int, Any, NetworkScope, How]]:
    """What each mistake makes of a question: every network with a mistake is run once, every value taken once."""
    from cnncalc.grading.mistakes import steps
    from cnncalc.grading.perturbed import reruns

    known: dict[Any, Any] = names.remembered.setdefault("arrays", {})
    if "" not in known:
        known[""] = [*steps.others(names), *((*one, None) for one in reruns.reruns(names))]
    if "jacobian(" in question.text:
        asked = known.setdefault("jacobians", set())
        if question.text not in asked and len(asked) >= MOST_JACOBIANS:
            return
        asked.add(question.text)
    for at, (name, rank, wrong, step) in enumerate(known[""]):
        if (question.text, at) not in known:
            try:
                known[question.text, at] = question.value(wrong)
            except NoAnswer:
                known[question.text, at] = None
        if known[question.text, at] is not None:
            yield name, rank, known[question.text, at], wrong, step


# --- how one number came about ----------------------------------------------------------------------------------------


def compared(quantity: Quantity, actual: object) -> str:
    """`at [0, 1]: 2.5 for 5`: the first number that is wrong, and the right one."""
    import numpy as np

    try:
        array = np.asarray(actual, dtype=float)
    except (TypeError, ValueError):
        return ""
    items, shape = list(_items(quantity)), _shape(quantity)
    if len(items) != array.size:
        return f"{'x'.join(map(str, shape))} numbers for {'x'.join(map(str, _bare(array.shape)))}" if shape else ""
    for place, item, right in zip(worked.places(_bare(array.shape)), items, array.reshape(-1).tolist(), strict=False):
        number = exact(item.number)
        if not item.holds(right) and number is not None:
            return f"{worked.at(place)}{worked.short(number)} for {worked.short(right)}"
    return ""


def _bare(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape without the leading ones that people leave out."""
    return shape if len(shape) < 2 or shape[0] != 1 else _bare(shape[1:])


def _arithmetic(question: str, value: object, wrong: NetworkScope, actual: object, step: How) -> str:
    """How the first number that is wrong comes about in the network with the mistake."""
    import numpy as np

    try:
        made, right = np.asarray(value, dtype=float), np.asarray(actual, dtype=float)
    except (TypeError, ValueError):
        return ""
    differ = np.abs(made - right) > NOISE if made.shape == right.shape else np.ones(made.shape, dtype=bool)
    if not differ.any():
        return ""
    place = tuple(int(at) for at in np.argwhere(differ)[0])
    text = step(question.rpartition(".")[2], place) if step is not None else ""
    text = text or worked.number_of(question, wrong, place)
    return f"{worked.at(place[len(made.shape) - len(_bare(made.shape)) :])}{text}" if text else ""


# --- another array ----------------------------------------------------------------------------------------------------


def _other_arrays(names: NetworkScope, question: Question, quantity: Quantity) -> Iterator[tuple[str, int, str]]:
    """What was written is another array of the network: a layer's output, a weight, an input, another gradient."""
    flat = _numbers(quantity)
    if flat is None or len(set(flat)) < 2 or len(names.report.rows) > MOST_ARRAYS:
        return
    for asked in _names_of(names):
        if asked != question.text and not (question.text == "output" and asked.endswith(".output")):
            array = worked.array_of(asked, names)
            if array is not None and array.size == len(flat) and quantity.holds(array.tolist()):
                yield f"that is {asked}", 13, ""


def _names_of(names: NetworkScope) -> Iterator[str]:
    """Expressions for the arrays of a network, those of weights with their gradients."""
    plain = [given.name for given in names.report.graph.inputs]
    for row in names.report.rows:
        plain += [f"{row.name}.output", *(f"{row.name}.{port}" for port in row.ports)]
        if row.owner is None:
            plain += [f"{row.name}.{weight}" for weight in row.weights]
    yield from plain
    yield from (f"gradient({name})" for name in plain)


# --- the right array, rearranged -------------------------------------------------------------------------------------


def of_array(quantity: Quantity, actual: Any, gradient: bool = False) -> Iterator[tuple[str, int, str]]:
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
        yield "sign wrong", 4, ""
    if array.ndim > 1:
        if holds(np.swapaxes(array, -1, -2)):
            yield "rows and columns exchanged", 5, ""
        if holds(np.flip(array, (-1, -2))):
            yield "turned round", 6, ""
        if holds(np.flip(array, -1)):
            yield "mirrored, left and right exchanged", 7, ""
        if holds(np.flip(array, -2)):
            yield "mirrored, top and bottom exchanged", 7, ""
    if array.ndim == 1 and array.size > 1 and holds(array[::-1]):
        yield "in reverse order", 6, ""
    if array.ndim and array.min() < 0 and holds(np.maximum(array, 0)):
        yield "negative numbers cut off, an activation that is not there", 7, ""
    if array.ndim and array.min() < 0 and holds(np.abs(array)):
        yield "signs dropped", 8, ""
    if array.ndim and len(array) > 1:
        for step, name in ((1, "one step late"), (-1, "one step early")):
            moved = np.roll(array, step, 0)
            moved[0 if step > 0 else -1] = 0
            if holds(moved):
                yield f"shifted: {name}", 9, ""
    others = set(array[array != 0].tolist())
    if array.size > 1 and len(others) == 1 and (array == 0).any() and holds(others.pop() - array):
        yield "exchanged where it is 0 and where it is not", 7, ""
    if gradient and array.size > 1 and holds(np.ones_like(array)):
        yield "1 everywhere: not passed back through the layer", 8, ""
    yield from _factors(quantity, array)
    yield from _in_one_place(quantity, array)


def _factors(quantity: Quantity, array: Array) -> Iterator[tuple[str, int, str]]:
    """The array times a number that a mean, a sum, a root or a factor of two leaves."""
    import numpy as np

    written = _numbers(quantity)
    if array.size < 2 or written is None or len(written) != array.size or not array.any():
        return
    flat = array.reshape(-1)
    at = int(np.argmax(np.abs(flat)))
    factor = written[at] / flat[at]
    shown = worked.short(flat[at])

    def fits(number: float) -> bool:
        return quantity.holds((array * number).tolist())

    if fits(2):
        yield "twice too much", 9, f"2·{shown} = {worked.short(written[at])}"
    if fits(100):
        yield "percent sign forgotten", 7, f"100·{shown} = {worked.short(written[at])}"
    if fits(0.5):
        yield "half of it, or a mean of two", 9, f"{shown}/2 = {worked.short(written[at])}"
    for number, divided in ((1 / factor if factor else 0, True), (factor, False)):
        count, square = round(number), round(number**2)
        if 2 < count <= MOST_FACTOR and fits(1 / count if divided else count):
            name = (
                "divided by {}, a mean in place of a sum" if divided else "{} times too much, a sum in place of a mean"
            )
            how = f"{shown}/{count}" if divided else f"{count}·{shown}"
            yield name.format(count), 6, f"{how} = {worked.short(written[at])}"
        rooted = number > 0 and 1 < square <= MOST_FACTOR and round(square**0.5) ** 2 != square
        if rooted and fits(square**-0.5 if divided else square**0.5):
            how = f"{shown}/√{square}" if divided else f"{shown}·√{square}"
            name = f"{'divided by' if divided else 'multiplied with'} √{square}"
            yield name, 8, f"{how} = {worked.short(written[at])}"
    if array.size > 2:
        shift = written[at] - flat[at]
        if abs(shift) > 1e-6 and abs(factor - 1) > 1e-6 and quantity.holds((array + round(shift, 9)).tolist()):
            yield "off by the same number everywhere: a bias or a constant", 10, ""


def _in_one_place(quantity: Quantity, array: Array) -> Iterator[tuple[str, int, str]]:
    """All numbers right but one."""
    flat = list(_items(quantity))
    right = array.reshape(-1).tolist()
    if len(flat) != len(right) or len(right) < 4 or not quantity.items:
        return
    wrong = [at for at, (item, value) in enumerate(zip(flat, right, strict=True)) if not item.holds(value)]
    if len(wrong) == 1 and _shape(quantity) in (tuple(array.shape), _bare(array.shape)):
        at, places = wrong[0], []
        for size in reversed(_shape(quantity)):
            places.append(at % size)
            at //= size
        yield f"one number is wrong, at [{', '.join(map(str, reversed(places)))}]", 20, ""


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
