"""Follows Python: statements and expressions on values that are known, within a budget. Nothing of the file is run.

What is not known stays an `Unknown` with its reason, until something depends on it. Names of other packages are
`External`; what they do stands in `library`, `modules` and `functions`.
"""

from __future__ import annotations

import ast
from typing import Any, NoReturn

from cnncalc.read.python import library
from cnncalc.read.python.sizes import Size, operate
from cnncalc.read.python.values import (
    MISSING,
    Bound,
    Chance,
    Class,
    Exhausted,
    External,
    File,
    Function,
    Native,
    Object,
    Partial,
    Raised,
    Range,
    Refused,
    Scope,
    Super,
    Unknown,
    Wrapped,
)
from cnncalc.read.python.walk import parts

STEPS = 1_000_000
DEPTH = 180
LENGTH = 1_000_000  # of a list or a text

SIGNS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitAnd: "&", ast.BitXor: "^", ast.MatMult: "@",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Return(Exception):
    """A function returns."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Loop(Exception):
    """break or continue."""


class Break(Loop):
    pass


class Continue(Loop):
    pass


class Interpreter:
    """Follows files; `world` knows what modules and tensors do."""

    def __init__(self, world: Any) -> None:
        self.layers: dict[Any, Any] = {}  # those of torch.nn with plain options, by what they are made of
        self.world = world
        self.steps = 0
        self.limit = STEPS
        self.depth = 0
        self.files: dict[str, File] = {}
        self.node: Any = None  # where we are
        self.file: File | None = None
        self.frames: list[tuple[Function, Scope]] = []
        self.rules: dict[type, Any] = {
            getattr(ast, name[3:]): getattr(self, name)
            for name in dir(self)
            if name.startswith("of_") and hasattr(ast, name[3:])
        }
        world.interpreter = self

    # --- budget ----------------------------------------------------------------------------------------------------

    def spend(self, steps: int = 1, node: Any = None) -> None:
        """Count work; raises `Exhausted` beyond the budget."""
        self.steps += steps
        if self.steps > self.limit:
            raise Exhausted("python-too-long", f"the code takes more than {self.limit:,} steps", node or self.node)

    def size(self, length: int, node: Any) -> None:
        """Refuse what would be too long a list or text."""
        self.spend(length // 64, node)
        if length > LENGTH:
            raise Exhausted("python-too-long", f"a list or text would have {length:,} elements", node)

    # --- statements ------------------------------------------------------------------------------------------------

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
        for target in node.targets:
            self.assign(target, value, scope)

    def do_AnnAssign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.assign(node.target, self.value(node.value, scope), scope)

    def do_AugAssign(self, node: ast.AugAssign, scope: Scope) -> None:
        target = node.target
        load: Any = ast.copy_location(_loading(target), target)
        left = self.value(load, scope)
        right = self.value(node.value, scope)
        sign = SIGNS[type(node.op)]
        if isinstance(left, list) and sign == "+":
            more = self.listed(right, node)
            self.size(len(left) + len(more), node)
            left.extend(more)
            value: Any = left
        elif sign == "+" and self.world.is_list(left):
            self.world.extend(left, right, node)
            value = left
        else:
            value = self.binary(sign, left, right, node)
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
        if (isinstance(test, Unknown) or self.world.is_tensor(test)) and _only_speaks(node):
            return  # whichever way it goes, nothing of the network depends on it
        self.body(node.body if self.truth(test, node.test) else node.orelse, scope)

    def do_Return(self, node: ast.Return, scope: Scope) -> None:
        raise Return(None if node.value is None else self.value(node.value, scope))

    def do_Delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                scope.names.pop(target.id, None)
            elif isinstance(target, ast.Attribute):
                self.world.delete(self.value(target.value, scope), target.attr, node)
            elif isinstance(target, ast.Subscript):
                holder = self.value(target.value, scope)
                key = self.value(target.slice, scope)
                try:
                    if isinstance(holder, (list, dict)):
                        del holder[key]
                    else:
                        self.world.delete_item(holder, key, node)
                except (KeyError, IndexError, TypeError) as error:
                    raise Raised(type(error).__name__, str(error), node) from None

    def do_Assert(self, node: ast.Assert, scope: Scope) -> None:
        found = self.soft(node.test, scope)
        if isinstance(found, Unknown) or self.world.is_tensor(found):
            return
        if not self.truth(found, node.test):
            text = "" if node.msg is None else self.soft(node.msg, scope)
            raise Raised("AssertionError", text if isinstance(text, str) else "", node)

    def do_Raise(self, node: ast.Raise, scope: Scope) -> None:
        kind, text = "exception", ""
        if isinstance(node.exc, ast.Call):
            kind = _called(node.exc.func)
            if node.exc.args:
                said = self.soft(node.exc.args[0], scope)
                text = said if isinstance(said, str) else ""
        elif node.exc is not None:
            kind = _called(node.exc)
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
        return any(_called(name) in wide | {raised.kind} for name in names)

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

    def do_Import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            found = self.world.import_module(alias.name, scope.file, 0, node)
            if alias.asname:
                scope.names[alias.asname] = found
            else:
                head = alias.name.split(".")[0]
                scope.names[head] = found if head == alias.name else External(head, node)

    def do_ImportFrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.world.import_all(node.module or "", scope, node.level, node)
                continue
            name = alias.asname or alias.name
            scope.names[name] = self.world.import_from(node.module or "", alias.name, scope.file, node.level, node)

    def do_FunctionDef(self, node: Any, scope: Scope) -> None:
        function: Any = self.function(node, scope, node.name)
        for decorator in reversed(node.decorator_list):
            function = self._decorated(decorator, function, scope)
        scope.names[node.name] = function

    def do_AsyncFunctionDef(self, node: Any, scope: Scope) -> None:
        scope.names[node.name] = Unknown("an async function is not followed", node, scope.file)

    def function(self, node: Any, scope: Scope, name: str) -> Function:
        made = Function(node, scope, scope.file, name)
        made.defaults = [self.soft(default, scope) for default in node.args.defaults]
        made.kw_defaults = [
            MISSING if default is None else self.soft(default, scope) for default in node.args.kw_defaults
        ]
        return made

    def soft(self, node: Any, scope: Scope) -> Any:
        """The value of an expression; an `Unknown` where following it stops."""
        try:
            return self.value(node, scope)
        except Exhausted:
            raise
        except Refused as refused:
            return Unknown(refused.message, refused.node or node, scope.file)

    def _decorated(self, decorator: ast.expr, function: Any, scope: Scope) -> Any:
        kind = self.soft(decorator, scope)
        path = kind.path if isinstance(kind, External) else ""
        if isinstance(decorator, ast.Call):  # a name that was imported: its path says more than how it is written
            maker = self.soft(decorator.func, scope)
            if isinstance(maker, External) and library.keeps(maker.path):
                return function
        if path in ("property", "functools.cached_property", "staticmethod", "classmethod"):
            return Wrapped("property" if "property" in path else path, function)
        if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "getter", "deleter"):
            return function if decorator.attr == "getter" else self.soft(decorator.value, scope)
        if library.keeps(path) or (isinstance(kind, Unknown) and library.keeps(_path_of(decorator))):
            return function
        named = library.keeps(_path_of(decorator))
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
                bases[index] = External(f"unknown.{_path_of(node.bases[index])}", node.bases[index])
            elif isinstance(base, (Class, External)):
                continue
            elif isinstance(base, (Partial, Native, Function)):  # namedtuple(...) and the like
                bases[index] = External("object")
            else:
                bases[index] = External("object")
        if any(keyword.arg == "metaclass" for keyword in node.keywords):
            meta = self.soft(next(k.value for k in node.keywords if k.arg == "metaclass"), scope)
            if not (isinstance(meta, External) and meta.path in ("abc.ABCMeta", "enum.EnumMeta")):
                bases = [External("unknown.metaclass", node)]
        bases = [b for b in bases if not (isinstance(b, External) and b.path == "typing.Generic")]
        kind = Class(node.name, bases or [External("object")], node, scope.file)
        inner = Scope(scope, scope.file)
        inner.names = kind.names
        fields: list[tuple[str, Any, bool]] = []
        for statement in node.body:
            try:
                self.statement(statement, inner)
            except Exhausted:
                raise
            except Refused as refused:
                for name in _bound_names(statement):
                    kind.names[name] = Unknown(refused.message, refused.node or statement, scope.file)
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                name = statement.target.id
                if "ClassVar" in ast.dump(statement.annotation):
                    continue
                fields.append((name, kind.names.get(name, MISSING), statement.value is not None))
        for value in kind.names.values():
            inside = value.function if isinstance(value, Wrapped) else value
            if isinstance(inside, Function) and inside.owner is None:
                inside.owner = kind
        made: Any = kind
        paths = [base.path for base in kind.externals()]
        if "typing.NamedTuple" in paths:
            kind.fields = fields
        if any(path.startswith("enum.") for path in paths):
            library.make_enum(kind)
        for decorator in reversed(node.decorator_list):
            name = _path_of(decorator.func if isinstance(decorator, ast.Call) else decorator)
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
            return self.truth(self.compare("==", subject, self.value(pattern.value, scope), pattern), pattern)
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

    # --- targets ---------------------------------------------------------------------------------------------------

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            self.bind(target.id, value, scope)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value, scope)
        elif isinstance(target, ast.Attribute):
            self.set_attribute(self.value(target.value, scope), target.attr, value, target)
        elif isinstance(target, ast.Subscript):
            holder = self.value(target.value, scope)
            key = self.value(target.slice, scope)
            self._set_item(holder, key, value, target)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value, scope)

    def bind(self, name: str, value: Any, scope: Scope) -> None:
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

    def _unpack(self, target: Any, value: Any, scope: Scope) -> None:
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

    def _set_item(self, holder: Any, key: Any, value: Any, node: Any) -> None:
        if isinstance(holder, Unknown):
            return
        if isinstance(key, Unknown):
            key.refuse("the place in a container", node)
        if isinstance(holder, dict):
            try:
                holder[library.key(key, self, node)] = value
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
        else:
            self.world.set_item(holder, key, value, node)

    # --- expressions -----------------------------------------------------------------------------------------------

    def value(self, node: Any, scope: Scope) -> Any:
        self.steps += 1
        if self.steps > self.limit:
            self.spend(0, node)
        method = self.rules.get(type(node))
        if method is None:
            raise Refused("python-construct", f"{type(node).__name__} is not followed", node)
        return method(node, scope)

    def of_Constant(self, node: ast.Constant, scope: Scope) -> Any:
        return node.value

    def of_Name(self, node: ast.Name, scope: Scope) -> Any:
        name = node.id
        at: Scope | None = scope if name not in scope.globals else scope.file.scope
        while at is not None:
            if name in at.names:
                return at.names[name]
            at = at.parent
        if name == "Ellipsis":
            return ...
        if name in library.BUILTINS:
            return External(name, node)
        if name == "__name__":
            return scope.file.name
        if name == "__file__":
            return Unknown("the path of the file", node)
        if name == "__class__":
            for function, _ in reversed(self.frames):
                if function.owner is not None:
                    return function.owner
        raise Raised("NameError", f"name '{name}' is not defined", node)

    def of_Attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        return self.attribute(self.value(node.value, scope), node.attr, node)

    def of_Subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        holder = self.value(node.value, scope)
        if isinstance(holder, External):  # Optional[int], list[int]
            return (
                holder
                if holder.path.startswith("typing.") or holder.path in library.BUILTINS
                else self.world.item(holder, self.soft(node.slice, scope), node)
            )
        return self.item(holder, self.value(node.slice, scope), node)

    def of_Slice(self, node: ast.Slice, scope: Scope) -> Any:
        parts = [None if part is None else self.value(part, scope) for part in (node.lower, node.upper, node.step)]
        return slice(*parts)

    def of_Tuple(self, node: ast.Tuple, scope: Scope) -> Any:
        return tuple(self._elements(node.elts, scope))

    def of_List(self, node: ast.List, scope: Scope) -> Any:
        return self._elements(node.elts, scope)

    def of_Set(self, node: ast.Set, scope: Scope) -> Any:
        return {library.key(item, self, node): None for item in self._elements(node.elts, scope)}.keys()

    def _elements(self, nodes: list[ast.expr], scope: Scope) -> list[Any]:
        found: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                more = self.listed(self.value(node.value, scope), node)
                self.size(len(found) + len(more), node)
                found.extend(more)
            else:
                found.append(self.value(node, scope))
        return found

    def of_Dict(self, node: ast.Dict, scope: Scope) -> Any:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            held = self.value(value, scope)
            if key is None:
                if isinstance(held, Unknown):
                    held.refuse("what ** stands for", value)
                more = held if isinstance(held, dict) else dict(self.world.pairs(held, node))
                self.spend(len(more) // 16, node)
                found.update(more)
            else:
                found[library.key(self.value(key, scope), self, node)] = held
        return found

    def of_JoinedStr(self, node: ast.JoinedStr, scope: Scope) -> Any:
        parts = []
        for part in node.values:
            found = self.value(part, scope)
            if isinstance(found, Unknown):
                return found
            parts.append(found if isinstance(found, str) else str(found))
        text = "".join(parts)
        self.size(len(text), node)
        return text

    def of_FormattedValue(self, node: ast.FormattedValue, scope: Scope) -> Any:
        value = self.value(node.value, scope)
        if isinstance(value, Unknown):
            return value
        spec = "" if node.format_spec is None else self.value(node.format_spec, scope)
        return library.formatted(
            value,
            spec if isinstance(spec, str) else "",
            chr(node.conversion) if node.conversion > 0 else "",
            self,
            node,
        )

    def of_UnaryOp(self, node: ast.UnaryOp, scope: Scope) -> Any:
        value = self.value(node.operand, scope)
        if isinstance(node.op, ast.Not):
            if isinstance(value, Unknown):
                return value
            return not self.truth(value, node)
        if isinstance(value, Unknown):
            return value
        if isinstance(value, (int, float)):
            if isinstance(node.op, ast.USub):
                return -value
            if isinstance(node.op, ast.UAdd):
                return +value
            if isinstance(value, int):
                return ~value
        sign = {ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "invert"}[type(node.op)]
        return self.world.unary(sign, value, node)

    def of_BinOp(self, node: ast.BinOp, scope: Scope) -> Any:
        return self.binary(SIGNS[type(node.op)], self.value(node.left, scope), self.value(node.right, scope), node)

    def binary(self, sign: str, left: Any, right: Any, node: Any) -> Any:
        if self.world.is_tensor(left) or self.world.is_tensor(right):
            return self.world.tensor_binary(sign, left, right, node)
        for one in (left, right):
            if isinstance(one, Unknown):
                return one
        sized = isinstance(left, Size) or isinstance(right, Size)
        if sized and isinstance(left, (int, float, Size)) and isinstance(right, (int, float, Size)):
            return operate(sign, left, right, node)
        return library.binary(sign, left, right, self, node)

    def of_BoolOp(self, node: ast.BoolOp, scope: Scope) -> Any:
        wanted = isinstance(node.op, ast.Or)
        unknown = None
        found: Any = None
        for part in node.values:
            found = self.value(part, scope)
            if isinstance(found, Unknown) or (self.world.is_tensor(found) and part is not node.values[-1]):
                unknown = (
                    found if isinstance(found, Unknown) else Unknown("it depends on the numbers in a tensor", part)
                )
                continue
            if part is node.values[-1] and unknown is None:
                return found
            if self.truth(found, part) == wanted:
                return found
        return unknown if unknown is not None else found

    def of_Compare(self, node: ast.Compare, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        result: Any = True
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
            if isinstance(result, Unknown) or self.world.is_tensor(result):
                return result
            if not result:
                return False
            left = right
        return result

    def _is(self, left: Any, right: Any, node: Any) -> Any:
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Unknown):
                return one
            del other
        if isinstance(left, External) and isinstance(right, External):
            return left.path == right.path
        if isinstance(left, (int, float, str, bool)) and isinstance(right, (int, float, str, bool)):
            return type(left) is type(right) and left == right
        return left is right

    def contains(self, holder: Any, item: Any, node: Any) -> Any:
        for one in (holder, item):
            if isinstance(one, Unknown):
                return one
        if isinstance(holder, str) and isinstance(item, str):
            return item in holder
        if isinstance(holder, dict) or type(holder).__name__ == "dict_keys":
            return library.key(item, self, node) in holder
        if isinstance(holder, Range):
            return isinstance(item, int) and item in holder.of
        found = self.world.contains(holder, item, node)
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

    def compare(self, sign: str, left: Any, right: Any, node: Any) -> Any:
        if self.world.is_tensor(left) or self.world.is_tensor(right):
            if sign in ("==", "!=") and (
                left is None or right is None or isinstance(left, str) or isinstance(right, str)
            ):
                return sign == "!="
            return self.world.tensor_binary(sign, left, right, node)
        for one, other, way in ((left, right, sign), (right, left, MIRRORED.get(sign, sign))):
            if isinstance(one, Unknown):
                sure = one.compare(way, other) if isinstance(one, Chance) else None
                return one if sure is None else sure
        if isinstance(left, Size) or isinstance(right, Size):
            if isinstance(left, (int, float, Size)) and isinstance(right, (int, float, Size)):
                return operate(sign, left, right, node)
            return sign == "!="
        return library.compare(sign, left, right, self, node)

    def of_IfExp(self, node: ast.IfExp, scope: Scope) -> Any:
        test = self.value(node.test, scope)
        if isinstance(test, Unknown) or self.world.is_tensor(test):
            same = self.world.either(lambda: self.value(node.body, scope), lambda: self.value(node.orelse, scope))
            if same is not MISSING:
                return same
        return self.value(node.body if self.truth(test, node.test) else node.orelse, scope)

    def of_NamedExpr(self, node: ast.NamedExpr, scope: Scope) -> Any:
        value = self.value(node.value, scope)
        self.assign(node.target, value, scope)
        return value

    def of_Lambda(self, node: ast.Lambda, scope: Scope) -> Any:
        return self.function(node, scope, "<lambda>")

    def of_Starred(self, node: ast.Starred, scope: Scope) -> Any:
        raise Refused("python-construct", "a star stands where none can", node)

    def of_ListComp(self, node: ast.ListComp, scope: Scope) -> Any:
        return list(self._comprehension(node, scope, lambda inner: self.value(node.elt, inner)))

    of_GeneratorExp = of_ListComp

    def of_SetComp(self, node: ast.SetComp, scope: Scope) -> Any:
        items = self._comprehension(node, scope, lambda inner: self.value(node.elt, inner))
        return {library.key(item, self, node): None for item in items}.keys()

    def of_DictComp(self, node: ast.DictComp, scope: Scope) -> Any:
        pairs = self._comprehension(
            node,
            scope,
            lambda inner: (library.key(self.value(node.key, inner), self, node), self.value(node.value, inner)),
        )
        return dict(pairs)

    def _comprehension(self, node: Any, scope: Scope, make: Any) -> list[Any]:
        found: list[Any] = []
        inner = Scope(scope, scope.file)

        def walk(at: int) -> None:
            if at == len(node.generators):
                found.append(make(inner))
                if len(found) > LENGTH:
                    self.size(len(found), node)
                return
            generator = node.generators[at]
            for item in self.iterate(self.value(generator.iter, inner), generator.iter):
                self.spend(1, node)
                self.assign(generator.target, item, inner)
                if all(self.truth(self.value(test, inner), test) for test in generator.ifs):
                    walk(at + 1)

        walk(0)
        return found

    def of_Yield(self, node: Any, scope: Scope) -> Any:
        raise Refused("python-construct", "a generator is not followed", node)

    of_YieldFrom = of_Yield

    def of_Await(self, node: Any, scope: Scope) -> Any:
        raise Refused("python-construct", "await is not followed", node)

    # --- truth, iteration ------------------------------------------------------------------------------------------

    def truth(self, value: Any, node: Any) -> bool:
        """Whether a value is true; raises where that cannot be known."""
        if isinstance(value, Unknown):
            raise Refused(
                "python-unknown-value",
                f"whether {_short(node)} holds is not known: {value.why}",
                node,
            )
        if value is None or isinstance(value, (bool, int, float, str, list, tuple, dict)):
            return bool(value)
        if isinstance(value, Range):
            return bool(value.of)
        if isinstance(value, Object):
            for name in ("__bool__", "__len__"):
                method = value.kind.find(name)
                if isinstance(method, Function):
                    return self.truth(self.call(Bound(value, method), [], {}, node), node)
            return True
        return bool(self.world.truth(value, node))

    def iterate(self, value: Any, node: Any) -> Any:
        """The elements of a value, one after the other."""
        if isinstance(value, (list, tuple, str)):
            return value
        if isinstance(value, dict):
            return list(value)
        if isinstance(value, Range):
            return self._counted(value.of, node)
        if isinstance(value, Unknown):
            value.refuse("what is looped over", node)
        if type(value).__name__ in ("dict_keys", "dict_values", "dict_items"):
            return list(value)
        if isinstance(value, Object):
            method = value.kind.find("__iter__")
            if isinstance(method, Function):
                return self.iterate(self.call(Bound(value, method), [], {}, node), node)
            if "__items__" in value.attrs:
                return value.attrs["__items__"]
        if isinstance(value, Class) and "__members__" in value.names:
            return list(value.names["__members__"].values())
        return self.world.iterate(value, node)

    def _counted(self, numbers: range, node: Any) -> Any:
        for number in numbers:
            self.spend(1, node)
            yield number

    def listed(self, value: Any, node: Any) -> list[Any]:
        """The elements as a list, within the budget."""
        if isinstance(value, (list, tuple)):
            self.spend(len(value) // 16, node)
            return list(value)
        if isinstance(value, Range):
            self.size(len(value.of), node)
        return list(self.iterate(value, node))

    # --- attributes, items, calls ----------------------------------------------------------------------------------

    def attribute(self, value: Any, name: str, node: Any, default: Any = MISSING) -> Any:
        """`value.name`."""
        found = self._attribute(value, name, node)
        if found is not MISSING:
            return found
        if default is not MISSING:
            return default
        kind = library.kind_of(value)
        raise Raised("AttributeError", f"'{kind}' has no attribute '{name}'", node)

    def _attribute(self, value: Any, name: str, node: Any) -> Any:
        if isinstance(value, Unknown):
            return Unknown(value.why, value.node or node, value.file, module=value.module)
        if isinstance(value, External):
            return self.world.external(value, name, node)
        if isinstance(value, Object):
            if name in value.attrs:
                return value.attrs[name]
            if name == "__class__":
                return value.kind
            if name == "__dict__":
                return value.attrs
            found = self.of_class(value, value.kind.find(name), node)
            if found is MISSING:
                found = library.object_attribute(value, name, self, node)
            if found is MISSING:
                getter = value.kind.find("__getattr__")
                if isinstance(getter, Function):
                    return self.call(Bound(value, getter), [name], {}, node)
            return found
        if isinstance(value, Class):
            if name == "__name__":
                return value.name
            if name == "__mro__":
                return tuple(value.order)
            found = value.find(name)
            if isinstance(found, Wrapped):
                return Bound(value, found.function) if found.kind == "classmethod" else found.function
            if name == "__init__" and isinstance(found, External):
                return External(f"{found.path}.__init__", node)
            if found is MISSING:
                found = self.world.class_attribute(value, name, node)
            if found is MISSING and any(not self.world.known_base(base.path) for base in value.externals()):
                return Unknown(f"{name} of {value.name}, which inherits from another package", node, self.file)
            return found
        if isinstance(value, Super):
            found = self.of_class(value.self, self._class_of(value.self).find(name, value.after), node)
            if found is MISSING or isinstance(found, External):
                return self.world.super_attribute(value, name, node)
            return found
        if isinstance(value, Function):
            return {"__name__": value.name, "__qualname__": value.name, "__doc__": None, "__wrapped__": value}.get(
                name, MISSING
            )
        if isinstance(value, Partial):
            return {"func": value.function, "args": tuple(value.args), "keywords": value.kwargs}.get(name, MISSING)
        if isinstance(value, Bound):
            return {"__name__": getattr(value.function, "name", ""), "__self__": value.self}.get(name, MISSING)
        found = self.world.attribute(value, name, node)
        if found is not MISSING:
            return found
        return library.method(value, name)

    def _class_of(self, value: Any) -> Class:
        return value if isinstance(value, Class) else value.kind if isinstance(value, Object) else value.cls

    def of_class(self, value: Any, found: Any, node: Any) -> Any:
        """What was found in the class, as an attribute of the instance."""
        if isinstance(found, Function):
            return Bound(value, found)
        if isinstance(found, Wrapped):
            if found.kind == "property":
                return self.call(Bound(value, found.function), [], {}, node)
            if found.kind == "classmethod":
                return Bound(self._class_of(value), found.function)
            return found.function
        return found

    def set_attribute(self, value: Any, name: str, new: Any, node: Any) -> None:
        if isinstance(value, Object):
            value.attrs[name] = new
        elif isinstance(value, Class):
            value.names[name] = new
        elif isinstance(value, (Unknown, External, Function, Bound, Native)):
            return
        else:
            self.world.set_attribute(value, name, new, node)

    def item(self, holder: Any, key: Any, node: Any) -> Any:
        """`holder[key]`."""
        if isinstance(holder, Unknown):
            return holder
        if isinstance(holder, (list, tuple, str, dict, Range)):
            if isinstance(key, Unknown):
                return Unknown(key.why, key.node)
            return library.item(holder, key, self, node)
        if isinstance(holder, Object):
            method = holder.kind.find("__getitem__")
            if isinstance(method, Function):
                return self.call(Bound(holder, method), [key], {}, node)
            if "__items__" in holder.attrs:
                return library.item(holder.attrs["__items__"], key, self, node)
        if isinstance(holder, Class):
            if "__members__" in holder.names:
                return library.item(holder.names["__members__"], key, self, node)
            return holder
        return self.world.item(holder, key, node)

    def of_Call(self, node: ast.Call, scope: Scope) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args:
            return self._super(node)
        function = self.value(node.func, scope)
        args: list[Any] = []
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
        kwargs: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, scope)
            if keyword.arg is not None:
                kwargs[keyword.arg] = value
            elif isinstance(value, Unknown):
                value.refuse("what ** stands for", keyword.value)
            else:
                kwargs.update(value if isinstance(value, dict) else dict(self.world.pairs(value, node)))
        if isinstance(function, External):
            if function.path == "super":
                return self._super(node, args)
            if function.path in ("locals", "globals", "vars"):
                return library.names_of(function.path, args, scope, self, node)
        return self.call(function, args, kwargs, node)

    def _super(self, node: Any, args: list[Any] | None = None) -> Any:
        if args and len(args) == 2:
            owner, this = args
            if isinstance(owner, Class):
                return Super(this, owner)
        for function, scope in reversed(self.frames):
            if function.owner is not None:
                names = function.node.args
                first = (names.posonlyargs + names.args)[:1]
                if first:
                    return Super(scope.names.get(first[0].arg), function.owner)
        raise Raised("RuntimeError", "super(): no arguments", node)

    def call(self, function: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """The value of `function(*args, **kwargs)`."""
        self.spend(1, node)
        if isinstance(function, Function):
            return self.run(function, args, kwargs, node)
        if isinstance(function, Bound):
            if isinstance(function.function, (Function, Bound, Partial, Class)):
                return self.call(function.function, [function.self, *args], kwargs, node)
            return function.function(self, function.self, args, kwargs, node)
        if isinstance(function, Native):
            return function.call(self, args, kwargs, node)
        if isinstance(function, Partial):
            return self.call(function.function, [*function.args, *args], {**function.kwargs, **kwargs}, node)
        if isinstance(function, Class):
            return self.instance(function, args, kwargs, node)
        if isinstance(function, Unknown):
            return self.world.call_unknown(function, args, kwargs, node)
        if isinstance(function, External):
            return self.world.call_external(function, args, kwargs, node)
        if isinstance(function, Object):
            method = function.kind.find("__call__")
            if isinstance(method, Function):
                return self.call(Bound(function, method), args, kwargs, node)
        return self.world.call(function, args, kwargs, node)

    def run(self, function: Function, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """Call a function of a file."""
        scope = Scope(function.scope, function.file)
        if function.owner is not None and function.scope.names is function.owner.names:
            scope.parent = function.scope.parent  # a class body is no scope of its methods
        self._arguments(function, args, kwargs, scope, node)
        self.depth += 1
        if self.depth > DEPTH:
            self.depth -= 1
            raise Exhausted("python-too-long", f"calls go more than {DEPTH} deep", node)
        self.frames.append((function, scope))
        file = self.file
        self.file = function.file
        try:
            if isinstance(function.node, ast.Lambda):
                return self.value(function.node.body, scope)
            if _yields(function.node):
                return self._generated(function, scope)
            self.body(function.node.body, scope)
        except Return as result:
            return result.value
        except Refused as refused:
            if refused.file is None:
                refused.file = function.file
            raise
        finally:
            self.frames.pop()
            self.depth -= 1
            self.file = file
        return None

    def file_of(self, node: Any) -> File | None:
        """The file that is followed just now."""
        return self.file

    def _generated(self, function: Function, scope: Scope) -> list[Any]:
        """A generator, followed to its end: what it yields as a list."""
        found: list[Any] = []
        previous = self.rules[ast.Yield], self.rules[ast.YieldFrom]

        def one(node: Any, inner: Scope) -> Any:
            found.append(None if node.value is None else self.value(node.value, inner))
            self.size(len(found), node)

        def many(node: Any, inner: Scope) -> Any:
            found.extend(self.listed(self.value(node.value, inner), node))

        self.rules[ast.Yield], self.rules[ast.YieldFrom] = one, many
        try:
            self.body(function.node.body, scope)
        except Return:
            pass
        finally:
            self.rules[ast.Yield], self.rules[ast.YieldFrom] = previous
        return found

    def _arguments(self, function: Function, args: list[Any], kwargs: dict[str, Any], scope: Scope, node: Any) -> None:
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

    def instance(self, kind: Class, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        """An instance of a class of the file."""
        made = self.world.instance(kind, args, kwargs, node)
        if made is not MISSING:
            return made
        for base in kind.externals():
            if base.path.startswith("unknown."):
                raise Refused(
                    "python-unknown-value",
                    f"{kind.name} inherits from {base.path.removeprefix('unknown.')}, which is not known",
                    kind.node,
                )
        if "__members__" in kind.names and args:
            for member in kind.names["__members__"].values():
                if library.compare("==", member.attrs["value"], args[0], self, node) is True:
                    return member
        found = Object(kind)
        maker = kind.find("__init__")
        if isinstance(maker, Function):
            self.call(Bound(found, maker), args, kwargs, node)
        elif any(isinstance(base, Class) and base.fields is not None for base in kind.order):
            library.fill_fields(found, args, kwargs, self, node)
        elif isinstance(maker, External):
            library.native_base(found, maker, args, kwargs, self, node)
        return found


def _loading(target: Any) -> Any:
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load())
    if isinstance(target, ast.Attribute):
        return ast.Attribute(target.value, target.attr, ast.Load())
    return ast.Subscript(target.value, target.slice, ast.Load())


def _called(node: Any) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else "exception"


def _path_of(node: Any) -> str:
    """`a.b.c` as it is written; empty for other expressions."""
    if isinstance(node, ast.Call):
        return _path_of(node.func)
    if isinstance(node, ast.Attribute):
        inner = _path_of(node.value)
        return f"{inner}.{node.attr}" if inner else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _bound_names(statement: Any) -> list[str]:
    """The names that a statement would have given a value."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
        return [statement.name]
    found = []
    for part in ast.walk(statement):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            found.append(part.id)
        elif isinstance(part, ast.alias):
            found.append((part.asname or part.name).split(".")[0])
    return found


