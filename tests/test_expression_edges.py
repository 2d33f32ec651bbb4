"""The edges of the expression language: the last thing that is read and the first that is refused, word by word.

Values are Python's, or worked out by hand; bounds are those of docs/bounds.md.
"""

from __future__ import annotations

import ast
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from cnncalc.core.problem import Fault
from cnncalc.core.term import leaf
from cnncalc.expression import ExpressionFault, Function, Word, evaluate, parse, parse_call, value_of
from cnncalc.expression.plain_call import plain_call
from cnncalc.expression.syntax import Parsed, call_of, settle
from cnncalc.expression.tokenize import Scanned


class Thing:
    """What a scope may hand out: attributes, positions, an operator."""

    cnncalc_kind = "a layer"

    def __init__(self, **attributes: Any) -> None:
        self.attributes = attributes

    def cnncalc_attribute(self, name: str) -> Any:
        return self.attributes[name]

    def cnncalc_index(self, key: Any) -> Any:
        return (key, 1)

    def __bool__(self) -> bool:
        raise ValueError


class Stubborn:
    """A number whose sum is a fault with a place of its own, and whose product has none."""

    def __add__(self, other: Any) -> Any:
        raise ExpressionFault("not-here", "no sums today", text="elsewhere", offset=4, length=2)

    def __sub__(self, other: Any) -> Any:
        return Stubborn() - 0 if other else ZERO / 0

    def __mul__(self, other: Any) -> Any:
        raise OverflowError

    def __mod__(self, other: Any) -> Any:
        raise MemoryError

    def __matmul__(self, other: Any) -> Any:
        raise ValueError("3 and 4 do not fit")

    def __pow__(self, other: Any) -> Any:
        return str(other)


class Apart:
    """A value whose comparisons are no plain true or false, as those of arrays."""

    def __eq__(self, other: object) -> Any:
        return "equal"

    def __ne__(self, other: object) -> Any:
        return "unequal"

    __hash__ = None  # type: ignore[assignment]


class Own:
    """A value that brings its own functions."""

    def cnncalc_function(self, name: str, *args: Any) -> str:
        return f"{name} of {len(args)}"


ZERO = 0
LONG = [1] * 100_000
SCOPE: dict[str, Any] = {
    "H": 32,
    "conv1": Thing(params=448, shape=(16, 8, 8), **{"class": 5}),
    "for": Thing(params=3, x=2),
    "apart": Apart(),
    "own": Own(),
    "half": Fraction(7, 2),
    "wider": LONG[1:],
    "term": leaf("m", 3),
    "deep": [(1, 2)],
    "0": Thing(weight=9),
    "pair": (1, 2),
    "wide": LONG,
    "inf": float("inf"),
    "nan": float("nan"),
    "many": 2**13_000,
    "odd": Stubborn(),
    "echo": Function(lambda *values: list(values)),
    "both": Function(lambda a, b=1: (a, b)),
    "raw": Function(lambda arguments, scope: [argument.text for argument in arguments], raw=True),
}


def value(text: str) -> Any:
    return evaluate(parse(text), SCOPE)


def fault(text: str) -> ExpressionFault:
    with pytest.raises(ExpressionFault) as caught:
        value(text)
    return caught.value


def large(length: int) -> tuple[str, tuple[str, int, int]]:
    return "the result is too large a number", ("number-too-large", 0, length)


def wide(length: int) -> tuple[str, tuple[str, int, int]]:
    return "a list of more than 100,000 numbers", ("list-too-large", 0, length)


