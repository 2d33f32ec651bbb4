"""Python's own functions, methods and operators, on values that are known; everything with a bound."""

from __future__ import annotations

import itertools
import math
import operator
import re
from collections.abc import Callable
from typing import Any, TypeVar

from cnncalc.read.python.sizes import Size
from cnncalc.read.python.values import (
    BITS,
    MISSING,
    Bound,
    Class,
    Exhausted,
    External,
    Function,
    Native,
    Object,
    Partial,
    Raised,
    Range,
    Refused,
    Unknown,
)

BUILTINS = frozenset(
    [
        "abs",
        "all",
        "any",
        "bool",
        "bytes",
        "callable",
        "dict",
        "dir",
        "divmod",
        "enumerate",
        "filter",
        "float",
        "format",
        "frozenset",
        "getattr",
        "globals",
        "hasattr",
        "hash",
        "help",
        "id",
        "int",
        "isinstance",
        "issubclass",
        "iter",
        "len",
        "list",
        "locals",
        "map",
        "max",
        "min",
        "next",
        "object",
        "open",
        "ord",
        "chr",
        "pow",
        "print",
        "property",
        "range",
        "repr",
        "reversed",
        "round",
        "set",
        "setattr",
        "delattr",
        "slice",
        "sorted",
        "staticmethod",
        "classmethod",
        "str",
        "sum",
        "super",
        "tuple",
        "type",
        "vars",
        "zip",
        "exec",
        "eval",
        "compile",
        "input",
        "__import__",
        "complex",
        "bin",
        "hex",
        "oct",
        "memoryview",
        "bytearray",
        "NotImplemented",
        "Ellipsis",
        "Exception",
        "BaseException",
        "ValueError",
        "TypeError",
        "KeyError",
        "IndexError",
        "RuntimeError",
        "NotImplementedError",
        "AssertionError",
        "AttributeError",
        "ImportError",
        "ModuleNotFoundError",
        "StopIteration",
        "Warning",
        "DeprecationWarning",
        "UserWarning",
        "FutureWarning",
        "RuntimeWarning",
        "OSError",
        "FileNotFoundError",
        "ZeroDivisionError",
    ]
)

# Decorators that leave what they decorate as it is, as far as shapes go.
KEEPS = re.compile(
    r"(torch\.(no_grad|inference_mode|enable_grad|jit\..*|compile.*|compiler\..*|fx\.wrap|autocast|set_grad_enabled|"
    r"_dynamo.*|cuda\.amp\..*|amp\..*|library\..*|utils\..*|_jit_internal\..*|set_grad_enabled)|"
    r"functools\.(lru_cache|cache|wraps|singledispatch|total_ordering)|typing\..*|typing_extensions\..*|abc\..*|"
    r"contextlib\..*|(.*\.)?(register\w*|overload|abstractmethod|final|override|deprecated|beartype|typechecked|"
    r"jaxtyped|add_start_docstrings\w*|add_end_docstrings|replace_return_docstrings|add_code_sample_docstrings|"
    r"handle_legacy_interface|_log_api_usage_once|export|unused|ignore|auto_docstring|dataclass_transform|"
    r"rank_zero_only|configurable|force_fp32|auto_fp16|wraps|setter|can_return_tuple|check_model_inputs))"
)

F = TypeVar("F", bound=Callable[..., Any])
FUNCTIONS: dict[str, Any] = {}


def keeps(path: str) -> bool:
    """Whether a decorator of that path is known to change nothing that counts."""
    return bool(path) and KEEPS.fullmatch(path) is not None


def native(*paths: str) -> Callable[[F], F]:
    """Make a function the meaning of these paths: it gets (interpreter, args, kwargs, node)."""

    def register(function: F) -> F:
        for path in paths:
            FUNCTIONS[path] = function
        return function

    return register


def kind_of(value: Any) -> str:
    """The name of a value's class, for messages."""
    if isinstance(value, Object):
        return value.kind.name
    if isinstance(value, Class):
        return "type"
    named = getattr(value, "type_name", None)
    return named if isinstance(named, str) else type(value).__name__


def unknown(args: Any, kwargs: Any = None) -> Unknown | None:
    """The first argument that is not known."""
    for value in (*args, *(kwargs or {}).values()):
        if isinstance(value, Unknown):
            return value
    return None


# --- operators -----------------------------------------------------------------------------------------------------

