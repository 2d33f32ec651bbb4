"""The edges of cells that are given by equations: how they are shown, what shapes they make, what is refused where.

Shapes are worked out by hand; a part that is refused is the part of the text that is underlined.
"""

from __future__ import annotations

from typing import Any

import pytest

import cnncalc
from cnncalc.core.problem import Fault, SpecError
from cnncalc.expression.tokenize import ExpressionFault
from cnncalc.layers.equations import Recurrent


def cell(step: Any, weights: dict[str, Any] | None = None, state: dict[str, Any] | None = None) -> Any:
    """A cell whose state h is [4] and whose weight W is [4, 4], unless others are given."""
    equations = {"h": step} if isinstance(step, str) else step
    fields: dict[str, Any] = {"state": state or {"h": 4}, "weights": weights or {"W": [4, 4]}, "step": equations}
    return Recurrent(**fields)


def wrong(*given: Any, x: tuple[int, ...] = (1, 6, 5)) -> Any:
    with pytest.raises(Fault) as caught:
        layer = cell(*given)
        layer.accept((x,))
        layer.shape(x)
    return caught.value


@pytest.mark.parametrize(
    ("text", "shown", "tex"),
    [
        ("pi * h[t-1]", "pi·h[t−1]", r"\pi \cdot h_{t-1}"),
        ("1.0 * h[t-1] + 10000000", "1·h[t−1] + 10000000", r"1 \cdot h_{t-1} + 10000000"),
        ("(x[t] + 1) ** h[t-1]", "(x[t] + 1)^h[t−1]", r"{(x_t + 1)}^{h_{t-1}}"),
        ("x[t] ** (h[t-1] + 1)", "x[t]^(h[t−1] + 1)", r"{x_t}^{h_{t-1} + 1}"),
        ("(x[t] * h[t-1]).T", "(x[t] ⊙ h[t−1])ᵀ", r"{(x_t \odot h_{t-1})}^\top"),
        ("outer(x[t] + 1, h[t-1] + 1)", "(x[t] + 1) (h[t−1] + 1)ᵀ", r"(x_t + 1)\, {(h_{t-1} + 1)}^\top"),
        ("W @ (h[t-1] * h[t-2])", "W (h[t−1] ⊙ h[t−2])", r"W\, (h_{t-1} \odot h_{t-2})"),
        ("W @ (W @ h[t-1])", "W W h[t−1]", r"W\, W\, h_{t-1}"),
        ("h[t-1][0]", "h[t−1][0]", "h_{t-1}[0]"),
        ("x[t][2.0] * h[t-1]", "x[t][2] ⊙ h[t−1]", r"x_t[2] \odot h_{t-1}"),
        ("torch.tanh(x[t])", "tanh(x[t])", r"\tanh(x_t)"),
        ("concat([x[t], h[t-1]])", "[x[t]; h[t−1]]", r"[x_t;\, h_{t-1}]"),
        ("concat([x[t]], h[t-1])", "[[x[t]]; h[t−1]]", r"[[x_t];\, h_{t-1}]"),
        ("sum([h[t-1], x[t]])", "sum([h[t−1]; x[t]])", r"\text{sum}([h_{t-1};\, x_t])"),
        ("W @ [x_t; h_{t-1}]", "W [x[t]; h[t−1]]", r"W\, [x_t;\, h_{t-1}]"),
    ],
)
def test_formulas(text: str, shown: str, tex: str) -> None:
    layer = cell(text)
    assert layer.formulas() == [f"h[t] = {shown}"]
    assert layer.formulas(tex=True) == [f"h_t = {tex}"]


def test_a_weight_that_looks_like_a_difference() -> None:
    assert cell("h_t-1 + h[t-1]", {"h_t": 4}).formulas() == ["h[t] = h_t − 1 + h[t−1]"]


# Equation of h, weights, states: what they fit.
FITS: list[tuple[Any, dict[str, Any] | None, dict[str, Any] | None]] = [
    ("W[0]", {"W": [3, 4]}, None),
    ("x[t][-5] * h[t-1]", None, None),
    ("x[t][-3:-1]", None, {"h": 2}),
    ("x[t][-2:]", None, {"h": 2}),
    ("x[t][:-3]", None, {"h": 2}),
    ("x[t][0:5]", None, {"h": 5}),
    ("concat(h[t-1], x[t][0:0])", None, None),
    ("concat(h[t-1], x[t][2:2])", None, None),
    ("W[0:2] @ x[t]", {"W": [4, 5]}, {"h": 2}),
    ("concat(U, V) @ x[t]", {"U": [2, 5], "V": [3, 5]}, {"h": 5}),
    ("concat(sum(x[t]), h[t-1][1:])", None, None),
    ("sum(x[t])", None, {"h": 1}),
    ("outer(h[t-1] @ W, x[t])", {"W": [4, 4]}, {"h": [4, 5]}),
    ("max(x[t], 0)", None, {"h": 5}),
    ("max(x[t]) + h[t-1]", None, None),
]


