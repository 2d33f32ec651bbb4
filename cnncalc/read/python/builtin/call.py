"""Calls of Python's own functions by their path."""

from __future__ import annotations

import ast

from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.builtin import classes, iterables, iterators, methods, reflection, stdlib  # noqa: F401 - they fill the table
from cnncalc.read.python.builtin.numbers import MATH, math_function
from cnncalc.read.python.builtin.registry import FUNCTIONS
from cnncalc.read.python.values import MISSING, Args, Kwargs, Raised


def call(path: str, run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """Call one of Python's own functions; MISSING where it is not known."""
    function = FUNCTIONS.get(path)
    if function is not None:
        try:
            return function(run, args, kwargs, node)
        except IndexError:
            raise Raised("TypeError", f"{path}() lacks an argument", node) from None
    if path.startswith("math."):
        return math_function(path[5:], args, node)
    if path.startswith("numpy.") and path[6:] in MATH and args and all(isinstance(one, (int, float)) for one in args):
        found = math_function(path[6:], args, node)
        return float(found) if isinstance(found, (int, float)) else found
    return MISSING