# The last text that is read, its value, and the first that is refused: message, code, offset, length.
BOUNDS = {
    "characters": (
        "1" + " " * 19_999,
        1,
        "1" + " " * 20_000,
        "an expression of 20001 characters; at most 20000 are read",
        ("expression-too-long", 0, 1),
    ),
    "words": (
        "+".join(["1"] * 2500) + " ",
        2500,
        "+".join(["1"] * 2501),
        "an expression of more than 5000 words",
        ("expression-too-long", 0, 5001),
    ),
    "brackets": (
        "(" * 50 + "1" + ")" * 50,
        1,
        "(" * 51 + "1" + ")" * 51,
        "more than 50 brackets inside each other",
        ("expression-too-deep", 50, 1),
    ),
    "signs": ("-" * 20 + "1", 1, "-" * 21 + "1", "more than 20 signs in a row", ("expression-too-deep", 20, 1)),
    "signs after a value": (
        "1 + " + "+" * 20 + "1",
        2,
        "1 + " + "+" * 21 + "1",
        "more than 20 signs in a row",
        ("expression-too-deep", 24, 1),
    ),
    "signs in a bracket": (
        "-(" + "-" * 20 + "1)",
        -1,
        "-(" + "-" * 21 + "1)",
        "more than 20 signs in a row",
        ("expression-too-deep", 22, 1),
    ),
    "signs after a bracket": (
        "(1)*" + "-" * 20 + "1",
        1,
        "(1)*" + "-" * 21 + "1",
        "more than 20 signs in a row",
        ("expression-too-deep", 24, 1),
    ),
    "nots": ("not " * 20 + "1", True, "not " * 21 + "1", "more than 20 signs in a row", ("expression-too-deep", 80, 1)),
    "operations": (
        "1**" * 99 + "1",
        1,
        "1**" * 100 + "1",
        "too many operations inside each other",
        ("expression-too-deep", 0, 301),
    ),
    "operations on the left": (
        "[" * 49 + "1" + "]" * 49 + "[0]" * 49 + " + 1",
        2,
        "[" * 49 + "1" + "]" * 49 + "[0]" * 50 + " + 1",
        "too many operations inside each other",
        ("expression-too-deep", 0, 253),
    ),
    "digits": (
        "1" * 4000,
        int("1" * 4000),
        "0*" + "1" * 4001,
        "a number of 4001 digits",
        ("number-too-large", 2, 4001),
    ),
    "products": ("2**6500 * 2**6499", 2**12_999, "2**6500 * 2**6500", *large(17)),
    "sums": ("2**12999 - 1 + 2**12998", 3 * 2**12_998 - 1, "2**12999 + 2**12999", *large(19)),
    "powers of two": ("2**12999", 2**12_999, "2**13000", *large(8)),
    "powers of three": ("(-3)**8202", 3**8202, "(-3)**8203", *large(10)),
    "powers of one": ("(-1)**10**4 + 1**10**9 + 0**10**9", 2, "10**10**9", *large(9)),
    "powers of floats": ("10.0**308", 1e308, "10.0**309", *large(9)),
    "powers of other numbers": (
        "odd**1000 if odd**-1000 == '-1000' else 0",
        "1000",
        "odd**1001",
        "the exponent 1001 is too large here; at most 1000",
        ("number-too-large", 0, 9),
    ),
    "lists": ("([0]*60000 + [0]*40000)[99999]", 0, "[0]*60000 + [0]*40001", *wide(21)),
    "repeated lists": ("(2*[0, 0]*25000)[-1]", 0, "[0, 0]*50001", *wide(12)),
    "repeated lists in lists": ("(50000*[[0]])[-1]", [0], "50001*[[0]]", *wide(11)),
    "comparisons": (
        " and ".join(["wide == wide"] * 5),
        True,
        " and ".join(["wide == wide"] * 5) + " and [1]",
        "lists of more than 1,000,000 numbers in all",
        ("list-too-large", 5 * 17, 3),
    ),
}


@pytest.mark.parametrize("bound", BOUNDS)
def test_bounds(bound: str) -> None:
    last, expected, first, message, place = BOUNDS[bound]
    assert value(last) == expected
    found = fault(first)
    assert (found.message, (found.code, found.offset, found.length)) == (message, place)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for.params + 1", 4),  # a layer may have a name that Python keeps
        ("conv1.class - 5", 0),
        ("for.x + 1", 3),
        ("round(2, own)", "round of 2"),
        ("sqrt(own)", "sqrt of 1"),
        ("max(1, own)", "max of 2"),
        ("floor(half) + ceil(half)", 7),
        ("round(half)", 4),
        ("round(half, 1)", Fraction(7, 2)),
        ("abs(half - 4)", Fraction(1, 2)),
        ("abs(wider)[0]", 1),
        ("apart == 1", "equal"),
        ("apart != 1", "unequal"),
        ("deep == [[1, 2]]", True),
        ("deep != [[1, 2]]", False),
        ("pair + [3]", [1, 2, 3]),
        ("[1, 2][-2]", 1),
        ("both(1)", [1, 1]),
        ("raw(H + 1, q)", ["H + 1", "q"]),
        ("conv1[2]", [2, 1]),
        ("conv1.shape", [16, 8, 8]),
        ("[[1, 2], [3, 4]][:, 1]", [2, 4]),
        ("1 < 2 < 3 < 3", False),
        ("3 < 2 < 1/0", False),  # as in Python, the rest is not computed
        ("1 not in [2]", True),
        ("1 if not 2 else 3", 3),
        ("H is not None", True),
        ("[0][()]", [0]),
        ("0**0", 1),
        ("0**0.5", 0.0),
        ("1**-1", 1.0),
        ("2**-20000", 0.0),
        ("-1*[1]", []),
        ("[1]*-1", []),
        ("inf - 1 == inf and inf*2 == inf", True),
        ("many // 2**12000", 2**1000),
        ("None is None and true is true", True),
        ("None is not None or true is false", False),
        ("0 is false", False),
        ("false is not 0", True),
        ("[1, [2, 3]] != [1, [2, 3]]", False),
        ("[1, 2] == [1, 2, 3]", False),
        ("[[1], 2] in [0, [[1], 2]]", True),
        ("'an' not in 'plan'", False),
        ("2 >= 2 and 2 <= 2", True),
        ("2 > 2 or 2 < 2", False),
        ("round(1.5, 400)", 1.5),
        ("round(15, -400)", 0),
        ("log(8, 2) == 3 and log(8, 2.0) == 3", True),
        ("exp(-1000)", 0.0),
        ("exp(inf) == inf", True),
        ("sum([inf, 1.0]) == inf", True),
        ("sum([inf, 1]) == inf", True),
        ("sum([1e16, 1.0, -1e16])", 1.0),  # one after the other they make 0
        ("sum([1, 2], 3)", 6),
        ("min(2, 1, 3) + max(2, 3, 1)", 4),
        ("abs([[-1], -2])", [[1], 2]),
    ],
)
def test_values(text: str, expected: Any) -> None:
    assert value(text) == expected


