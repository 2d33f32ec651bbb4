"""The expression language: what it computes, what it refuses and how, and that nothing else can be reached."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncalc.core.problem import Fault
from cnncalc.expression import (
    Call,
    ExpressionFault,
    Function,
    Word,
    call_of,
    elements_of,
    evaluate,
    parse,
    parse_call,
    value_of,
)


class Thing:
    """A layer as a scope hands it out: attributes, and copies by number."""

    def __init__(self, attributes: dict[str, Any], copies: tuple[Any, ...] = ()) -> None:
        self.attributes = attributes
        self.copies = copies

    def cnncalc_attribute(self, name: str) -> Any:
        return self.attributes[name]

    def cnncalc_attributes(self) -> list[str]:
        return list(self.attributes)

    def cnncalc_index(self, key: Any) -> Any:
        return self.copies[key]


class Letter:
    """A number that only remembers what was done to it, as a free dimension does."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __add__(self, other: Any) -> Letter:
        return Letter(f"({self.text}+{other})")

    def __radd__(self, other: Any) -> Letter:
        return Letter(f"({other}+{self.text})")

    def __mul__(self, other: Any) -> Letter:
        return Letter(f"({self.text}*{other})")

    __rmul__ = __mul__

    def __pow__(self, other: Any) -> Letter:
        return Letter(f"({self.text}**{other})")

    def __matmul__(self, other: Any) -> Letter:
        return Letter(f"({self.text}@{other})")

    def cnncalc_function(self, name: str, *args: Any) -> Letter:
        return Letter(f"{name}({','.join(map(str, args))})")

    def __str__(self) -> str:
        return self.text


SCOPE: dict[str, Any] = {
    "conv1": Thing({"shape": (16, 64, 64), "params": 448, "class": 5}),
    "encoder": Thing({}, (Thing({"attn": Thing({"params": 7})}),)),
    "0": Thing({"params": 3}, (None, Thing({"weight": 9}))),
    "global": Thing({"params": 11}),
    "sum": Thing({"params": 13}),
    "H": 32,
    "K": 3,
    "s": "same",
    "n": Letter("n"),
    "rank": Function(lambda a: 2),
    "shapes": Function(lambda arguments, scope: [argument.text for argument in arguments], raw=True),
    "pair": Function(lambda a, b=1: (a, b)),
    "faulty": Function(lambda a: None + 1),  # type: ignore[operator]
    "picky": Function(lambda a: int("x")),
}


def value(text: str) -> Any:
    return evaluate(parse(text), SCOPE)