@pytest.mark.parametrize(("text", "weights", "state"), FITS, ids=[case[0] for case in FITS])
def test_what_fits(text: str, weights: dict[str, Any] | None, state: dict[str, Any] | None) -> None:
    if "outer" in text:
        text, state = text.replace("h[t-1] @ W", "W @ g"), {"h": [4, 5], "g": 4}
        assert cell({"h": text, "g": "g[t-1] + 1"}, weights, state).shape((1, 6, 5)) == (1, 6, 4, 5)
        return
    size = (state or {"h": 4})["h"]
    assert cell(text, weights, state).shape((1, 6, 5)) == (1, 6, size)


def test_sizes_that_have_names() -> None:
    layer = cell("W @ (V @ x[t]) + Y @ (V @ x[t])", {"W": ["m", "k"], "V": ["j", "n"], "Y": [4, 3], "b": "n"})
    found = {weight.name: weight.shape for weight in layer.weights((1, 6, 5))}
    assert found == {"W": (4, 3), "V": (3, 5), "Y": (4, 3), "b": (5,)}
    # Another input makes other shapes.
    assert {weight.name: weight.shape for weight in layer.weights((1, 6, 7))}["V"] == (3, 7)
    assert layer.macs((1, 6, 4), (1, 6, 7)) == {"h": 6 * (3 * 7 + 4 * 3 + 3 * 7 + 4 * 3)}


def test_the_features_of_the_input_have_a_name() -> None:
    layer = cell("W @ h[t-1]", {"W": [4, 4], "b": "n"})
    assert {weight.name: weight.shape for weight in layer.weights((1, 6, 5))} == {"W": (4, 4), "b": (5,)}
    assert layer.ports((1, 6, 5)) == {"h": (1, 6, 4)}


@pytest.mark.parametrize("said", ["4, 5", "(4, 5)", "[4, 5]", "4x5", ["2 * 2", 5.0]])
def test_sizes_as_people_write_them(said: Any) -> None:
    layer = cell("W @ x[t]", {"W": said})
    assert [weight.shape for weight in layer.weights((1, 6, 5))] == [(4, 5)]


def test_many_equations() -> None:
    """Each uses the one before twice; each is looked at once."""
    step = {"a0": "x[t]", **{f"a{at}": f"a{at - 1} + a{at - 1}" for at in range(1, 199)}, "h": "sum(a198) + h[t-1]"}
    assert cell(step).shape((1, 6, 5)) == (1, 6, 4)
    found = wrong({**step, "b": "x[t]"})
    assert (found.message, found.option) == ("201 equations; at most 200 are read", "step")


# How an operation nests 20 times around the text.
NESTED = {
    "right": lambda inner: "1 + (" * 20 + inner + ")" * 20,
    "sign": lambda inner: "-" * 20 + inner,
    "transpose": lambda inner: f"({inner})" + ".T" * 20,
    "list": lambda inner: "[" * 20 + inner + "]" * 20,
    "call": lambda inner: "tanh(" * 20 + inner + ")" * 20,
    "part": lambda inner: f"({inner})" + "[0:4]" * 20,
}


@pytest.mark.parametrize("kind", NESTED)
def test_depth(kind: str) -> None:
    """150 operations inside each other are read, 151 are refused; a long sum counts one for each term."""
    last = NESTED[kind]("W") + " + 1" * 130
    assert cell(last).formulas()
    found = wrong(NESTED[kind]("W") + " + 1" * 131)
    assert (found.message, found.help) == ("too many operations inside each other", ("split the equation",))


