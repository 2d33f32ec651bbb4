"""What is known of formulas in free dimensions: which are whole numbers, which are never negative."""

from __future__ import annotations

from cnncalc.symbolic.algebra.calls import Floor, Max, Min, Mod
from cnncalc.symbolic.algebra.exact import Exact
from cnncalc.symbolic.algebra.expand import expand, surface
from cnncalc.symbolic.algebra.factor import together
from cnncalc.symbolic.algebra.facts import nonnegative
from cnncalc.symbolic.algebra.kinds import Call, Expr, Number, once
from cnncalc.symbolic.algebra.look import coefficient, fraction, linear, parts
from cnncalc.symbolic.algebra.make import scaled
from cnncalc.symbolic.algebra.shift import no_negative_terms
from cnncalc.symbolic.facts import Facts
from cnncalc.symbolic.floors import normal
from cnncalc.symbolic.sample import Sample
from cnncalc.symbolic.wholes import Whole, Wholes, plainly_whole

# Parts of formulas that are looked at closely; after that nothing new is known of them, and all else is assumed.
MOST_PARTS = 40_000
# Parts of formulas that are compared at all: a few seconds.
MOST_COMPARED = 1_000_000
# How many floors, one in another or side by side, are looked through.
DEPTH = 4


class KnownBounds(Facts):
    """What follows from the facts about the free dimensions of one network."""

    __slots__ = ("compared", "decided", "looked", "sample", "wholes")

    def __init__(self) -> None:
        super().__init__()
        self.looked = self.compared = 0  # parts of formulas
        self.decided: dict[tuple[Expr, int], bool] = {}  # questions that came up, until a fact is added
        self.wholes = Wholes(self.whole)
        self.sample = Sample()

    def added(self) -> None:
        """Something has become known: what came up before is looked at again."""
        self.decided.clear()
        if self.wholes.facts is not self.whole:
            self.wholes = Wholes(self.whole)
        super().added()

    @property
    def tells(self) -> Whole:
        """What says whether an expression is whole: the quicker one while nothing is assumed to be."""
        return self.wholes if self.whole else plainly_whole

    def is_whole(self, expr: Expr) -> bool:
        """Whether an expression is known to be a whole number."""
        return self.tells(expr)

    def nonnegative(self, expr: Expr) -> bool:
        """Whether it is known to be at least 0."""
        self.compared += surface(expr) * (1 + len(self.above))
        expr = normal(expr, self.tells)
        if expr in self.above or self._known(expr, DEPTH):
            return True
        if self.looked > MOST_PARTS:
            return False
        return self.follows(expr)

    def follows(self, expr: Expr, but: Expr | None = None) -> bool:
        """Whether one of the conditions says that an expression in normal form is at least 0."""
        return any(self.implies(fact, expr) for fact in self.above if fact is not but)

    def implies(self, fact: Expr, expr: Expr, depth: int = 1) -> bool:
        """Whether an expression is known to be at least another one, both in normal form."""
        if self.sample.refutes(expr, self, fact):
            return False
        return self._known(normal(expr - fact, self.tells) if self.whole else expr - fact, depth)

    def negative(self, expr: Expr) -> bool:
        """Whether it is known to be below 0."""
        top, _ = fraction(together(expr))
        return self.nonnegative(-top - 1) if self.is_whole(expand(top)) else self.nonnegative(-expr - 1)

    def _known(self, expr: Expr, depth: int) -> bool:
        if type(expr) is Number:
            return expr.value >= 0
        found = self.decided.get((expr, depth))
        if found is None:
            if self.sample.refutes(expr, self):
                found = self.decided[expr, depth] = False
                return found
            self.looked += surface(expr)
            if self.looked > MOST_PARTS:
                return False
            found = self.decided[expr, depth] = self._decide(expr, depth)
        return found

    def _decide(self, expr: Expr, depth: int) -> bool:
        top, bottom = fraction(together(expr))
        if not nonnegative(bottom):
            return False
        expr = expand(top)
        if self._coefficients(expr):
            return True
        if depth == 0:
            return False
        inner = rounded(expr)
        if len(inner) > 1 and self._paired(expr, inner, depth - 1):
            return True
        return any(self._replaced(expr, part, depth - 1) for part in inner)

    def _paired(self, expr: Expr, inner: list[Call], depth: int) -> bool:
        """The same with ⌊u⌋ − ⌊v⌋ replaced by −⌈v − u⌉, which it is not below."""
        found = {part: coefficient(expr, part) for part in inner if type(part) is Floor}
        factors = {part: factor.value for part, factor in found.items() if type(factor) is Number}
        for f, more in factors.items():
            for g, less in factors.items():
                if not more > 0 > less:
                    continue
                over = expand(g.args[0] - f.args[0])
                if type(over) is not Number and not self._known(-over, 0):
                    continue
                count: Exact = min(more, -less)
                most = -(-over.value // 1) if type(over) is Number else 0
                if self._known(expand(expr - scaled(count, f - g + most)), depth):
                    return True
        return False

    def _coefficients(self, expr: Expr) -> bool:
        """Whether no coefficient is negative once every symbol is written as its least value and a rest."""
        least: dict[Expr, int] = {symbol: self.least[symbol] for symbol in self.least if self.least[symbol]}
        for part in rounded(expr):
            found = self._least_of(part)
            if found is None:
                return False
            least[part] = found
        return no_negative_terms(expr, least)

    def _least_of(self, inner: Call) -> int | None:
        """0 or 1 where a floor, a largest, a smallest or a rest is known to be at least that."""
        if type(inner) is Mod:
            return 0
        for least in (1, 0):
            sides = (arg - least for arg in inner.args)
            known = (self._known(normal(side, self.tells), 1) for side in sides)
            if all(known) if type(inner) is Min else any(known):
                return least
        return None

    def _replaced(self, expr: Expr, inner: Call, depth: int) -> bool:
        """The same with ⌊u⌋ replaced by what it is not below (or above), a largest or smallest by its sides."""
        found = linear(expr, inner)
        if found is None:
            return False
        factor, rest = found
        rises = self._coefficients(factor)
        if not rises and not self._coefficients(-factor):
            return False
        if type(inner) is Floor:
            within = inner.args[0]
            top, bottom = fraction(together(within))
            lowest = within - 1 + 1 / bottom if self.is_whole(expand(top)) else within - 1
            return self._known(expand(factor * (lowest if rises else within) + rest), depth)
        if type(inner) is Mod:
            return self._known(expand(rest if rises else factor * (inner.args[1] - 1) + rest), depth)
        sides = (self._known(expand(factor * side + rest), depth) for side in inner.args)
        return any(sides) if rises == (type(inner) is Max) else all(sides)


@once
def rounded(expr: Expr) -> list[Call]:
    """The floors, rests, largest and smallest in an expression that stand in no other one of them."""
    if isinstance(expr, (Floor, Mod, Max, Min)):
        return [expr]
    return list(dict.fromkeys(call for part in parts(expr) for call in rounded(part)))
