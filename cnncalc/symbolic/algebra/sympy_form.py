"""Formulas in SymPy's words: the last resort, for identities of roots, logarithms and the like."""

from __future__ import annotations

from cnncalc.symbolic.algebra.calls import Abs, Floor, Function, Max, Min, Mod
from cnncalc.symbolic.algebra.kinds import Add, Expr, Number, Pow, Symbol, lifted, once


@once
def sympy_form(expr: Expr) -> object:
    """The same formula, of symbols that are whole numbers from 0."""
    import sympy  # type: ignore[import-untyped]

    if type(expr) is Number:
        return sympy.Rational(expr.value.numerator, expr.value.denominator)
    if type(expr) is Symbol:
        return sympy.Symbol(expr.name, integer=True, nonnegative=True)
    args = [sympy_form(arg) for arg in expr.args]
    if type(expr) is Add:
        return sympy.Add(*args)
    if type(expr) is Pow:
        return sympy.Pow(args[0], sympy_form(lifted(expr.exponent)))
    if isinstance(expr, Function):
        return getattr(sympy, expr.name)(*args)
    for kind, name in ((Floor, "floor"), (Max, "Max"), (Min, "Min"), (Mod, "Mod"), (Abs, "Abs")):
        if type(expr) is kind:
            return getattr(sympy, name)(*args)
    return sympy.Mul(*args)
