"""The syntax tree of a Python text, and room to follow it."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Sequence
from functools import lru_cache

from cnncalc.core.gc_paused import gc_paused
from cnncalc.core.problem import Problem, Source, Span, SpecError

RECURSION = 9_000
KEPT = 80  # trees of texts that are asked for again: an editor's, and the files that they import
LONG = 200_000  # letters of a text whose tree is not kept


def tree_of(text: str) -> ast.Module:
    """The syntax tree of a text, which nobody changes. Raises what `ast.parse` raises."""
    return _kept(text) if len(text) <= LONG else _parsed(text)


@gc_paused()
def _parsed(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


_kept = lru_cache(maxsize=KEPT)(_parsed)


@gc_paused()
def _check(tree: ast.Module) -> None:
    """Raise the `SyntaxError` that Python finds only when it makes its own code: a return in a class, a late import.

    That code is thrown away; none of it runs.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile(tree, "<file>", "exec", dont_inherit=True)


def parsed_part(text: str, before: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements of a part of a file; `before` say how it is read. Raises what `ast.parse` raises."""
    tree = _parsed(text)
    _check(ast.Module([*before, *tree.body], []))
    return tree.body


def parse(source: Source, own: bool = False) -> ast.Module:
    """The syntax tree of a Python text; its own mistakes are problems at their places. `own`: one that may change."""
    try:
        tree = _parsed(source.text) if own else tree_of(source.text)
        _check(tree)
        return tree
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        message = f"this is not Python {sys.version_info.major}: {error.msg}"
        help_: tuple[str, ...] = ()
        if re.match(r"Missing parentheses in call to 'print'", error.msg or ""):
            message, help_ = "this is Python 2: print is a statement there", ("print(...) is the way of Python 3",)
        raise SpecError(
            [Problem("python-syntax", message, source=source, span=Span(line, max(1, column)), help=help_)]
        ) from None
    except (ValueError, RecursionError, MemoryError) as error:
        what = "it is nested too deeply" if not isinstance(error, ValueError) else str(error)
        raise SpecError([Problem("python-syntax", f"this cannot be read as Python: {what}", source=source)]) from None


class deep:
    """Room for nested calls while a file is followed; put back afterwards."""

    def __enter__(self) -> None:
        self.before = sys.getrecursionlimit()
        sys.setrecursionlimit(max(self.before, RECURSION))

    def __exit__(self, *_: object) -> None:
        sys.setrecursionlimit(self.before)