def fault(text: str) -> ExpressionFault:
    with pytest.raises(ExpressionFault) as caught:
        value(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2*3", 7),
        ("7 // 2 + 7 % 2 - 2**3", -4),
        ("7/2", 3.5),
        ("6/2", 3.0),
        ("-3 + +2", -1),
        ("2**-1", 0.5),
        ("2**3**2", 512),
        ("2^3^2 + 2 ^ -1", 512.5),
        ("10 - 4 - 3", 3),
        (".5 + 1. + 1.5e1", 16.5),
        ("1_000", 1000),
        ("10**400 // 10**399", 10),
        ("2.0*H", 64.0),
        ("H × 2 − 1", 63),
        ("H ÷ 4", 8.0),
        ("H ≤ 32 and H ≠ 3", True),
        ("1 < 2 < 3", True),
        ("1 < 3 < 2", False),
        ("3 in [1, 2, 3]", True),
        ("4 not in (1, 2)", True),
        ("'a' in 'cat'", True),
        ("null is None", True),
        ("true is not False", True),
        ("not true or H", 32),
        ("0 and 1/0", 0),
        ("1 if H > 3 else 1/0", 1),
        ("[1, 2] == (1, 2)", True),
        ("[1, [2, 3]] == [1, [2, 4]]", False),
        ("[1, 2] != [1, 2, 3]", True),
        ("1 == 'a'", False),
        ("[1, 2] + [3]", [1, 2, 3]),
        ("[0]*3", [0, 0, 0]),
        ("1, 2", [1, 2]),
        ("()", []),
        ("[1, 2, 3][-1]", 3),
        ("[1, 2, 3, 4][1:3]", [2, 3]),
        ("[1, 2, 3, 4][::2]", [1, 3]),
        ("[[1, 2], [3, 4]][1, 0]", 3),
        ("[[1, 2], [3, 4]][:, 1]", [2, 4]),
        ("'don’t'", "don’t"),
        ("“same”", "same"),
        ("s == 'same'", True),
        ("pi > 3.14 and pi < 3.15", True),
        ("  1 +\n 1 ", 2),
    ],
)
def test_values(text: str, expected: Any) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("conv1.params", 448),
        ("conv1.shape", [16, 64, 64]),
        ("conv1.shape[0] * 2", 32),
        ("conv1.shape[1:]", [64, 64]),
        ("conv1.class", 5),
        ("encoder.0.attn.params", 7),
        ("encoder[0].attn.params", 7),
        ("encoder.0.attn.params*1.5", 10.5),
        ("0.params", 3),
        ("0.1.weight + 0.5", 9.5),
        ("conv1.shape.0", 16),
        ("[[1, 2], [3, 4]].1.0", 3),
        ("global.params", 11),
        ("sum.params + sum([1, 2])", 16),
        ("conv1.params / conv1.shape[0]", 28.0),
        ("rank([1])", 2),
        ("pair(1, b=2)", [1, 2]),
        ("shapes(conv1.shape, H*2, nowhere[3])", ["conv1.shape", "H*2", "nowhere[3]"]),
    ],
)
def test_a_network_is_reached_by_its_names(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sqrt(16)", 4.0),
        ("sqrt([4, [9]])", [2.0, [3.0]]),
        ("sqrt(3)*ln(80)/sqrt(3)", 4.382026634673881),
        ("log(1)", 0.0),
        ("log(8, 2)", 3.0),
        ("log2(8)", 3.0),
        ("exp(0)", 1.0),
        ("sin(0) + cos(0) + tanh(0)", 1.0),
        ("floor(2.7)", 2),
        ("floor(-2.5)", -3),
        ("ceil(2.1)", 3),
        ("floor([1.5, 2.5])", [1, 2]),
        ("abs(-3)", 3),
        ("abs([-1, 2.5])", [1, 2.5]),
        ("round(2.5)", 2),
        ("round(2.346, 2)", 2.35),
        ("round(1234, -2)", 1200),
        ("min(3, 1, 2)", 1),
        ("max([1, [5, 2]], 3)", 5),
        ("sum([[1, 2], [3, 4]])", 10),
        ("sum([0.1]*10)", 1.0),
        ("sum([])", 0),
        ("prod([3, 4, 5])", 60),
        ("prod([])", 1),
        ("prod(2, [3, [4]])", 24),
        ("prod([0.5, 4])", 2.0),
        ("len([7, [8, 9]])", 2),
        ("[3, 64, 64].numel", 12288),
        ("[3, 64, 64].numel()", 12288),
    ],
)
def test_functions(text: str, expected: Any) -> None:
    found = value(text)
    assert found == pytest.approx(expected, rel=1e-15) if isinstance(expected, float) else found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2*n + 1", "((n*2)+1)"),
        ("n**2", "(n**2)"),
        ("n @ n", "(n@n)"),
        ("sqrt(n)", "sqrt(n)"),
        ("max(1, n)", "max(1,n)"),
        ("max([1, n])", "max(1,n)"),
        ("sqrt([n])[0]", "sqrt(n)"),
        ("round(n, 2)", "round(n,2)"),
    ],
)
def test_other_numbers_bring_their_own_operators(text: str, expected: str) -> None:
    assert str(value(text)) == expected


