"""A recurrent cell that the user gives by its equations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape, is_free, prod
from cnncalc.core.option import written
from cnncalc.core.problem import Fault, did_you_mean
from cnncalc.core.term import Term, leaf
from cnncalc.core.texts import shape_text
from cnncalc.expression.environment import Environment
from cnncalc.expression.evaluate import value_of
from cnncalc.expression.shape_text import cut, split, unwrap
from cnncalc.expression.syntax import parse
from cnncalc.expression.tokenize import ExpressionFault
from cnncalc.expression.unevaluated import Unevaluated, of
from cnncalc.layers.cells.parse import read_equation
from cnncalc.layers.cells.shapes import CellShapes, no_value
from cnncalc.layers.cells.tree import FUNCTIONS, Equation, Names, ordered, unbound
from cnncalc.layers.sequence import sequence_help

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


class Recurrent(Layer):
    """A recurrent cell given by its equations: `step` says what each name is at step t.

    The input is x[t]. A state is zero before the first step; x[t-1], h[t-1], h[t-2] are earlier ones. Every equation
    is a named output, a sequence whose index 0 is the first step. Sizes are numbers, expressions, or n for the features
    of x.
    """

    scratch = "output"
    parallel = "whole"
    takes, gives = "N T n", "N T m | N T | N T *"
    receptive = "everything"
    step_work = 500_000
    origin = "cnncalc: the equations are the user's."
    saves = "weights"
    example = """\
input: [10, 16]
layers:
  - cell:
      Recurrent:
        state: {h: 32}
        weights: {W_c: [32, 16], W_h: [32, 32], W_x: [32, 16]}
        step:
          c: "sigmoid(W_c @ x[t] + W_h @ h[t-1])"
          h: "c * h[t-1] + (1 - c) * (W_x @ x[t])"
