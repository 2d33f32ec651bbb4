"""The expression language: wherever a value may be computed, and nowhere else can more be reached.

`parse` and `parse_call` read a text, `evaluate` and `value_of` give its value in a scope. The parts: `scan` cuts and
mends the text, `syntax` builds the tree, `evaluate` walks it, `arithmetic` and `functions` compute within bounds.
"""

from __future__ import annotations

from cnncalc.spec.evaluate import evaluate, value_of
from cnncalc.spec.frame import Function, Lookup, Scope, Word
from cnncalc.spec.functions import FUNCTIONS
from cnncalc.spec.scan import ExpressionFault
from cnncalc.spec.syntax import CONSTANTS, Call, Expression, call_of, elements_of, parse, parse_call

__all__ = [
    "CONSTANTS",
    "FUNCTIONS",
    "Call",
    "Expression",
    "ExpressionFault",
    "Function",
    "Lookup",
    "Scope",
    "Word",
    "call_of",
    "elements_of",
    "evaluate",
    "parse",
    "parse_call",
    "value_of",
]
