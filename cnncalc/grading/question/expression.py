"""Mistakes in the question's own arithmetic: a factor forgotten, bytes per number, thousands of 1024, ratios turned."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from fractions import Fraction

from cnncalc.expression.parsed import Expression
from cnncalc.grading.question.number import Other
from cnncalc.spec.expected import exact

BYTES = (1, 2, 4, 8)
POWERS = {2**10: 10**3, 2**20: 10**6, 2**30: 10**9, 2**40: 10**12}
POWERS |= {thousand: binary for binary, thousand in POWERS.items()}
NAMES = {
    2**10: "2^10",
    2**20: "2^20",
    2**30: "2^30",
    2**40: "2^40",
    10**3: "10^3",
    10**6: "10^6",
    10**9: "10^9",
    10**12: "10^12",
}
UNITS = {2**10: "KiB", 2**20: "MiB", 2**30: "GiB", 2**40: "TiB", 10**3: "KB", 10**6: "MB", 10**9: "GB", 10**12: "TB"}
NUMBERS = {"weight_bytes": "params", "kv_cache_bytes": "kv_cache_elements", "state_bytes": "state_elements"}
Value = Callable[[str], object]


def of_expression(expression: Expression, right: object, value_of: Value) -> Iterator[Other]:
    """What the right value becomes where the question's arithmetic is done otherwise."""
    value = None if isinstance(right, (bool, list)) else exact(right)
    tree = expression.tree
    if value and isinstance(tree, ast.Attribute):
        for asked, counted in NUMBERS.items():
            numbers = exact(value_of(expression.text.replace(asked, counted))) if tree.attr == asked else None
            if numbers and value / numbers in BYTES:
                yield from _bytes(numbers, value / numbers)
    if value is None or not isinstance(tree, ast.BinOp):
        return
    yield from _constants(tree, value)
    a, b = _part(expression, tree.left, value_of), _part(expression, tree.right, value_of)
    if a is None or b is None:
        return
    if isinstance(tree.op, ast.Div) and not _constant(tree.right):
        yield from _ratio(a, b)
    elif isinstance(tree.op, ast.Sub):
        yield Other(a + b, "added instead of subtracted", 8)
        yield Other(b - a, "subtracted the other way round", 7)
    elif isinstance(tree.op, ast.Add):
        yield Other(abs(a - b), "subtracted instead of added", 9)
        yield Other(a * b, "multiplied instead of added", 12)
    elif isinstance(tree.op, ast.Mult) and not _constant(tree.right) and not _constant(tree.left):
        yield Other(a + b, "added instead of multiplied", 9)
    if isinstance(tree.op, (ast.Add, ast.Sub)):
        yield Other(a, f"{_text(expression, tree.right)} left out", 8)
        yield Other(b, f"{_text(expression, tree.left)} left out", 8)


def _ratio(a: Fraction, b: Fraction) -> Iterator[Other]:
    if b:
        yield Other((b - a) / b, "what is left to 100%, not the share", 9)
    if b != a:
        yield Other(a / (b - a), "share of the rest, not of the whole", 7)
        if a:
            yield Other((b - a) / a, "the rest by the part", 12)
    if a + b:
        yield Other(a / (a + b), "share of both together", 10)
        yield Other(b / (a + b), "the other's share of both together", 13)
    yield Other(a - b, "difference instead of ratio", 10)
    yield Other(abs(b - a), "difference instead of ratio", 11)
    if b:
        for at, whole in enumerate((a // b, -(-a // b))):
            yield Other(Fraction(whole), "ratio cut off to a whole number", 8 + at)


def _constants(tree: ast.BinOp, value: Fraction) -> Iterator[Other]:
    """Factors and divisors that are numbers: forgotten, others in their place."""
    for number, divides in _factors(tree, False):
        factor = Fraction(number)
        if factor in (0, 1):
            continue
        without = value * factor if divides else value / factor
        other = POWERS.get(int(factor)) if factor.denominator == 1 else None
        if other is not None:
            changed = without / other if divides else without * other
            names = f"{UNITS[other]} instead of {UNITS[int(factor)]}, {NAMES[other]} for {NAMES[int(factor)]}"
            yield Other(changed, names, 5)
            for power in UNITS:
                if power not in (factor, other):
                    changed = without / power if divides else without * power
                    names = f"{UNITS[power]} instead of {UNITS[int(factor)]}, {NAMES[power]} for {NAMES[int(factor)]}"
                    yield Other(changed, names, 11)
        elif factor in BYTES and not divides:
            yield from _bytes(without, factor)
            continue
        yield Other(without, f"the {'divisor' if divides else 'factor'} {_shown(factor)} forgotten", 7)
        yield Other(
            without * factor if divides else without / factor,
            f"{'multiplied by' if divides else 'divided by'} {_shown(factor)} instead",
            10,
        )


def _bytes(numbers: Fraction, each: Fraction) -> Iterator[Other]:
    """Bytes that were counted otherwise."""
    yield Other(numbers, f"the factor {each} forgotten: numbers for bytes", 5)
    for size in BYTES:
        if size not in (1, each):
            yield Other(numbers * size, f"{size} bytes per number instead of {each}", 8)
    yield Other(numbers * each * 8, "bits instead of bytes", 9)
    yield Other(numbers / each, f"divided by {each} instead of multiplied", 11)


def _shown(number: Fraction) -> str:
    return NAMES.get(int(number), str(int(number))) if number.denominator == 1 else f"{float(number):g}"


def _factors(node: ast.AST, divides: bool) -> Iterator[tuple[int | float, bool]]:
    """The numbers that an expression is multiplied with or divided by."""
    number = _constant(node)
    if number is not None:
        yield number, divides
    elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
        yield from _factors(node.left, divides)
        yield from _factors(node.right, divides != isinstance(node.op, ast.Div))


def _constant(node: ast.AST) -> int | float | None:
    """The number that a node is: `4`, `2**20`."""
    if isinstance(node, ast.Constant):
        value = node.value
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        base, power = _constant(node.left), _constant(node.right)
        if base in (2, 10, 1000, 1024) and isinstance(base, int) and isinstance(power, int) and 0 < power <= 40:
            made: int = base**power
            return made
    return None


def _text(expression: Expression, node: object) -> str:
    offset, length = expression.place(node)
    return expression.whole[offset : offset + length]


def _part(expression: Expression, node: object, value_of: Value) -> Fraction | None:
    found = value_of(_text(expression, node))
    return None if isinstance(found, (bool, list)) or found is None else exact(found)
