"""Calls: arguments, frames, generators, instances."""

from __future__ import annotations

import ast

from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.builtin import classes, operators, reflection
from cnncalc.read.python.interpreter.leave import Return
from cnncalc.read.python.interpreter.syntax import yields
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.values import (
    MISSING,
    Args,
    Bound,
    Class,
    Exhausted,
    External,
    Function,
    Iterator,
    Kwargs,
    Native,
    Object,
    Partial,
    Raised,
    Refused,
    Scope,
    Super,
    Unknown,
    Wrapped,
)

DEPTH = 180


class Calls(InterpreterBase):
    """Calls of functions and classes."""

    def of_Call(self, node: ast.Call, scope: Scope) -> object:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args:
            return self._super(node)
        function = self.value(node.func, scope)
        args: Args = []
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                given = self.value(argument.value, scope)
                if isinstance(given, Unknown):
                    given.refuse("what * stands for", argument)
                more = self.listed(given, argument)
                self.size(len(args) + len(more), argument)
                args.extend(more)
            else:
                args.append(self.value(argument, scope))
        kwargs: Kwargs = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, scope)
            if keyword.arg is not None:
                kwargs[keyword.arg] = value
            elif isinstance(value, Unknown):
                value.refuse("what ** stands for", keyword.value)
            elif isinstance(value, dict):
                kwargs.update(value)
            else:
                kwargs.update({str(name): held for name, held in self.packages.pairs(value, node)})
        if isinstance(function, External):
            if function.path == "super":
                return self._super(node, args)
            if function.path in ("locals", "globals", "vars"):
                return reflection.names_of(function.path, args, scope, self, node)
        return self.call(function, args, kwargs, node)

    def _super(self, node: ast.AST, args: Args | None = None) -> object:
        if args and len(args) == 2:
            owner, this = args
            if isinstance(owner, Class):
                return Super(this, owner)
            if isinstance(owner, (Module, Object)):
                raise Raised("TypeError", "the first argument of super() must be a class", node)
        for function, scope in reversed(self.frames):
            if function.owner is not None:
                names = function.node.args
                first = (names.posonlyargs + names.args)[:1]
                if first:
                    return Super(scope.names.get(first[0].arg), function.owner)
        raise Raised("RuntimeError", "super(): no arguments", node)

    def call(self, function: object, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        """The value of `function(*args, **kwargs)`."""
        self.spend(1, node)
        if isinstance(function, Function):
            return self.run(function, args, kwargs, node)
        if isinstance(function, Bound):
            inner = function.function
            if callable(inner):  # one of ours
                return inner(self, function.self, args, kwargs, node)
            return self.call(inner, [function.self, *args], kwargs, node)
        if isinstance(function, Native):
            return function.call(self, args, kwargs, node)
        if isinstance(function, Partial):
            return self.call(function.function, [*function.args, *args], {**function.kwargs, **kwargs}, node)
        if isinstance(function, Class):
            return self.instance(function, args, kwargs, node)
        if isinstance(function, Unknown):
            return self.packages.call_unknown(function, args, kwargs, node)
        if isinstance(function, External):
            return self.packages.call_external(function, args, kwargs, node)
        if isinstance(function, Object):
            method = function.kind.find("__call__")
            if isinstance(method, Function):
                return self.call(Bound(function, method), args, kwargs, node)
        return self.packages.call(function, args, kwargs, node)

    def run(self, function: Function, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        """Call a function of a file."""
        self.spend(5, node)
        scope = Scope(function.scope, function.file)
        if function.owner is not None and function.scope.names is function.owner.names:
            scope.parent = function.scope.parent  # a class body is no scope of its methods
        self._arguments(function, args, kwargs, scope, node)
        self.depth += 1
        if self.depth > DEPTH:
            self.depth -= 1
            raise Exhausted("python-too-long", f"calls go more than {DEPTH} deep", node)
        self.frames.append((function, scope))
        self.entered.add(function.node)
        file, entry = self.file, self.entry
        led = function.file.bundled and file is not None and not file.bundled
        if led or not function.file.bundled:
            self.entry = (node, file) if led and file is not None else None
        self.file = function.file
        try:
            if isinstance(function.node, ast.Lambda):
                return self.value(function.node.body, scope)
            if yields(function.node):
                return self._generated(function.node.body, scope)
            self.body(function.node.body, scope)
        except Return as result:
            return result.value
        except Refused as refused:
            if refused.file is None:
                refused.file = function.file
            if led and refused.file is not None and refused.file.bundled:
                refused.node, refused.file = node, file
            raise
        finally:
            self.frames.pop()
            self.depth -= 1
            self.file, self.entry = file, entry
        return None

    def _generated(self, body: list[ast.stmt], scope: Scope) -> Iterator:
        """A generator, followed to its end: what it yields."""
        found: list[object] = []
        previous = self.rules[ast.Yield], self.rules[ast.YieldFrom]

        def one(node: ast.Yield, inner: Scope) -> None:
            found.append(None if node.value is None else self.value(node.value, inner))
            self.size(len(found), node)

        def many(node: ast.YieldFrom, inner: Scope) -> None:
            found.extend(self.listed(self.value(node.value, inner), node))

        self.rules[ast.Yield], self.rules[ast.YieldFrom] = one, many
        try:
            self.body(body, scope)
        except Return:
            pass
        finally:
            self.rules[ast.Yield], self.rules[ast.YieldFrom] = previous
        return Iterator(found)

    def _arguments(self, function: Function, args: Args, kwargs: Kwargs, scope: Scope, node: ast.AST) -> None:
        names = function.node.args
        positional = [*names.posonlyargs, *names.args]
        values = dict(zip((arg.arg for arg in positional), args, strict=False))
        if len(args) > len(positional) and names.vararg is None:
            raise Raised("TypeError", f"{function.name}() takes {len(positional)} arguments, {len(args)} given", node)
        rest = dict(kwargs)
        for name in list(rest):
            if any(name == arg.arg for arg in (*names.args, *names.kwonlyargs)):
                if name in values:
                    raise Raised("TypeError", f"{function.name}() got '{name}' twice", node)
                values[name] = rest.pop(name)
        defaults = function.defaults
        for arg, default in zip(positional[len(positional) - len(defaults) :], defaults, strict=True):
            values.setdefault(arg.arg, default)
        for arg, default in zip(names.kwonlyargs, function.kw_defaults, strict=True):
            if default is not MISSING:
                values.setdefault(arg.arg, default)
        missing = [arg.arg for arg in (*positional, *names.kwonlyargs) if arg.arg not in values]
        if missing:
            raise Raised("TypeError", f"{function.name}() lacks {', '.join(missing)}", node)
        if rest and names.kwarg is None:
            raise Raised("TypeError", f"{function.name}() has no argument '{next(iter(rest))}'", node)
        scope.names.update(values)
        if names.vararg is not None:
            scope.names[names.vararg.arg] = tuple(args[len(positional) :])
        if names.kwarg is not None:
            scope.names[names.kwarg.arg] = rest

    def instance(self, kind: Class, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        """An instance of a class of the file."""
        made = self.packages.instance(kind, args, kwargs, node)
        if made is not MISSING:
            return made
        for base in kind.externals():
            if base.path.startswith("unknown."):
                message = f"{kind.name} inherits from {base.path.removeprefix('unknown.')}, which is not known"
                raise Refused("python-unknown-value", message, kind.node)
        members = kind.members()
        if members is not None and args:
            for member in members.values():
                value = member.attrs["value"] if isinstance(member, Object) else member
                if operators.compare("==", value, args[0], self, node) is True:
                    return member
        maker = kind.find("__new__")
        if isinstance(maker, Wrapped):
            maker = maker.function
        if isinstance(maker, Function):
            found = self.call(maker, [kind, *args], kwargs, node)
            if not isinstance(found, Object) or kind not in [found.kind, *found.kind.order]:
                return found
        else:
            found = classes.fresh(kind)
        maker = kind.find("__init__")
        if isinstance(maker, Function):
            self.call(Bound(found, maker), args, kwargs, node)
        elif any(isinstance(base, Class) and base.fields is not None for base in kind.order):
            classes.fill_fields(found, args, kwargs, self, node)
        elif isinstance(maker, External):
            classes.native_base(found, maker, args, kwargs, self, node)
        return found
