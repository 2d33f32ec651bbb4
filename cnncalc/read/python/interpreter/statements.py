"""Statements: loops, conditions, exceptions, patterns."""

from __future__ import annotations

import ast
from typing import Any

from cnncalc.read.python.interpreter.part import Break, Continue, Part, Return
from cnncalc.read.python.interpreter.syntax import SIGNS, called, loading, only_speaks
from cnncalc.read.python.values import Object, Raised, Refused, Scope, Unknown


class Statements(Part):
    """Statements, one after the other; each kind is a method."""

    def body(self, statements: list[ast.stmt], scope: Scope) -> None:
        for statement in statements:
            self.statement(statement, scope)

    def statement(self, node: ast.stmt, scope: Scope) -> None:
        self.spend(1, node)
        self.node, self.file = node, scope.file
        method = getattr(self, "do_" + type(node).__name__, None)
        if method is None:
            raise Refused("python-construct", f"{type(node).__name__} is not followed", node)
        try:
            method(node, scope)
        except Refused as refused:
            if refused.node is None:
                refused.node = node
            if refused.file is None:
                refused.file = scope.file
            raise

    def do_Expr(self, node: ast.Expr, scope: Scope) -> None:
        self.value(node.value, scope)

    def do_Pass(self, node: ast.Pass, scope: Scope) -> None:
        pass

    def do_Assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.value(node.value, scope)
        self.note(node, value, scope)
        for target in node.targets:
            self.assign(target, value, scope)

    def do_AnnAssign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            value = self.value(node.value, scope)
            self.note(node, value, scope)
            self.assign(node.target, value, scope)

    def do_AugAssign(self, node: ast.AugAssign, scope: Scope) -> None:
        target = node.target
        load: Any = ast.copy_location(loading(target), target)
        left = self.value(load, scope)
        right = self.value(node.value, scope)
        sign = SIGNS[type(node.op)]
        if isinstance(left, list) and sign == "+":
            more = self.listed(right, node)
            self.size(len(left) + len(more), node)
            left.extend(more)
            value: Any = left
        elif sign == "+" and self.packages.is_list(left):
            self.packages.extend(left, right, node)
            value = left
        else:
            value = self.binary(sign, left, right, node)
        self.note(node, value, scope)
        self.assign(target, value, scope)

    def do_For(self, node: ast.For, scope: Scope) -> None:
        found = self.value(node.iter, scope)
        for item in self.iterate(found, node.iter):
            self.spend(1, node)
            self.assign(node.target, item, scope)
            try:
                self.body(node.body, scope)
            except Break:
                return
            except Continue:
                continue
        self.body(node.orelse, scope)

    def do_While(self, node: ast.While, scope: Scope) -> None:
        while self.truth(self.value(node.test, scope), node.test):
            self.spend(1, node)
            try:
                self.body(node.body, scope)
            except Break:
                return
            except Continue:
                continue
        self.body(node.orelse, scope)

    def do_Break(self, node: ast.Break, scope: Scope) -> None:
        raise Break

    def do_Continue(self, node: ast.Continue, scope: Scope) -> None:
        raise Continue

    def do_If(self, node: ast.If, scope: Scope) -> None:
        test = self.value(node.test, scope)
        if (isinstance(test, Unknown) or self.packages.is_tensor(test)) and only_speaks(node):
            return  # whichever way it goes, nothing of the network depends on it
        self.body(node.body if self.truth(test, node.test) else node.orelse, scope)

    def do_Return(self, node: ast.Return, scope: Scope) -> None:
        value = None if node.value is None else self.value(node.value, scope)
        self.note(node, value, scope)
        raise Return(value)

    def do_Delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                scope.names.pop(target.id, None)
            elif isinstance(target, ast.Attribute):
                self.packages.delete(self.value(target.value, scope), target.attr, node)
            elif isinstance(target, ast.Subscript):
                holder = self.value(target.value, scope)
                key = self.value(target.slice, scope)
                try:
                    if isinstance(holder, (list, dict)):
                        del holder[key]
                    else:
                        self.packages.delete_item(holder, key, node)
                except (KeyError, IndexError, TypeError) as error:
                    raise Raised(type(error).__name__, str(error), node) from None

    def do_Assert(self, node: ast.Assert, scope: Scope) -> None:
        found = self.soft(node.test, scope)
        if isinstance(found, Unknown) or self.packages.is_tensor(found):
            return
        if not self.truth(found, node.test):
            text = "" if node.msg is None else self.soft(node.msg, scope)
            raise Raised("AssertionError", text if isinstance(text, str) else "", node)

    def do_Raise(self, node: ast.Raise, scope: Scope) -> None:
        kind, text = "exception", ""
        if isinstance(node.exc, ast.Call):
            kind = called(node.exc.func)
            if node.exc.args:
                said = self.soft(node.exc.args[0], scope)
                text = said if isinstance(said, str) else ""
        elif node.exc is not None:
            kind = called(node.exc)
        raise Raised(kind, text[:300], node)

    def do_Try(self, node: ast.Try, scope: Scope) -> None:
        try:
            self.body(node.body, scope)
        except Raised as raised:
            for handler in node.handlers:
                if self._catches(handler, raised, scope):
                    if handler.name:
                        scope.names[handler.name] = Unknown("an exception", handler)
                    self.body(handler.body, scope)
                    break
            else:
                raise
        else:
            self.body(node.orelse, scope)
        finally:
            pass
        self.body(node.finalbody, scope)

    def _catches(self, handler: ast.ExceptHandler, raised: Raised, scope: Scope) -> bool:
        if handler.type is None:
            return True
        names = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        wide = {"Exception", "BaseException"}
        if raised.kind in ("ImportError", "ModuleNotFoundError"):
            wide |= {"ImportError", "ModuleNotFoundError"}
        if raised.kind in ("KeyError", "IndexError"):
            wide.add("LookupError")
        return any(called(name) in wide | {raised.kind} for name in names)

    def do_With(self, node: ast.With, scope: Scope) -> None:
        for item in node.items:
            value = self.value(item.context_expr, scope)
            if item.optional_vars is not None:
                if not isinstance(value, Object):
                    value = Unknown("what `with` gives", item.context_expr)
                self.assign(item.optional_vars, value, scope)
        self.body(node.body, scope)

    def do_Global(self, node: ast.Global, scope: Scope) -> None:
        scope.globals |= set(node.names)

    def do_Nonlocal(self, node: ast.Nonlocal, scope: Scope) -> None:
        scope.nonlocals |= set(node.names)

    def do_Match(self, node: Any, scope: Scope) -> None:
        subject = self.value(node.subject, scope)
        for case in node.cases:
            if self._matches(case.pattern, subject, scope) and (
                case.guard is None or self.truth(self.value(case.guard, scope), case.guard)
            ):
                self.body(case.body, scope)
                return

    def _matches(self, pattern: Any, subject: Any, scope: Scope) -> bool:
        kind = type(pattern).__name__
        if kind == "MatchValue":
            return bool(self.truth(self.compare("==", subject, self.value(pattern.value, scope), pattern), pattern))
        if kind == "MatchSingleton":
            return subject is pattern.value
        if kind == "MatchAs":
            if pattern.pattern is not None and not self._matches(pattern.pattern, subject, scope):
                return False
            if pattern.name:
                scope.names[pattern.name] = subject
            return True
        if kind == "MatchOr":
            return any(self._matches(part, subject, scope) for part in pattern.patterns)
        raise Refused("python-construct", "this pattern of match is not followed", pattern)
