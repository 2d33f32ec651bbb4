"""What is known of symbolic dimensions while rules run: lower bounds, and what had to be assumed.

Every comparison of formulas ends here. It is decided where it can be; else the regular case is taken and noted.
"""

from __future__ import annotations

from fractions import Fraction

from cnncalc.core.printer import PYTHON, Style
from cnncalc.core.problem import Fault
from cnncalc.symbolic import inequalities
from cnncalc.symbolic.algebra.calls import Floor, Mod
from cnncalc.symbolic.algebra.expand import expand
from cnncalc.symbolic.algebra.factor import content, together
from cnncalc.symbolic.algebra.kinds import ZERO, Expr, Number, Symbol, one, split
from cnncalc.symbolic.algebra.look import coefficient, constant, fraction, linear, summands
from cnncalc.symbolic.algebra.look import inner as calls
from cnncalc.symbolic.algebra.make import add
from cnncalc.symbolic.floors import normal, symbols_of
from cnncalc.symbolic.inequalities import KnownBounds, rounded
from cnncalc.symbolic.printing import GROUPED, as_it_is
from cnncalc.symbolic.wholes import plainly_whole, whole_if


class Assumptions(KnownBounds):
    """Facts about the free dimensions of one network, with all that had to be assumed.

    While `open`, what cannot be decided is assumed; afterwards it is refused.
    """

    __slots__ = ("answers", "noted", "open", "shares")

    def __init__(self, open: bool = True) -> None:
        super().__init__()
        self.open = open
        self.noted: list[Expr] = []  # symbols whose least value was asked for
        self.answers: dict[tuple[bool, Expr], bool] = {}  # how comparisons came out, which they do again
        self.shares = False  # whether those, and what was decided, belong to another one too, until something is added

    def again(self) -> Assumptions:
        """The same for further questions, which leave this as it is."""
        other = Assumptions()
        other.least, other.above = dict(self.least), dict(self.above)
        other.whole, other.same, other.noted = list(self.whole), list(self.same), list(self.noted)
        other.answers, other.decided, other.sample = self.answers, self.decided, self.sample
        other.wholes = self.wholes
        other.changes, other.shares = self.changes, True
        return other

    def added(self) -> None:
        """Something has become known: what came up before is looked at again."""
        if self.shares:
            self.answers, self.decided, self.sample = dict(self.answers), {}, self.sample.again()
            self.shares = False
        super().added()

    def at_least(self, a: Expr, b: Expr) -> bool:
        """Whether a >= b; assumed where it is not known."""
        if self.compared > inequalities.MOST_COMPARED:
            raise Fault(
                "formula-too-long",
                f"the formulas that are compared have more than {inequalities.MOST_COMPARED:,} parts together",
                help="--set gives symbolic dimensions their values",
            )
        difference = a - b
        found = self.answers.get((False, difference)) if self.open else None
        if found is None:
            found = self.nonnegative(difference)
            if not found and not self.negative(difference):
                if not self.open:
                    raise undecided(a, b)
                self.assume_nonnegative(difference)
                found = True
            if self.open:
                self.answers[False, difference] = found
        return found

    def equal(self, a: Expr, b: Expr) -> bool:
        """Whether a == b; assumed where it is not known."""
        found = self.answers.get((True, a - b)) if self.open else None
        if found is None:
            found = self._equal(a, b)
            if self.open:
                self.answers[True, a - b] = found
        return found

    def _equal(self, a: Expr, b: Expr) -> bool:
        difference = normal(a - b, self.tells)
        if difference == ZERO:
            return True
        if type(difference) is Number or self.negative(difference) or self.negative(-difference):
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
        shown = expr
        expr = normal(expr, self.tells)
        if self._divides(-expr):  # H − 3·⌈H/3⌉ is never above 0
            return
        expr = one(content(self._solved(expr))[1])
        symbols = symbols_of(expr)
        found = linear(expr, symbols[0]) if len(symbols) == 1 else None
        if found is not None and type(found[0]) is Number and type(found[1]) is Number and found[0].value > 0:
            least = -(found[1].value / Fraction(found[0].value) // 1)
            self.least[symbols[0]] = max(self.least.get(symbols[0], 0), int(least))
            self.added()
            if symbols[0] not in self.noted:
                self.noted.append(symbols[0])
            return
        if not self.follows(expr):
            for fact in [fact for fact in self.above if self.implies(expr, fact, 0)]:
                del self.above[fact]
            self.above[expr] = expr if _floored(shown) else fraction(together(shown))[0]
            self.added()

    def _solved(self, expr: Expr) -> Expr:
        """The condition expr >= 0 without fractions, and without floors where there is one with a known factor."""
        while True:
            expr = expand(fraction(together(expr))[0])
            inner = rounded(expr)
            found = linear(expr, inner[0]) if len(inner) == 1 and type(inner[0]) is Floor else None
            if found is None or type(found[0]) is not Number or not found[0].whole or found[0] == ZERO:
                return expr
            factor, rest, within = found[0].value, found[1], inner[0].args[0]
            bound = rest / -factor
            if not (type(bound) is Number or (abs(factor) == 1 and self.is_whole(rest))):
                return expr
            if factor > 0:  # ⌊u⌋ >= r exactly where u >= ⌈r⌉
                expr = within - (-(-bound.value // 1) if type(bound) is Number else bound)
                continue
            top, bottom = fraction(together(within))
            if not self.is_whole(expand(top)):
                return expr
            most = Number(bound.value // 1) if type(bound) is Number else bound
            expr = bottom * most + bottom - 1 - top  # ⌊p/q⌋ <= r exactly where p <= q·r + q − 1

    def assume_equal(self, a: Expr, b: Expr, difference: Expr) -> None:
        """Note that two expressions are equal: as "divisible" where that says it."""
        for part, other in ((a, b), (b, a)):
            if type(part) is Mod and other == ZERO:
                self.assume_whole(part.args[0] / part.args[1])
                return
        if self._divides(difference):
            return
        if (a, b) not in self.same and (b, a) not in self.same:
            self.same.append((a, b))
            self.added()

    def _divides(self, difference: Expr) -> bool:
        """Note k·⌊v + r⌋ = k·v, where 0 <= r < 1, as "v is whole", if the difference is that; whether it was."""
        inner = rounded(difference)
        if len(inner) != 1 or type(inner[0]) is not Floor:
            return False
        factor = coefficient(difference, inner[0])
        if factor == ZERO:
            return False
        wanted = expand((factor * inner[0] - difference) / factor)
        over = expand(inner[0].args[0] - wanted)
        if type(over) is not Number or not 0 <= over.value < 1:
            return False
        self.assume_whole(wanted)
        return True

    def assume_whole(self, expr: Expr) -> None:
        """Note that a fraction is a whole number."""
        found = summands(expand(expr))
        open_ = [term for term in found if not self.is_whole(term)]
        if not open_:
            return
        rest = expr if len(open_) == len(found) else add(*open_)
        number = constant(expand(rest))
        if type(number) is not int:  # (H − 140)/16 as (H + 4)/16
            rest = rest - (number + Fraction(1, 2)) // 1
        self.whole = [fact for fact in self.whole if not whole_if(fact, rest)] + [rest]
        self.added()

    def settle(self) -> None:
        """Look at all conditions once more: those noted first may follow from those noted later."""
        waiting = list(reversed(self.same))
        self.same = []
        self.added()
        while waiting:  # 2·⌊H/4⌋ = ⌊H/2⌋ says that 4 divides H, once 2 is known to
            kept = []
            for a, b in waiting:
                difference = normal(a - b, self.tells)
                if difference != ZERO and not self._divides(difference):
                    kept.append((a, b))
            if len(kept) == len(waiting):
                break
            waiting = kept
        self.same = list(reversed(waiting))
        self.added()
        for expr, shown in list(self.above.items()):
            if self.above.pop(expr, None) is None:  # it follows from what has been noted since
                continue
            self.added()
            renewed = normal(expr, self.tells)
            if not self.nonnegative(renewed):
                self.assume_nonnegative(shown if renewed == expr and not _floored(shown) else renewed)

    # --- saying it -------------------------------------------------------------------------------------------------

    def lines(self, style: Style = PYTHON) -> list[str]:
        """Everything that was assumed, what follows from the rest left out: "H + 2*P >= D*(K - 1) + 1"."""
        people = style is not PYTHON
        at_least = "≥" if people else ">="
        found = [
            f"{symbol} {at_least} {style.number(str(self.least[symbol]))}"
            for symbol in self.noted
            if self.least[symbol] > 1
        ]
        for expr, shown in self.above.items():
            if not self._follows(expr):
                found.append(_inequality(shown, at_least, style))
        for fact in self.whole:
            top, bottom = fraction(together(fact))
            a, b = (as_it_is(part, style) for part in (top, bottom))
            if people:
                found.append(f"{a} divisible by {b}")
            else:
                found.append(f"{_closed(top, a)} % {_closed(bottom, b)} == 0")
        for left, right in self.same:
            found.append(f"{as_it_is(left, style)} {'=' if people else '=='} {as_it_is(right, style)}")
        return found

    def sentences(self) -> list[str]:
        """The same for people: "assumes H + 2·P ≥ D·(K − 1) + 1"."""
        return [f"assumes {line}" for line in self.lines(GROUPED)]

    def _follows(self, expr: Expr) -> bool:
        """Whether a condition follows from the least values and another condition."""
        if self._known(expr, 1):
            return True
        if self.looked > inequalities.MOST_PARTS:
            return False
        return self.follows(expr, expr)


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
    left = add(*(term for term in summands(expr) if split(term)[0] > 0))
    right = add(*(-term for term in summands(expr) if split(term)[0] < 0))
    return f"{as_it_is(left, style)} {sign} {as_it_is(right, style)}"


def _closed(expr: Expr, text: str) -> str:
    return text if isinstance(expr, (Symbol, Number)) else f"({text})"


def _floored(expr: Expr) -> bool:
    """Whether there is a floor in it."""
    return any(type(call) is Floor for call in calls(expr))