_PLAIN: dict[str, Any] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "|": operator.or_, "&": operator.and_, "^": operator.xor,
}  # fmt: skip
_COMPARE: dict[str, Any] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def binary(sign: str, left: Any, right: Any, run: Any, node: Any) -> Any:
    """`left sign right` for plain values."""
    numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
    try:
        if numbers:
            if sign == "**":
                return _power(left, right, node)
            if sign in ("<<", ">>"):
                if not 0 <= right <= BITS or int(left).bit_length() + right > BITS:
                    raise Exhausted("python-too-long", "a number would have more than 4,096 bits", node)
                return left << right if sign == "<<" else left >> right
            if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > BITS:
                raise Exhausted("python-too-long", "a number would have more than 4,096 bits", node)
            return _PLAIN[sign](left, right)
        if sign == "*":
            for many, what in ((left, right), (right, left)):
                if isinstance(many, int) and isinstance(what, (str, list, tuple)):
                    run.size(len(what) * max(many, 0), node)
                    return what * many
        if sign == "+" and type(left) is type(right) and isinstance(left, (str, list, tuple)):
            run.size(len(left) + len(right), node)
            return left + right
        if sign == "%" and isinstance(left, str):
            return _percent(left, right, run, node)
        if isinstance(left, dict) and isinstance(right, dict) and sign == "|":
            return {**left, **right}
        if type(left).__name__ == "dict_keys" and type(right).__name__ == "dict_keys" and sign in ("|", "&", "-", "^"):
            return dict.fromkeys(_PLAIN[sign](left, right)).keys()
    except (ZeroDivisionError, OverflowError, TypeError, ValueError) as error:
        raise Raised(type(error).__name__, str(error), node) from None
    if isinstance(left, Object) or isinstance(right, Object):
        return _by_method(sign, left, right, run, node)
    if isinstance(left, (External, Class)) and sign == "|":
        return left  # a type, `int | None`
    raise Raised("TypeError", f"{kind_of(left)} {sign} {kind_of(right)}", node)


_METHODS = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "truediv",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
    "@": "matmul",
}


def _by_method(sign: str, left: Any, right: Any, run: Any, node: Any) -> Any:
    name = _METHODS.get(sign, "")
    for this, other, prefix in ((left, right, "__"), (right, left, "__r")):
        if isinstance(this, Object):
            method = this.kind.find(f"{prefix}{name}__")
            if isinstance(method, Function):
                return run.call(Bound(this, method), [other], {}, node)
    return Unknown("an operator of a class", node)


def _power(left: Any, right: Any, node: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int) and right > 0 and left.bit_length() * right > BITS:
        raise Exhausted("python-too-long", "a number would have more than 4,096 bits", node)
    if isinstance(left, int) and isinstance(right, int) and right < -BITS:
        return 0.0
    result = left**right
    if isinstance(result, complex):
        return Unknown("a complex number", node)
    return result


def compare(sign: str, left: Any, right: Any, run: Any, node: Any) -> Any:
    """`left sign right`, True, False or `Unknown`."""
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return _COMPARE[sign](left, right)
    if isinstance(left, str) and isinstance(right, str):
        return _COMPARE[sign](left, right)
    if sign in ("==", "!="):
        same = equal(left, right, run, node)
        return same if isinstance(same, Unknown) else same == (sign == "==")
    if isinstance(left, (list, tuple)) and type(left) is type(right):
        for one, other in zip(left, right, strict=False):
            same = equal(one, other, run, node)
            if same is not True:
                return same if isinstance(same, Unknown) else run.compare(sign, one, other, node)
        return _COMPARE[sign](len(left), len(right))
    if type(left).__name__ == "dict_keys" and type(right).__name__ == "dict_keys":
        return _COMPARE[sign](left, right)
    if isinstance(left, External) or isinstance(right, External):
        return Unknown("two names of other packages are compared", node)
    raise Raised("TypeError", f"{kind_of(left)} {sign} {kind_of(right)}", node)


def equal(left: Any, right: Any, run: Any, node: Any) -> Any:
    """Whether two values are the same; counted, since lists may hold one another many times."""
    run.spend(1, node)
    if left is right:
        return True
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return left if isinstance(left, Unknown) else right
    if isinstance(left, Object) and isinstance(left.kind.find("__eq__"), Function):
        return run.call(Bound(left, left.kind.find("__eq__")), [right], {}, node)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        if type(left) is not type(right) or len(left) != len(right):
            return False
        for one, other in zip(left, right, strict=True):
            same = equal(one, other, run, node)
            if same is not True:
                return same
        return True
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            return False
        return equal(list(left.values()), [right[name] for name in left], run, node)
    if isinstance(left, (int, float, str, Size, External)) or left is None:
        return bool(left == right) if isinstance(right, (int, float, str, Size, External)) else False
    return type(left).__name__ == type(right).__name__ == "dict_keys" and left == right


def key(value: Any, run: Any, node: Any) -> Any:
    """A value as the key of a dict; what is nested is counted."""
    if isinstance(value, Unknown):
        value.refuse("a key", node)
    if isinstance(value, tuple):
        run.spend(len(value), node)
        for part in value:
            key(part, run, node)
    elif isinstance(value, (list, dict)):
        raise Raised("TypeError", f"unhashable type: '{type(value).__name__}'", node)
    return value


