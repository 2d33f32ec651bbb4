"""The parameters of a command; a NamedTuple of options, which several commands share, stands where all are taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

from cnncalc.cli.declared import Argument, Option
from cnncalc.core.number import grouped
from cnncalc.render.formats import FOR_READERS

NOTHING: object = object()


class Parameter(NamedTuple):
    """One parameter of a command; without an option it is told the context."""

    name: str
    kind: object  # str, int, bool or list of str, or one of these with None
    default: object
    option: Option | None
    bundle: tuple[str, object] = ("", None)  # the command's own parameter that it is part of, and its type
    passed: bool = True

    @property
    def argument(self) -> bool:
        """Whether it is known by its place."""
        return isinstance(self.option, Argument)

    @property
    def on(self) -> list[str]:
        """How an option is written, what turns a switch off left out."""
        return [] if self.option is None else [word.partition("/")[0] for word in self.option.written]

    @property
    def off(self) -> list[str]:
        """What turns a switch off."""
        return [] if self.option is None else [word.partition("/")[2] for word in self.option.written if "/" in word]


def parameters(run: Callable[..., int]) -> list[Parameter]:
    """What a command takes, bundles taken apart."""
    code: Any = run.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    defaults = dict(zip(reversed(names), reversed(run.__defaults__ or ()), strict=False))
    hints = get_type_hints(run, include_extras=True)
    found = []
    for name in names:
        kind = hints[name]
        if isinstance(kind, type) and issubclass(kind, tuple):
            inner = get_type_hints(kind, include_extras=True)
            every = kind._field_defaults.items()  # type: ignore[attr-defined]
            found += [_parameter(option, inner[option], default, (name, kind)) for option, default in every]
        else:
            found.append(_parameter(name, kind, defaults.get(name, NOTHING)))
    return found


def _parameter(name: str, hint: Any, default: object, bundle: tuple[str, Any] = ("", None)) -> Parameter:
    if get_origin(hint) is not Annotated:  # Python 3.10 wraps what defaults to None
        hint = next((arg for arg in get_args(hint) if get_origin(arg) is Annotated), hint)
    if get_origin(hint) is not Annotated:
        return Parameter(name, hint, default, None)
    return Parameter(name, hint.__origin__, default, hint.__metadata__[0], bundle)


def call(run: Callable[..., int], taken: list[Parameter], values: dict[str, object]) -> int:
    """Run a command with the values of its parameters, those of a bundle in one.

    Where a person reads what it writes, numbers have commas between thousands.
    """
    bundles: dict[tuple[str, Any], dict[str, Any]] = {}
    own: dict[str, object] = {}
    for parameter in taken:
        if parameter.bundle[0]:
            bundles.setdefault(parameter.bundle, {})[parameter.name] = values[parameter.name]
        elif parameter.passed:
            own[parameter.name] = values[parameter.name]
    with grouped(values.get("format", values.get("to")) in FOR_READERS):
        return run(**own, **{name: kind(**fields) for (name, kind), fields in bundles.items()})