# Equation of h, the part that is underlined, message, help, weights, states.
WRONG: list[tuple[str, str, str, str, dict[str, Any] | None, dict[str, Any] | None]] = [
    ("W 2", "2", 'nothing between "W" and "2"',
     "write W @ 2 for a product of matrices, W * 2 number by number", None, None),
    ("V[0:2] + h[t-1]", "V", 'unknown name "V"', "known names: x, h, W", None, None),
    ("Wq @ h[t-1]", "Wq", 'unknown name "Wq"; did you mean W?', "", None, None),
    ("σ(x_t) + q", "q", 'unknown name "q"', "known names: x, h, W", None, None),
    ("h_{t-1} + x_{t+1}", "x_{t+1}", "x_{t+1} is not known at step t",
     "an equation reads x[t] and what came before, x[t-1]", None, None),
    ("h[t+1] * 2", "h[t+1]", "h[t+1] is not known at step t", "an equation reads what came before, h[t-1]", None, None),
    ("x[t][0:4:2]", "x[t][0:4:2]", "a part of an array goes in steps of 1", "", None, None),
    ("W[0, 1]", "W[0, 1]", "W[0, 1] has two positions", "take one after the other: a[0][1]", None, None),
    ("x[t][q]", "q", 'unknown name "q"', "", None, None),
    ("h(t-1, 0) * 2", "h(t-1, 0)", "h is no function", "write h[t-1]", None, None),
    ("x(t-2) * 2", "x(t-2)", "x is no function", "write x[t-2]", None, None),
    ("softmax(h[t-1], dim=0)", "softmax(h[t-1], dim=0)", "softmax() takes arrays only, no options", "", None, None),
    ("tanh(h[t-1], x[t])", "tanh(h[t-1], x[t])", "tanh() takes 1 array, not 2", "", None, None),
    ("sum() + h[t-1]", "sum()", "sum() takes 1 array, not 0", "", None, None),
    ("min() + h[t-1]", "min()", "min() takes 1 array, not 0", "", None, None),
    ("concat()", "concat()", "concat() takes 1 array, not 0", "", None, None),
    ("outer(x[t])", "outer(x[t])", "outer() takes 2 arrays, not 1", "", None, None),
    ("outer(x[t], x[t], x[t])", "outer(x[t], x[t], x[t])", "outer() takes 2 arrays, not 3", "", None, None),
    ("softmax(sum(x[t])) * h[t-1]", "softmax(sum(x[t]))",
     "softmax() takes a vector, and sum(x[t]) is one number", "", None, None),
    ("A @ x[t]", "A @ x[t]", "@ takes matrices and vectors, not [2, 3, 4]", "", {"A": [2, 3, 4]}, None),
    ("q + σ(x_t)", "q", 'unknown name "q"', "known names: x, h, W", None, None),
    ("sum(x[t], x[t]) + h[t-1]", "sum(x[t], x[t])", "sum() takes 1 array, not 2", "", None, None),
    ("W @ A", "W @ A", "@ takes matrices and vectors, not [2, 3, 4]", "", {"W": [4, 2], "A": [2, 3, 4]}, None),
    ("h[t-1] @ A", "h[t-1] @ A", "@ takes matrices and vectors, not [2, 3, 4]", "", {"A": [2, 3, 4]}, None),
    ("sum(x[t])[0] * h[t-1]", "sum(x[t])[0]", "sum(x[t]) is one number and has no positions", "", None, None),
    ("x[t][-6] * h[t-1]", "x[t][-6]", "there is no position -6: x[t] is [5]", "", None, None),
    ("x[t][-7:2]", "x[t][-7:2]", "there are no positions -2 to 2: x[t] is [5]", "", None, None),
    ("x[t][3:2]", "x[t][3:2]", "there are no positions 3 to 2: x[t] is [5]", "", None, None),
    ("x[t][:-6]", "x[t][:-6]", "there are no positions 0 to -1: x[t] is [5]", "", None, None),
    ("b[0:2] + h[t-1]", "b[0:2]", "a part can only be taken where all sizes have a value", "", {"b": "k"}, None),
    ("concat(b, h[t-1])", "b", "the size of b is not known here", "give it a value in let", {"b": "k"}, None),
    ("concat(U, V) @ x[t]", "V", "V is [3, 4] and cannot be joined to U, which is [2, 5]", "",
     {"U": [2, 5], "V": [3, 4]}, None),
    ("outer(W, h[t-1])", "W", "outer() takes vectors, and W is [4, 4]", "", None, None),
    ("A", "A", "the state h is [4, 5], but this gives [4, 6]", "", {"A": [4, 6]}, {"h": [4, 5]}),
    ("sum(x[t])", "sum(x[t])", "the state h is [1, 4], but this gives one number", "", None, {"h": [1, 4]}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "part", "message", "help", "weights", "state"), WRONG, ids=[f"{case[0]} {case[4]}" for case in WRONG]
)
def test_what_is_refused(
    text: str, part: str, message: str, help: str, weights: dict[str, Any] | None, state: dict[str, Any] | None
) -> None:
    found = wrong(text, weights, state)
    assert isinstance(found, ExpressionFault)
    assert found.message == message
    assert found.text[found.offset : found.offset + found.length] == part
    assert found.help == ((help,) if help else ())


def test_another_state_of_the_next_step() -> None:
    found = wrong({"h": "c[t+1] + h[t-1]", "c": "c[t-1]"}, None, {"h": 4, "c": 4})
    assert found.message == "c[t+1] is not known at step t"
    assert found.help == ("an equation reads c[t] and what came before, c[t-1]",)