def item(holder: Any, place: Any, run: Any, node: Any) -> Any:
    """`holder[place]` for plain values."""
    if isinstance(holder, dict):
        found = holder.get(key(place, run, node), MISSING)
        if found is MISSING:
            factory = getattr(holder, "factory", None)
            if factory is not None:
                holder[place] = found = run.call(factory, [], {}, node)
                return found
            raise Raised("KeyError", repr(place)[:80], node)
        return found
    if isinstance(holder, Range):
        holder = holder.of
    if isinstance(place, Object):  # an enumeration's member, an index
        place = place.attrs.get("value", place)
    if not isinstance(place, (int, slice)):
        raise Raised("TypeError", f"indices must be whole numbers, not {kind_of(place)}", node)
    try:
        found = holder[place]
    except (IndexError, TypeError, ValueError) as error:
        raise Raised(type(error).__name__, str(error), node) from None
    if isinstance(found, (list, tuple, str)) and isinstance(place, slice):
        run.spend(len(found) // 16, node)
    return Range(found) if isinstance(found, range) else found


# --- text ----------------------------------------------------------------------------------------------------------


def shown(value: Any, run: Any, node: Any, quoted: bool = False) -> Any:
    """str(value), or repr with `quoted`; `Unknown` for what has no text here."""
    run.spend(1, node)
    if isinstance(value, Unknown):
        return value
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    if isinstance(value, str):
        return repr(value) if quoted else value
    if isinstance(value, (list, tuple)):
        parts = [shown(part, run, node, True) for part in value]
        if any(isinstance(part, Unknown) for part in parts):
            return next(part for part in parts if isinstance(part, Unknown))
        run.size(sum(map(len, parts)), node)
        if isinstance(value, tuple):
            return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
        return f"[{', '.join(parts)}]"
    if isinstance(value, Object) and "name" in value.attrs and "__members__" in value.kind.names:
        return f"{value.kind.name}.{value.attrs['name']}"
    if isinstance(value, Object) and isinstance(value.kind.find("__str__"), Function):
        return run.call(Bound(value, value.kind.find("__str__")), [], {}, node)
    return Unknown(f"the text of a {kind_of(value)}", node)


def formatted(value: Any, spec: str, conversion: str, run: Any, node: Any) -> Any:
    """A value in an f-string."""
    if any(len(digits) > 4 for digits in re.findall(r"\d+", spec)):
        raise Exhausted("python-too-long", f"a text would be formatted with {spec[:20]}", node)
    if isinstance(value, (bool, int, float, str)) and not conversion:
        try:
            return format(value, spec)
        except (ValueError, OverflowError) as error:
            raise Raised(type(error).__name__, str(error), node) from None
    text = shown(value, run, node, quoted=conversion in ("r", "a"))
    return format(text, spec) if isinstance(text, str) and spec else text


def _percent(text: str, values: Any, run: Any, node: Any) -> Any:
    if any(len(digits) > 4 for digits in re.findall(r"\d+", text)) or "*" in text:
        raise Exhausted("python-too-long", "a text would be formatted too wide", node)
    given = values if isinstance(values, (tuple, dict)) else (values,)
    lacks = unknown(given.values() if isinstance(given, dict) else given)
    if lacks is not None:
        return lacks
    parts = given.values() if isinstance(given, dict) else given
    if not all(part is None or isinstance(part, (bool, int, float, str)) for part in parts):
        return Unknown("a text", node)
    try:
        return text % given
    except (TypeError, ValueError, KeyError) as error:
        raise Raised(type(error).__name__, str(error), node) from None


def _format(run: Any, text: str, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    """str.format, for names and numbers in braces; attributes and indices are refused."""
    lacks = unknown(args, kwargs)
    if lacks is not None:
        return lacks
    count = 0

    def put(found: re.Match[str]) -> str:
        nonlocal count
        if found[0] in ("{{", "}}"):
            return found[0][0]
        name, _, spec = found[1].partition(":")
        name, _, conversion = name.partition("!")
        if name == "":
            name, count = str(count), count + 1
        if name.isdigit() and int(name) < len(args):
            value = args[int(name)]
        elif name in kwargs:
            value = kwargs[name]
        else:
            raise Refused("python-construct", f"the field {{{found[1][:40]}}} of format is not followed", node)
        made = formatted(value, spec, conversion, run, node)
        if not isinstance(made, str):
            raise Refused("python-construct", "a value has no text", node)
        return made

    result = re.sub(r"\{\{|\}\}|\{([^{}]*)\}", put, text)
    run.size(len(result), node)
    return result


_TEXT_METHODS = frozenset(
    [
        "lower",
        "upper",
        "strip",
        "lstrip",
        "rstrip",
        "split",
        "rsplit",
        "startswith",
        "endswith",
        "isdigit",
        "isalpha",
        "isalnum",
        "isupper",
        "islower",
        "capitalize",
        "title",
        "find",
        "rfind",
        "index",
        "count",
        "partition",
        "rpartition",
        "splitlines",
        "removeprefix",
        "removesuffix",
        "swapcase",
        "casefold",
        "isidentifier",
        "isnumeric",
        "isspace",
    ]
)


def method(value: Any, name: str) -> Any:
    """A method of a plain value, bound; MISSING where there is none."""
    if isinstance(value, str):
        if name in _TEXT_METHODS:
            return Bound(value, _plain_method(name))
        if name in ("join", "replace", "format", "zfill", "ljust", "rjust", "center"):
            return Bound(value, {"join": _join, "replace": _replace, "format": _format}.get(name, _width(name)))
    elif isinstance(value, list):
        return Bound(value, _LIST[name]) if name in _LIST else MISSING
    elif isinstance(value, tuple):
        return Bound(value, _LIST[name]) if name in ("index", "count") else MISSING
    elif isinstance(value, dict):
        return Bound(value, _DICT[name]) if name in _DICT else MISSING
    elif type(value).__name__ == "dict_keys":
        return Bound(value, _SET[name]) if name in _SET else MISSING
    elif isinstance(value, (bool, int, float)):
        if name in ("is_integer", "bit_length"):
            return Bound(value, lambda run, this, args, kwargs, node: getattr(this, name)())
        if name in ("real", "numerator"):
            return value
        if name == "item":
            return MISSING
    elif isinstance(value, Range) and name in ("start", "stop", "step"):
        return getattr(value.of, name)
    elif isinstance(value, Size):
        return MISSING
    return MISSING


def _plain_method(name: str) -> Any:
    def call(run: Any, this: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        lacks = unknown(args, kwargs)
        if lacks is not None:
            return lacks
        try:
            return getattr(this, name)(*args, **kwargs)
        except (TypeError, ValueError) as error:
            raise Raised(type(error).__name__, str(error), node) from None

    return call


def _join(run: Any, this: str, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    parts = run.listed(args[0], node)
    lacks = unknown(parts)
    if lacks is not None:
        return lacks
    if not all(isinstance(part, str) for part in parts):
        raise Raised("TypeError", "join takes texts", node)
    run.size(sum(len(part) + len(this) for part in parts), node)
    return this.join(parts)


def _replace(run: Any, this: str, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    if len(args) < 2 or not all(isinstance(part, str) for part in args[:2]):
        return unknown(args) or Unknown("a text", node)
    old, new = args[:2]
    run.size(len(this) + (this.count(old) if old else len(this) + 1) * len(new), node)
    return this.replace(old, new, *args[2:])


def _width(name: str) -> Any:
    def call(run: Any, this: str, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        if not args or not isinstance(args[0], int):
            return Unknown("a text", node)
        run.size(args[0], node)
        return getattr(this, name)(*args)

    return call


def _append(run: Any, this: list[Any], args: list[Any], kwargs: Any, node: Any) -> None:
    run.size(len(this) + 1, node) if len(this) % 64 == 0 else None
    this.append(args[0])


def _extend(run: Any, this: list[Any], args: list[Any], kwargs: Any, node: Any) -> None:
    more = run.listed(args[0], node)
    run.size(len(this) + len(more), node)
    this.extend(more)


def _insert(run: Any, this: list[Any], args: list[Any], kwargs: Any, node: Any) -> None:
    this.insert(args[0], args[1])


def _pop(run: Any, this: list[Any], args: list[Any], kwargs: Any, node: Any) -> Any:
    try:
        return this.pop(*args)
    except (IndexError, TypeError) as error:
        raise Raised(type(error).__name__, str(error), node) from None


def _index(run: Any, this: Any, args: list[Any], kwargs: Any, node: Any) -> Any:
    for at, part in enumerate(this):
        if equal(part, args[0], run, node) is True:
            return at
    raise Raised("ValueError", "it is not in the list", node)


def _list_sort(run: Any, this: list[Any], args: list[Any], kwargs: Any, node: Any) -> None:
    this[:] = _sorted(run, [this], kwargs, node)


def _remove(run: Any, this: list[Any], args: list[Any], kwargs: Any, node: Any) -> None:
    del this[_index(run, this, args, kwargs, node)]


_LIST: dict[str, Any] = {
    "append": _append,
    "extend": _extend,
    "insert": _insert,
    "pop": _pop,
    "index": _index,
    "remove": _remove,
    "sort": _list_sort,
    "copy": lambda run, this, args, kwargs, node: list(this),
    "reverse": lambda run, this, args, kwargs, node: this.reverse(),
    "clear": lambda run, this, args, kwargs, node: this.clear(),
    "count": lambda run, this, args, kwargs, node: sum(equal(p, args[0], run, node) is True for p in this),
}


def _get(run: Any, this: dict[Any, Any], args: list[Any], kwargs: Any, node: Any) -> Any:
    default = args[1] if len(args) > 1 else kwargs.get("default")
    return this.get(key(args[0], run, node), default)


def _dict_pop(run: Any, this: dict[Any, Any], args: list[Any], kwargs: Any, node: Any) -> Any:
    if args and args[0] in this:
        return this.pop(args[0])
    if len(args) > 1:
        return args[1]
    raise Raised("KeyError", repr(args[:1])[:80], node)


def _update(run: Any, this: dict[Any, Any], args: list[Any], kwargs: dict[str, Any], node: Any) -> None:
    for given in args:
        if isinstance(given, Unknown):
            given.refuse("what a dict is updated with", node)
        pairs = (
            given.items() if isinstance(given, dict) else [tuple(run.listed(p, node)) for p in run.listed(given, node)]
        )
        run.spend(len(pairs) // 4, node)
        for name, value in pairs:
            this[key(name, run, node)] = value
    this.update(kwargs)


def _setdefault(run: Any, this: dict[Any, Any], args: list[Any], kwargs: Any, node: Any) -> Any:
    return this.setdefault(key(args[0], run, node), args[1] if len(args) > 1 else None)


_DICT: dict[str, Any] = {
    "get": _get,
    "pop": _dict_pop,
    "update": _update,
    "setdefault": _setdefault,
    "keys": lambda run, this, args, kwargs, node: list(this),
    "values": lambda run, this, args, kwargs, node: list(this.values()),
    "items": lambda run, this, args, kwargs, node: list(this.items()),
    "copy": lambda run, this, args, kwargs, node: dict(this),
    "clear": lambda run, this, args, kwargs, node: this.clear(),
    "move_to_end": lambda run, this, args, kwargs, node: this.update({args[0]: this.pop(args[0])}),
}
_SET: dict[str, Any] = {
    "union": lambda run, this, args, kwargs, node: dict.fromkeys([*this, *run.listed(args[0], node)]).keys(),
    "intersection": lambda run, this, args, kwargs, node: dict.fromkeys(
        [p for p in this if p in run.listed(args[0], node)]
    ).keys(),
    "difference": lambda run, this, args, kwargs, node: dict.fromkeys(
        [p for p in this if p not in run.listed(args[0], node)]
    ).keys(),
    "issubset": lambda run, this, args, kwargs, node: all(p in run.listed(args[0], node) for p in this),
    "add": lambda run, this, args, kwargs, node: Unknown("a set that grows", node).refuse("the set", node),
}


# --- functions -----------------------------------------------------------------------------------------------------


def call(path: str, run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    """Call one of Python's own functions; MISSING where it is not known."""
    function = FUNCTIONS.get(path)
    if function is not None:
        try:
            return function(run, args, kwargs, node)
        except IndexError:
            raise Raised("TypeError", f"{path}() lacks an argument", node) from None
    if path.startswith("math."):
        return _math(path[5:], args, node)
    return MISSING


_MATH = frozenset(
    [
        "sqrt",
        "floor",
        "ceil",
        "log",
        "log2",
        "log10",
        "exp",
        "pow",
        "sin",
        "cos",
        "tan",
        "tanh",
        "fabs",
        "trunc",
        "isclose",
        "gcd",
        "lcm",
        "prod",
        "hypot",
        "log1p",
        "copysign",
        "fmod",
        "isnan",
        "isinf",
        "isfinite",
        "radians",
        "degrees",
        "atan",
        "atan2",
        "erf",
    ]
)


def _math(name: str, args: list[Any], node: Any) -> Any:
    lacks = unknown(args)
    if lacks is not None:
        return lacks
    if name in ("floor", "ceil") and args and isinstance(args[0], Size):
        return args[0]
    if name == "prod":
        return _prod(args[0] if isinstance(args[0], (list, tuple)) else [], node)
    if name not in _MATH or not all(isinstance(value, (int, float)) for value in args):
        return Unknown(f"math.{name}", node)
    try:
        return getattr(math, name)(*args)
    except (ValueError, OverflowError, TypeError) as error:
        raise Raised(type(error).__name__, str(error), node) from None


def _prod(values: Any, node: Any) -> Any:
    from cnncalc.read.python.sizes import product

    lacks = unknown(values)
    if lacks is not None:
        return lacks
    if all(isinstance(value, (int, Size)) for value in values) and len(values) < 100:
        number, batches = product(values)
        return number if not batches else Size(number) if batches == 1 else Unknown("a product of batches", node)
    result: Any = 1
    for value in values[:1000]:
        if not isinstance(value, (int, float)):
            return Unknown("a product", node)
        result = result * value
    return result


@native("numpy.prod", "torch.prod")
def _numpy_prod(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    if isinstance(args[0], (list, tuple)):
        return _prod(args[0], node)
    return run.world.function("torch.prod", args, kwargs, node)


@native("len")
def _len(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    value = args[0]
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Range):
        return len(value.of)
    if isinstance(value, (str, list, tuple, dict)) or type(value).__name__ == "dict_keys":
        return len(value)
    if isinstance(value, Object):
        if "__items__" in value.attrs:
            return len(value.attrs["__items__"])
        found = value.kind.find("__len__")
        if isinstance(found, Function):
            return run.call(Bound(value, found), [], {}, node)
    if isinstance(value, Class) and "__members__" in value.names:
        return len(value.names["__members__"])
    return run.world.length(value, node)


@native("range")
def _range(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    for value in args:
        if isinstance(value, Unknown):
            value.refuse("a bound of range", node)
        if isinstance(value, Size):
            raise Refused("python-unknown-value", "a loop over the samples of a batch is not followed", node)
    if not args or not all(isinstance(value, int) for value in args):
        raise Raised("TypeError", "range takes whole numbers", node)
    try:
        return Range(range(*args))
    except (ValueError, TypeError) as error:
        raise Raised(type(error).__name__, str(error), node) from None


@native("int")
def _int(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    value = args[0] if args else 0
    if isinstance(value, (Unknown, Size)):
        return value
    if isinstance(value, Object) and "value" in value.attrs:
        value = value.attrs["value"]
    if isinstance(value, str) and len(value) > 1000:
        raise Exhausted("python-too-long", "a number has more than 1,000 digits", node)
    if isinstance(value, (int, float, str)):
        try:
            return int(value, *args[1:])
        except (ValueError, OverflowError, TypeError) as error:
            raise Raised(type(error).__name__, str(error), node) from None
    return run.world.number(value, node)


@native("float")
def _float(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    value = args[0] if args else 0.0
    if isinstance(value, (Unknown, Size)):
        return value
    if isinstance(value, (int, float, str)):
        try:
            return float(value)
        except (ValueError, OverflowError) as error:
            raise Raised(type(error).__name__, str(error), node) from None
    return run.world.number(value, node)


@native("bool")
def _bool(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return args[0] if args and isinstance(args[0], Unknown) else bool(args) and run.truth(args[0], node)


@native("str", "repr", "format")
def _str(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return shown(args[0], run, node) if args else ""


@native("list")
def _list(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return run.listed(args[0], node) if args else []


@native("tuple", "torch.Size")
def _tuple(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return tuple(run.listed(args[0], node)) if args else ()


@native("set", "frozenset")
def _set(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return {key(part, run, node): None for part in run.listed(args[0], node)}.keys() if args else {}.keys()


@native("dict", "collections.OrderedDict")
def _dict(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    found: dict[Any, Any] = {}
    _update(run, found, args, kwargs, node)
    return found


class DefaultDict(dict[Any, Any]):
    """collections.defaultdict."""

    factory: Any = None


@native("collections.defaultdict")
def _defaultdict(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    found = DefaultDict()
    found.factory = args[0] if args else None
    return found


@native("enumerate")
def _enumerate(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    start = args[1] if len(args) > 1 else kwargs.get("start", 0)
    return [(start + at, part) for at, part in enumerate(run.listed(args[0], node))]


@native("zip")
def _zip(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return list(zip(*(run.listed(part, node) for part in args), strict=False))


@native("itertools.product")
def _product(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    found: list[tuple[Any, ...]] = [()]
    for part in args * kwargs.get("repeat", 1):
        listed = run.listed(part, node)
        run.size(len(found) * len(listed), node)
        found = [(*head, tail) for head in found for tail in listed]
    return found


@native("itertools.chain")
def _chain(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return [part for given in args for part in run.listed(given, node)]


@native("itertools.chain.from_iterable")
def _chained(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return [part for given in run.listed(args[0], node) for part in run.listed(given, node)]


@native("itertools.pairwise")
def _pairwise(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    found = run.listed(args[0], node)
    return list(itertools.pairwise(found))


@native("itertools.repeat")
def _repeat(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    times = args[1] if len(args) > 1 else kwargs.get("times")
    if not isinstance(times, int):
        return Unknown("itertools.repeat without an end", node)
    run.size(times, node)
    return [args[0]] * times


@native("itertools.accumulate")
def _accumulate(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    found: list[Any] = []
    for part in run.listed(args[0], node):
        found.append(part if not found else run.binary("+", found[-1], part, node))
    return found


@native("map")
def _map(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    columns = [run.listed(part, node) for part in args[1:]]
    return [run.call(args[0], list(row), {}, node) for row in zip(*columns, strict=False)]


@native("filter")
def _filter(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    kept = []
    for part in run.listed(args[1], node):
        if run.truth(part if args[0] is None else run.call(args[0], [part], {}, node), node):
            kept.append(part)
    return kept


@native("functools.reduce")
def _reduce(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    parts = run.listed(args[1], node)
    result = args[2] if len(args) > 2 else parts.pop(0) if parts else None
    for part in parts:
        result = run.call(args[0], [result, part], {}, node)
    return result


@native("operator.itemgetter", "operator.attrgetter")
def _itemgetter(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    if len(args) != 1 or isinstance(args[0], str):
        return Unknown("a getter of several", node)
    return Native("itemgetter", lambda r, given, named, at: r.item(given[0], args[0], at))


@native("functools.partial")
def _partial(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return Partial(args[0], list(args[1:]), dict(kwargs))


@native("iter", "copy.copy_list")
def _iter(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return run.listed(args[0], node)


@native("next")
def _next(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    if isinstance(args[0], list):
        if args[0]:
            return args[0].pop(0)
        if len(args) > 1:
            return args[1]
        raise Raised("StopIteration", "", node)
    return Unknown("next(...)", node)


@native("reversed")
def _reversed(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return run.listed(args[0], node)[::-1]


@native("sorted")
def _sorted(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    parts = run.listed(args[0], node)
    by = kwargs.get("key")
    keyed = [(part if by is None else run.call(by, [part], {}, node), at, part) for at, part in enumerate(parts)]
    run.spend(4 * len(parts), node)
    plain = all(isinstance(one, (int, float)) for one, _, _ in keyed) or all(
        isinstance(one, str) for one, _, _ in keyed
    )
    if not plain:
        flat = all(isinstance(one, tuple) and all(isinstance(p, (int, float)) for p in one) for one, _, _ in keyed)
        if not flat:
            return Unknown("an order", node)
    keyed.sort(key=lambda row: row[0], reverse=bool(kwargs.get("reverse", False)))
    return [part for _, _, part in keyed]


@native("sum")
def _sum(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    result = args[1] if len(args) > 1 else kwargs.get("start", 0)
    parts = run.listed(args[0], node)
    run.spend(len(parts), node)
    for part in parts:
        result = part if result == 0 and run.world.is_tensor(part) else run.binary("+", result, part, node)
    return result


def _extreme(sign: str) -> Any:
    def find(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        parts = list(args) if len(args) > 1 else run.listed(args[0], node)
        if not parts:
            if "default" in kwargs:
                return kwargs["default"]
            raise Raised("ValueError", "nothing to choose from", node)
        by = kwargs.get("key")
        run.spend(len(parts), node)
        best = parts[0]
        value = best if by is None else run.call(by, [best], {}, node)
        for part in parts[1:]:
            other = part if by is None else run.call(by, [part], {}, node)
            better = run.compare(sign, other, value, node)
            if isinstance(better, Unknown):
                return better
            if better is True:
                best, value = part, other
        return best

    return find


FUNCTIONS["max"] = _extreme(">")
FUNCTIONS["min"] = _extreme("<")


@native("abs")
def _abs(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    if isinstance(args[0], (int, float)):
        return abs(args[0])
    return args[0] if isinstance(args[0], Unknown) else run.world.function("torch.abs", args, {}, node)


@native("round")
def _round(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    if isinstance(args[0], (int, float)) and (len(args) < 2 or args[1] is None or isinstance(args[1], int)):
        try:
            return round(*args)
        except (ValueError, OverflowError) as error:
            raise Raised(type(error).__name__, str(error), node) from None
    return args[0]


@native("pow")
def _pow(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return run.binary("**", args[0], args[1], node) if len(args) == 2 else Unknown("pow with a modulus", node)


@native("divmod")
def _divmod(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return (run.binary("//", args[0], args[1], node), run.binary("%", args[0], args[1], node))


@native("any", "all")
def _any(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    raise AssertionError("replaced below")  # pragma: no cover


def _quantified(wanted: bool) -> Any:
    def find(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
        lacks = None
        for part in run.listed(args[0], node):
            if isinstance(part, Unknown):
                lacks = part
            elif run.truth(part, node) == wanted:
                return wanted
        return lacks if lacks is not None else not wanted

    return find


FUNCTIONS["any"] = _quantified(True)
FUNCTIONS["all"] = _quantified(False)


@native("isinstance")
def _isinstance(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    value, kinds = args
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
        return run.world.is_instance(value, kinds.path, node) if plain is None else plain
    return Unknown("isinstance with an unknown class", node)


def _is_plain(value: Any, path: str) -> bool | None:
    if path == "object":
        return True
    kinds: dict[str, Any] = {
        "int": (int, Size), "float": float, "str": str, "bool": bool, "list": list, "tuple": tuple, "dict": dict,
        "collections.OrderedDict": dict, "range": Range, "slice": slice, "bytes": bytes,
        "numbers.Number": (int, float), "numbers.Integral": int, "numbers.Real": (int, float),
        "collections.abc.Mapping": dict, "typing.Mapping": dict, "torch.Size": tuple,
        "typing.List": list, "typing.Tuple": tuple, "typing.Dict": dict, "numpy.integer": (), "numpy.floating": (),
        "numpy.ndarray": (),
    }  # fmt: skip
    if path in kinds:
        return isinstance(value, kinds[path])
    if path in ("set", "frozenset"):
        return type(value).__name__ == "dict_keys"
    if path in ("collections.abc.Callable", "typing.Callable"):
        return isinstance(value, (Function, Native, Bound, Partial, Class))
    if path in (
        "collections.abc.Iterable", "typing.Iterable", "collections.abc.Sequence", "typing.Sequence",
        "collections.Iterable",
    ):  # fmt: skip
        return isinstance(value, (list, tuple, str, Range)) or (
            path.endswith("Iterable") and (isinstance(value, dict) or type(value).__name__ == "dict_keys")
        )
    if isinstance(value, Object):
        return any(isinstance(base, External) and base.path == path for base in value.kind.order)
    if value is None or isinstance(value, (int, float, str, list, tuple, dict, Range)):
        return False
    return None


@native("issubclass")
def _issubclass(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    value, kinds = args
    if isinstance(kinds, (tuple, list)):
        return any(_issubclass(run, [value, kind], {}, node) is True for kind in kinds)
    if isinstance(value, Class):
        if isinstance(kinds, Class):
            return kinds in value.order
        if isinstance(kinds, External):
            return any(run.world.is_subclass(base.path, kinds.path) for base in value.externals())
    if isinstance(value, External) and isinstance(kinds, External):
        return run.world.is_subclass(value.path, kinds.path)
    return False


@native("callable")
def _callable(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    value = args[0]
    if isinstance(value, Unknown):
        return value
    return not (value is None or isinstance(value, (int, float, str, list, tuple, dict)))


@native("type")
def _type(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    if len(args) != 1:
        return Unknown("a class made by type(...)", node, module=True)
    value = args[0]
    if isinstance(value, Object):
        return value.kind
    if isinstance(value, Unknown):
        return value
    if value is None or isinstance(value, (bool, int, float, str, list, tuple, dict)):
        return External("NoneType" if value is None else type(value).__name__)
    return run.world.type_of(value, node)


@native("getattr")
def _getattr(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    if isinstance(args[1], Unknown):
        return Unknown(f"the name of an attribute is not known: {args[1].why}", args[1].node, module=True)
    if not isinstance(args[1], str):
        raise Raised("TypeError", "the name of an attribute is a text", node)
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
def _hasattr(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    if isinstance(args[0], External) and isinstance(args[1], str) and args[0].path.split(".")[0] == "torch":
        return True if run.world.known(f"{args[0].path}.{args[1]}") else Unknown("whether this PyTorch has it", node)
    if isinstance(args[0], (Unknown, External)):
        return Unknown("whether it has an attribute", node)
    try:
        run.attribute(args[0], args[1], node)
    except Raised as raised:
        if raised.kind == "AttributeError":
            return False
        raise
    return True


@native("setattr")
def _setattr(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    if isinstance(args[1], Unknown):
        args[1].refuse("the name of an attribute", node)
    run.set_attribute(args[0], args[1], args[2], node)


@native("delattr")
def _delattr(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    run.world.delete(args[0], args[1], node)


@native("id", "hash")
def _id(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return Unknown("an address in memory", node)


@native("slice")
def _slice(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return slice(*args)


@native("chr", "ord", "hex", "bin", "oct")
def _char(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return (
        Unknown("a text", node)
        if not isinstance(args[0], (int, str))
        else (
            chr(args[0])
            if isinstance(args[0], int) and 0 <= args[0] < 0x110000
            else ord(args[0])
            if isinstance(args[0], str) and len(args[0]) == 1
            else Unknown("a text", node)
        )
    )


@native("print", "warnings.warn", "warnings.filterwarnings", "warnings.simplefilter", "input")
def _print(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return None


@native("types.SimpleNamespace", "argparse.Namespace")
def _namespace(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    found = Object(Class("SimpleNamespace", [External("object")], node, run.file))
    found.attrs.update(kwargs)
    return found


@native("collections.namedtuple")
def _namedtuple(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    if not args or not isinstance(args[0], str):
        return Unknown("a namedtuple", node)
    fields = args[1] if len(args) > 1 else kwargs.get("field_names", [])
    names = fields.replace(",", " ").split() if isinstance(fields, str) else run.listed(fields, node)
    defaults = run.listed(kwargs.get("defaults") or [], node)
    lead = len(names) - len(defaults)
    kind = Class(args[0], [External("typing.NamedTuple")], node, run.file)
    kind.fields = [(n, defaults[i - lead] if i >= lead else MISSING, i >= lead) for i, n in enumerate(names)]
    return kind


@native("dataclasses.field", "attr.ib", "attrs.field")
def _field(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    if "default_factory" in kwargs:
        return Native("default_factory", lambda r, a, k, n: run.call(kwargs["default_factory"], [], {}, n))
    return kwargs.get("default", MISSING)


@native("dataclasses.asdict", "vars")
def _asdict(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    return dict(args[0].attrs) if isinstance(args[0], Object) else Unknown("vars", node)


@native("dataclasses.replace")
def _replaced(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    made = Object(args[0].kind)
    made.attrs.update(args[0].attrs)
    made.attrs.update(kwargs)
    return made


def fill_fields(made: Object, args: list[Any], kwargs: dict[str, Any], run: Any, node: Any, fields: Any = None) -> None:
    """The attributes of a dataclass or a named tuple from its arguments and defaults."""
    if fields is None:
        fields = next(base.fields for base in made.kind.order if isinstance(base, Class) and base.fields is not None)
    given = dict(zip((name for name, _, _ in fields), args, strict=False))
    given.update(kwargs)
    missing = [name for name, default, has in fields if name not in given and (not has or default is MISSING)]
    if missing:
        raise Raised("TypeError", f"{made.kind.name}() lacks {', '.join(missing)}", node)
    for name, default, _ in fields:
        value = given.pop(name, default)
        made.attrs[name] = value.call(run, [], {}, node) if isinstance(value, Native) else value
    if given:
        raise Raised("TypeError", f"{made.kind.name}() has no argument '{next(iter(given))}'", node)
    if any(base.path == "typing.NamedTuple" for base in made.kind.externals()):
        made.attrs["__items__"] = [made.attrs[name] for name, _, _ in fields]
    after = made.kind.find("__post_init__")
    if isinstance(after, Function):
        run.call(Bound(made, after), [], {}, node)


def make_enum(kind: Class) -> None:
    """Make members of what an enumeration's body says."""
    members: dict[str, Any] = {}
    for name, value in list(kind.names.items()):
        if name.startswith("_") or isinstance(value, Function) or type(value).__name__ == "Wrapped":
            continue
        member = Object(kind)
        member.attrs.update(name=name, value=value)
        members[name] = kind.names[name] = member
    kind.names["__members__"] = members


@native("enum.auto")
def _auto(run: Any, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    run.autos = getattr(run, "autos", 0) + 1
    return run.autos


def native_base(made: Object, base: External, args: list[Any], kwargs: dict[str, Any], run: Any, node: Any) -> None:
    """An instance of a class that inherits from dict or a settings class of another package."""
    if base.path in ("dict", "collections.OrderedDict"):
        found: dict[Any, Any] = {}
        _update(run, found, args, kwargs, node)
        made.attrs["__dict__items__"] = found
    elif base.path.endswith(("PretrainedConfig", "BaseModel")):
        made.attrs.update(kwargs)


def object_attribute(value: Object, name: str, run: Any, node: Any) -> Any:
    """What every object has."""
    if name == "_asdict":
        return Native(name, lambda r, a, k, n: {k2: v for k2, v in value.attrs.items() if k2 != "__items__"})
    if name == "_replace":
        return Native(name, lambda r, a, k, n: _replaced(r, [value], k, n))
    if name == "__init__":
        return Native(name, lambda r, a, k, n: value.attrs.update(k))
    held = value.attrs.get("__dict__items__")
    return method(held, name) if held is not None else MISSING


def names_of(path: str, args: list[Any], scope: Any, run: Any, node: Any) -> Any:
    """locals(), globals() and vars(x)."""
    if path == "vars" and args:
        return args[0].attrs if isinstance(args[0], Object) else Unknown("vars", node)
    return dict(scope.names) if path == "locals" else dict(scope.file.scope.names)
