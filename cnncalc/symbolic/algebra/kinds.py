"""The formulas themselves: numbers, symbols, sums, products and powers.

A sum is a constant and cores with a factor each, a product is bases with an exponent each. `Call` is anything else, a
floor for one. `make` puts them together in one form, and hands over what `+ - * / **` do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import wraps
from typing import Any, ClassVar, NamedTuple, TypeAlias, TypeVar, cast

from cnncalc.core.steps import STEPS
from cnncalc.symbolic.algebra.exact import Exact

Exponent: TypeAlias = "int | Fraction | Expr"
T = TypeVar("T")


class Arithmetic(NamedTuple):
    """What formulas are put together with."""

    add: Callable[..., Expr]
    mul: Callable[..., Expr]
    scaled: Callable[[Exact, Expr], Expr]
    power: Callable[[Expr, Any], Expr]


class Expr:
    """A formula. What has been worked out of it is in `memo`."""

    __slots__ = ("_hash", "memo")

    arithmetic: ClassVar[Arithmetic]
    args: Any = ()

    def __init__(self) -> None:
        self._hash = 0
        self.memo: dict[Any, Any] = {}

    def key(self) -> object:
        """What makes it this formula and no other."""
        raise NotImplementedError

    def __hash__(self) -> int:
        found = self._hash
        if not found:
            found = self._hash = hash((type(self), self.key())) or 1
        return found

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Expr):
            return False
        return type(self) is type(other) and hash(self) == hash(other) and bool(self.key() == other.key())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.key()!r})"

    def __add__(self, other: Expr | Exact) -> Expr:
        return self.arithmetic.add(self, lifted(other))

    def __radd__(self, other: Expr | Exact) -> Expr:
        return self.arithmetic.add(lifted(other), self)

    def __sub__(self, other: Expr | Exact) -> Expr:
        return self.arithmetic.add(self, self.arithmetic.scaled(-1, lifted(other)))

    def __rsub__(self, other: Expr | Exact) -> Expr:
        return self.arithmetic.add(lifted(other), self.arithmetic.scaled(-1, self))

    def __mul__(self, other: Expr | Exact) -> Expr:
        return self.arithmetic.mul(self, lifted(other))

    def __rmul__(self, other: Expr | Exact) -> Expr:
        return self.arithmetic.mul(lifted(other), self)

    def __truediv__(self, other: Expr | Exact) -> Expr:
        return self.arithmetic.mul(self, self.arithmetic.power(lifted(other), -1))

    def __rtruediv__(self, other: Expr | Exact) -> Expr:
        return self.arithmetic.mul(lifted(other), self.arithmetic.power(self, -1))

    def __pow__(self, other: Expr | Exact) -> Expr:
        return self.arithmetic.power(self, other)

    def __neg__(self) -> Expr:
        return self.arithmetic.scaled(-1, self)


# Products and calls that were made lately: equal ones are one object, so that comparing sums does not go into them.
_MADE: dict[Expr, Expr] = {}
MOST_MADE = 50_000


def one(expr: Expr) -> Expr:
    """The one object for a product, a power or a call."""
    if len(_MADE) >= MOST_MADE:
        _MADE.clear()
    return _MADE.setdefault(expr, expr)


def once(function: Callable[[Any], T]) -> Callable[[Any], T]:
    """A function of one formula whose result is kept with it."""

    @wraps(function)
    def kept(expr: Any) -> T:
        memo = expr.memo
        found = memo.get(function, memo)
        if found is memo:
            found = memo[function] = function(expr)
        return cast(T, found)

    return kept


class Number(Expr):
    """An exact number."""

    __slots__ = ("value",)

    def __init__(self, value: Exact) -> None:
        super().__init__()
        self.value: Exact = value.numerator if value.denominator == 1 else value

    def key(self) -> object:
        return self.value

    def __eq__(self, other: object) -> bool:
        return self.value == (other.value if type(other) is Number else other)

    __hash__ = Expr.__hash__

    @property
    def whole(self) -> bool:
        """Whether it is a whole number."""
        return type(self.value) is int


class Symbol(Expr):
    """A whole number from 0 that is not known."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def key(self) -> object:
        return self.name

    def __repr__(self) -> str:
        return self.name