# Text, message, offset and length of the underlined part, help.
MISTAKES = [
    ("-", 'a value is missing after "-"', 0, 1, ""),
    ("1 and", 'a value is missing after "and"', 4, 1, ""),
    ("and 1", 'a value is missing before "and"', 0, 3, ""),
    ("1 in in 2", 'a value is missing before "in"', 5, 2, ""),
    ("not and 1", 'a value is missing before "and"', 4, 3, ""),
    ("1 << 2", '"<<" has no meaning in an expression', 2, 2, ""),
    ("max(**H)", '"**" cannot unpack options here', 4, 2, ""),
    ("1 + f'x'", "a string takes no prefix", 4, 1, "write the quotes alone"),
    ("σ(2)", '"σ" has no meaning in an expression', 0, 1, "write sigmoid(x)"),
    ("3 0.1.weight", 'nothing between "3" and "0.1"', 2, 3, "write 3 * 0.1"),
    ("'a' 'b'", "nothing between \"'a'\" and \"'b'\"", 4, 3, "write 'a' * 'b'"),
    ("1 else 2", "this cannot be read as an expression", 2, 1, ""),
    ("H × 2 else 3", "this cannot be read as an expression", 6, 1, ""),
    ("0.0.weight else 3", "this cannot be read as an expression", 11, 1, ""),
    ("1 if 2", "this cannot be read as an expression", 0, 1, ""),
    ("öl if 2", "this cannot be read as an expression", 0, 2, ""),
    ("2**" * 1600 + "2", "too many operations inside each other", 0, 4801, ""),
    ("3x6x6", '"3x6x6" is not a number', 0, 5, "in an expression a shape is a list: [3, 64, 64]"),
    ("abs(wide)", "a list of more than 100,000 numbers", 0, 9, ""),
    ("exp(1000.0)", "the result is too large a number", 0, 11, ""),
    ("sum([inf, -inf])", "the result is too large a number", 0, 16, ""),
    ("sum([2**12999, 2**12999])", "the result is too large a number", 0, 25, ""),
    ("[1] < 2", '"<" does not go with a list and a number', 0, 7, ""),
    ("'a' < 'b'", '"<" does not go with the text "a" and the text "b"', 0, 9, ""),
    ("-'a'", '"-" does not go with the text "a"', 0, 4, ""),
    ("+'a'", '"+" does not go with the text "a"', 0, 4, ""),
    ("conv1.shape.123456789", "there is no position 123456789: the list has 3 entries, 0 to 2", 0, 21, ""),
    ("conv1.shape.1234567890", "a number of that many digits cannot be a position", 11, 11, ""),
    ("0.1234567890.weight", "a number of that many digits cannot be a position", 0, 12, ""),
    ("H[()]", "a number has no positions", 0, 5, ""),
    ("[1][0, 0]", "a number has no positions", 0, 9, ""),
    ("[1, 2][2]", "there is no position 2: the list has 2 entries, 0 to 1", 0, 9, ""),
    ("[1, 2][-3]", "there is no position -3: the list has 2 entries, 0 to 1", 0, 10, ""),
    ("conv1 and 1", "a layer is neither true nor false", 0, 11, "compare whole arrays with equal(A, B)"),
    ("odd and 1 - odd", '"-" does not go with a number and this value', 8, 7, ""),
    ("1 * (2 + odd)", '"+" does not go with a number and this value', 5, 7, ""),
    ("odd * 2", "the result is too large a number", 0, 7, ""),
    ("odd % 2", "the result is too large", 0, 7, ""),
    ("2 + (odd - 0)", "division by zero", 5, 7, ""),
    ("odd @ [1]", '"@": 3 and 4 do not fit', 0, 9, ""),
    ("1 + '" + "a" * 39 + "'", '"+" does not go with a number and the text "' + "a" * 39 + '"', 0, 45, ""),
    ("1 + '" + "a" * 40 + "'", '"+" does not go with a number and a text', 0, 46, ""),
    ("1 + conv1", '"+" does not go with a number and a layer', 0, 9, ""),
    ("'a' < conv1", '"<" does not go with the text "a" and a layer', 0, 11, ""),
    ("+[1]", '"+" does not go with a list', 0, 4, ""),
    ("2**200 / 0", "a very large number / 0: division by zero", 0, 10, ""),
    ("2**199 / 0", f"{2**199} / 0: division by zero", 0, 10, ""),
    ("2**-(10**400)", "the result is too large a number", 0, 13, ""),
    ("inf**2 * 1e308 + 1e308*10", "the result is too large a number", 17, 8, ""),
    ("1 in 'abc'", '"in" looks into lists, not into the text "abc"', 0, 10, ""),
    ("sqrt()", "sqrt() takes 1 value, not 0", 0, 6, ""),
    ("log()", "log() takes 1 or 2 values, not 0", 0, 5, ""),
    ("log(1, 2, 3)", "log() takes 1 or 2 values, not 3", 0, 12, ""),
    ("log(2, 'a')", 'log() takes numbers, not the text "a"', 0, 11, ""),
    ("round(1.5, 401)", "round(x, digits) needs a whole number of digits", 0, 15, ""),
    ("round(1.5, -401)", "round(x, digits) needs a whole number of digits", 0, 16, ""),
    ("round(1.5, 1.0)", "round(x, digits) needs a whole number of digits", 0, 15, ""),
    ("floor(inf)", "floor(inf) is not a number", 0, 10, ""),
    ("floor(nan)", "floor(nan) is not a number", 0, 10, ""),
    ("log(0, 3)", "log(0, 3) is not a number", 0, 9, ""),
    ("floor(conv1)", "floor() takes numbers, not a layer", 0, 12, ""),
    ("sqrt(conv1)", "sqrt() takes numbers, not a layer", 0, 11, ""),
    ("round(conv1, conv1)", "round() takes numbers, not a layer", 0, 19, ""),
    ("sum(None)", "sum() takes numbers, not nothing (null)", 0, 9, ""),
    ("sum([1, conv1])", "sum() takes numbers, not a layer", 0, 15, ""),
    ("max(1, conv1)", "max() takes numbers, not a layer", 0, 13, ""),
    ("min(conv1, 1)", "min() takes numbers, not a layer", 0, 13, ""),
    ("max()", "max() of nothing", 0, 5, ""),
    ("sum([1e308, 1e308])", "the result is too large a number", 0, 19, ""),
    ("sum([1, 1e308, 1e308])", "the result is too large a number", 0, 22, ""),
    ("sum([10**400, 0.5])", "the result is too large a number", 0, 19, ""),
    ("raw(a=1)", "raw() takes no keywords", 0, 8, ""),
    ("both()", "both() does not take 0 values", 0, 6, ""),
    ("both(1, 2, 3)", "both() does not take 3 values", 0, 13, ""),
]


