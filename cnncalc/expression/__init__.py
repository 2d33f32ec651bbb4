"""The expression language: wherever a value may be computed, and nowhere else can more be reached.

`parse` and `parse_call` read a text, `evaluate` and `value_of` give its value in a scope. The parts: `scan` cuts and
mends the text, `syntax` builds the tree, `evaluate` walks it, `arithmetic` and `functions` compute within bounds.
"""

from __future__ import annotations

from cnncalc.expression.evaluate import evaluate, value_of
from cnncalc.expression.evaluation import Function, Lookup, Scope, Word
from cnncalc.expression.functions import FUNCTIONS
from cnncalc.expression.parsed import CONSTANTS, Call, Expression
from cnncalc.expression.syntax import call_of, elements_of, parse, parse_call
from cnncalc.expression.tokenize import ExpressionFault

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
