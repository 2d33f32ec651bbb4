"""Mistakes with the number itself: rounding, percentages, thousands, the order of sizes, another quantity."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import permutations
from typing import Any, NamedTuple

from cnncalc.core.number import prod, shown
from cnncalc.spec.expected import Quantity, exact

# What is asked for, and what people give instead.
OTHERS = {
    "params": ("trainable", "biases", "macs", "flops", "dense", "dense_weights"),
    "trainable": ("params", "macs", "dense"),
    "macs": ("flops", "params", "dense", "dense_weights"),
    "flops": ("macs", "params", "dense"),
    "dense": ("dense_weights", "params", "macs"),
    "dense_weights": ("dense", "params", "macs"),
    "shape": ("input_shape",),
    "input_shape": ("shape",),
}
USUAL_OTHERS = {frozenset(("macs", "flops")): 3, frozenset(("shape", "input_shape")): 17}
USUAL_AXIS = 8  # the rank of another axis of the same shape
OTHER_SHARE = 16  # the rank of another layer's share of the same whole
How = Callable[[Quantity], str]


class Other(NamedTuple):
    """Another value than the right one, what it is called, how unlikely it is, and what there is to show."""

    value: Any
    name: str
    rank: int
    how: How | None = None


# --- the right number, rearranged ------------------------------------------------------------------------------------


def of_right(actual: object, text: str) -> Iterator[Other]:
    """What people make of the right value: a sign, a percentage, another order of its sizes."""
    if isinstance(actual, list):
        yield from _of_list(actual, re.search(r"(weight|kernel)\w*\.shape$", text) is not None)
        return
    value = None if isinstance(actual, bool) else exact(actual)
    if value is None:
        return

    def how(quantity: Quantity) -> str:
        return f"{_short(value, quantity.text.endswith('%'))} is right"

    share = value.denominator > 1 and re.search(r"/\s*\(?\s*[a-zA-Z_]", text) is not None
    for name, rank, other in _turned(value):
        if not (share and name == "thousands of 1024"):
            yield Other(other, name, rank, how)


def _turned(value: Fraction) -> Iterator[tuple[str, int, Fraction]]:
    whole = value.denominator == 1
    if not whole:
        if value:
            yield "ratio the other way round", 6, 1 / value
        yield "percent sign forgotten", 5, value * 100
        yield "percent, but not times 100", 5, value / 100
        yield "what is left to 100%, not the share", 9, 1 - value
        yield "the difference in place of the ratio", 9, value - 1
        yield "the whole counted once too often", 10, value + 1
    if value:
        yield "sign wrong", 8, -value
        for power, name in ((3, "a thousand"), (6, "a million"), (9, "a thousand million")):
            yield f"a factor of {name} off", 12 + power, value * 10**power
            yield f"a factor of {name} off", 12 + power, value / 10**power
        yield "a factor of ten off", 16, value * 10
        yield "a factor of ten off", 16, value / 10
        for power in (1, 2, 3):
            yield "thousands of 1024", 17, value * Fraction(1000, 1024) ** power
            yield "thousands of 1024", 17, value * Fraction(1024, 1000) ** power


def _of_list(actual: list[int], weight: bool) -> Iterator[Other]:
    if not all(isinstance(size, int) and not isinstance(size, bool) for size in actual):
        return
    count = len(actual)
    orders: list[tuple[list[int], str, int]] = []
    if count > 2:
        orders.append(([*actual[1:], actual[0]], "channels last", 4))
        orders.append(([actual[-1], *actual[:-1]], "channels first", 4))
        orders.append(([actual[0], *reversed(actual[1:])], "height and width swapped", 5))
    if count > 1:
        orders.append((list(reversed(actual)), "order of the sizes turned round", 6))
        orders.append(([prod(actual)], "flattened", 7))
    if count > 1:
        exchanged = ([actual[1], actual[0], *actual[2:]], "the first two sizes exchanged", 3 if weight else 7)
        orders.insert(0 if weight else len(orders), exchanged)
    if count > 2:
        orders.append(([actual[0]] * count, "the channels repeated as height and width", 24))
    if 2 < count < 6:
        others = [list(order) for order in permutations(actual)]
        orders += [(order, "sizes in another order", 13) for order in others]
    orders += [([*actual[:at], *actual[at + 1 :]], "an axis left out", 10) for at in range(count) if count > 1]
    seen: list[list[int]] = [actual]
    for order, name, rank in orders:
        if order not in seen:
            yield Other(order, name, rank)
        seen.append(order)


# --- how the number was written ---------------------------------------------------------------------------------------


def of_value(quantity: Quantity, actual: object) -> Iterator[tuple[str, int, str]]:
    """Mistakes in writing the right value: name, rank, and the right value's part in it (not for a quiet key)."""
    if isinstance(actual, list):
        items = [item.number for item in quantity.items[1:]] if quantity.kind == "list" else []
        if len(quantity.items) == len(actual) + 1 and items == actual:
            yield "the batch axis counted", 3 if len(actual) > 2 else 14, ""
        return
    value = None if isinstance(actual, bool) else exact(actual)
    if value is None or quantity.number is None or isinstance(quantity.number, bool):
        return
    written = exact(quantity.number)
    if written is not None:
        yield from _rounding(quantity, value, written)