@pytest.mark.parametrize("name", ["sqrt", "ln", "log2", "exp", "sin", "cos", "tanh", "floor", "ceil", "abs"])
def test_functions_of_one_number(name: str) -> None:
    assert fault(f"{name}()").message == f"{name}() takes 1 value, not 0"
    assert fault(f"{name}(1, 2)").message == f"{name}() takes 1 value, not 2"


@pytest.mark.parametrize(
    ("text", "message", "offset", "length", "help"), MISTAKES, ids=[mistake[0][:40] for mistake in MISTAKES]
)
def test_mistakes(text: str, message: str, offset: int, length: int, help: str) -> None:
    found = fault(text)
    assert (found.message, found.offset, found.length) == (message, offset, length)
    assert found.help == ((help,) if help else ())


def test_of_equals_the_first_is_taken() -> None:
    """As Python's min and max do."""
    for name in ("min", "max"):
        assert type(value(f"{name}(1, 1.0)")) is int
        assert type(value(f"{name}(1.0, 1)")) is float


def test_numbers_that_remember_are_compared() -> None:
    assert [value(text).value for text in ("max(2, term)", "max(term, 4)", "min(term, 2)", "min(4, term)")] == [
        3,
        4,
        2,
        3,
    ]


def test_the_first_names_are_listed() -> None:
    for count, more in ((20, ""), (21, ", ...")):
        scope = {f"name{at}": at for at in range(count)}
        with pytest.raises(ExpressionFault) as caught:
            evaluate(parse("zz"), scope)
        listed = ", ".join(f"name{at}" for at in range(20))
        assert caught.value.help == (f"known names: {listed}{more}",)


