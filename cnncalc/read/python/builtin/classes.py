"""Classes that Python writes itself: data classes, named tuples, enumerations."""

from __future__ import annotations

import ast

from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.builtin.methods import method, update_dict
from cnncalc.read.python.builtin.registry import name_of, native, new_object
from cnncalc.read.python.values import (
    MISSING,
    Args,
    Bound,
    Class,
    External,
    Field,
    Function,
    Kwargs,
    Native,
    Object,
    Raised,
    Unknown,
    Wrapped,
)


@native("types.SimpleNamespace", "argparse.Namespace")
def _namespace(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    found = new_object(run, "SimpleNamespace", node)
    found.attrs.update(kwargs)
    return found


@native("collections.namedtuple")
def _namedtuple(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    if not args or not isinstance(args[0], str):
        return Unknown("the name of a namedtuple is not known", node)
    fields = args[1] if len(args) > 1 else kwargs.get("field_names", [])
    names = fields.replace(",", " ").split() if isinstance(fields, str) else run.listed(fields, node)
    defaults = run.listed(kwargs.get("defaults") or [], node)
    lead = len(names) - len(defaults)
    kind = Class(args[0], [External("typing.NamedTuple")], node, run.file)
    kind.fields = [(str(n), defaults[i - lead] if i >= lead else MISSING, i >= lead) for i, n in enumerate(names)]
    return kind


@native("dataclasses.field", "attr.ib", "attrs.field")
def _field(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    if "default_factory" in kwargs:
        return Native("default_factory", lambda r, a, k, n: run.call(kwargs["default_factory"], [], {}, n))
    return kwargs.get("default", MISSING)


@native("dataclasses.asdict", "vars")
def _asdict(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    if isinstance(args[0], Object):
        return dict(args[0].attrs)
    return Unknown("asdict(...) of this value is not followed", node)


@native("dataclasses.fields")
def _fields(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    kind = args[0].kind if isinstance(args[0], Object) else args[0]
    if not isinstance(kind, Class):
        return Unknown("it is no dataclass that is known", node)
    names = next((base.fields for base in kind.order if isinstance(base, Class) and base.fields is not None), [])
    found = []
    for name, default, has in names:
        one = new_object(run, "Field", node)
        one.attrs.update(name=name, default=default if has else None)
        found.append(one)
    return tuple(found)


@native("dataclasses.is_dataclass")
def _is_dataclass(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    kind = args[0].kind if isinstance(args[0], Object) else args[0]
    return isinstance(kind, Class) and any(isinstance(b, Class) and b.fields is not None for b in kind.order)


@native("object.__setattr__", "super.__setattr__")
def _set_plain(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    name = name_of(args[1], node)
    if isinstance(args[0], Object):
        args[0].attrs[name] = args[2]
    else:
        run.set_attribute(args[0], name, args[2], node)


@native("object.__new__")
def bare(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """An instance before its __init__."""
    if not isinstance(args[0], Class):
        return Unknown("instances of another package's classes are not followed", node, module=True)
    return fresh(args[0])


def fresh(kind: Class) -> Object:
    """An instance of a class of the file, without attributes."""
    made = Object(kind)
    made.held = empty_held(kind)
    return made


@native("dataclasses.replace")
def _replaced(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    old = args[0]
    if not isinstance(old, Object):
        raise Raised("TypeError", "replace() should be called on dataclass instances", node)
    made = Object(old.kind)
    made.attrs.update(old.attrs)
    made.attrs.update(kwargs)
    return made


def fill_fields(
    made: Object, args: Args, kwargs: Kwargs, run: InterpreterBase, node: ast.AST, fields: list[Field] | None = None
) -> None:
    """The attributes of a dataclass or a named tuple from its arguments and defaults."""
    if fields is None:
        fields = next(base.fields for base in made.kind.order if isinstance(base, Class) and base.fields is not None)
    given = dict(zip((name for name, _, _ in fields), args, strict=False))
    given.update(kwargs)
    missing = [name for name, default, has in fields if name not in given and (not has or default is MISSING)]
    if missing:
        raise Raised("TypeError", f"{made.kind.name}() lacks {', '.join(missing)}", node)
    only = {name for base in made.kind.order if isinstance(base, Class) for name in base.init_only}
    told: list[object] = []
    for name, default, _ in fields:
        value = given.pop(name, default)
        if isinstance(value, Native) and value.name == "default_factory":
            value = value.call(run, [], {}, node)
        if name in only:
            told.append(value)
        else:
            made.attrs[name] = value
    if given:
        raise Raised("TypeError", f"{made.kind.name}() has no argument '{next(iter(given))}'", node)
    if any(base.path == "typing.NamedTuple" for base in made.kind.externals()):
        made.held = tuple(made.attrs[name] for name, _, _ in fields)
    after = made.kind.find("__post_init__")
    if isinstance(after, Function):
        run.call(Bound(made, after), told, {}, node)


def make_enum(kind: Class) -> None:
    """Make members of what an enumeration's body says."""
    members: dict[str, object] = {}
    for name, value in list(kind.names.items()):
        if name.startswith("_") or isinstance(value, (Function, Wrapped)):
            continue
        member = Object(kind)
        member.attrs.update(name=name, value=value)
        members[name] = kind.names[name] = member
    kind.names["__members__"] = members


def worth(value: object) -> object:
    """A member of an enumeration that is a number or a text too, as that; everything else as it is."""
    if isinstance(value, Object) and value.kind.members() is not None:
        paths = {base.path for base in value.kind.externals()}
        if paths & {"str", "int", "float", "enum.IntEnum", "enum.StrEnum", "enum.IntFlag"}:
            return value.attrs["value"]
    return value


@native("enum.auto")
def _auto(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    run.autos += 1
    return run.autos


def native_base(made: Object, base: External, args: Args, kwargs: Kwargs, run: InterpreterBase, node: ast.AST) -> None:
    """An instance of a class that inherits from dict or a settings class of another package."""
    if made.held is not None:
        fill_held(made, args, kwargs, run, node)
    elif base.path.endswith(("PretrainedConfig", "BaseModel")):
        made.attrs.update(kwargs)


def empty_held(kind: Class) -> dict[object, object] | list[object] | None:
    """What an instance of a class that inherits from dict or list holds at first; None for others."""
    paths = [base.path for base in kind.externals()]
    if any(path in ("dict", "collections.OrderedDict", "collections.UserDict", "typing.Dict") for path in paths):
        return {}
    return [] if any(path in ("list", "collections.UserList", "typing.List") for path in paths) else None


def fill_held(made: Object, args: Args, kwargs: Kwargs, run: InterpreterBase, node: ast.AST) -> None:
    """What `dict.__init__` and `list.__init__` put in."""
    if isinstance(made.held, dict):
        update_dict(run, made.held, args, kwargs, node)
    elif isinstance(made.held, list) and args:
        made.held[:] = run.listed(args[0], node)


@native("dict.__init__", "collections.OrderedDict.__init__", "list.__init__")
def _base_init(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> None:
    if args and isinstance(args[0], Object):
        fill_held(args[0], args[1:], kwargs, run, node)


@native(
    "easydict.EasyDict", "addict.Dict", "munch.Munch", "munch.munchify", "omegaconf.OmegaConf.create",
    "omegaconf.DictConfig", "ml_collections.ConfigDict", "ml_collections.config_dict.ConfigDict",
    "yacs.config.CfgNode", "box.Box", "attrdict.AttrDict",
)  # fmt: skip
def dotted(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """A dict whose entries are attributes too; so are those of the dicts in it."""
    held: dict[object, object] = {}
    update_dict(run, held, args, kwargs, node)
    made = new_object(run, "ConfigDict", node, "dict")
    made.hold({name: _dotted_inside(run, value, node) for name, value in held.items()})
    return made


def _dotted_inside(run: InterpreterBase, value: object, node: ast.AST) -> object:
    run.spend(1, node)
    if isinstance(value, dict):
        return dotted(run, [value], {}, node)
    if isinstance(value, (list, tuple)):
        return type(value)(_dotted_inside(run, part, node) for part in value)
    return value


def object_attribute(value: Object, name: str, run: InterpreterBase, node: ast.AST) -> object:
    """What every object has."""
    if name == "_asdict":
        return Native(name, lambda r, a, k, n: dict(value.attrs))
    if name == "_replace":
        return Native(name, lambda r, a, k, n: _replaced(r, [value], k, n))
    if name == "__init__":
        return Native(name, lambda r, a, k, n: value.attrs.update(k))
    if name == "__module__":
        return value.kind.module
    return method(value.held, name) if value.held is not None else MISSING
