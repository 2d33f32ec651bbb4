"""A few sizes that satisfy all that is known: a claim that fails for them need not be looked into."""

from __future__ import annotations

from random import Random
from typing import Any

from cnncalc.core.steps import STEPS
from cnncalc.symbolic.algebra.kinds import ZERO, Expr, Symbol
from cnncalc.symbolic.algebra.look import symbols
from cnncalc.symbolic.facts import Facts
from cnncalc.symbolic.values import Values, evaluated, repair, same

Memo = dict[Expr, Any]

# How many choices of sizes are held, how many are tried for that after something was assumed, and in all.
COUNT = 6
TRIES = 8
MOST_TRIES = 100
SCALES = (2, 3, 5, 12, 100)
LARGER = 1_000
# Floats may be wrong by a little.
CLEARLY = 1e-3


class Sample:
    """Sizes for one network; they are chosen anew where something is assumed that they do not satisfy."""

    __slots__ = ("_left", "_random", "_seen", "points")

    def __init__(self) -> None:
        self.points: list[tuple[Values, Memo]] = []
        self._random = Random(0)
        self._left = MOST_TRIES
        self._seen = -1

    def again(self) -> Sample:
        """The same for further questions."""
        other = Sample()
        other.points = [(dict(values), dict(memo)) for values, memo in self.points]
        return other

    def refutes(self, expr: Expr, known: Facts, other: Expr = ZERO) -> bool:
        """Whether an expression is below another one for some of the sizes."""
        if self._seen != known.changes:
            self._seen = known.changes
            self._renew(known)
        names = symbols(expr) | symbols(other)
        STEPS.check()
        for values, memo in self.points:
            STEPS.spent += 1
            if not names <= values.keys():
                self._extend(values, names, known)
            try:
                found = evaluated(expr, values, memo) - evaluated(other, values, memo)
            except (ArithmeticError, ValueError):
                continue
            if found < (-CLEARLY if isinstance(found, float) else 0):
                return True
        return False

    def _extend(self, values: Values, names: frozenset[Symbol], known: Facts) -> None:
        for symbol in sorted(names - values.keys(), key=str):
            values[symbol] = known.least.get(symbol, 1) + self._random.randrange(self._random.choice(SCALES))

    def _renew(self, known: Facts) -> None:
        """Leave out what does not satisfy what is known now, and look for more."""
        names = known.named()
        kept = []
        for values, memo in self.points:
            self._extend(values, names, known)
            if _satisfied(known, values, memo):
                kept.append((values, memo))
        self.points = kept
        for _ in range(min(TRIES, self._left)):
            if len(kept) >= COUNT:
                break
            self._left -= 1
            values = {}
            self._extend(values, names, known)
            try:
                repair(known, values)
                self._enlarge(known, values)
            except (ArithmeticError, ValueError):
                continue
            made: Memo = {}
            if _satisfied(known, values, made):
                kept.append((values, made))

    def _enlarge(self, known: Facts, values: Values) -> None:
        """Make a size larger where something has to be at least 0 and is not, as an input that is too small."""
        memo: Memo = {}
        for expr in known.above:
            before = evaluated(expr, values, memo)
            for symbol in sorted(symbols(expr), key=str) if before < 0 else ():
                kept = values[symbol]
                values[symbol] = kept * LARGER ** self._random.randint(1, 3)
                memo = {}
                if evaluated(expr, values, memo) >= 0:
                    break
                values[symbol] = kept
                memo = {}


def _satisfied(known: Facts, values: Values, memo: Memo) -> bool:
    """Whether sizes satisfy all that is known."""
    try:
        return (
            all(values[symbol] >= least for symbol, least in known.least.items())
            and all(evaluated(expr, values, memo) >= 0 for expr in known.above)
            and all(evaluated(fact, values, memo).denominator == 1 for fact in known.whole)
            and all(same(evaluated(a, values, memo), evaluated(b, values, memo)) for a, b in known.same)
        )
    except (ArithmeticError, ValueError, AttributeError):
        return False
