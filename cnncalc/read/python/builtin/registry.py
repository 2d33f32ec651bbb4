"""Which names Python has by itself, and the table of those with a meaning here."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from cnncalc.read.python.bases import Call, InterpreterBase
from cnncalc.read.python.values import Class, External, Kwargs, Object, Raised, Unknown

BUILTINS = frozenset(
    """
        abs all any bool bytes callable dict dir divmod enumerate filter float format frozenset getattr globals
        hasattr hash help id int isinstance issubclass iter len list locals map max min next object open ord chr pow
        print property range repr reversed round set setattr delattr slice sorted staticmethod classmethod str sum
        super tuple type vars zip exec eval compile input __import__ complex bin hex oct memoryview bytearray
        NotImplemented Ellipsis Exception BaseException ValueError TypeError KeyError IndexError RuntimeError
        NotImplementedError AssertionError AttributeError ImportError ModuleNotFoundError StopIteration Warning
        DeprecationWarning UserWarning FutureWarning RuntimeWarning OSError FileNotFoundError ZeroDivisionError
        """.split()
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


F = TypeVar("F", bound=Call)
Named = TypeVar("Named", bound=Callable[..., object])


FUNCTIONS: dict[str, Call] = {}


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


def natives(head: str, names: str) -> Callable[[Named], Named]:
    """Like `native`, for the functions of one module: the function is told which of its names was called."""

    def register(function: Named) -> Named:
        for name in names.split():
            FUNCTIONS[f"{head}{name}"] = partial(function, name=name)
        return function

    return register


def new_object(run: InterpreterBase, name: str, node: ast.AST, base: str = "object", **attrs: object) -> Object:
    """An object of a class of Python's or of a package, with these attributes."""
    made = Object(Class(name, [External(base)], node, run.file))
    made.attrs.update(attrs)
    return made


def kind_of(value: object) -> str:
    """The name of a value's class, for messages."""
    if isinstance(value, Object):
        return value.kind.name
    if isinstance(value, External):  # classes of packages have capitals
        plain = ("int", "float", "str", "bool", "list", "tuple", "dict", "set")
        return "type" if value.name[:1].isupper() or value.path in plain else "function"
    named = getattr(value, "type_name", None)
    return named if isinstance(named, str) else type(value).__name__


def name_of(value: object, node: ast.AST) -> str:
    """The name of an attribute, which must be known."""
    if isinstance(value, Unknown):
        value.refuse("the name of an attribute", node)
    if not isinstance(value, str):
        raise Raised("TypeError", f"the name of an attribute must be a str, not {kind_of(value)}", node)
    return value


def unknown(args: Iterable[object], kwargs: Kwargs | None = None) -> Unknown | None:
    """The first argument that is not known."""
    for value in (*args, *(kwargs or {}).values()):
        if isinstance(value, Unknown):
            return value
    return None
