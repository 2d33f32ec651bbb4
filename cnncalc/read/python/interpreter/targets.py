"""Assignments: to names, items, attributes, and several at once."""

from __future__ import annotations

import ast

from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.builtin import operators
from cnncalc.read.python.values import Bound, Function, Object, Raised, Scope, Unknown


class Targets(InterpreterBase):
    """What stands on the left of an assignment."""

    def assign(self, target: ast.expr, value: object, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            self.bind(target.id, value, scope)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value, scope)
        elif isinstance(target, ast.Attribute):
            self.set_attribute(self.value(target.value, scope), target.attr, value, target)
        elif isinstance(target, ast.Subscript):
            holder = self.value(target.value, scope)
            key = self.value(target.slice, scope)
            self.set_item(holder, key, value, target)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value, scope)

    def bind(self, name: str, value: object, scope: Scope) -> None:
        if name in scope.globals:
            scope.file.scope.names[name] = value
            return
        if name in scope.nonlocals:
            outer = scope.parent
            while outer is not None and name not in outer.names:
                outer = outer.parent
            (outer or scope).names[name] = value
            return
        scope.names[name] = value

    def _unpack(self, target: ast.Tuple | ast.List, value: object, scope: Scope) -> None:
        targets = target.elts
        if isinstance(value, Unknown):
            for part in targets:
                self.assign(part, value, scope)
            return
        items = self.listed(value, target)
        stars = [at for at, part in enumerate(targets) if isinstance(part, ast.Starred)]
        if stars:
            at, after = stars[0], len(targets) - stars[0] - 1
            if len(items) < len(targets) - 1:
                raise Raised("ValueError", f"{len(items)} values for {len(targets)} names", target)
            middle = items[at : len(items) - after]
            items = [*items[:at], middle, *items[len(items) - after :]]
        if len(items) != len(targets):
            raise Raised("ValueError", f"{len(items)} values for {len(targets)} names", target)
        for part, item in zip(targets, items, strict=True):
            self.assign(part, item, scope)

    def set_item(self, holder: object, key: object, value: object, node: ast.AST) -> None:
        """`holder[key] = value`."""
        if isinstance(holder, Unknown):
            return
        if isinstance(key, Unknown):
            key.refuse("the place in a container", node)
        if isinstance(holder, dict):
            try:
                holder[operators.key(key, self, node)] = value
            except TypeError as error:
                raise Raised("TypeError", str(error), node) from None
        elif isinstance(holder, list) and isinstance(key, int):
            try:
                holder[key] = value
            except IndexError as error:
                raise Raised("IndexError", str(error), node) from None
        elif isinstance(holder, list) and isinstance(key, slice):
            holder[key] = self.listed(value, node)
        elif isinstance(holder, Object):
            method = holder.kind.find("__setitem__")
            if isinstance(method, Function):
                self.call(Bound(holder, method), [key, value], {}, node)
            elif holder.held is not None:
                self.set_item(holder.held, key, value, node)
        else:
            self.packages.set_item(holder, key, value, node)
