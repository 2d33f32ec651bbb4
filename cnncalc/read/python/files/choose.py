"""Which model of a Python file is meant: the one that was named, an instance, or the only one that no other uses."""

from __future__ import annotations

import ast

from cnncalc.core.problem import suggestion
from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.files.walk import parts
from cnncalc.read.python.layers.kinds import LOSSES, module_class
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.layers.modules import modules
from cnncalc.read.python.values import MISSING, Args, Bound, Class, External, File, Function, Kwargs, Refused, Unknown


def choose(interpreter: InterpreterBase, file: File, wanted: str, shown: str) -> Module:
    """The model; raises `Refused` with the candidates where it is not clear."""
    names = file.scope.names
    if wanted:
        return _named(interpreter, file, wanted, shown)
    candidates = possible(file)
    if not candidates:
        for name, value in names.items():
            if isinstance(value, Unknown) and value.module:
                raise Refused("python-unknown-value", f"{name} is not known: {value.why}", value.node)
        message = "there is no network in it: no class that inherits from nn.Module, and no instance of one"
        help = "a class Net(nn.Module) with __init__ and forward, or a line model = nn.Sequential(...)"
        raise Refused("python-no-network", message, None, help=help)
    if len(candidates) > 1:
        raise _several(candidates, shown)
    return make(interpreter, file, candidates[0], names[candidates[0]], None, shown)


def possible(file: File) -> list[str]:
    """The names that may be meant: those of the instances, else of what makes one and is used by no other."""
    return list(_instances(file.scope.names)) or _candidates(file)


def _several(names: list[str], shown: str) -> Refused:
    listed = ", ".join(f"{shown}:{name}" for name in names[:12])
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return Refused(
        "python-several", f"it has several models: {', '.join(names[:12])}{more}", None, help=f"say which: {listed}"
    )


def _instances(names: dict[str, object]) -> dict[str, Module]:
    found: dict[str, Module] = {}
    for name, value in names.items():
        if isinstance(value, Module) and value.kind not in LOSSES and value not in found.values():
            found[name] = value
    inner = {id(part) for model in found.values() for path, part in modules(model) if path}
    return {name: model for name, model in found.items() if id(model) not in inner}


def _candidates(file: File) -> list[str]:
    """Classes and functions that make a model and that no other one of the file uses."""
    own = {
        name: value
        for name, value in file.scope.names.items()
        if isinstance(value, Class) and value.file is file and module_class(value) is not None and value.name == name
    }
    makers: dict[str, object] = dict(own)
    nodes = {part.name: part for part in file.tree.body if isinstance(part, (ast.FunctionDef, ast.ClassDef))}
    grew = True
    while grew:
        grew = False
        for name, node in nodes.items():
            if name in makers or not isinstance(node, ast.FunctionDef):
                continue
            if isinstance(file.scope.names.get(name), Function) and _returns(node, makers):
                makers[name] = file.scope.names[name]
                grew = True
    used: set[str] = set()
    for name in makers if len(makers) > 1 else ():
        holder = nodes.get(name)
        if holder is not None:
            used |= {part.id for part in parts([holder]) if type(part) is ast.Name and part.id != name}
    return [name for name in makers if name not in used and not name.startswith("_")] or [
        name for name in makers if name not in used
    ]


def _returns(node: ast.FunctionDef, makers: dict[str, object]) -> bool:
    """Whether a function returns what a maker makes."""
    held: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Assign) and _makes(part.value, makers):
            held |= {target.id for target in part.targets if isinstance(target, ast.Name)}
    return any(
        isinstance(part, ast.Return)
        and part.value is not None
        and (_makes(part.value, makers) or (isinstance(part.value, ast.Name) and part.value.id in held))
        for part in ast.walk(node)
    )


def _makes(node: ast.expr, makers: dict[str, object]) -> bool:
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    if isinstance(function, ast.Name):
        if function.id in makers:
            return True
    elif isinstance(function, ast.Attribute):
        if function.attr in ("Sequential",):
            return True
        return _makes(function.value, makers)  # Net().to(device)
    return any(isinstance(argument, ast.Name) and argument.id in makers for argument in node.args)