def test_a_scope_may_be_an_object() -> None:
    class Scope:
        def lookup(self, name: str) -> int:
            return {"con": 3, "true": 7}[name]

        def names(self) -> list[str]:
            return ["con"]

    assert evaluate(parse("con + true"), Scope()) == 10  # a scope's own name wins over the constant
    with pytest.raises(ExpressionFault, match=r'^unknown name "cont"; did you mean con\?$'):
        evaluate(parse("cont"), Scope())


def test_names_are_what_a_value_depends_on() -> None:
    assert parse("max(conv1.params, H*K) if false else rank(w[i]) + pi").names() == {"conv1", "H", "K", "w", "i"}
    assert parse("max(a, rank(b))").functions() == {"max", "rank"}
    assert parse("global.x + 0.y").names() == {"global", "0"}


# Text, message, offset and length of the underlined part, help.
MISTAKES = [
    ("con1.params", 'unknown name "con1"; did you mean conv1?', 0, 4, ""),
    ("2 * zzz", 'unknown name "zzz"', 4, 3, "known names: "),
    ("encoder.0.atn", 'encoder.0 has no "atn"; did you mean attn?', 10, 3, ""),
    ("conv1.parms + 1", 'conv1 has no "parms"; did you mean params?', 6, 5, ""),
    ("conv1.zzz", 'conv1 has no "zzz"', 6, 3, "it has shape, params, class"),
    ("1 + sqr(4)", 'unknown function "sqr"; did you mean sqrt?', 4, 3, ""),
    ("rnk(1)", 'unknown function "rnk"; did you mean rank?', 0, 3, ""),
    ("H(3)", "H is no function", 0, 4, "write H * (...) to multiply"),
    ("conv1.shape(3)", "only functions can be called; there is no conv1.shape()", 0, 14, ""),
    ("?", '"?" stands for a value that is not known here', 0, 1, ""),
    ("2H", '"2H" is not a number', 0, 2, "write 2*H"),
    ("W H", 'nothing between "W" and "H"', 2, 1, "write W * H"),
    ("[1 0; 0 1]", 'nothing between "1" and "0"', 3, 1, "put a comma between them: 1, 0"),
    ("3x64x64", '"3x64x64" is not a number', 0, 7, "in an expression a shape is a list: [3, 64, 64]"),
    ("(1)(2)", 'nothing between ")" and "("', 3, 1, "write * between them"),
    ("012", '"012" begins with a zero', 0, 3, "write 12"),
    ("1.2.3", '"1.2.3" is not a number', 0, 5, ""),
    ("1 +", 'a value is missing after "+"', 2, 1, ""),
    ("1 + * 2", 'a value is missing before "*"', 4, 1, ""),
    ("[1,, 2]", 'a value is missing before ","', 3, 1, ""),
    ("(1 + )", 'a value is missing after "+"', 5, 1, ""),
    ("2 * (1", '"(" is never closed', 4, 1, ""),
    ("1)", '")" closes nothing', 1, 1, ""),
    ("(1]", '"(" is closed by "]"', 2, 1, ""),
    ("'abc", "a string is never closed", 0, 1, ""),
    ("a = 3", 'a single "=" has no meaning here', 2, 1, "write == to compare"),
    ("a: 3", '":" has no meaning here', 1, 1, "a slice stands in brackets: shape[1:3]"),
    ("", "an empty expression", 0, 1, ""),
    ("  ", "an empty expression", 0, 1, ""),
    ("${F}", '"$" has no meaning in an expression', 0, 1, "write the name alone, without $"),
    ("|h|", '"|" has no meaning in an expression', 0, 1, "write abs(x) for the size of x, or for either of two"),
    ("√2", '"√" has no meaning in an expression', 0, 1, "write sqrt(x)"),
    ("\\tanh(W)", "a backslash has no meaning in an expression", 0, 1, "write the function's name alone: tanh(x)"),
    ("x²", '"x²" is not a name', 0, 2, ""),
    ("1\x00", "the character U+0000 has no meaning in an expression", 1, 1, ""),
    ("1/0", "1 / 0: division by zero", 0, 3, ""),
    ("2 + 3 % (1 - 1)", "3 % 0: division by zero", 4, 11, ""),
    ("1 // 0.0", "1 // 0: division by zero", 0, 8, ""),
    ("0 ** -1", "0 ** -1: division by zero", 0, 7, ""),
    ("(-1)**0.5", "(-1) ** 0.5: a negative number has no real power of that kind", 0, 9, ""),
    ("sqrt(-1)", "sqrt(-1) is not a number", 0, 8, ""),
    ("ln(0)", "ln(0) is not a number", 0, 5, ""),
    ("log(8, 1)", "log(8, 1): division by zero", 0, 9, ""),
    ("exp(1000)", "the result is too large a number", 0, 9, ""),
    ("1e308*10", "the result is too large a number", 0, 8, ""),
    ("1e999", "the number is too large", 0, 5, ""),
    ("10**400 / 3", "the result is too large a number", 0, 11, ""),
    ("[1] - 1", '"-" does not go with a list and a number', 0, 7, ""),
    ("-[1]", '"-" does not go with a list', 0, 4, ""),
    ("-'a'", '"-" does not go with the text "a"', 0, 4, ""),
    ("'a' + 'b'", '"+" does not go with the text "a" and the text "b"', 0, 9, ""),
    ("'%d' % 3", '"%" does not go with the text "%d" and a number', 0, 8, ""),
    ("None + 1", '"+" does not go with nothing (null) and a number', 0, 8, ""),
    ("2 @ 3", '"@" is the product of matrices, not of numbers', 0, 5, "write *"),
    ("[1] < [2]", 'lists have no order, so "<" does not go with them', 0, 9, "compare one entry: shape[0]"),
    ("1 < 'a'", '"<" does not go with a number and the text "a"', 0, 7, ""),
    ("H is 32", '"is" compares with None, true and false only', 0, 7, "write == or !="),
    ("1 in 3", '"in" looks into lists, not into a number', 0, 6, ""),
    ("conv1.shape[5]", "there is no position 5: the list has 3 entries, 0 to 2", 0, 14, ""),
    ("[][0]", "there is no position 0: the list has no entries", 0, 5, ""),
    ("[1][0.5]", "a position is a whole number, not 0.5", 0, 8, ""),
    ("[1][true]", "a position is a whole number, not true", 0, 9, ""),
    ("[1][::0]", "a slice cannot go in steps of 0", 0, 8, ""),
    ("[1][:0.5]", "the ends of a slice are whole numbers", 0, 9, ""),
    ("H[0]", "a number has no positions", 0, 4, ""),
    ("s[0]", 'the text "same" has no positions', 0, 4, ""),
    ("encoder[7]", "there is no [7]", 0, 10, ""),
    ("H.shape", 'a number has no ".shape"', 0, 7, ""),
    ("sqrt(1, 2)", "sqrt() takes 1 value, not 2", 0, 10, ""),
    ("round(1, 2, 3)", "round() takes 1 or 2 values, not 3", 0, 14, ""),
    ("sqrt(x=1)", "sqrt() takes no keywords", 0, 9, ""),
    ("sqrt('a')", 'sqrt() takes numbers, not the text "a"', 0, 9, ""),
    ("sum(['a'])", 'sum() takes numbers, not the text "a"', 0, 10, ""),
    ("min([])", "min() of nothing", 0, 7, ""),
    ("round(1.5, 10**9)", "round(x, digits) needs a whole number of digits", 0, 17, ""),
    ("rank(1, 2)", "rank() does not take 2 values", 0, 10, ""),
    ("picky(1)", "picky(): invalid literal for int() with base 10: 'x'", 0, 8, ""),
]


