"""Expressions: constants, names, containers, texts, comprehensions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import NoReturn, TypeAlias, TypeVar

from cnncalc.read.python import values
from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.builtin import operators, registry, texts
from cnncalc.read.python.interpreter.syntax import LENGTH
from cnncalc.read.python.values import MISSING, External, Raised, Refused, Scope, Set, Unknown

Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
Made = TypeVar("Made")


class Expressions(InterpreterBase):
    """Expressions; each kind is a method."""

    def value(self, node: ast.AST, scope: Scope) -> object:
        self.steps += 1
        if self.steps > self.limit:
            self.spend(0, node)
        method = self.rules.get(type(node))
        if method is None:
            raise Refused("python-construct", f"{type(node).__name__} is not followed", node)
        return method(node, scope)

    def of_Constant(self, node: ast.Constant, scope: Scope) -> object:
        return node.value

    def of_Name(self, node: ast.Name, scope: Scope) -> object:
        name = node.id
        at: Scope | None = scope if name not in scope.globals else scope.file.scope
        while at is not None:
            if name in at.names:
                return at.names[name]
            at = at.parent
        if name == "Ellipsis":
            return ...
        if name in registry.BUILTINS:
            return External(name, node)
        if name == "__name__":
            return scope.file.name
        if name == "__file__":
            return Unknown("the path of a file is another one on each machine", node)
        if name == "__class__":
            for function, _ in reversed(self.frames):
                if function.owner is not None:
                    return function.owner
        raised = Raised("NameError", f"name '{name}' is not defined", node)
        raised.undefined = not scope.file.open
        raise raised

    def of_Attribute(self, node: ast.Attribute, scope: Scope) -> object:
        return self.attribute(self.value(node.value, scope), node.attr, node)

    def of_Subscript(self, node: ast.Subscript, scope: Scope) -> object:
        holder = self.value(node.value, scope)
        if isinstance(holder, External):  # Optional[int], list[int]
            if holder.path.startswith("typing.") or holder.path in registry.BUILTINS:
                return holder
            return self.packages.item(holder, self.soft(node.slice, scope), node)
        return self.item(holder, self.value(node.slice, scope), node)

    def of_Slice(self, node: ast.Slice, scope: Scope) -> object:
        parts = [None if part is None else self.value(part, scope) for part in (node.lower, node.upper, node.step)]
        return slice(*parts)

    def of_Tuple(self, node: ast.Tuple, scope: Scope) -> object:
        return tuple(self._elements(node.elts, scope))

    def of_List(self, node: ast.List, scope: Scope) -> object:
        return self._elements(node.elts, scope)

    def of_Set(self, node: ast.Set, scope: Scope) -> object:
        return Set({operators.key(item, self, node): None for item in self._elements(node.elts, scope)})

    def _elements(self, nodes: list[ast.expr], scope: Scope) -> list[object]:
        found: list[object] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                more = self.listed(self.value(node.value, scope), node)
                self.size(len(found) + len(more), node)
                found.extend(more)
            else:
                found.append(self.value(node, scope))
        return found

    def of_Dict(self, node: ast.Dict, scope: Scope) -> object:
        found: dict[object, object] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            held = self.value(value, scope)
            if key is None:
                if isinstance(held, Unknown):
                    held.refuse("what ** stands for", value)
                more = held if isinstance(held, dict) else dict(self.packages.pairs(held, node))
                self.spend(len(more) // 16, node)
                found.update(more)
            else:
                found[operators.key(self.value(key, scope), self, node)] = held
        return found

    def of_JoinedStr(self, node: ast.JoinedStr, scope: Scope) -> object:
        parts = []
        for part in node.values:
            found = self.value(part, scope)
            if isinstance(found, Unknown):
                return found
            parts.append(found if isinstance(found, str) else str(found))
        text = "".join(parts)
        self.size(len(text), node)
        return text

    def of_FormattedValue(self, node: ast.FormattedValue, scope: Scope) -> object:
        value = self.value(node.value, scope)
        if isinstance(value, Unknown):
            return value
        spec = "" if node.format_spec is None else self.value(node.format_spec, scope)
        return texts.formatted(
            value,
            spec if isinstance(spec, str) else "",
            chr(node.conversion) if node.conversion > 0 else "",
            self,
            node,
        )

    def of_IfExp(self, node: ast.IfExp, scope: Scope) -> object:
        test = self.value(node.test, scope)
        if isinstance(test, Unknown) or self.packages.is_tensor(test):
            same = self.packages.either(lambda: self.value(node.body, scope), lambda: self.value(node.orelse, scope))
            if same is not MISSING:
                return same
        return self.value(node.body if self.truth(test, node.test) else node.orelse, scope)

    def of_NamedExpr(self, node: ast.NamedExpr, scope: Scope) -> object:
        value = self.value(node.value, scope)
        self.assign(node.target, value, scope)
        return value

    def of_Lambda(self, node: ast.Lambda, scope: Scope) -> object:
        return self.function(node, scope, "<lambda>")

    def of_Starred(self, node: ast.Starred, scope: Scope) -> object:
        raise Refused("python-construct", "a star stands where none can", node)

    def of_ListComp(self, node: ast.ListComp, scope: Scope) -> object:
        return list(self._comprehension(node, scope, lambda inner: self.value(node.elt, inner)))

    def of_GeneratorExp(self, node: ast.GeneratorExp, scope: Scope) -> object:
        return values.Iterator(self._comprehension(node, scope, lambda inner: self.value(node.elt, inner)))

    def of_SetComp(self, node: ast.SetComp, scope: Scope) -> object:
        items = self._comprehension(node, scope, lambda inner: self.value(node.elt, inner))
        return Set({operators.key(item, self, node): None for item in items})

    def of_DictComp(self, node: ast.DictComp, scope: Scope) -> object:
        pairs = self._comprehension(
            node,
            scope,
            lambda inner: (operators.key(self.value(node.key, inner), self, node), self.value(node.value, inner)),
        )
        return dict(pairs)

    def _comprehension(self, node: Comprehension, scope: Scope, make: Callable[[Scope], Made]) -> Iterator[Made]:
        """The elements one after the other; what is looped over first is looked up at once, as in Python."""
        inner = Scope(scope, scope.file)
        first = self.iterate(self.value(node.generators[0].iter, inner), node.generators[0].iter)

        def walk(at: int) -> Iterator[Made]:
            if at == len(node.generators):
                yield make(inner)
                return
            generator = node.generators[at]
            parts = first if at == 0 else self.iterate(self.value(generator.iter, inner), generator.iter)
            for count, item in enumerate(parts):
                self.spend(1, node)
                if count >= LENGTH:
                    self.size(count + 1, node)
                self.assign(generator.target, item, inner)
                if all(self.truth(self.value(test, inner), test) for test in generator.ifs):
                    yield from walk(at + 1)

        return walk(0)

    def of_Yield(self, node: ast.AST, scope: Scope) -> NoReturn:
        raise Refused("python-construct", "a generator is not followed", node)

    of_YieldFrom = of_Yield

    def of_Await(self, node: ast.AST, scope: Scope) -> NoReturn:
        raise Refused("python-construct", "await is not followed", node)
