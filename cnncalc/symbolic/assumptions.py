"""What is known of free dimensions while rules run: least values, and all that had to be assumed on the way.

Every comparison of formulas ends here. It is decided where it can be; else the regular case is taken and noted.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from sympy import Add, Integer, Mod, Rational, S, ceiling, expand, floor, fraction, together  # type: ignore[import-untyped]

from cnncalc.core.problem import Fault
from cnncalc.symbolic import inequalities
from cnncalc.symbolic.floors import normal, plainly_whole, symbols_of
from cnncalc.symbolic.inequalities import KnownBounds, rounded, whole_if
from cnncalc.symbolic.printing import PRETTY, PYTHON, Style, as_it_is

Expr: TypeAlias = Any


class Assumptions(KnownBounds):
    """Facts about the free dimensions of one network, with all that had to be assumed.

    While `open`, what cannot be decided is assumed; afterwards it is refused.
    """

    __slots__ = ("noted", "open")

    def __init__(self, open: bool = True) -> None:
        super().__init__()
        self.open = open
        self.noted: list[Expr] = []  # symbols whose least value was asked for

    def at_least(self, a: Expr, b: Expr) -> bool:
        """Whether a >= b; assumed where it is not known."""
        if self.compared > inequalities.MOST_COMPARED:
            raise Fault(
                "formula-too-long",
                f"the formulas that are compared have more than {inequalities.MOST_COMPARED:,} parts together",
                help="--set gives free dimensions their values",
            )
        difference = a - b
        if self.nonnegative(difference):
            return True
        if self.negative(difference):
            return False
        if not self.open:
            raise undecided(a, b)
        self.assume_nonnegative(difference)
        return True

    def equal(self, a: Expr, b: Expr) -> bool:
        """Whether a == b; assumed where it is not known."""
        difference = normal(a - b, self.tells)
        if difference == 0:
            return True
        if difference.is_number or self.negative(difference) or self.negative(-difference):
            return False
        if any(plainly_whole(difference / normal(x - y, self.tells)) for x, y in self.same):
            return True
        if not self.open:
            from cnncalc.symbolic.equality import identical

            return identical(a, b, self)
        self.assume_equal(a, b, difference)
        return True

    # --- assuming --------------------------------------------------------------------------------------------------

    def assume_nonnegative(self, expr: Expr) -> None:
        """Note that an expression is at least 0: as a least value of one symbol where it can be said so."""
        self.decided.clear()
        shown = expr
        expr = normal(expr, self.tells)
        if self._divides(-expr):  # H − 3·⌈H/3⌉ is never above 0
            return
        expr = self._solved(expr)
        expr = expr.as_content_primitive()[1]
        symbols = symbols_of(expr)
        if len(symbols) == 1 and expr.is_polynomial(symbols[0]):
            slope = expr.coeff(symbols[0], 1)
            if slope > 0 and expand(expr - slope * symbols[0]).is_number:
                least = int(ceiling(-(expr - slope * symbols[0]) / slope))
                self.least[symbols[0]] = max(self.least.get(symbols[0], 0), least)
                if symbols[0] not in self.noted:
                    self.noted.append(symbols[0])
                return
        if not any(self._known(normal(expr - fact, self.tells), 1) for fact in self.above):
            self.above[expr] = expr if shown.has(floor) else fraction(together(shown))[0]

    def _solved(self, expr: Expr) -> Expr:
        """The condition expr >= 0 without fractions, and without floors where there is one with a known factor."""
        while True:
            expr = expand(fraction(together(expr))[0])
            inner = rounded(expr)
            if len(inner) != 1 or not isinstance(inner[0], floor):
                return expr
            factor = expr.coeff(inner[0], 1)
            rest = expand(expr - factor * inner[0])
            if not factor.is_Integer or factor == 0 or rest.has(inner[0]):
                return expr
            within = inner[0].args[0]
            if factor > 0:  # ⌊u⌋ >= r exactly where u >= ⌈r⌉
                bound = -rest / factor
                if not (bound.is_number or (factor == 1 and self.is_whole(rest))):
                    return expr
                expr = within - (Integer(int(ceiling(bound))) if bound.is_number else bound)
                continue
            top, bottom = fraction(together(within))
            bound = rest / -factor  # ⌊p/q⌋ <= r exactly where p <= q·r + q − 1
            if not self.is_whole(expand(top)) or not (bound.is_number or (factor == -1 and self.is_whole(rest))):
                return expr
            bound = Integer(int(bound // 1)) if bound.is_number else bound
            expr = bottom * bound + bottom - 1 - top

    def assume_equal(self, a: Expr, b: Expr, difference: Expr) -> None:
        """Note that two expressions are equal: as "divisible" where that says it."""
        self.decided.clear()
        for part, other in ((a, b), (b, a)):
            if isinstance(part, Mod) and other == 0:
                self.assume_whole(part.args[0] / part.args[1])
                return
        if self._divides(difference):
            return
        if (a, b) not in self.same and (b, a) not in self.same:
            self.same.append((a, b))

    def _divides(self, difference: Expr) -> bool:
        """Note k·⌊v + r⌋ = k·v, where 0 <= r < 1, as "v is whole", if the difference is that; whether it was."""
        inner = rounded(difference)
        if len(inner) != 1 or not isinstance(inner[0], floor):
            return False
        factor = difference.coeff(inner[0], 1)
        if factor == 0:
            return False
        wanted = expand((factor * inner[0] - difference) / factor)
        over = expand(inner[0].args[0] - wanted)
        if not over.is_number or not 0 <= over < 1:
            return False
        self.assume_whole(wanted)
        return True

    def assume_whole(self, expr: Expr) -> None:
        """Note that a fraction is a whole number."""
        self.decided.clear()
        terms = [term for term in Add.make_args(expand(expr)) if not self.is_whole(term)]
        rest = Add(*terms)
        if rest == 0:
            return
        rest = expr if len(terms) == len(Add.make_args(expand(expr))) else rest
        constant = expand(rest).as_coeff_Add()[0]
        if not constant.is_Integer:  # (H − 140)/16 as (H + 4)/16
            rest = rest - (constant + Rational(1, 2)) // 1
        self.whole = [fact for fact in self.whole if not whole_if(fact, rest)] + [rest]

    def settle(self) -> None:
        """Look at all conditions once more: those noted first may follow from those noted later."""
        waiting = list(reversed(self.same))
        self.same = []
        while waiting:  # 2·⌊H/4⌋ = ⌊H/2⌋ says that 4 divides H, once 2 is known to
            kept = []
            for a, b in waiting:
                difference = normal(a - b, self.tells)
                if difference != 0 and not self._divides(difference):
                    kept.append((a, b))
            if len(kept) == len(waiting):
                break
            waiting = kept
        self.same = list(reversed(waiting))
        for expr, shown in list(self.above.items()):
            del self.above[expr]
            renewed = normal(expr, self.tells)
            if not self.nonnegative(renewed):
                self.assume_nonnegative(shown if renewed == expr and not shown.has(floor) else renewed)

    # --- saying it -------------------------------------------------------------------------------------------------

    def lines(self, style: Style = PYTHON) -> list[str]:
        """Everything that was assumed, what follows from the rest left out: "H + 2*P >= D*(K - 1) + 1"."""
        at_least = "≥" if style.raised else ">="
        found = [f"{symbol} {at_least} {self.least[symbol]}" for symbol in self.noted if self.least[symbol] > 1]
        for expr, shown in self.above.items():
            if not self._follows(expr):
                found.append(_inequality(shown, at_least, style))
        for fact in self.whole:
            top, bottom = fraction(together(fact))
            a, b = (as_it_is(part, style) for part in (top, bottom))
            if style.raised:
                found.append(f"{a} divisible by {b}")
            else:
                found.append(f"{a if top.is_Atom else f'({a})'} % {b if bottom.is_Atom else f'({b})'} == 0")
        for a, b in self.same:
            found.append(f"{as_it_is(a, style)} {'=' if style.raised else '=='} {as_it_is(b, style)}")
        return found

    def sentences(self) -> list[str]:
        """The same for people: "assumes H + 2·P ≥ D·(K − 1) + 1"."""
        return [f"assumes {line}" for line in self.lines(PRETTY)]

    def _follows(self, expr: Expr) -> bool:
        """Whether a condition follows from the least values and another condition."""
        if self._known(expr, 1):
            return True
        if self.looked > inequalities.MOST_PARTS:
            return False
        return any(self._known(normal(expr - fact, self.tells), 1) for fact in self.above if fact != expr)


def undecided(a: Expr, b: Expr) -> Fault:
    """The fault for a comparison whose answer depends on free dimensions."""
    names = [str(symbol) for symbol in symbols_of(a - b)]
    sides = sorted((as_it_is(a), as_it_is(b)), key=lambda text: text.isdigit())
    return Fault(
        "free-comparison",
        f"which of {sides[0]} and {sides[1]} is larger depends on {', '.join(names)}",
        help=f"--set {names[0]}=... gives it a value",
    )


def _inequality(expr: Expr, sign: str, style: Style) -> str:
    """`H + 2*P >= D*(K - 1) + 1`: nothing negative on either side."""
    left, right = S.Zero, S.Zero
    for term in Add.make_args(expr):
        if term.as_coeff_Mul()[0] < 0:
            right -= term
        else:
            left += term
    return f"{as_it_is(left, style)} {sign} {as_it_is(right, style)}"
