"""Terms as a reader would write them: sums, products, floors, with what vanishes left out.

`simplify` makes a tree of `Part`s, which `notation` reads three times: with symbols, with numbers, as one value. So the
parts of `H_out = ⌊(H + 2·P − K)/S⌋ + 1 = ⌊(64 + 2·1 − 3)/1⌋ + 1 = 64` always match.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cnncalc.core.number import as_written
from cnncalc.core.term import Term, lift


class Part(NamedTuple):
    """A simplified formula. `value` is a whole number, or a free dimension; of a factor such as 0.5 a float.

    kind      args                     means
    leaf      none                     a number with a `symbol`; `short` is the symbol without its axis (K for K_h)
    const     none                     a number without one
    sum       any, with `signs`        +1 or -1 for each argument
    product   any                      the factors
    power     base, const              base to a whole power
    quotient  a, b                     a / b, which leaves no rest
    floor     a, b                     ⌊a / b⌋
    ceil      a, b                     ⌈a / b⌉
    scale     a, b                     ⌊a · b⌋ with a factor b that need not be whole
    mod       a, b                     what a / b leaves
    max, min  a, b                     the larger, the smaller
    """

    kind: str
    value: Any
    args: tuple[Part, ...] = ()
    symbol: str = ""
    short: str = ""
    signs: tuple[int, ...] = ()

    def _key(self) -> tuple[object, ...]:
        return self.kind, self.symbol, self.short, self.signs, as_written(self.value), self.args

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Part) and self._key() == other._key())

    def __hash__(self) -> int:
        return hash(self._key())


def const(value: object) -> Part:
    """A number without a symbol."""
    return Part("const", value)


def is_plain(part: Part) -> bool:
    """Whether the formula is just one number or one symbol: nothing to work out."""
    return part.kind in ("leaf", "const")


def simplify(number: object, full: bool = False) -> Part:
    """The tree without zeros in sums and ones in products, like terms joined. `full` keeps quiet leaves."""
    term = lift(number)
    kind = term.op
    if kind == "leaf":
        if term.quiet and not full:
            return const(term.value)
        return Part("leaf", term.value, (), term.symbol, term.short)
    if kind == "const":
        return const(term.value)
    if kind in ("+", "-", "neg"):
        return _sum(term, full)
    if kind == "*":
        return _product(term, full)
    a, b = (simplify(part, full) for part in term.args)
    if a.kind == "const" and b.kind == "const":
        return const(term.value)
    if kind == "//":
        return _quotient(a, b, term.value, full)
    if kind == "^":
        return Part("power", term.value, (a, b))
    return Part({"%": "mod"}.get(kind, kind), term.value, (a, b))


def total(parts: list[Part]) -> Part:
    """The sum of formulas, like terms joined: E² + 3·E² is 4·E²."""
    return _joined([(1, part) for part in parts], sum(part.value for part in parts))


def times(count: int, part: Part) -> Part:
    """The formula so many times; the number stands in front, apart from the formula's own."""
    if count == 1:
        return part
    return Part("product", count * part.value, (const(count), *(part.args if part.kind == "product" else (part,))))


def ordered(part: Part) -> Part:
    """Factors in the order in which people write a weight's: numbers, kernel sizes, what comes in, what goes out."""
    args = tuple(ordered(arg) for arg in part.args)
    if part.kind == "product":
        args = tuple(sorted(args, key=_place))
    return part._replace(args=args)


def leaves(part: Part) -> list[Part]:
    """Every leaf of a formula."""
    if part.kind == "leaf":
        return [part]
    return [leaf for arg in part.args for leaf in leaves(arg)]


def same_factors(*factors: Part) -> tuple[str, ...]:
    """What two products have in common whose factors are the same, in whatever order."""
    if len(factors) == 1 and factors[0].kind == "product":
        factors = factors[0].args
    return tuple(sorted(map(_spelled, factors)))


def _spelled(part: Part) -> str:
    """A formula in symbols and numbers, for comparing; the values of symbols do not matter."""
    inside = ", ".join(map(_spelled, part.args))
    return f"{part.kind} {part.symbol or '' if part.kind != 'const' else part.value} {part.signs or ''}({inside})"


def _place(factor: Part) -> tuple[int, str]:
    if factor.kind == "const":
        return 0, ""
    found = leaves(factor)
    if found and all(leaf.short == "K" or leaf.symbol.startswith("K_") for leaf in found) and factor.kind == "leaf":
        return 1, factor.symbol
    return (3 if found and any(leaf.symbol.endswith("_out") for leaf in found) else 2), ""


# --- sums ----------------------------------------------------------------------------------------------------------


def _sum(term: Term, full: bool) -> Part:
    waiting: list[tuple[int, Term]] = [(1, term)]  # the first one last
    found: list[tuple[int, Part]] = []
    known: dict[int, Part] = {}  # a summand that occurs many times is simplified once
    while waiting:
        sign, part = waiting.pop()
        if part.op == "+":
            waiting += [(sign, part.args[1]), (sign, part.args[0])]
        elif part.op == "-":
            waiting += [(-sign, part.args[1]), (sign, part.args[0])]
        elif part.op == "neg":
            turned = _turned(part, full)
            if turned is None:
                waiting.append((-sign, part.args[0]))
            else:
                found.append((sign, turned))
        else:
            if id(part) not in known:
                known[id(part)] = simplify(part, full)
            found.append((sign, known[id(part)]))
    return _joined(found, term.value)


