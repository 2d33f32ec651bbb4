"""What gives names a meaning: imports, functions with their decorators, classes."""

from __future__ import annotations

import ast

from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.builtin import classes, registry
from cnncalc.read.python.interpreter.syntax import bound_names, path_of
from cnncalc.read.python.packages.names import known_package
from cnncalc.read.python.values import (
    MISSING,
    Bound,
    Class,
    Exhausted,
    External,
    Field,
    Function,
    FunctionNode,
    Native,
    Object,
    Partial,
    Raised,
    Refused,
    Scope,
    Unknown,
    Wrapped,
)


class Definitions(InterpreterBase):
    """Imports, functions and classes of a file."""

    def do_Import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            found = self.packages.import_module(alias.name, scope.file, 0, node)
            self._missing(found, alias.name, 0, node)
            if alias.asname:
                scope.names[alias.asname] = found
            else:
                head = alias.name.split(".")[0]
                scope.names[head] = found if head == alias.name else External(head, node)

    def do_ImportFrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.packages.import_all(node.module or "", scope, node.level, node)
                continue
            name = alias.asname or alias.name
            found = self.packages.import_from(node.module or "", alias.name, scope.file, node.level, node)
            self._missing(found, node.module or "", node.level, node)
            scope.names[name] = found

    def _missing(self, found: object, module: str, level: int, node: ast.AST) -> None:
        """A file that says what is done without a package is followed so where nothing is known of the package."""
        lost = isinstance(found, Unknown) if level else isinstance(found, External) and not known_package(module)
        if self.optional and lost:
            raise Raised("ModuleNotFoundError", f"No module named '{'.' * level}{module}'", node)

    def do_FunctionDef(self, node: ast.FunctionDef, scope: Scope) -> None:
        function: object = self.function(node, scope, node.name)
        for decorator in reversed(node.decorator_list):
            function = self._decorated(decorator, function, scope)
        scope.names[node.name] = function

    def do_AsyncFunctionDef(self, node: ast.AsyncFunctionDef, scope: Scope) -> None:
        scope.names[node.name] = Unknown("an async function is not followed", node, scope.file)

    def function(self, node: FunctionNode, scope: Scope, name: str) -> Function:
        made = Function(node, scope, scope.file, name)
        made.defaults = [self.soft(default, scope) for default in node.args.defaults]
        made.kw_defaults = [
            MISSING if default is None else self.soft(default, scope) for default in node.args.kw_defaults
        ]
        return made

    def _decorated(self, decorator: ast.expr, function: object, scope: Scope) -> object:
        try:
            kind = self.value(decorator, scope)
        except Exhausted:
            raise
        except Refused as refused:
            if refused.undefined:
                raise
            kind = Unknown(refused.message, refused.node or decorator, scope.file)
        path = kind.path if isinstance(kind, External) else ""
        if isinstance(decorator, ast.Call):  # a name that was imported: its path says more than how it is written
            maker = self.soft(decorator.func, scope)
            if isinstance(maker, External) and registry.keeps(maker.path):
                return function
        if path in ("property", "functools.cached_property", "staticmethod", "classmethod"):
            return Wrapped("property" if "property" in path else path, function)
        if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "getter", "deleter"):
            known = self.soft(decorator.value, scope)
            if decorator.attr == "setter" and isinstance(known, Wrapped):
                return Wrapped(known.kind, known.function, function)
            return function if decorator.attr == "getter" else known
        if registry.keeps(path) or (isinstance(kind, Unknown) and registry.keeps(path_of(decorator))):
            return function
        named = registry.keeps(path_of(decorator))
        if isinstance(kind, (Function, Class, Bound, Partial, Native, Object)):
            try:
                made = self.call(kind, [function], {}, decorator)
                return function if named and isinstance(made, Unknown) else made
            except Exhausted:
                raise
            except Refused as refused:
                if named:
                    return function
                return Unknown(f"a decorator is not known: {refused.message}", decorator, scope.file, module=True)
        return Unknown(f"the decorator {ast.unparse(decorator)[:60]} is not known", decorator, scope.file, module=True)

    def do_ClassDef(self, node: ast.ClassDef, scope: Scope) -> None:
        bases = [self.soft(base, scope) for base in node.bases]
        for index, base in enumerate(bases):
            if isinstance(base, Unknown):
                bases[index] = External(f"unknown.{path_of(node.bases[index])}", node.bases[index])
            elif not isinstance(base, (Class, External)):  # namedtuple(...) and the like
                bases[index] = External("object")
        if any(keyword.arg == "metaclass" for keyword in node.keywords):
            meta = self.soft(next(k.value for k in node.keywords if k.arg == "metaclass"), scope)
            if not (isinstance(meta, External) and meta.path in ("abc.ABCMeta", "enum.EnumMeta")):
                bases = [External("unknown.metaclass", node)]
        bases = [b for b in bases if not (isinstance(b, External) and b.path == "typing.Generic")]
        kind = Class(node.name, bases or [External("object")], node, scope.file)
        inner = Scope(scope, scope.file)
        inner.names = kind.names
        fields: list[Field] = []
        for statement in node.body:
            try:
                self.statement(statement, inner)
            except Exhausted:
                raise
            except Refused as refused:
                if refused.undefined:
                    raise
                for name in bound_names(statement):
                    kind.names[name] = Unknown(refused.message, refused.node or statement, scope.file)
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                name = statement.target.id
                annotation = ast.dump(statement.annotation)
                if "ClassVar" in annotation:
                    continue
                if "InitVar" in annotation:
                    kind.init_only.add(name)
                fields.append((name, kind.names.get(name, MISSING), statement.value is not None))
        for value in kind.names.values():
            for inside in (value.function, value.setter) if isinstance(value, Wrapped) else (value,):
                if isinstance(inside, Function) and inside.owner is None:
                    inside.owner = kind
        told = kind.find("__init_subclass__", kind)
        if isinstance(told, Wrapped):
            told = told.function
        if isinstance(told, Function):
            given = {k.arg: self.soft(k.value, scope) for k in node.keywords if k.arg not in (None, "metaclass")}
            self.call(Bound(kind, told), [], given, node)
        made: object = kind
        paths = [base.path for base in kind.externals()]
        if "typing.NamedTuple" in paths:
            kind.fields = fields
        if any(path.startswith("enum.") for path in paths):
            classes.make_enum(kind)
        for decorator in reversed(node.decorator_list):
            name = path_of(decorator.func if isinstance(decorator, ast.Call) else decorator)
            last = name.rpartition(".")[2]
            if last in ("dataclass", "define", "s", "attrs"):
                inherited = [
                    f for base in reversed(kind.order[1:]) if isinstance(base, Class) for f in base.fields or ()
                ]
                own = {name for name, _, _ in fields}
                kind.fields = [*(f for f in inherited if f[0] not in own), *fields]
                continue
            made = self._decorated(decorator, made, scope)
        scope.names[node.name] = made