@pytest.mark.parametrize(("text", "message", "offset", "length", "help"), MISTAKES, ids=[m[0] for m in MISTAKES])
def test_mistakes(text: str, message: str, offset: int, length: int, help: str) -> None:
    found = fault(text)
    assert found.message == message
    assert (found.offset, found.length) == (offset, length)
    if help.endswith(": "):
        assert found.help[0].startswith(help)
    else:
        assert found.help == ((help,) if help else ())
    assert found.text == text
    codes = ("expression-syntax", "unknown-name", "expression-value", "number-too-large", "list-too-large")
    assert found.code in codes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lambda x: x", '"lambda": functions cannot be defined in an expression'),
        ("[x for x in y]", '"for": an expression has no loops'),
        ("sum(x for x in y)", '"for": an expression has no loops'),
        ("f'{x}'", "a string takes no prefix"),
        ("b'x'", "a string takes no prefix"),
        ("(y := 3)", '":=" has no meaning in an expression'),
        ("max(*y)", '"*" cannot unpack a list here'),
        ("max(**y)", '"**" cannot unpack options here'),
        ("{1: 2}", "braces have no meaning in an expression"),
        ("{x}", "braces have no meaning in an expression"),
        ("1 << 2", '"<<" has no meaning in an expression'),
        ("~1", '"~" has no meaning in an expression'),
        ("...", 'a value is missing before "."'),
        ("await x", '"await": an expression cannot wait'),
        ("().__class__", '"__class__": names that begin with two underscores cannot be reached'),
        ("__import__('os')", '"__import__": names that begin with two underscores cannot be reached'),
        ("open('x')", 'unknown function "open"'),
        ("eval('1')", 'unknown function "eval"'),
        ("''.join", 'the text "" has no ".join"'),
        ("[].append(1)", "only functions can be called; there is no such function()"),
        ("(1).real", 'a number has no ".real"'),
    ],
)
def test_nothing_else_of_python_can_be_reached(text: str, message: str) -> None:
    assert fault(text).message == message


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9",
        "2**100000",
        "(10**3000)*(10**3000)",
        "[0]*10**9",
        "10**9*[0]",
        "[[0]*1000]*1000",
        "[[[0]*40]*40]*100",
        "[0]*60000 + [0]*60000",
        "n**10**9",
        "1" * 5000,
        "1" * 30000,
        "+".join(["1"] * 6000),
        "(" * 100 + "1" + ")" * 100,
        "[" * 40 + "0" + "]*9" * 40,
        "-" * 1000 + "1",
        "not " * 1000 + "1",
        "1 if 1 else " * 400 + "1",
        "2**" * 400 + "2",
        "a" + ".b" * 400,
        "+".join(["sum([0]*90000)"] * 30),
        "([0]*90000 == [0]*90000) + " * 30 + "0",
        "max" + "(max" * 45 + "(1" + ")" * 46 + " " * 20000,
    ],
    ids=lambda text: text[:24],
)
def test_it_cannot_be_made_to_run_long(text: str) -> None:
    """Each of these would take minutes, gigabytes or the whole stack; none may end in anything but a fault."""
    fault(text)