class Add(Expr):
    """A sum: a constant, and cores (products, atoms) with their factors."""

    __slots__ = ("constant", "terms")

    def __init__(self, constant: Exact, terms: dict[Expr, Exact]) -> None:
        super().__init__()
        self.constant = constant
        self.terms = terms
        STEPS.spent += len(terms)

    def key(self) -> object:
        # Python's hash of 2^61 is that of 1, so that H/2^61 + 1 would be taken for H + 1: lengths tell them apart.
        items = [(core, factor, _length(factor)) for core, factor in self.terms.items()]
        return self.constant, frozenset(items)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(other) is not Add:
            return False
        return hash(self) == hash(other) and self.constant == other.constant and self.terms == other.terms

    __hash__ = Expr.__hash__

    @property
    def args(self) -> list[Expr]:
        """The summands, the constant first."""
        rest = [with_factor(factor, core) for core, factor in self.terms.items()]
        return [Number(self.constant), *rest] if self.constant else rest


def _length(number: Exact) -> int:
    return number.numerator.bit_length() - number.denominator.bit_length()


class Product(Expr):
    """Two bases or more, each to a power, without a number in front."""

    __slots__ = ("powers",)

    def __init__(self, powers: dict[Expr, Exponent]) -> None:
        super().__init__()
        self.powers = powers

    def key(self) -> object:
        return frozenset(self.powers.items())

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return type(other) is Product and hash(self) == hash(other) and self.powers == other.powers

    __hash__ = Expr.__hash__

    @property
    def args(self) -> list[Expr]:
        """The factors."""
        return [base if exponent == 1 else Pow(base, exponent) for base, exponent in self.powers.items()]


class Pow(Expr):
    """One base to a power other than 1: an exact number or a formula."""

    __slots__ = ("base", "exponent")

    def __init__(self, base: Expr, exponent: Exponent) -> None:
        super().__init__()
        self.base = base
        self.exponent = exponent

    def key(self) -> object:
        return self.base, self.exponent

    @property
    def args(self) -> list[Expr]:
        """The base and the exponent."""
        return [self.base, lifted(self.exponent)]


class Scaled(Expr):
    """A number other than 0 and 1 times a core: a product, a power or an atom; of a sum only where it is to stay."""

    __slots__ = ("core", "factor")

    def __init__(self, factor: Exact, core: Expr) -> None:
        super().__init__()
        self.factor = factor
        self.core = core

    def key(self) -> object:
        return self.factor, self.core

    @property
    def args(self) -> list[Expr]:
        """The number and the factors."""
        return [Number(self.factor), *factors(self.core)]


class Call(Expr):
    """A function of formulas."""

    __slots__ = ("args",)

    def __init__(self, *args: Expr) -> None:
        super().__init__()
        self.args = args

    def key(self) -> object:
        return self.args


ZERO, ONE = Number(0), Number(1)


# --- looking ---------------------------------------------------------------------------------------------------------


def lifted(value: Expr | Exact) -> Expr:
    """A number as a formula; a formula as it is."""
    return value if isinstance(value, Expr) else Number(value)


def split(expr: Expr) -> tuple[Exact, Expr]:
    """The number in front and the rest: 2·H is (2, H)."""
    if type(expr) is Scaled:
        return expr.factor, expr.core
    return (expr.value, ONE) if type(expr) is Number else (1, expr)


def factors(expr: Expr) -> list[Expr]:
    """The factors of a product; of anything else, itself."""
    return expr.args if type(expr) in (Product, Scaled) else [expr]


def powers(expr: Expr) -> Mapping[Expr, Exponent]:
    """The bases and exponents of a core."""
    if type(expr) is Product:
        return expr.powers
    return {expr.base: expr.exponent} if type(expr) is Pow else {} if expr == ONE else {expr: 1}


def with_factor(factor: Exact, core: Expr) -> Expr:
    """A number other than 0 times a core."""
    return core if factor == 1 else Number(factor) if core is ONE else Scaled(factor, core)
