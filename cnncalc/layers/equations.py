"""A recurrent cell that the user gives by its equations."""

from __future__ import annotations

from collections.abc import Iterator
from operator import is_
from typing import Any

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape, prod
from cnncalc.core.option import written
from cnncalc.core.problem import Fault, did_you_mean, suggestion
from cnncalc.core.term import Term, leaf
from cnncalc.core.texts import shape_text
from cnncalc.expression.unevaluated import of
from cnncalc.layers.cells.fields import FORM, Sizes, check_name, equation_texts, input_names, read_shapes
from cnncalc.layers.cells.parse import read_equation
from cnncalc.layers.cells.shapes import CellShapes, no_value
from cnncalc.layers.cells.tree import Equation, Names, ordered, unbound
from cnncalc.layers.sequence import sequence_help


class Recurrent(Layer):
    """A recurrent cell given by its equations: `step` says what each name is at step t.

    The input is x[t]; inputs and context name further ones, in the order of `from`. A state is zero before the first
    step; x[t-1], h[t-1], h[t-2] are earlier ones. Every equation is a named output, a sequence whose index 0 is the
    first step. Sizes are numbers, expressions, or n for the features of x. What is combined number by number is aligned
    at the last axis, and a size of 1 is repeated.
    """

    scratch = "output"
    parallel = "whole"
    takes, gives, inputs = ("N T n", "N *"), "N T m | N T | N T *", (1, None)
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

    inputs_: Any = written(
        "further inputs that are read step by step, as x is: [z]", expects="a list of names", default=None
    )
    context: Any = written(
        "further inputs that are the same at each step, behind those: [c]", expects="a list of names", default=None
    )

    # Filled by prepare(): equations in the order in which a step computes them, declared shapes, names of the spec.
    equations: tuple[Equation, ...]
    states: dict[str, Sizes]
    declared: dict[str, Sizes]
    result: str
    sequences: list[str]  # the inputs that are read step by step, x in front
    fixed: list[str]  # those that are the same at each step

    def prepare(self) -> None:
        self.sequences = ["x", *input_names(of(self.inputs_).data, "inputs")]
        self.fixed = input_names(of(self.context).data, "context")
        given = dict.fromkeys(self.sequences[1:], "inputs") | dict.fromkeys(self.fixed, "context")
        state, weights, step = of(self.state), of(self.weights_), of(self.step)
        self.states = read_shapes(state, "state", "a state", "state: {h: 8}")
        if not self.states:
            raise Fault("option-value", "state names what is remembered: {h: 8}", option="state", help=f"write {FORM}")
        self.declared = read_shapes(weights, "weights", "a weight", "weights: {W: [8, 8]}") if weights.data else {}
        for name in self.declared:
            if name in self.states:
                raise Fault("duplicate-name", f"{name} is a state already", option=f"weights/{name}/")
        texts = equation_texts(step)
        for name, option in given.items():
            if name in self.states or name in self.declared or name in texts:
                raise Fault("duplicate-name", f"{name} is an input already", option=option)
        kinds = {**dict.fromkeys(self.sequences, "input"), **dict.fromkeys(self.states, "state")}
        for name, (_, option) in texts.items():
            check_name(name, option + "/" if option.startswith("step/") else option, "an equation")
            if name in self.declared:
                raise Fault("duplicate-name", f"{name} is a weight already", option=option)
            kinds.setdefault(name, "step")
        kinds.update(dict.fromkeys((*self.declared, *self.fixed), "weight"))
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
        known = Names(kinds, frozenset(str(size) for size in open_ if unbound(size)), step.scope)
        read = [read_equation(name, text, option, known) for name, (text, option) in texts.items()]
        self.equations = tuple(ordered(read))
        self.result = _result(of(self.output).data, list(texts), next(iter(self.states)))
        self._last: tuple[tuple[Shape, ...], CellShapes] | None = None

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
            return (f"a sequence is [length, features]: [{x[1]}, 1] for one number per step",)
        return sequence_help(x)

    # --- the rules -------------------------------------------------------------------------------------------------

    def shapes(self, *xs: Shape) -> CellShapes:
        """The equations read as shapes for inputs [batch, length, features], then [batch, ...] that stay."""
        x = xs[0]
        if self._last is not None and len(self._last[0]) == len(xs) and all(map(is_, self._last[0], xs)):
            return self._last[1]
        steps, still = len(self.sequences), len(self.fixed)
        if len(xs) != steps + still:
            has = f"{', '.join((*self.sequences, *self.fixed))}: {steps + still}"
            raise Fault(
                "input-count",
                f"{self.type()} reads {has} inputs, {len(xs)} given",
                help="inputs: [z] and context: [c] name further ones, from: [a, b, c] brings them",
            )
        for name, other in zip(self.sequences[1:], xs[1:], strict=False):
            if len(other) != 3 or other[1] != x[1]:
                message = f"{name} is {shape_text(other)}, and x is {shape_text(x)}: both are read step by step"
                raise Fault(
                    "shapes-differ", message, option="inputs", help=f"context: [{name}] for what stays the same"
                )
        named = isinstance(x[-1], Term)  # an explanation: sizes bear the names they were written with
        states = {name: _sizes(sizes, named) for name, sizes in self.states.items()}
        weights = {name: _sizes(sizes, named) for name, sizes in self.declared.items()}
        weights |= {name: given[1:] for name, given in zip(self.fixed, xs[steps:], strict=True)}
        found = CellShapes(
            self.equations,
            states,
            weights,
            {name: given[2:] for name, given in zip(self.sequences, xs, strict=False)},
        )
        # A size that nothing determined: n is the features of the input.
        if "n" not in found.bound:
            found.bound["n"] = x[2]
        for option, declared in (("state", self.states), ("weights", self.declared)):
            for name, sizes in declared.items():
                for size in found.settled(sizes.shape):
                    if unbound(size):
                        raise no_value(str(size), f"{option}/{name}", found.bound)
        self._last = (xs, found)
        return found

    def shape(self, *xs: Shape) -> Shape:
        x = xs[0]
        if x[1] < 1:
            raise Fault("empty-sequence", f"{self.type()} needs at least one step, but gets {shape_text(x)}")
        return (x[0], x[1], *self.shapes(*xs).shape(self.result))

    def ports(self, *xs: Shape) -> dict[str, Shape]:
        x, found = xs[0], self.shapes(*xs)
        return {equation.name: (x[0], x[1], *found.shape(equation.name)) for equation in self.equations}

    def additions(self, y: Shape, *xs: Shape) -> Number:
        return self.biases(*xs) * xs[0][1]

    def carried(self, *xs: Shape) -> Number:
        """Each state, and each input, as often as the equations reach back for it."""
        found = self.shapes(*xs)
        sizes = {name: prod(found.shape(name)) for name in (*self.sequences, *self.states)}
        back = dict.fromkeys(sizes, 0)
        for equation in self.equations:
            for piece in equation.pieces():
                if piece.name in back:
                    back[piece.name] = max(back[piece.name], piece.lag)
        return sum(sizes[name] * back[name] for name in sizes)

    def weights(self, *xs: Shape) -> Iterator[Weight]:
        found = self.shapes(*xs)
        for name in self.declared:
            yield Weight(name, found.weight(name))

    def macs(self, y: Shape, *xs: Shape) -> dict[str, Number]:
        rows = xs[0][0] * xs[0][1]
        return {name: rows * once for name, once in self.shapes(*xs).macs().items()}


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
    raise Fault(
        "unknown-name",
        f'output names "{written_}", but step has no equation of that name',
        option="output",
        help=suggestion(str(written_), names, f"step has {', '.join(names)}"),
    )