def _named(interpreter: InterpreterBase, file: File, wanted: str, shown: str) -> Module:
    head, bracket, _ = wanted.partition("(")
    names = file.scope.names
    name, dot, method = head.strip().partition(".")
    if name not in names:
        known = [n for n, v in names.items() if isinstance(v, (Class, Function, Module)) and not n.startswith("_")]
        hint = suggestion(name, known, f"it has {', '.join(known[:12])}" if known else ())
        raise Refused("python-no-name", f"{shown} has no {name}", None, help=hint)
    call = None
    if bracket:
        try:
            parsed = ast.parse(wanted.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            parsed = None
        if not isinstance(parsed, ast.Call):
            raise Refused("python-no-name", f'"{wanted}" is no call', None, help=f"{shown}:{name}(num_classes=10)")
        call = parsed
    value = names[name]
    if dot:  # a class method that makes one, a part of a model
        name, value = head.strip(), interpreter.attribute(value, method, file.tree)
    return make(interpreter, file, name, value, call, shown)


def make(
    interpreter: InterpreterBase, file: File, name: str, value: object, call: ast.Call | None, shown: str
) -> Module:
    """The model that a class or function makes with these arguments."""
    if isinstance(value, Module):
        return value
    if isinstance(value, Unknown):
        raise Refused("python-unknown-value", f"{name} is not known: {value.why}", value.node)
    if isinstance(value, External):
        raise Refused("python-no-name", f"{name} is imported from {value.path}, which is not here", value.node)
    if not isinstance(value, (Class, Function, Bound)):
        raise Refused("python-no-name", f"{name} is no model", None)
    if isinstance(value, Class) and module_class(value) is None:
        unknown = [base.path.removeprefix("unknown.") for base in value.externals() if base.path != "object"]
        what = f"inherits from {', '.join(unknown)}, which is not known" if unknown else "is no nn.Module"
        raise Refused("python-no-name", f"{name} {what}", value.node)
    args: Args = []
    kwargs: Kwargs = {}
    if call is not None:
        for argument in call.args:
            args.append(interpreter.value(argument, file.scope))
        for keyword in call.keywords:
            if keyword.arg is not None:
                kwargs[keyword.arg] = interpreter.value(keyword.value, file.scope)
    missing = _missing(value, args, kwargs)
    if missing:
        text = ", ".join(f"{argument}=..." for argument in missing)
        raise Refused(
            "python-arguments",
            f"{name} needs {', '.join(missing)}, which have no default"
            if len(missing) > 1
            else f"{name} needs {missing[0]}, which has no default",
            _node(value),
            help=f'give them on the command line: "{shown}:{name}({text})"',
        )
    interpreter.file = file
    model = interpreter.call(value, args, kwargs, call or _node(value))
    if isinstance(model, Unknown):
        raise Refused(
            "python-unknown-value", f"what {name} gives is not known: {model.why}", model.node or _node(value)
        )
    if not isinstance(model, Module):
        raise Refused("python-no-name", f"{name} gives no nn.Module", _node(value))
    return model


def _node(value: Class | Function | Bound) -> ast.AST:
    named = value.function if isinstance(value, Bound) else value
    node = named.node if isinstance(named, (Class, Function)) else None
    return node or ast.Pass()


def _missing(value: Class | Function | Bound, args: Args, kwargs: Kwargs) -> list[str]:
    function: object = value
    skip = 0
    if isinstance(value, Bound):
        function, skip = value.function, 1
    if isinstance(value, Class):
        function, skip = value.find("__init__"), 1
    if not isinstance(function, Function):
        return []
    names = function.node.args
    positional = [argument.arg for argument in (*names.posonlyargs, *names.args)][skip:]
    required = positional[: len(positional) - len(function.defaults)][len(args) :]
    only = [
        argument.arg
        for argument, default in zip(names.kwonlyargs, function.kw_defaults, strict=True)
        if default is MISSING
    ]
    return [name for name in (*required, *only) if name not in kwargs]