bound_names = _bound_names


def _yields(node: Any) -> bool:
    known = getattr(node, "_cnncalc_yields", None)
    if known is None:
        inside = parts(node.body, (ast.FunctionDef, ast.Lambda, ast.ClassDef))
        known = any(type(part) in (ast.Yield, ast.YieldFrom) for part in inside)
        node._cnncalc_yields = known
    return bool(known)


_SPEAKS = ("print", "warn", "warning", "info", "debug", "error", "log", "warning_once")


def _only_speaks(node: ast.If) -> bool:
    """Whether a condition only decides what is printed or refused."""

    def harmless(statement: ast.stmt) -> bool:
        if isinstance(statement, (ast.Pass, ast.Raise, ast.Assert)):
            return True
        if isinstance(statement, ast.Expr):
            value = statement.value
            return isinstance(value, ast.Constant) or (isinstance(value, ast.Call) and _called(value.func) in _SPEAKS)
        return isinstance(statement, ast.If) and _only_speaks(statement)

    return all(harmless(statement) for statement in (*node.body, *node.orelse))


def _short(node: Any) -> str:
    try:
        text = ast.unparse(node)
    except (RecursionError, ValueError):
        return "this"
    return text if len(text) <= 60 else text[:57] + "..."


def stop(code: str, message: str, node: Any = None) -> NoReturn:
    """Refuse to go on."""
    raise Refused(code, message, node)