def _turned(term: Term, full: bool) -> Part | None:
    """What stands for a negative of negatives: −⌊−a / b⌋ is ⌈a / b⌉, −max(−a, −b) is min(a, b)."""
    inner = term.args[0]
    if inner.op == "//" and (inner.args[0].op == "neg" or (inner.args[0].op == "const" and inner.args[0].value < 0)):
        a, b = simplify(-inner.args[0], full), simplify(inner.args[1], full)
        if b == const(1):
            return a
        return const(term.value) if a.kind == b.kind == "const" else Part("ceil", term.value, (a, b))
    if inner.op == "max":
        return Part("min", term.value, tuple(simplify(-side, full) for side in inner.args))
    return None


def _joined(found: list[tuple[int, Part]], value: object) -> Part:
    """A sum of signed parts: nested sums opened, like terms joined, numbers put together at the end."""
    flat: list[tuple[int, Part]] = []
    for sign, part in found:
        if part.kind == "sum":
            flat.extend((sign * own, arg) for own, arg in zip(part.signs, part.args, strict=True))
        else:
            flat.append((sign, part))
    counts: dict[tuple[str, ...], int] = {}
    cores: dict[tuple[str, ...], tuple[Part, ...]] = {}
    number: Any = 0
    numbers = []
    times: dict[int, int] = {}  # how often the very same part occurs
    parts: dict[int, Part] = {}
    for sign, part in flat:
        if part.kind == "const":
            number = number + sign * part.value
            numbers.append((sign, part))
            continue
        parts[id(part)] = part
        times[id(part)] = times.get(id(part), 0) + sign
    for at, part in parts.items():
        sign = times[at]
        factor, core = _split(part)
        key = same_factors(*core)
        cores.setdefault(key, core)
        counts[key] = counts.get(key, 0) + sign * factor
    kept: list[tuple[int, Part]] = []
    for key, count in counts.items():
        if count:
            kept.append((1 if count > 0 else -1, _multiplied(abs(count), cores[key])))
    if number:
        first = bool(numbers) and flat[0][1] is numbers[0][1] and len(numbers) == 1
        kept.insert(0 if first else len(kept), (1, const(number)) if number > 0 else (-1, const(-number)))
    if not kept:
        return const(value)
    if len(kept) == 1 and kept[0][0] == 1:
        return kept[0][1]
    return Part("sum", value, tuple(part for _, part in kept), signs=tuple(sign for sign, _ in kept))


def _split(part: Part) -> tuple[int, tuple[Part, ...]]:
    """A summand as a whole number and the other factors."""
    if part.kind == "product":
        if part.args[0].kind == "const":
            return part.args[0].value, part.args[1:]
        return 1, part.args
    return 1, (part,)


def _multiplied(count: int, core: tuple[Part, ...]) -> Part:
    value: Any = count
    for factor in core:
        value = value * factor.value
    args = core if count == 1 else (const(count), *core)
    return args[0] if len(args) == 1 else Part("product", value, args)


# --- products ------------------------------------------------------------------------------------------------------


def _product(term: Term, full: bool) -> Part:
    waiting = [term]
    factors: list[Part] = []
    while waiting:
        part = waiting.pop(0)
        if part.op == "*":
            waiting[:0] = [part.args[0], part.args[1]]
            continue
        simple = simplify(part, full)
        factors.extend(simple.args if simple.kind == "product" else (simple,))
    number: Any = 1
    rest: list[Part] = []
    for factor in factors:
        if factor.kind == "const":
            number = number * factor.value
        else:
            rest.append(factor)
    if not rest or (type(number) is int and number == 0):
        return const(term.value)
    if not full:
        _cancel(rest)
    rest = _powers(rest)
    if type(number) is not int or number != 1:
        rest.insert(0, const(number))
    if not rest:
        return const(term.value)
    return rest[0] if len(rest) == 1 else Part("product", term.value, tuple(rest))


def _cancel(factors: list[Part]) -> None:
    """h · (E / h) is E: a quotient and its divisor among the same factors go."""
    for quotient in [factor for factor in factors if factor.kind == "quotient"]:
        over, under = quotient.args
        if under in factors:
            factors.remove(under)
            at = factors.index(quotient)
            factors[at : at + 1] = over.args if over.kind == "product" else (over,)


def _powers(factors: list[Part]) -> list[Part]:
    """E · E as E²; other factors stay where they are."""
    counts: dict[Part, int] = {}
    for factor in factors:
        base, power = factor, 1
        if factor.kind == "power" and factor.args[1].kind == "const":
            base, power = factor.args[0], factor.args[1].value
        counts[base] = counts.get(base, 0) + power
    return [
        base if power == 1 else Part("power", base.value**power, (base, const(power))) for base, power in counts.items()
    ]


def _quotient(a: Part, b: Part, value: object, full: bool) -> Part:
    if b == const(1):
        return a
    if not full and a == b:
        return const(value)
    if not full and a.kind == "product" and b in a.args:
        rest = list(a.args)
        rest.remove(b)
        return rest[0] if len(rest) == 1 else Part("product", value, tuple(rest))
    exact = as_written(b.value * value) == as_written(a.value)
    return Part("quotient" if exact and a.kind in ("leaf", "product", "power") else "floor", value, (a, b))
