"""`values`: arrays that the author gives, as nested lists of numbers, or from an .npz file beside the spec."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnncalc.core.problem import Fault, Problem, Source, Span, SpecError
from cnncalc.expression.environment import UNKNOWN, Environment, evaluate
from cnncalc.read.yaml.text_file import outside, within

if TYPE_CHECKING:
    from cnncalc.spec.model import Spec


class Given(dict[str, object]):
    """Arrays by name, with the place of each: the text they were written in and where, or the name of their file."""

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[str, tuple[Source | None, Span | None]] = {}

    def add(self, arrays: Mapping[str, Any], source: Source | None = None, span: Span | None = None) -> None:
        """Put arrays on top of those of the same names."""
        self.update(arrays)
        self.places.update(dict.fromkeys(arrays, (source, span)))


def given_values(spec: Spec, env: Environment) -> Given:
    """Names to nested lists (or arrays of the named file); raises `SpecError` with every element that is no number."""
    values = spec.values
    found = Given()
    if values is None or (values.kind == "scalar" and values.data is None):
        return found
    if values.kind == "scalar":
        found.add(_from_file(spec, str(values.data), values.span()), spec.source, values.span())
        return found
    problems: list[Problem] = []
    if values.kind != "map":
        problem = Problem(
            "values-form",
            "values holds names with arrays",
            source=spec.source,
            span=values.span(),
            help="write values: {input: [[1, 2], [3, 4]]}",
        )
        raise SpecError([problem])
    for key, item in values.data:
        name = key.data.replace("[", ".").replace("]", "")
        try:
            found.add({name: _numbers(evaluate(item, env), name)}, spec.source, key.span())
        except Fault as fault:
            if fault.code == UNKNOWN and problems:
                continue
            at = item.span()
            offset = getattr(fault, "offset", 0)
            problems.append(
                Problem(
                    fault.code,
                    f"{name}: {fault.message}",
                    source=spec.source,
                    span=Span(at.line, at.column + offset, max(1, getattr(fault, "length", at.length))),
                    help=fault.help,
                )
            )
    if problems:
        raise SpecError(problems)
    return found


def _numbers(value: object, name: str) -> Any:
    if isinstance(value, list):
        return [_numbers(part, name) for part in value]
    if value is None or isinstance(value, (bool, str)):
        raise Fault("values-form", f"{value!r} is no number")
    return value


def _from_file(spec: Spec, name: str, span: Span) -> dict[str, object]:
    """The arrays of an .npz file in the spec's own folder; nothing outside of it is opened."""
    from cnncalc.spec.array_files import load_npz

    path = within(spec.folder or os.getcwd(), name)
    if path is None:
        raise SpecError([outside(name, spec.source, span)])
    try:
        arrays: dict[str, Any] = load_npz(path)
        return arrays
    except Fault as fault:
        raise SpecError([Problem(fault.code, fault.message, source=spec.source, span=span, help=fault.help)]) from None