def test_long_sums_and_wide_lists_are_fine() -> None:
    assert value("+".join(["1"] * 2000)) == 2000
    assert value("[" + ",".join(["2"] * 2000) + "][1999]") == 2
    assert value("1 and " * 500 + "2") == 2


def test_an_error_inside_a_function_of_the_tool_is_not_blamed_on_the_writer() -> None:
    with pytest.raises(TypeError):
        value("faulty(1)")


def test_the_place_of_a_fault_survives_rewriting() -> None:
    found = fault("  encoder.0.attn.params × (H − qq)")
    assert found.text[found.offset :] == "qq)"
    found = fault("1 ≤ H == encoder.0.attn.params + (conv1.shape.7)")
    assert found.text[found.offset : found.offset + found.length] == "conv1.shape.7"
    found = fault("“ö” == s or encoder.0.attn.zz")
    assert found.text[found.offset : found.offset + found.length] == "zz"


def test_a_fault_of_the_scope_keeps_its_code_and_gets_a_place() -> None:
    def late() -> None:
        raise Fault("not-executed", "this needs --execute", help="add --execute")

    scope = {"late": Function(late)}
    with pytest.raises(ExpressionFault) as caught:
        evaluate(parse("1 + late()"), scope)
    assert (caught.value.code, caught.value.message) == ("not-executed", "this needs --execute")
    assert (caught.value.offset, caught.value.length, caught.value.help) == (4, 6, ("add --execute",))


