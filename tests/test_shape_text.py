"""Every spelling of a shape, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from cnncalc.core.problem import Fault
from cnncalc.expression import Expression, evaluate
from cnncalc.expression.shape_text import BATCH, Batch, FreeName, parse_shape

SCOPE: dict[str, object] = {"H": 32, "max_len": 77, "T": 5, "half": 2.5, "whole": 4.0}


@pytest.mark.parametrize(
    "written",
    [
        [3, 64, 64],
        (3, 64, 64),
        [3.0, "64", " 64 "],
        "3x64x64",
        "3X64X64",
        "3×64×64",
        "3*64*64",
        "(3, 64, 64)",
        "[3,64,64]",
        "[3, 64, 64,]",
        "3,64,64",
        "3, 64, 64",
        "3 64 64",
        "  3  64 64 ",
        "3@64x64",
        "3@64×64",
        "3 @ 64 x 64",
        "3 x 64 x 64",
        "3 × 64 × 64",
        "3 * 64 * 64",
        "(3x64x64)",
        "[3 64 64]",
        "torch.Size([3, 64, 64])",
        ["3 64 64"],
        [3, "64x64"],
        ["3", "2**6", "8*8"],
        "3x2**6x64",
    ],
)
def test_spellings(written: Any) -> None:
    found = parse_shape(written)
    assert found == [3, 64, 64]
    assert all(type(size) is int for size in found)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (784, [784]),
        ("784", [784]),
        ("(784,)", [784]),
        ([], []),
        ("[]", []),
        ("()", []),
        ("16*5*5", [16, 5, 5]),
        ("[16*5*5]", [400]),
        (["16*5*5"], [400]),
        ("HxH", [32, 32]),
        ("[3, H, 2*H]", [3, 32, 64]),
        ("3x2*HxH//2", [3, 64, 16]),
        ("(H+1)x(H-1)", [33, 31]),
        ("max_len", [77]),
        ("3xmax_len", [3, 77]),
        ("max_lenx3", [77, 3]),
        ("[2 if T > 3 else 1, 4]", [2, 4]),
        (["max(T, 2)", "whole"], [5, 4]),
        ("1e3", [1000]),
    ],
)
def test_sizes_are_computed(written: Any, expected: list[int]) -> None:
    assert parse_shape(written, SCOPE) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("CxHxW", ["C", "H", "W"]),
        ("[C, H, W]", ["C", "H", "W"]),
        ("C, H, W", ["C", "H", "W"]),
        ("C H W", ["C", "H", "W"]),
        ("C@HxW", ["C", "H", "W"]),
        (["C", "H", "W"], ["C", "H", "W"]),
        ("Cx28x28", ["C", 28, 28]),
        ("28xC", [28, "C"]),
        ("nxd", ["n", "d"]),
        ("CinxH", ["Cin", "H"]),
        ("max", ["max"]),
        ("boxes", ["boxes"]),
        ("max_len", ["max_len"]),
        ("3×max_len", [3, "max_len"]),
        ("x", ["x"]),
        ("3,N", [3, "N"]),
    ],
)
def test_letters_stay_free(written: Any, expected: list[Any]) -> None:
    found = parse_shape(written)
    assert found == expected
    assert all(type(size) is FreeName for size in found if isinstance(size, str))


def test_an_expression_over_free_names_stays_an_expression() -> None:
    channels, height, width = parse_shape("[C, 2*H, (W-1)//2]", SCOPE)
    assert (channels, height) == ("C", 64)
    assert isinstance(width, Expression)
    assert evaluate(width, {"W": 9}) == 4


def test_other_numbers_of_the_scope_pass() -> None:
    letter = object()
    assert parse_shape("CxH", {"C": letter, "H": 3}) == [letter, 3]


@pytest.mark.parametrize(
    "written",
    [
        [None, 28, 28],
        [-1, 28, 28],
        [{None: None}, 28, 28],  # what YAML makes of [?, 28, 28]
        ["_", 28, 28],
        ["?", 28, 28],
        ["None", 28, 28],
        "Nonex28x28",
        "?x28x28",
        "_x28x28",
        "-1x28x28",
        "(None, 28, 28)",
        "-1, 28, 28",
        "N x 28 x 28",
        "Bx28x28",
        ["N", 28, 28],
    ],
)
def test_an_open_first_size_is_the_batch(written: Any) -> None:
    first, *rest = parse_shape(written, SCOPE)
    assert first == BATCH
    assert isinstance(first, Batch)
    assert rest == [28, 28]


def test_the_batch_letter_is_kept_and_a_known_name_is_no_batch() -> None:
    assert str(parse_shape("NxD")[0]) == "N"
    assert parse_shape("NxD", {"N": 7, "D": 2}) == [7, 2]
    assert BATCH != "N"


TOO_OPEN = "write a number, or a letter for a symbolic dimension: CxHxW"
FORMS = "write [3, 64, 64] or 3x64x64"
WHOLE = "sizes are whole numbers"


@pytest.mark.parametrize(
    ("written", "message", "help"),
    [
        ([3, None, 4], "size 2 of [3, ?, 4] is left open; only the first one, the batch, can be", TOO_OPEN),
        ("3x-1", 'size 2 of "3x-1" is left open; only the first one, the batch, can be', TOO_OPEN),
        ("3,?", 'size 2 of "3,?" is left open; only the first one, the batch, can be', TOO_OPEN),
        ([3, 0], "size 2 of [3, 0] is 0", "sizes are whole numbers from 1"),
        ([3, -4], "size 2 of [3, -4] is -4", "sizes are whole numbers from 1"),
        ("3.5x4", 'size 1 of "3.5x4": 3.5 is not whole', WHOLE),
        (["half"], "size 1 of [half]: 2.5 is not whole", WHOLE),
        ([float("inf")], "size 1 of [inf]: inf is not whole", WHOLE),
        ([True, 3], "size 1 of [True, 3]: true is not a number", WHOLE),
        (["'same'", 3], "size 1 of ['same', 3]: the text \"same\" is not a number", WHOLE),
        ([[3, 4]], "a list inside the shape [[3, 4]]", FORMS),
        ([{"a": 1}], "a mapping inside the shape [?]", FORMS),
        ("", "an empty shape", FORMS),
        (["", 3], "a size is missing in [, 3]", FORMS),
        ("3,,4", 'a size is missing in "3,,4"', FORMS),
        ("[3, 64", 'the brackets of "[3, 64" do not match', FORMS),
        ("[3, {4}]", '"{4}" is not a size: braces have no meaning in an expression', "a list is written [1, 2]"),
        ("12345678901234567890", 'size 1 of "12345678901234567890" has more than 18 digits', ""),
        ("9**9**9, 3", "the result is too large a number", ""),
        ([1] * 65, "a shape of 65 axes; at most 64 are read", ""),
        (None, "None is not a shape", FORMS),
    ],
)
def test_refusals(written: Any, message: str, help: str) -> None:
    with pytest.raises(Fault) as caught:
        parse_shape(written, SCOPE)
    assert caught.value.message == message
    assert caught.value.help == ((help,) if help else ())


def test_zero_is_a_size_only_where_the_caller_says_so() -> None:
    assert parse_shape("3x0", zero=True) == [3, 0]
    with pytest.raises(Fault, match=r'^size 2 of "3x0" is 0$'):
        parse_shape("3x0")