def test_what_has_a_name_but_no_value_is_no_function() -> None:
    class Scope:
        def lookup(self, name: str) -> object:
            raise KeyError(name)

        def names(self) -> list[str]:
            return ["sqrr"]

    with pytest.raises(ExpressionFault, match=r'^unknown function "sqrrr"; did you mean sqrt\?$'):
        evaluate(parse("sqrrr(4)"), Scope())


def test_a_fault_with_a_place_keeps_it() -> None:
    found = fault("1 * (odd + 1)")
    assert (found.code, found.message, found.text, found.offset, found.length) == (
        "not-here",
        "no sums today",
        "elsewhere",
        4,
        2,
    )


def test_a_word_is_one_only_where_nothing_is_known() -> None:
    def first(text: str) -> Any:
        call = parse_call(text)
        assert call is not None
        return value_of(call.args[0], SCOPE, words=True)

    assert first("Linear(conv1.params)") == 448
    assert first("Linear(torch.float32)") == Word("torch.float32")
    with pytest.raises(Fault, match=r'^a list has no "\.y"$'):
        first("Linear([1].y)")


@pytest.mark.parametrize("text", ["()", "ReLU, 3", "ReLU() + 3", "3 * ReLU()", "layers[0](2)", "[ReLU]()"])
def test_what_is_no_call(text: str) -> None:
    assert parse_call(text) is None


def test_what_an_expression_says_of_itself() -> None:
    assert repr(parse(" 1 + 2")) == "Expression('1 + 2')"
    assert repr(parse_call(" ReLU()")) == "Call('ReLU()')"


@pytest.mark.parametrize("code", ["lambda: 0", "[x for x in y]", "{1: 2}", "f(**x)", "f'{x}'"])
def test_what_the_scanner_would_let_through_is_no_node(code: str) -> None:
    """The words are refused before; were one forgotten, the tree of Python is refused."""
    starts, ends = list(range(1, len(code) + 1)), list(range(2, len(code) + 2))
    with pytest.raises(ExpressionFault) as caught:
        settle(f" {code}", ast.parse(code, mode="eval").body, Scanned(code, starts, ends, {}))
    found = caught.value
    assert (found.message, found.text) == (f'"{code}" has no meaning in an expression', f" {code}")
    assert (found.offset, found.length) == (1, len(code))


def test_a_plain_call_is_what_the_parser_makes_of_it() -> None:
    """Calls of literals are cut apart without Python's parser: the same parts, values and places, or left to it."""
    values = ("3", "0", "007", "1_000", "0.5", "1.", "True", "'same'", '"a_b"', "'a b'", "''", "-1", "w", "(3, 3)")
    words = ("", "k=", " padding = ", "if=", "_p=", "é=", "k ==", "a.b=")
    plain = 0
    for first, second, name in product(values, values[:8], ("Conv2d", "nn.ReLU", "x.if", "None", "_a", "a b")):
        for word, end in ((words[len(first + second + name) % 8], ")"), ("k=", ",)"), (" ", " )")):
            text = f"{name}({word}{first}, {second}{end}" if end == " )" else f"{name}({first}, {word}{second}{end}"
            if plain_call(text) is None:
                continue
            plain += 1
            assert _parts(parse_call(text)) == _parts(call_of(parse(text))), text
    assert plain > 80
    assert plain_call("Conv2d(3" + ", 3" * 70 + ")") is None


def _parts(call: Any) -> Any:
    """Everything that a call says."""
    given = [("", argument) for argument in call.args] + call.kwargs
    said = [(word, value.text, value.offset, value.length, repr(value.tree.value)) for word, value in given]
    return call.name, call.text, call.offset, dict(call.places), said


def test_what_is_no_number_is_no_value() -> None:
    with pytest.raises(Fault, match=r"^only real numbers, texts, True, False and None are values here$"):
        evaluate(Parsed("2j", ast.parse("2j", mode="eval").body, Scanned("2j", None, None, {})), {})