def _rounding(quantity: Quantity, value: Fraction, written: Fraction) -> Iterator[tuple[str, int, str]]:
    unit = Fraction(1) if quantity.kind == "whole" else quantity.unit
    if unit is None or (value.denominator == 1 and unit <= 1):
        return
    steps = value / unit
    down = steps.numerator // steps.denominator
    towards_zero = down + (1 if steps < 0 and steps.denominator > 1 else 0)
    nearest = (steps + Fraction(1, 2)).numerator // (steps + Fraction(1, 2)).denominator
    if quantity.kind == "whole" and written == nearest:
        yield "rounded to a whole number", 3, f"{_short(value)} is right"
    elif written == towards_zero * unit and written != nearest * unit:
        yield "truncated instead of rounded", 3, f"{_short(value, quantity.text.endswith('%'))} is right"
    elif written in ((down + 1) * unit, down * unit):
        yield "rounded to the wrong side", 4, f"{_short(value, quantity.text.endswith('%'))} is right"


def _short(value: Fraction, percent: bool = False) -> str:
    return shown(f"{float(value * 100):.6g}") + "%" if percent else shown(f"{float(value):.6g}")


# --- another quantity -------------------------------------------------------------------------------------------------


def of_text(text: str, value_of: Callable[[str], object]) -> Iterator[Other]:
    """What other expressions give: another quantity, a product for a quotient, an axis.

    `value_of` evaluates an expression; it gives None where there is no value.
    """

    def tried(asked: str, name: str, rank: int) -> Iterator[Other]:
        value = value_of(asked)
        if value is not None:
            yield Other(value, name, rank)

    found = re.findall(r"\.([a-z_]+)\b", text)
    for attribute in dict.fromkeys(found):
        for other in OTHERS.get(attribute, ()):
            asked = re.sub(rf"\.{attribute}\b", f".{other}", text)
            yield from tried(asked, f"that is {asked}", USUAL_OTHERS.get(frozenset((attribute, other)), 20))
    for sign, turned, name in (("/", "*", "product"), ("*", "/", "quotient")):
        if text.count(f" {sign} ") == 1:
            asked = text.replace(f" {sign} ", f" {turned} ")
            yield from tried(asked, f"that is the {name} {asked}", 6)
    index = re.search(r"\[(\d)\]$", text)
    if index:
        for at in range(5):
            asked = f"{text[: index.start()]}[{at}]"
            if at != int(index[1]):
                yield from tried(asked, f"that is {asked}", USUAL_AXIS)


def of_neighbours(text: str, rows: list[str], value_of: Callable[[str], object]) -> Iterator[Other]:
    """The answers to the same question about other layers; `rows` are the layers' names, the nearest first."""
    name, dot, attribute = text.rpartition(".")
    if not dot or attribute not in OTHERS:
        return
    for other in rows[:40]:
        if other != name and (value := value_of(f"{other}.{attribute}")) is not None:
            yield Other(value, f"that is {other}.{attribute}", 40)


def of_other_parts(text: str, rows: list[str], value_of: Callable[[str], Any]) -> Iterator[Other]:
    """The same arithmetic with another layer in it: `conv1.params / total.params` of conv2."""
    name = re.match(r"([A-Za-z_][\w.]*)\.(?:params|macs|flops|trainable)\s*/", text)
    if name is None:
        return
    counted = name[0].rstrip(" /").removeprefix(name[1])
    without = value_of(f"({name[1]}.{counted[1:]} - {name[1]}.biases){text[name.end(1) + len(counted) :]}")
    if counted != ".macs" and without is not None:
        yield Other(without, f"bias forgotten in {name[1]} alone, not in the whole", OTHER_SHARE)
    for other in rows[:12]:
        if other != name[1] and (value := value_of(asked := other + text[name.end(1) :])) is not None:
            yield Other(value, f"that is {asked}", OTHER_SHARE)
