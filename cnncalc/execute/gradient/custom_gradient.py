"""Custom gradients of kernels, and the values inside a layer whose derivative may be asked for.

A kernel is plain NumPy code. While a derivative is taken it gets arrays that are followed (`autodiff.TracedArray`),
and NumPy hands every function of theirs over. What is not left to that is marked here, and costs nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any, TypeVar

Made = TypeVar("Made", bound=Callable[..., Any])

# touch(name, step, value): sees a value on its way before anything uses it; `step` is None outside of sequences.
Touch = Callable[[str, "int | None", Any], Any]


class Watched(dict[str, Any]):
    """A layer's weights while `touch` sees values inside of the layer."""

    def __init__(self, weights: dict[str, Any], touch: Touch) -> None:
        super().__init__(weights)
        self.touch = touch

    def part(self, weights: dict[str, Any], name: str, steps: int | None = None) -> Watched:
        """Some of the weights, for a layer inside of this one: what it shows bears `name` in front.

        With `steps` it reads a sequence of so many from the last to the first.
        """

        def touch(own: str, step: int | None, value: object) -> Any:
            return self.touch(f"{name}_{own}", step if steps is None or step is None else steps - 1 - step, value)

        return self.again(weights, touch)

    def again(self, weights: dict[str, Any], touch: Touch) -> Watched:
        """The same for other weights."""
        return Watched(weights, touch)


class Followed(Watched):
    """The same while derivatives are taken; `note` keeps remarks.

    `at_once` says whether all steps of a sequence may be followed as one, where no single one is asked for.
    """

    def __init__(
        self,
        weights: dict[str, Any],
        touch: Touch,
        note: Callable[[str], None],
        at_once: Callable[[], bool] = bool,
    ) -> None:
        super().__init__(weights, touch)
        self.note = note
        self.at_once = at_once

    def again(self, weights: dict[str, Any], touch: Touch) -> Watched:
        return Followed(weights, touch, self.note, self.at_once)


def record(weights: dict[str, Any], name: str, value: object, step: int | None = None) -> Any:
    """The value, which one may ask for under the port's name, or for a derivative by it."""
    return weights.touch(name, step, value) if isinstance(weights, Watched) else value


def custom_vjp(function: Made) -> Made:
    """A function whose derivative is written by hand, under its name in the module of its name in this folder."""
    module = f"cnncalc.execute.gradient.{function.__module__.rpartition('.')[2]}"

    @wraps(function)
    def run(*args: object, **options: object) -> object:
        if any(map(is_traced, args)):
            return getattr(import_module(module), function.__name__)(*args, **options)
        return function(*args, **options)

    return run  # type: ignore[return-value]


def is_traced(value: Any) -> bool:
    """Whether an argument is followed, or holds something that is."""
    kind = type(value)
    if kind is dict or kind is Followed:
        return kind is Followed or any(map(is_traced, value.values()))
    if kind is tuple or kind is list:
        return any(map(is_traced, value))
    return getattr(kind, "followed", False)


def unwrapped(function: Any) -> Any:
    """The function itself, where `custom_vjp` marked it."""
    return function.__wrapped__