@given(st.text(alphabet="ab01.,()[]+-*/%<>=:'\"x ^?_\\éσ²", max_size=40))
def test_any_text_is_a_value_or_a_fault(text: str) -> None:
    try:
        evaluate(parse(text), {"a": 2, "b": [1, [2.5]]})
    except ExpressionFault as fault:
        assert fault.text == text
        assert 0 <= fault.offset <= len(text)
        assert fault.length >= 1


@given(st.text(max_size=30))
def test_any_unicode_is_a_value_or_a_fault(text: str) -> None:
    try:
        parse_call(text)
        evaluate(parse(text), {})
    except ExpressionFault as fault:
        assert fault.message


@given(st.integers(-50, 50), st.integers(-50, 50), st.sampled_from(["+", "-", "*", "//", "%", "<", "==", ">="]))
def test_arithmetic_is_that_of_python(a: int, b: int, sign: str) -> None:
    import operator

    names = {"+": "add", "-": "sub", "*": "mul", "//": "floordiv", "%": "mod", "<": "lt", "==": "eq", ">=": "ge"}
    if b == 0 and sign in ("//", "%"):
        assert "division by zero" in fault(f"({a}) {sign} {b}").message
    else:
        assert value(f"({a}) {sign} ({b})") == getattr(operator, names[sign])(a, b)


# -- calls -----------------------------------------------------------------------------------------------------------


def call(text: str) -> Call:
    found = parse_call(text)
    assert found is not None
    return found


def taken(text: str) -> tuple[str, list[Any], dict[str, Any]]:
    """Name, values and options of a call, unknown names as words."""
    found = call(text)
    args = [value_of(item, {}, words=True) for item in found.args]
    return found.name, args, {name: value_of(item, {}, words=True) for name, item in found.kwargs}


@pytest.mark.parametrize(
    ("text", "name", "args", "options"),
    [
        ("Conv2d(3, 16, kernel_size=3)", "Conv2d", [3, 16], {"kernel_size": 3}),
        ("Conv2d(3, 16, 3),", "Conv2d", [3, 16, 3], {}),
        ("ReLU", "ReLU", [], {}),
        ("nn.ReLU", "nn.ReLU", [], {}),
        ("torch.nn.ReLU(),", "torch.nn.ReLU", [], {}),
        ("ReLU,", "ReLU", [], {}),
        (
            "Conv2d(3, 16, kernel_size=(3, 3), padding=(1, 1))",
            "Conv2d",
            [3, 16],
            {"kernel_size": [3, 3], "padding": [1, 1]},
        ),
        ("LayerNorm((768,), eps=1e-12)", "LayerNorm", [[768]], {"eps": 1e-12}),
        ("Conv2d(3, 8, 3, padding='same')", "Conv2d", [3, 8, 3], {"padding": "same"}),
        ("Conv2d(3, 8, 3, padding=same)", "Conv2d", [3, 8, 3], {"padding": "same"}),
        ("Conv2d(3, 8, 3, bias=false, padding=-1)", "Conv2d", [3, 8, 3], {"bias": False, "padding": -1}),
        ("Upsample(size=None, scale_factor=2.0)", "Upsample", [], {"size": None, "scale_factor": 2.0}),
        ("Linear(16*5*5, ?)", "Linear", [400, "?"], {}),
        ("Add(from=[a, b])", "Add", [], {"from": ["a", "b"]}),
        ("Softshrink(lambda=0.5)", "Softshrink", [], {"lambda": 0.5}),
        ("Dense(10, activation=tf.nn.relu)", "Dense", [10], {"activation": "tf.nn.relu"}),
        ("Permute(0, -1, 2)", "Permute", [0, -1, 2], {}),
        ("Conv2d(\n  3,\n  16,\n  3,\n)", "Conv2d", [3, 16, 3], {}),
    ],
)
def test_calls(text: str, name: str, args: list[Any], options: dict[str, Any]) -> None:
    assert taken(text) == (name, args, options)