def test_equations_in_lines() -> None:
    """A mistake keeps the line and the column in which it was written."""
    found = wrong({"h": ""})
    assert (found.message, found.offset, found.length) == ("an empty expression", 0, 1)
    fields: dict[str, Any] = {"state": {"h": 4}, "weights": None}
    for step, offset, option in (
        ("h = h[t-1] + q", 13, "step"),
        ("h = h[t-1]\ny = q", 5, "step"),
        (["h = h[t-1]", "y = q"], 4, "step/1"),
    ):
        with pytest.raises(ExpressionFault) as caught:
            Recurrent(**fields, step=step)
        assert caught.value.message == 'unknown name "q"'
        assert (caught.value.offset, caught.value.option) == (offset, option)
        assert caught.value.text[offset] == "q"


@pytest.mark.parametrize(
    ("fields", "message", "option", "help"),
    [
        ({"step": ["h = h[t-1]", 3]}, "step must be names with equations", "step", None),
        ({"step": "h = h[t-1]\nh[t] = x[t]"}, "h has two equations", "step", ()),
        ({"step": {"[t]": "x[t]"}}, 'an equation says what [t] is, not "[t]"', "step/[t]/", None),
        (
            {"state": {"hidden": 4}, "step": {"hiden": "x[t]"}},
            "the state hidden has no equation under step",
            "step",
            ("did you mean hidden where hiden stands?",),
        ),
        (
            {"state": {"h": 4, "c": 4}, "step": {"c": "x[t]"}},
            "the state h has no equation under step",
            "step",
            ('add h: "..." to step',),
        ),
        (
            {"state": {"h": "hidden"}, "weights": {"W": ["hiddn"]}, "step": {"h": "h[t-1] + U @ x[t]"}},
            'unknown name "U"',
            "step/h",
            ("known names: x, h, W",),
        ),
        (
            {"weights": {"W": ["width", 5], "b": "widht"}, "step": {"h": "W @ x[t]"}},
            'the size "widht" has no value',
            "weights/b",
            ("did you mean width?",),
        ),
        (
            {"weights": {"W": ["m", 5], "b": "k"}, "step": {"h": "W @ x[t]"}},
            'the size "k" has no value',
            "weights/b",
            ("define it: let: {k: 8}",),
        ),
    ],
)
def test_fields_that_are_refused(fields: Any, message: str, option: str, help: tuple[str, ...] | None) -> None:
    with pytest.raises(Fault) as caught:
        Recurrent(**{"state": {"h": 4}, "weights": None, **fields}).shape((1, 6, 5))
    assert (caught.value.message, caught.value.option) == (message, option)
    assert help is None or caught.value.help == help


@pytest.mark.parametrize(
    ("known", "asked", "help"),
    [
        ("dm", "dmm", "did you mean dm?"),
        ("dmm", "dm", "did you mean dmm?"),
        ("kk", "k", "define it: let: {k: 8}"),  # one letter is like any other
        ("k", "kk", "define it: let: {kk: 8}"),
    ],
)
def test_sizes_that_are_like_others(known: str, asked: str, help: str) -> None:
    found = wrong("W @ x[t]", {"W": [known, 5], "b": asked})
    assert (found.message, found.help) == (f'the size "{asked}" has no value', (help,))


def test_what_is_no_number_cannot_stand_in_an_equation() -> None:
    """A list of `let` is none."""
    text = "input: [6, 5]\nlet: {k: [1, 2]}\nlayers:\n  - rnn:\n      recurrent:\n        state: {h: 5}\n"
    with pytest.raises(SpecError) as caught:
        cnncalc.loads(text + '        weights: {W: [5, 5]}\n        step: {h: "k * x[t]"}\n').report()
    (problem,) = caught.value.problems
    assert problem.message == 'rnn: "k" is no number'
    assert problem.help == ("arrays stand under weights, and their values in values",)


def test_inputs_that_are_refused() -> None:
    assert wrong("h[t-1]", x=(1, 0, 5)).message == "Recurrent needs at least one step, but gets [0, 5]"
    assert cell("h[t-1]").shape((1, 1, 1)) == (1, 1, 4)
    found = wrong("h[t-1]", x=(1, 3, 4, 4))
    assert found.message == "Recurrent takes [T, n], but gets [3, 4, 4]"
    assert found.help == ("make it a sequence [4 * 4, 3]: Flatten(start_dim=2), then Transpose(1, 2)",)
    assert wrong("h[t-1]", x=(1, 3)).help == ("a sequence is [length, features]: [3, 1] for one number per step",)
