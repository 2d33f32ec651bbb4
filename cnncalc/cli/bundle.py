"""Options that several commands share, written once: a NamedTuple of options stands where a command takes them all."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, get_annotations, signature
from typing import Any, get_type_hints


def unbundled(run: Callable[..., int]) -> Callable[..., int]:
    """The command as typer reads it: each parameter that is a NamedTuple becomes the options in it."""
    # `get_type_hints` of Python 3.10 wraps what defaults to None, which hides what typer looks for.
    hints = get_annotations(run, eval_str=True)
    bundles: dict[str, Any] = {}
    flat: dict[str, Parameter] = {}
    for name, parameter in signature(run).parameters.items():
        kind = hints[name]
        if isinstance(kind, type) and issubclass(kind, tuple):
            bundles[name] = kind
            inner = get_type_hints(kind, include_extras=True)
            for option, default in kind._field_defaults.items():  # type: ignore[attr-defined]
                flat[option] = Parameter(option, Parameter.KEYWORD_ONLY, default=default, annotation=inner[option])
        else:
            flat[name] = parameter.replace(kind=Parameter.KEYWORD_ONLY, annotation=kind)
    if not bundles:
        return run

    def called(**values: Any) -> int:
        made = {name: kind(**{option: values.pop(option) for option in kind._fields}) for name, kind in bundles.items()}
        return run(**values, **made)

    called.__doc__ = run.__doc__
    called.__annotations__ = {name: parameter.annotation for name, parameter in flat.items()}
    called.__signature__ = signature(run).replace(parameters=list(flat.values()))  # type: ignore[attr-defined]
    return called
