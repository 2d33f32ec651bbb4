"""What names of a Python file can stand for while it is followed: plain values, and the kinds below."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NoReturn, TypeAlias

from cnncalc.core.problem import Source

# What is given to a function of the code that is followed. A value is a plain one of Python's or one of the kinds
# below, of `tensor` and of `layers`: isinstance tells which.
Args: TypeAlias = list[object]
Kwargs: TypeAlias = dict[str, object]


FunctionNode: TypeAlias = ast.FunctionDef | ast.Lambda
Field: TypeAlias = tuple[str, object, bool]  # of a dataclass: name, default, whether it has one


class Missing:
    """There is no value."""


class Kind:
    """A value that Python has no type of its own for here; a message tells it by its kind and name."""

    __slots__ = ()
    type_name = "object"  # Python's name of its class

    def __repr__(self) -> str:
        return f"{self.type_name} {getattr(self, 'name', '')}".strip()


class Refused(Exception):
    """What cannot be known from the text, or does not hold: a code, a sentence, and the line it is about."""

    def __init__(self, code: str, message: str, node: object = None, help: Iterable[str] | str = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.node = node
        self.help: tuple[str, ...] = (help,) if isinstance(help, str) else tuple(help)
        self.file: File | None = None
        self.undefined = False  # whether it is a name that nothing defines, as far as all names are seen


class Raised(Refused):
    """An exception that the file itself would raise; `kind` is its class's name."""

    def __init__(self, kind: str, message: str, node: object = None) -> None:
        text = f"{kind}: {message}" if message else kind
        super().__init__("python-raises", f"the code stops here with {text}", node)
        self.kind = kind
        self.text = message


class Exhausted(Refused):
    """The budget of steps, depth or size is used up; nothing catches it."""


class File:
    """A Python file that is followed: its text, and the names of its top level."""

    def __init__(self, source: Source, tree: ast.Module, path: str, name: str) -> None:
        self.source = source
        self.tree = tree
        self.path = path
        self.name = name
        self.scope = Scope(None, self)
        self.done = False
        self.open = False  # whether `from ... import *` gives names that nobody sees
        self.bundled = source.name.startswith("<torch")  # classes that are made of others, which nobody sees


class Scope:
    """Names and their values; `parent` is where else a name is looked up."""

    __slots__ = ("file", "globals", "names", "nonlocals", "parent")

    def __init__(self, parent: Scope | None, file: File) -> None:
        self.parent = parent
        self.file = file
        self.names: dict[str, object] = {}
        self.globals: frozenset[str] = frozenset()
        self.nonlocals: frozenset[str] = frozenset()


class Unknown(Kind):
    """A value that the text does not tell: why, and where it came from.

    `module` says that it could be a part of a network, with parameters that nobody sees.
    """

    __slots__ = ("file", "module", "node", "why")

    def __init__(self, why: str, node: object = None, file: File | None = None, module: bool = False) -> None:
        self.why = why
        self.node = node
        self.file = file
        self.module = module

    def refuse(self, what: str, node: object) -> NoReturn:
        """Stop: what was to be done with it needs its value."""
        line = getattr(self.node, "lineno", None)
        place = "" if line is None else f" (line {line})"
        refused = Refused("python-unknown-value", f"{what} is not known: {self.why}{place}", node)
        raise refused


class Names(Unknown):
    """The names of a module of another package: of each it is known whether it is among them, or not at all."""

    __slots__ = ("of",)

    def __init__(self, of: External, node: object) -> None:
        super().__init__(f"the names of {of.path}", node)
        self.of = of


class External(Kind):
    """A name of another package, by its full path: `torch.nn.Conv2d`."""

    __slots__ = ("node", "path")
    type_name = ""

    def __init__(self, path: str, node: object = None) -> None:
        self.path = path
        self.node = node

    def __eq__(self, other: object) -> bool:
        return isinstance(other, External) and other.path == self.path

    def __hash__(self) -> int:
        return hash(self.path)

    @property
    def name(self) -> str:
        """Its last part."""
        return self.path.rpartition(".")[2]


class Function(Kind):
    """A function or lambda of a file."""

    __slots__ = ("attrs", "defaults", "file", "kw_defaults", "name", "node", "owner", "scope")
    type_name = "function"

    def __init__(self, node: FunctionNode, scope: Scope, file: File, name: str) -> None:
        self.node = node
        self.scope = scope
        self.file = file
        self.name = name
        self.defaults: list[object] = []
        self.kw_defaults: list[object] = []
        self.owner: Class | None = None
        self.attrs: dict[str, object] = {}


class Native(Kind):
    """A function that is ours: `call(interpreter, args, kwargs, node)`."""

    __slots__ = ("call", "name")
    type_name = "function"

    def __init__(self, name: str, call: Callable[..., object]) -> None:
        self.name = name
        self.call = call


class Bound(Kind):
    """A function with the object it belongs to."""

    __slots__ = ("function", "self")
    type_name = "method"

    def __init__(self, self_: object, function: object) -> None:
        self.self = self_
        self.function = function


class Partial(Kind):
    """functools.partial."""

    __slots__ = ("args", "function", "kwargs")
    type_name = "functools.partial"

    def __init__(self, function: object, args: Args, kwargs: Kwargs) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs


