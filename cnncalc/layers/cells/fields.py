"""What the fields of a cell say: names with shapes, names of inputs, the text of each equation."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnncalc.core.number import Shape, is_free
from cnncalc.core.problem import Fault
from cnncalc.expression.environment import Environment
from cnncalc.expression.evaluate import value_of
from cnncalc.expression.shape_text import cut, split, unwrap
from cnncalc.expression.syntax import parse
from cnncalc.expression.tokenize import ExpressionFault
from cnncalc.expression.unevaluated import Unevaluated
from cnncalc.layers.cells.tree import FUNCTIONS, unbound

# Names that `expect` and the executed network need for themselves.
TAKEN = (
    *("x", "t", "output", "shape", "input_shape", "params", "trainable", "macs", "flops", "dense", "biases", "buffers"),
    *("dense_weights", "dense_biases", "receptive_field"),
)
MOST = 200  # equations
FORM = 'recurrent: {state: {h: 8}, weights: {W: [8, 8], U: [8, n]}, step: {h: "tanh(W @ h[t-1] + U @ x[t])"}}'


class Sizes(NamedTuple):
    """A declared shape: each size, and the name it was written with, "" where it was no name alone."""

    shape: Shape
    names: tuple[str, ...]


def input_names(said: object, option: str) -> list[str]:
    """Names of inputs."""
    listed = [said] if isinstance(said, str) else said if isinstance(said, (list, tuple)) else []
    names = [str(name) for name in listed]
    if said is not None and (not names or len({*names}) < len(names)):
        raise Fault("option-value", f"{option} is a list of names, each once", option=option, help=f"{option}: [z]")
    for name in names:
        check_name(name, option, "an input")
    return names


def check_name(name: str, option: str, what: str) -> None:
    """Refuse a name that equations could not say."""
    if not name.isidentifier() or name.startswith("__"):
        near = "".join(letter if letter.isalnum() else "_" for letter in name)
        raise Fault(
            "bad-name",
            f'"{name}" cannot be the name of {what}',
            option=option,
            help=f"write {near}" if near.isidentifier() else "names are letters, digits and underscores",
        )
    if name in TAKEN or name in FUNCTIONS or name in ("pi", "true", "false", "null"):
        why = "is the input" if name == "x" else "is the step" if name == "t" else "means something else"
        raise Fault("bad-name", f'"{name}" {why} and cannot be the name of {what}', option=option)


def read_shapes(fields: Unevaluated, option: str, what: str, form: str) -> dict[str, Sizes]:
    """Names and shapes."""
    if not isinstance(fields.data, dict):
        raise Fault("option-value", f"{option} must be names with sizes", option=option, help=f"write {form}")
    found = {}
    for name, said in fields.data.items():
        check_name(name, f"{option}/{name}/", what)
        found[name] = _read_sizes(said, fields.scope, f"{option}/{name}", name)
    return found


def _read_sizes(said: object, scope: Environment, option: str, name: str) -> Sizes:
    """A shape of numbers, expressions and names: `[m, n]`, `m`, `2 * m`, `m x n`."""
    parts = said if isinstance(said, (list, tuple)) else [said]
    if isinstance(said, str):
        inner = unwrap(said.strip())
        parts = split(said, scope) if inner != said.strip() or "," in inner else cut(inner, scope) or [inner]
    shape: list[Any] = []
    names: list[str] = []
    for index, part in enumerate(parts):
        at = f"{option}/{index}" if isinstance(said, (list, tuple)) else option
        value = part
        if isinstance(part, str):
            try:
                value = value_of(parse(part), scope, words=True)
            except ExpressionFault as fault:
                fault.option = at
                raise
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        whole = isinstance(value, int) and not isinstance(value, bool)
        fits = (whole and value >= 1) or unbound(value) or is_free(value)
        if not fits:
            said = "nothing" if value is None else value
            raise Fault(
                "option-value", f"the sizes of {name} must be whole numbers of at least 1, not {said}", option=at
            )
        shape.append(value)
        names.append(part if isinstance(part, str) and part.isidentifier() else "")
    return Sizes(tuple(shape), tuple(names))


def equation_texts(step: Unevaluated) -> dict[str, tuple[str, str]]:
    """Each equation's text and the path of its field, by name; lines `h[t] = ...` are understood too."""
    found: dict[str, tuple[str, str]] = {}
    data = step.data
    if isinstance(data, dict):
        for key, said in data.items():
            if isinstance(said, (list, dict)) or said is None or isinstance(said, bool):
                parts = [str(part) for part in said] if isinstance(said, list) else []
                raise Fault(
                    "option-value",
                    f"the equation of {key} is no text",
                    option=f"step/{key}",
                    help=f'write {key}: "concat({", ".join(parts)})"' if parts else f"write {FORM}",
                )
            found[_left(key, f"step/{key}/")] = (str(said), f"step/{key}")
        return _bounded(found)
    lines = data.splitlines() if isinstance(data, str) else data
    if not isinstance(lines, list) or not lines or not all(isinstance(line, str) for line in lines):
        raise Fault("option-value", "step must be names with equations", option="step", help=f"write {FORM}")
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        at = f"step/{index}" if isinstance(data, list) else "step"
        left, equals, right = line.partition("=")
        if not equals:
            raise Fault(
                "option-value", f'"{line.strip()}" is no equation: it has no "="', option=at, help=f"write {FORM}"
            )
        name = _left(left.strip(), at)
        if name in found:
            raise Fault("duplicate-name", f"{name} has two equations", option=at)
        # Blanks in place of the left side keep every character where it was written.
        before = " " * (len(left) + 1)
        if isinstance(data, str):
            before = "\n".join([*("" for _ in lines[:index]), before]) if index else before
        found[name] = (before + right, at)
    return _bounded(found)


def _left(said: str, option: str) -> str:
    """The name on the left of an equation: `h`, `h[t]`, `h_t`."""
    for ending in ("[t]", "_{t}", "_t", "ₜ", "(t)"):
        if said.endswith(ending) and len(said) > len(ending):
            return said[: -len(ending)].strip()
    if "[" in said:
        base = said.partition("[")[0].strip()
        raise Fault(
            "bad-name", f'an equation says what {base}[t] is, not "{said}"', option=option, help=f"write {base}"
        )
    return said


def _bounded(found: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    if len(found) > MOST:
        raise Fault("option-value", f"{len(found)} equations; at most {MOST} are read", option="step")
    return found
