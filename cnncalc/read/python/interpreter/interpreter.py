"""Follows Python: statements and expressions on values that are known, within a budget. Nothing of the file is run.

What is not known stays an `Unknown` with its reason, until something depends on it. Names of other packages are
`External`; what they do stands in `builtin` and `packages`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from cnncalc.core.layer import Layer
from cnncalc.read.python.bases import PackagesBase, Spot
from cnncalc.read.python.files.written import Written
from cnncalc.read.python.interpreter.attributes import Attributes
from cnncalc.read.python.interpreter.calls import Calls
from cnncalc.read.python.interpreter.definitions import Definitions
from cnncalc.read.python.interpreter.expressions import Expressions
from cnncalc.read.python.interpreter.operators import Operators
from cnncalc.read.python.interpreter.patterns import Patterns
from cnncalc.read.python.interpreter.statements import Statements
from cnncalc.read.python.interpreter.syntax import LENGTH
from cnncalc.read.python.interpreter.targets import Targets
from cnncalc.read.python.values import Exhausted, File, Function, Refused, Scope, Unknown

STEPS = 700_000  # 5,000 convolutions with activations; a model of 200 lines takes 2,000


class Interpreter(Statements, Patterns, Targets, Definitions, Expressions, Operators, Attributes, Calls):
    """Follows files; `packages` knows what modules and tensors do."""

    def __init__(self, packages: PackagesBase) -> None:
        self.layers: dict[object, Layer] = {}  # those of torch.nn with plain options, by what they are made of
        self.packages = packages
        self.steps = 0
        self.limit = STEPS
        self.depth = 0
        self.optional = 0  # how many `try` around this say what is done without a package
        self.files: dict[str, File] = {}
        self.node: object = None  # where we are
        self.file: File | None = None
        self.entry: tuple[ast.AST, File] | None = None  # the call that led into a class that nobody sees
        self.frames: list[tuple[Function, Scope]] = []
        self.entered: set[ast.AST] = set()  # the functions that were called, as their nodes
        self.written: Written | None = None  # where it is noted what statements give
        self.rules: dict[type, Callable[..., object]] = {
            getattr(ast, name[3:]): getattr(self, name)
            for name in dir(self)
            if name.startswith("of_") and hasattr(ast, name[3:])
        }
        packages.interpreter = self

    def spend(self, steps: int = 1, node: object = None) -> None:
        """Count work; raises `Exhausted` beyond the budget."""
        self.steps += steps
        if self.steps > self.limit:
            raise Exhausted("python-too-long", f"the code takes more than {self.limit:,} steps", node or self.node)

    def note(self, statement: ast.stmt, value: object, scope: Scope) -> None:
        """A statement gave a value: for whoever shows it beside the line."""
        written = self.written
        if written is not None and scope.file is written.file:
            if not self.packages.active:
                written.parts(statement, value)
            elif not self.packages.broken:  # where a layer does not fit, what comes out is not so
                written.tensors(statement, value, self.packages.tracer.path)

    def size(self, length: int, node: object) -> None:
        """Refuse what would be too long a list or text."""
        self.spend(length // 64, node)
        if length > LENGTH:
            raise Exhausted("python-too-long", f"a list or text would have {length:,} elements", node)

    def soft(self, node: ast.AST, scope: Scope) -> object:
        """The value of an expression; an `Unknown` where following it stops."""
        try:
            return self.value(node, scope)
        except Exhausted:
            raise
        except Refused as refused:
            return Unknown(refused.message, refused.node or node, scope.file)

    def spot(self, node: ast.AST) -> Spot:
        """Where something is made or called: in a class of PyTorch's, the line of the file that calls it."""
        if self.file is not None and self.file.bundled and self.entry is not None:
            return self.entry
        return node, self.file