def test_bare_words_are_words_only_where_a_value_stands() -> None:
    argument = call("Conv2d(padding=same)").kwargs[0][1]
    assert type(value_of(argument, {}, words=True)) is Word
    assert value_of(argument, {"same": 3}, words=True) == 3
    with pytest.raises(ExpressionFault, match=r'^unknown name "same"$'):
        value_of(argument, {})
    with pytest.raises(ExpressionFault, match=r'^unknown name "F"$'):
        value_of(call("Linear(F*2)").args[0], {}, words=True)
    assert value_of(call("Linear([F, 2])").args[0], {}, words=True) == ["F", 2]


@pytest.mark.parametrize("text", ["3", "3 + 4", "'Conv2d'", "None", "a[0]", "relu - gelu", "[ReLU]", "True"])
def test_other_values_are_no_calls(text: str) -> None:
    assert parse_call(text) is None


def test_calls_inside_calls_can_be_recovered() -> None:
    text = "nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), [nn.Linear(2, 3), 4])"
    found = call(text)
    inner = [call_of(item) for item in found.args]
    assert [item.name if item else None for item in inner] == ["nn.Conv2d", "nn.ReLU", None]
    assert inner[0] is not None
    assert [item.text for item in inner[0].args] == ["3", "16", "3"]
    parts = elements_of(found.args[2])
    assert parts is not None
    assert [part.text for part in parts] == ["nn.Linear(2, 3)", "4"]
    assert elements_of(found.args[0]) is None
    assert text[inner[0].offset : inner[0].offset + inner[0].length] == "nn.Conv2d(3, 16, 3)"


def test_every_argument_knows_its_place() -> None:
    text = " Conv2d(3, H * 2,  pading = 1)"
    found = call(text)
    assert [text[item.offset : item.offset + item.length] for item in found.args] == ["3", "H * 2"]
    offset, length = found.place("pading")
    assert text[offset : offset + length] == "pading"
    assert found.text == "Conv2d(3, H * 2,  pading = 1)"
    with pytest.raises(ExpressionFault) as caught:
        value_of(found.args[1], {"K": 1})
    assert text[caught.value.offset] == "H"


@pytest.mark.parametrize(
    ("text", "message", "help"),
    [
        (
            "Conv2d(3, 16, 3) - ReLU",
            '"Conv2d(3, 16, 3) - ReLU" is two layers on one line',
            "give both the same indent, or join them with ->",
        ),
        (
            "Conv2d(3, 16, 3), ReLU",
            '"Conv2d(3, 16, 3), ReLU" is two layers on one line',
            "join them with ->, or give each a line of its own",
        ),
        ("ReLU() * 3", "a layer cannot be multiplied", "write repeat: 3 beside the layer"),
        ("Conv2d(3, 16", '"(" is never closed', ""),
        ("Conv2d(3, 16, 3)#c", '"#" has no meaning in an expression', "a comment has a space before its #"),
        ("Conv2d(a=1, a=2)", '"a" is given twice', ""),
        ("3x3 conv", '"3x3" is not a number', "in an expression a shape is a list: [3, 64, 64]"),
    ],
)
def test_wrong_calls(text: str, message: str, help: str) -> None:
    with pytest.raises(ExpressionFault) as caught:
        parse_call(text)
    assert caught.value.message == message
    assert caught.value.help == ((help,) if help else ())
