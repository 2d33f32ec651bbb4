"""Questions about values: isinstance, getattr, type."""

from __future__ import annotations

import ast

from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.builtin.registry import kind_of, name_of, native
from cnncalc.read.python.tensor.sizes import Size
from cnncalc.read.python.tensor.tensors import Param, Tensor
from cnncalc.read.python.values import (
    MISSING,
    Args,
    Bound,
    Class,
    External,
    Function,
    Iterator,
    Kwargs,
    Names,
    Native,
    Object,
    Partial,
    Raised,
    Range,
    Scope,
    Set,
    Unknown,
)


@native("functools.partial")
def _partial(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    of = args[0]
    if isinstance(of, Partial):  # one of a partial is one of its function, as in Python
        return Partial(of.function, [*of.args, *args[1:]], {**of.kwargs, **kwargs})
    return Partial(of, args[1:], dict(kwargs))


@native("isinstance")
def _isinstance(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    value, kinds = args[0], args[1]
    if isinstance(kinds, (tuple, list)):
        lacks = None
        for kind in kinds:
            found = _isinstance(run, [value, kind], {}, node)
            if found is True:
                return True
            lacks = found if isinstance(found, Unknown) else lacks
        return lacks if lacks is not None else False
    if isinstance(value, Unknown):
        return value
    if isinstance(kinds, Class):
        owner = value.kind if isinstance(value, Object) else getattr(value, "cls", None)
        return isinstance(owner, Class) and kinds in owner.order
    if isinstance(kinds, External):
        plain = _is_plain(value, kinds.path)
        return run.packages.is_instance(value, kinds.path, node) if plain is None else plain
    return Unknown("the class that isinstance asks for is not known", node)


def _is_plain(value: object, path: str) -> bool | None:
    if path == "object":
        return True
    kinds: dict[str, type | tuple[type, ...]] = {
        "int": (int, Size), "float": float, "str": str, "bool": bool, "list": list, "tuple": tuple, "dict": dict,
        "collections.OrderedDict": dict, "range": Range, "slice": slice, "bytes": bytes,
        "numbers.Number": (int, float), "numbers.Integral": int, "numbers.Real": (int, float),
        "collections.abc.Mapping": dict, "typing.Mapping": dict, "torch.Size": tuple,
        "typing.List": list, "typing.Tuple": tuple, "typing.Dict": dict, "numpy.integer": (), "numpy.floating": (),
        "numpy.ndarray": (),
    }  # fmt: skip
    if isinstance(value, Object) and value.held is not None and kinds.get(path) in (dict, list, tuple):
        return isinstance(value.held, kinds[path])
    if path in kinds:
        return isinstance(value, kinds[path])
    if path in ("collections.abc.Iterator", "typing.Iterator", "types.GeneratorType", "collections.abc.Generator"):
        return isinstance(value, Iterator)
    if path in ("functools.partial", "types.FunctionType", "type"):
        kind = {"functools.partial": Partial, "types.FunctionType": Function, "type": Class}[path]
        return isinstance(value, kind) or (path == "type" and isinstance(value, External) and value.name[:1].isupper())
    if path in ("set", "frozenset"):
        return isinstance(value, Set)
    if path in ("collections.abc.Callable", "typing.Callable"):
        return isinstance(value, (Function, Native, Bound, Partial, Class))
    if path in (
        "collections.abc.Iterable", "typing.Iterable", "collections.abc.Sequence", "typing.Sequence",
        "collections.Iterable",
    ):  # fmt: skip
        return isinstance(value, (list, tuple, str, Range)) or (
            path.endswith("Iterable") and isinstance(value, (dict, Set, Iterator))
        )
    if isinstance(value, Object):
        return any(isinstance(base, External) and base.path == path for base in value.kind.order)
    if value is None or isinstance(value, (int, float, str, list, tuple, dict, Range)):
        return False
    return None


@native("issubclass")
def _issubclass(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    value, kinds = args[0], args[1]
    if isinstance(kinds, (tuple, list)):
        return any(_issubclass(run, [value, kind], {}, node) is True for kind in kinds)
    if isinstance(value, Class):
        if isinstance(kinds, Class):
            return kinds in value.order
        if isinstance(kinds, External):
            return any(run.packages.is_subclass(base.path, kinds.path) for base in value.externals())
    if isinstance(value, External) and isinstance(kinds, External):
        return run.packages.is_subclass(value.path, kinds.path)
    return False


@native("callable")
def _callable(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    value = args[0]
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Object):
        return value.kind.find("__call__") is not MISSING
    return not (value is None or isinstance(value, (int, float, str, list, tuple, dict, Set, Tensor, Param)))


@native("type")
def _type(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    if len(args) == 3 and isinstance(args[0], str) and isinstance(args[2], dict):
        bases = run.listed(args[1], node)
        if all(isinstance(base, (Class, External)) for base in bases):
            return _made_class(args[0], bases, args[2], run, node)
    if len(args) != 1:
        return Unknown("a class made by type(...) is not followed", node, module=True)
    value = args[0]
    known = {Partial: "functools.partial", Class: "type", Function: "types.FunctionType", Bound: "types.MethodType"}
    if type(value) in known:
        return External(known[type(value)])
    if isinstance(value, External) and value.name[:1].isupper():
        return External("type")
    if isinstance(value, Object):
        return value.kind
    if isinstance(value, Unknown):
        return value
    if value is None or isinstance(value, (bool, int, float, str, list, tuple, dict)):
        return External("NoneType" if value is None else type(value).__name__)
    return run.packages.type_of(value, node)


def _made_class(name: str, bases: list[object], names: dict[str, object], run: InterpreterBase, node: ast.AST) -> Class:
    made = Class(name, bases or [External("object")], node, run.file)
    for key, value in names.items():
        if isinstance(value, Function) and value.owner is None:
            value.owner = made
        made.names[str(key)] = value
    return made


@native("getattr")
def _getattr(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    if isinstance(args[1], Unknown):
        return Unknown(f"the name of an attribute is not known: {args[1].why}", args[1].node, module=True)
    if not isinstance(args[1], str):
        raise Raised("TypeError", f"the name of an attribute must be a str, not {kind_of(args[1])}", node)
    if len(args) > 2:
        try:
            found = run.attribute(args[0], args[1], node, MISSING)
        except Raised as raised:
            if raised.kind == "AttributeError":
                return args[2]
            raise
        return found
    return run.attribute(args[0], args[1], node)


@native("hasattr")
def _hasattr(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    if not isinstance(args[1], (str, Unknown)):
        raise Raised("TypeError", f"the name of an attribute must be a str, not {kind_of(args[1])}", node)
    if isinstance(args[0], External) and isinstance(args[1], str) and args[0].path.split(".")[0] == "torch":
        if run.packages.known(f"{args[0].path}.{args[1]}"):
            return True
        return Unknown("PyTorch has it from some version on", node)
    if isinstance(args[0], (Unknown, External)):
        return Unknown("what another package has is not known", node)
    try:
        run.attribute(args[0], name_of(args[1], node), node)
    except Raised as raised:
        if raised.kind == "AttributeError":
            return False
        raise
    return True


@native("dir")
def _dir(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    if args and isinstance(args[0], External):
        return Names(args[0], node)
    return Unknown("what dir() lists is not followed", node)


@native("setattr")
def _setattr(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    run.set_attribute(args[0], name_of(args[1], node), args[2], node)


@native("delattr")
def _delattr(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    run.packages.delete(args[0], name_of(args[1], node), node)


@native("id", "hash")
def _id(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return Unknown("an address in memory is another one each time", node)


@native("print", "warnings.warn", "warnings.filterwarnings", "warnings.simplefilter", "input")
def _print(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    return None


def names_of(path: str, args: Args, scope: Scope, run: InterpreterBase, node: ast.AST) -> object:
    """locals(), globals() and vars(x)."""
    if path == "vars" and args:
        return (
            args[0].attrs if isinstance(args[0], Object) else Unknown("vars(...) of this value is not followed", node)
        )
    return dict(scope.names) if path == "locals" else dict(scope.file.scope.names)
