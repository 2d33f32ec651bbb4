"""Operators, comparisons, truth and iteration."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.builtin import classes, operators
from cnncalc.read.python.builtin.numbers import Chance
from cnncalc.read.python.interpreter.syntax import SIGNS, short
from cnncalc.read.python.tensor.sizes import EACH, Repeated, Size, operate
from cnncalc.read.python.values import (
    MISSING,
    Bound,
    Class,
    External,
    Function,
    Iterator,
    Names,
    Object,
    Raised,
    Range,
    Refused,
    Scope,
    Set,
    Unknown,
)

MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Operators(InterpreterBase):
    """Operators, comparisons, truth and iteration."""

    def of_UnaryOp(self, node: ast.UnaryOp, scope: Scope) -> object:
        value = self.value(node.operand, scope)
        if isinstance(node.op, ast.Not):
            if isinstance(value, Unknown):
                return value
            return not self.truth(value, node)
        if isinstance(value, Unknown):
            return value
        if isinstance(value, (int, float, complex)) and not isinstance(node.op, ast.Invert):
            if isinstance(node.op, ast.USub):
                return -value
            return +value
        if isinstance(value, int):
            return ~value
        sign = {ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "invert"}[type(node.op)]
        return self.packages.unary(sign, value, node)

    def of_BinOp(self, node: ast.BinOp, scope: Scope) -> object:
        return self.binary(SIGNS[type(node.op)], self.value(node.left, scope), self.value(node.right, scope), node)

    def binary(self, sign: str, left: object, right: object, node: ast.AST) -> object:
        if type(left) is int and type(right) is int:
            return operators.binary(sign, left, right, self, node)
        if self.packages.is_tensor(left) or self.packages.is_tensor(right):
            return self.packages.tensor_binary(sign, left, right, node)
        for one in (left, right):
            if isinstance(one, Unknown):
                return one
        left, right = classes.worth(left), classes.worth(right)
        sized = isinstance(left, Size) or isinstance(right, Size)
        if sized and isinstance(left, (int, float, Size)) and isinstance(right, (int, float, Size)):
            return operate(sign, left, right, node)
        return operators.binary(sign, left, right, self, node)

    def of_BoolOp(self, node: ast.BoolOp, scope: Scope) -> object:
        wanted = isinstance(node.op, ast.Or)
        unknown = None
        found: object = None
        for part in node.values:
            found = self.value(part, scope)
            if isinstance(found, Unknown) or (self.packages.is_tensor(found) and part is not node.values[-1]):
                unknown = (
                    found if isinstance(found, Unknown) else Unknown("it depends on the numbers in a tensor", part)
                )
                continue
            if part is node.values[-1] and unknown is None:
                return found
            if self.truth(found, part) == wanted:
                return found
        return unknown if unknown is not None else found

    def of_Compare(self, node: ast.Compare, scope: Scope) -> object:
        left = self.value(node.left, scope)
        result: object = True
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value(right_node, scope)
            if isinstance(op, (ast.Is, ast.IsNot)):
                result = self._is(left, right, node)
                if isinstance(op, ast.IsNot) and not isinstance(result, Unknown):
                    result = not result
            elif isinstance(op, (ast.In, ast.NotIn)):
                result = self.contains(right, left, node)
                if isinstance(op, ast.NotIn) and not isinstance(result, Unknown):
                    result = not result
            else:
                result = self.compare(SIGNS[type(op)], left, right, node)
            if isinstance(result, Unknown) or self.packages.is_tensor(result):
                return result
            if not result:
                return False
            left = right
        return result

    def _is(self, left: object, right: object, node: ast.AST) -> object:
        for one in (left, right):
            if isinstance(one, Unknown):
                return one
        if isinstance(left, External) and isinstance(right, External):
            return left.path == right.path
        if isinstance(left, (int, float, str, bool)) and isinstance(right, (int, float, str, bool)):
            return type(left) is type(right) and left == right
        return left is right

    def contains(self, holder: object, item: object, node: ast.AST) -> object:
        if isinstance(holder, Names) and isinstance(item, str):
            return self.call(External("hasattr"), [holder.of, item], {}, node)
        for one in (holder, item):
            if isinstance(one, Unknown):
                return one
        if isinstance(holder, str) and isinstance(item, str):
            return item in holder
        if isinstance(holder, (dict, Set)):
            return operators.key(item, self, node) in (holder.of if isinstance(holder, Set) else holder)
        if isinstance(holder, Range):
            return isinstance(item, int) and item in holder.of
        if isinstance(holder, Object):
            method = holder.kind.find("__contains__")
            if isinstance(method, Function):
                return self.call(Bound(holder, method), [item], {}, node)
            if holder.held is not None:
                return self.contains(holder.held, item, node)
        found = self.packages.contains(holder, item, node)
        if found is not MISSING:
            return found
        for part in self.iterate(holder, node):
            self.steps += 1
            if self.steps > self.limit:
                self.spend(0, node)
            same = part is item or self.compare("==", part, item, node)
            if isinstance(same, Unknown):
                return same
            if same is True:
                return True
        return False

    def compare(self, sign: str, left: object, right: object, node: ast.AST) -> object:
        if self.packages.is_tensor(left) or self.packages.is_tensor(right):
            if sign in ("==", "!=") and (
                left is None or right is None or isinstance(left, str) or isinstance(right, str)
            ):
                return sign == "!="
            return self.packages.tensor_binary(sign, left, right, node)
        for one, other, way in ((left, right, sign), (right, left, MIRRORED.get(sign, sign))):
            if isinstance(one, Unknown):
                sure = one.compare(way, other) if isinstance(one, Chance) else None
                return one if sure is None else sure
        left, right = classes.worth(left), classes.worth(right)
        if isinstance(left, Size) or isinstance(right, Size):
            if isinstance(left, (int, float, Size)) and isinstance(right, (int, float, Size)):
                return operate(sign, left, right, node)
            return sign == "!="
        return operators.compare(sign, left, right, self, node)

    def truth(self, value: object, node: ast.AST) -> bool:
        """Whether a value is true; raises where that cannot be known."""
        if isinstance(value, Unknown):
            message = f"whether {short(node)} holds is not known: {value.why}"
            raise Refused("python-unknown-value", message, node)
        if value is None or isinstance(value, (bool, int, float, str, list, tuple, dict)):
            return bool(value)
        if isinstance(value, Range):
            return bool(value.of)
        if isinstance(value, Object):
            for name in ("__bool__", "__len__"):
                method = value.kind.find(name)
                if isinstance(method, Function):
                    return self.truth(self.call(Bound(value, method), [], {}, node), node)
            return value.held is None or bool(value.held)
        return bool(self.packages.truth(value, node))

    def iterate(self, value: object, node: ast.AST) -> Iterable[object]:
        """The elements of a value, one after the other."""
        if isinstance(value, (list, tuple, str)):
            return value
        if isinstance(value, dict):
            self.spend(len(value) // 16, node)
            return list(value)
        if isinstance(value, Range):
            return self._counted(value.of, node)
        if isinstance(value, Unknown):
            value.refuse("what is looped over", node)
        if isinstance(value, Repeated):
            raise Refused("python-batch-axis", EACH, node)
        if isinstance(value, Set):
            self.spend(len(value.of) // 4, node)
            return value.items()
        if isinstance(value, Iterator):
            return self._counted(value.of, node)
        if isinstance(value, Object):
            method = value.kind.find("__iter__")
            if isinstance(method, Function):
                made = self.call(Bound(value, method), [], {}, node)
                return self._asked(made, node) if isinstance(made, Object) else self.iterate(made, node)
            if value.held is not None:
                return list(value.held)
        if isinstance(value, Class) and (members := value.members()) is not None:
            return list(members.values())
        return self.packages.iterate(value, node)

    def _counted(self, parts: Iterable[object], node: ast.AST) -> Iterable[object]:
        for part in parts:
            self.spend(1, node)
            yield part

    def _asked(self, value: Object, node: ast.AST) -> Iterable[object]:
        """What an object's __next__ gives, until it stops."""
        while True:
            self.spend(1, node)
            try:
                part = self.call(self.attribute(value, "__next__", node), [], {}, node)
            except Raised as raised:
                if raised.kind != "StopIteration":
                    raise
                return
            yield part

    def listed(self, value: object, node: ast.AST) -> list[object]:
        """The elements as a list, within the budget."""
        if isinstance(value, (list, tuple)):
            self.spend(len(value) // 16, node)
            return list(value)
        if isinstance(value, Range):
            self.size(len(value.of), node)
        return list(self.iterate(value, node))
