"""Statements: loops, conditions, exceptions."""

from __future__ import annotations

import ast

from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.interpreter.leave import Break, Continue, Loop, Return
from cnncalc.read.python.interpreter.syntax import SIGNS, called, only_speaks
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.tensor.tensors import Tensor
from cnncalc.read.python.values import (
    Bound,
    Exhausted,
    Function,
    Iterator,
    Object,
    Raised,
    Refused,
    Scope,
    Unknown,
)  # fmt: skip


class Statements(InterpreterBase):
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
        masked = self._masked(node, scope)
        value = self.value(node.value, scope) if masked is None else masked
        self.note(node, value, scope)
        for target in node.targets:
            self.assign(target, value, scope)

    def _masked(self, node: ast.Assign, scope: Scope) -> Unknown | None:
        """`y[mask] = x[mask]` of tensors of one size: as many numbers as the mask keeps, where they fit."""
        value, target = node.value, node.targets[0]
        if not (isinstance(value, ast.Subscript) and isinstance(target, ast.Subscript) and len(node.targets) == 1):
            return None
        names = (value.value, target.value, value.slice, target.slice)
        if not all(isinstance(part, ast.Name) for part in names) or ast.dump(names[2]) != ast.dump(names[3]):
            return None
        x, y, mask = (self.value(part, scope) for part in names[:3])
        if not (isinstance(x, Tensor) and isinstance(y, Tensor) and isinstance(mask, Tensor)):
            return None
        if mask.what != "mask" or not x.dims == y.dims == mask.dims:
            return None
        return Unknown("how many elements a mask keeps depends on the numbers in a tensor", node)

    def do_AnnAssign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            value = self.value(node.value, scope)
            self.note(node, value, scope)
            self.assign(node.target, value, scope)

    def do_AugAssign(self, node: ast.AugAssign, scope: Scope) -> None:
        target = node.target
        left = self.value(target, scope)
        right = self.value(node.value, scope)
        sign = SIGNS[type(node.op)]
        if isinstance(left, list) and sign == "+":
            more = self.listed(right, node)
            self.size(len(left) + len(more), node)
            left.extend(more)
            value: object = left
        elif sign == "+" and isinstance(left, Module) and self.packages.is_list(left):
            self.packages.extend(left, right, node)
            value = left
        else:
            value = self.binary(sign, left, right, node)
            if self.packages.is_tensor(left):
                value = self.packages.replaced(left, value, node)
        self.note(node, value, scope)
        self.assign(target, value, scope)

    def do_For(self, node: ast.For, scope: Scope) -> None:
        found = self.value(node.iter, scope)
        for item in self.iterate(found, node.iter):
            self.spend(1, node)
            self.assign(node.target, item, scope)
            if not self._goes_on(node.body, scope):
                return
        self.body(node.orelse, scope)

    def _goes_on(self, body: list[ast.stmt], scope: Scope) -> bool:
        """Run what is in a loop once; False where it leaves the loop."""
        try:
            self.body(body, scope)
        except Break:
            return False
        except Continue:
            pass
        return True

    def do_While(self, node: ast.While, scope: Scope) -> None:
        while self.truth(self.value(node.test, scope), node.test):
            self.spend(1, node)
            if not self._goes_on(node.body, scope):
                return
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
                    if isinstance(holder, list) and not isinstance(key, (int, slice)):
                        raise TypeError(f"list indices must be integers or slices, not {type(key).__name__}")
                    if isinstance(holder, dict):
                        holder.pop(key)
                    elif isinstance(holder, list) and isinstance(key, (int, slice)):
                        del holder[key]
                    else:
                        self.packages.delete_item(holder, key, node)
                except (KeyError, IndexError, TypeError) as error:
                    raise Raised(type(error).__name__, str(error), node) from None

    def do_Assert(self, node: ast.Assert, scope: Scope) -> None:
        try:
            found = self.value(node.test, scope)
        except Exhausted:
            raise
        except Refused as refused:
            if isinstance(refused, Raised) and refused.kind == "NameError":
                raise
            return
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
            self._tried(node, scope)
        except (Return, Loop):
            self.body(node.finalbody, scope)
            raise
        self.body(node.finalbody, scope)

    def _tried(self, node: ast.Try, scope: Scope) -> None:
        optional = any(self._catches(handler, Raised("ImportError", ""), scope) for handler in node.handlers)
        self.optional += optional
        try:
            self.body(node.body, scope)
        except Refused as refused:
            raised = refused
            if refused.code == "unknown-option":  # as Python raises it where a class is given what it does not take
                raised = Raised("TypeError", refused.message, refused.node)
            if not isinstance(raised, Raised):
                raise
            self.optional -= optional
            optional = False
            for handler in node.handlers:
                if self._catches(handler, raised, scope):
                    if handler.name:
                        scope.names[handler.name] = Unknown("what an exception holds is not followed", handler)
                    self.body(handler.body, scope)
                    break
            else:
                raise refused
        else:
            self.optional -= optional
            optional = False
            self.body(node.orelse, scope)
        finally:
            self.optional -= optional

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
        leave: list[object] = []
        caught: list[ast.expr] = []
        for item in node.items:
            value = self.value(item.context_expr, scope)
            if isinstance(value, Iterator):  # a function that yields once, by contextlib
                value = next(value.of, Unknown("what `with` gives here is not followed", item.context_expr))
            elif isinstance(value, Object) and isinstance(value.kind.find("__enter__"), Function):
                if isinstance(value.kind.find("__exit__"), Function):
                    leave.insert(0, Bound(value, value.kind.find("__exit__")))
                value = self.call(Bound(value, value.kind.find("__enter__")), [], {}, node)
            elif not isinstance(value, Object):
                value = Unknown("what `with` gives here is not followed", item.context_expr)
            made = item.context_expr
            if isinstance(made, ast.Call) and called(made.func) == "suppress":
                caught.extend(made.args)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value, scope)
        try:
            self.body(node.body, scope)
        except Raised as raised:
            if not any(self._catches(ast.ExceptHandler(kind, None, []), raised, scope) for kind in caught):
                raise
        for method in leave:
            self.call(method, [None, None, None], {}, node)

    def do_Global(self, node: ast.Global, scope: Scope) -> None:
        scope.globals |= set(node.names)

    def do_Nonlocal(self, node: ast.Nonlocal, scope: Scope) -> None:
        scope.nonlocals |= set(node.names)