"""
    category = "recurrent"
    explained = "nothing"
    interior = "equations"

    state: Any = written("what is remembered from step to step, with sizes: {h: 8}", expects="names with sizes")
    weights_: Any = written(
        "the parameters, with shapes: {W: [8, 8], U: [8, n]}", expects="names with shapes", default=None
    )
    step: Any = written(
        'an equation for each state, and others: {h: "tanh(W @ h[t-1] + U @ x[t])"}', expects="names with equations"
    )
    output: Any = written(
        "whose sequence is the output; without it the first state's", expects="a name under step", default=None
    )

    # Filled by prepare(): equations in the order in which a step computes them, declared shapes, names of the spec.
    equations: tuple[Equation, ...]
    states: dict[str, Sizes]
    declared: dict[str, Sizes]
    result: str

    def prepare(self) -> None:
        state, weights, step = of(self.state), of(self.weights_), of(self.step)
        self.states = _declared(state, "state", "a state", "state: {h: 8}")
        if not self.states:
            raise Fault("option-value", "state names what is remembered: {h: 8}", option="state", help=f"write {FORM}")
        self.declared = _declared(weights, "weights", "a weight", "weights: {W: [8, 8]}") if weights.data else {}
        for name in self.declared:
            if name in self.states:
                raise Fault("duplicate-name", f"{name} is a state already", option=f"weights/{name}/")
        texts = _texts(step)
        kinds = {"x": "input", **dict.fromkeys(self.states, "state")}
        for name, (_, option) in texts.items():
            _check_name(name, option + "/" if option.startswith("step/") else option, "an equation")
            if name in self.declared:
                raise Fault("duplicate-name", f"{name} is a weight already", option=option)
            kinds.setdefault(name, "step")
        kinds.update(dict.fromkeys(self.declared, "weight"))
        for name in self.states:
            if name not in texts:
                near = did_you_mean(name, [other for other in texts if other not in self.states])
                raise Fault(
                    "missing-equation",
                    f"the state {name} has no equation under step",
                    option="step",
                    help=f"did you mean {name} where {near} stands?" if near else f'add {name}: "..." to step',
                )
        open_ = {size for sizes in (*self.states.values(), *self.declared.values()) for size in sizes.shape}
        names = Names(kinds, frozenset(str(size) for size in open_ if unbound(size)), step.scope)
        read = [read_equation(name, text, option, names) for name, (text, option) in texts.items()]
        self.equations = tuple(ordered(read))
        self.result = _result(of(self.output).data, list(texts), next(iter(self.states)))
        self._last: tuple[Any, CellShapes] | None = None

    @classmethod
    def signature(cls) -> str:
        """How it is written: a call has no place for equations."""
        return FORM

    def describe(self, xs: tuple[Shape, ...] = ()) -> str:
        states = ", ".join(
            f"{name}: {sizes.shape[0] if len(sizes.shape) == 1 else list(sizes.shape)}"
            for name, sizes in self.states.items()
        )
        return f"Recurrent({states})"

    def remarks(self) -> list[Fault]:
        used = {piece.name for equation in self.equations for piece in equation.pieces() if piece.op == "weight"}
        return [
            Fault(
                "unused-weight",
                f"no equation uses the weight {name}; its parameters are counted",
                option=f"weights/{name}/",
            )
            for name in self.declared
            if name not in used
        ]

    def formulas(self, tex: bool = False) -> list[str]:
        """The equations as a reader would write them, as text or as TeX, in the order of a step."""
        from cnncalc.layers.cells.notation import formula

        return [formula(equation, tex) for equation in self.equations]

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        if len(x) == 2:
            return (f"a sequence is [length, features]: [{x[1]}, 1] for one number a step",)
        return sequence_help(x)

    # --- the rules -------------------------------------------------------------------------------------------------

    def shapes(self, x: Shape) -> CellShapes:
        """The equations read as shapes for an input [batch, length, features]."""
        if self._last is not None and self._last[0] is x:
            return self._last[1]
        named = isinstance(x[-1], Term)  # an explanation: sizes bear the names they were written with
        states = {name: _sizes(sizes, named) for name, sizes in self.states.items()}
        weights = {name: _sizes(sizes, named) for name, sizes in self.declared.items()}
        found = CellShapes(self.equations, states, weights, (x[2],))
        # A size that nothing determined: n is the features of the input.
        if "n" not in found.bound:
            found.bound["n"] = x[2]
        for option, declared in (("state", self.states), ("weights", self.declared)):
            for name, sizes in declared.items():
                for size in found.settled(sizes.shape):
                    if unbound(size):
                        raise no_value(str(size), f"{option}/{name}", found.bound)
        self._last = (x, found)
        return found

    def shape(self, x: Shape) -> Shape:
        if x[1] < 1:
            raise Fault("empty-sequence", f"{self.type()} needs at least one step, but gets {shape_text(x)}")
        return (x[0], x[1], *self.shapes(x).shape(self.result))

    def ports(self, x: Shape) -> dict[str, Shape]:
        found = self.shapes(x)
        return {equation.name: (x[0], x[1], *found.shape(equation.name)) for equation in self.equations}

    def additions(self, y: Shape, x: Shape) -> Number:
        return self.biases(x) * x[1]

    def carried(self, x: Shape) -> Number:
        """Each state, and the input, as often as the equations reach back for it."""
        found = self.shapes(x)
        sizes = {"x": prod(x[2:]), **{name: prod(found.shape(name)) for name in self.states}}
        back = dict.fromkeys(sizes, 0)
        for equation in self.equations:
            for piece in equation.pieces():
                if piece.name in back:
                    back[piece.name] = max(back[piece.name], piece.lag)
        return sum(sizes[name] * back[name] for name in sizes)

    def weights(self, x: Shape) -> Iterator[Weight]:
        found = self.shapes(x)
        for name in self.declared:
            yield Weight(name, found.weight(name))

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        return {name: x[0] * x[1] * once for name, once in self.shapes(x).macs().items()}


def _sizes(sizes: Sizes, named: bool) -> Shape:
    """The sizes, with `named` as numbers with a symbolic trace under their names."""
    if not named:
        return sizes.shape
    return tuple(
        leaf(name or str(size), size) if type(size) is int else size
        for size, name in zip(sizes.shape, sizes.names, strict=True)
    )


def _result(written_: object, names: list[str], first: str) -> str:
    """The name whose sequence is the output."""
    if written_ is None:
        return first
    if written_ in names:
        return str(written_)
    near = did_you_mean(str(written_), names)
    raise Fault(
        "unknown-name",
        f'output names "{written_}", but step has no equation of that name',
        option="output",
        help=f"did you mean {near}?" if near else f"step has {', '.join(names)}",
    )


def _check_name(name: str, option: str, what: str) -> None:
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


def _declared(fields: Unevaluated, option: str, what: str, form: str) -> dict[str, Sizes]:
    """Names and shapes."""
    if not isinstance(fields.data, dict):
        raise Fault("option-value", f"{option} must be names with sizes", option=option, help=f"write {form}")
    found = {}
    for name, said in fields.data.items():
        _check_name(name, f"{option}/{name}/", what)
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


def _texts(step: Unevaluated) -> dict[str, tuple[str, str]]:
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