class Wrapped(Kind):
    """A method that is no plain function: `kind` is property, staticmethod or classmethod."""

    __slots__ = ("function", "kind", "setter")

    def __init__(self, kind: str, function: object, setter: object = None) -> None:
        self.kind = kind
        self.function = function
        self.setter = setter


class Class(Kind):
    """A class of a file. `order` is its method resolution order, itself first; externals stand in it as they are."""

    type_name = "type"

    def __init__(self, name: str, bases: list[object], node: ast.AST | None, file: File | None) -> None:
        self.name = name
        self.bases = bases
        self.node = node
        self.file = file
        self.names: dict[str, object] = {}
        self.fields: list[Field] | None = None  # of a dataclass
        self.init_only: set[str] = set()  # fields that only __post_init__ gets
        self.order: list[object] = _linear(self)

    def find(self, name: str, after: Class | None = None) -> object:
        """What a name means in the class and its bases; `after` starts behind that class, as super() does."""
        order = self.order
        if after is not None and after in order:
            order = order[order.index(after) + 1 :]
        for kind in order:
            if isinstance(kind, Class):
                if name in kind.names:
                    return kind.names[name]
            elif name == "__init__" and isinstance(kind, External) and kind.path not in PLAIN_BASES:
                return kind
        return MISSING

    @property
    def module(self) -> str:
        """The name of the module that it is of."""
        return self.file.name if self.file is not None else "builtins"

    def members(self) -> dict[str, object] | None:
        """The members of an enumeration, by their names; None for other classes."""
        found = self.names.get("__members__")
        return found if isinstance(found, dict) else None

    def externals(self) -> list[External]:
        """The classes of other packages that it inherits from."""
        return [kind for kind in self.order if isinstance(kind, External)]


class Object(Kind):
    """An instance of a class that is no network; `held` is what one of a dict, list or tuple contains."""

    def __init__(self, kind: Class) -> None:
        self.kind = kind
        self.attrs: dict[str, object] = {}
        self.held: dict[object, object] | list[object] | tuple[object, ...] | None = None

    def hold(self, held: object) -> None:
        """Let the entries of a dict be its attributes, and its attributes entries."""
        if isinstance(held, dict):
            self.attrs = self.held = held


class Super(Kind):
    """What super() gives: the object, and the class after which names are looked up."""

    __slots__ = ("after", "self")

    def __init__(self, self_: object, after: Class) -> None:
        self.self = self_
        self.after = after


class Range(Kind):
    """range(...), never made into a list by itself."""

    __slots__ = ("of",)
    type_name = "range"

    def __init__(self, of: range) -> None:
        self.of = of


class Set(Kind):
    """A set: the keys of a dict. `dict.keys()` is one that shows the dict as it is."""

    __slots__ = ("of",)
    type_name = "set"

    def __init__(self, of: dict[object, object]) -> None:
        self.of = of

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Set) and self.of.keys() == other.of.keys()

    __hash__ = None  # type: ignore[assignment]

    def items(self) -> list[object]:
        """Its elements; whole numbers in the order in which Python has them."""
        return list(set(self.of)) if all(type(part) is int for part in self.of) else list(self.of)


class Iterator(Kind):
    """What iter(), a generator, zip and map give: each element once."""

    __slots__ = ("of",)
    type_name = "iterator"

    def __init__(self, of: Iterable[object]) -> None:
        self.of = iter(of)


# Bases that bring nothing: an instance is a plain object.
PLAIN_BASES = frozenset(
    ("object", "abc.ABC", "typing.Generic", "typing.Protocol", "typing.NamedTuple", "enum.Enum", "enum.IntEnum")
)
MISSING = Missing()


def _linear(kind: Class) -> list[object]:
    """The method resolution order (C3, as in Python); bases that are unknown stand as they are."""
    bases = [base.order if isinstance(base, Class) else [base] for base in kind.bases]
    tails = [tail[::-1] for tail in (*bases, kind.bases) if tail]  # what comes next stands last
    behind = Counter(_key(each) for tail in tails for each in tail[:-1])
    order: list[object] = [kind]
    while len(tails) > 1:
        head = next((tail[-1] for tail in tails if not behind[_key(tail[-1])]), None)
        if head is None:
            raise Raised("TypeError", f"the bases of {kind.name} cannot be put in order", kind.node)
        order.append(head)
        for tail in tails:
            if _key(tail[-1]) == _key(head):
                tail.pop()
                if tail:
                    behind[_key(tail[-1])] -= 1
        tails = [tail for tail in tails if tail]
    return _modules_last(order + [each for tail in tails for each in reversed(tail)])


def _modules_last(order: list[object]) -> list[object]:
    """The order with torch.nn.Module behind the classes of torch.nn, which all inherit from it."""
    paths = [kind.path if isinstance(kind, External) else "" for kind in order]
    last = max((at for at, path in enumerate(paths) if path.startswith("torch.nn.")), default=0)
    if "torch.nn.Module" in paths[:last]:
        order.insert(last, order.pop(paths.index("torch.nn.Module")))
    return order


def _key(of: object) -> object:
    """What tells the classes of an order apart: other packages' by their paths."""
    return of.path if isinstance(of, External) else id(of)
