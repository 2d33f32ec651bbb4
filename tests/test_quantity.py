"""What may stand as an expected value, and which answers it accepts."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncalc.core.problem import Fault
from cnncalc.expression import ExpressionFault
from cnncalc.spec.quantity import Quantity, parse_quantity

# As YAML types it, as it was written, an answer, and whether it holds.
CASES: list[tuple[Any, str | None, Any, bool]] = [
    # whole numbers: exact for counts, within 1e-9 for what was computed
    (448, "448", 448, True),
    (448, "448", 449, False),
    (448, "448", 448.0000000001, True),
    (448, "448", 448.00001, False),
    (448, "448", 447.6, False),
    (124439808, None, 124439809, False),
    (1, "1", True, False),
    (0, "0", 1e-10, True),
    (0, "0", 1e-8, False),
    ("11,642", None, 11642, True),
    ("124,439,808", None, 124439808, True),
    ("25_557_032", None, 25557032, True),
    ("25\u2009557\u2009032", None, 25557032, True),
    ("25\u202f557\u202f032", None, 25557032, True),
    ("25 557 032", None, 25557032, True),
    ("−3", None, -3, True),
    # rounded to the digits written; both ways hold at a tie
    (22.9, "22.9", 22.947, True),
    (22.9, "22.9", Fraction(236310, 10298), True),
    ("22", None, Fraction(236310, 10298), False),
    (22.9, "22.9", Fraction(2294, 100), True),
    (22.9, "22.9", 22.95, True),
    (22.9, "22.9", 22.85, True),
    (22.9, "22.9", 22.951, False),
    (22.9, "22.9", 22.84, False),
    (2.5, "2.50", 2.504, True),
    (2.5, "2.50", 2.506, False),
    (2.5, "2.5", 2.54, True),
    (2.5, None, 2.54, True),
    (0.15, "0.15", 0.145, True),  # the nearest float lies a little below the tie
    (-1.5, "-1.5", -1.52, True),
    (-1.5, "-1.5", 1.5, False),
    (448.0, "448.0", 448, True),
    ("1,234.5", None, 1234.52, True),
    (1e-5, "1.0e-5", 1.04e-5, True),
    (1e-5, "1.0e-5", 1.06e-5, False),
    ("1e-5", None, 1.2e-5, True),
    ("1e-5", None, 1.6e-5, False),
    # percentages
    ("2.57%", None, 0.025715, True),
    ("2.57%", None, 10416 / 405050, True),
    ("97.43%", None, 394634 / 405050, True),
    ("1.74%", None, 0.0174, True),
    ("1.74%", None, 0.01746, False),
    ("1.74 %", None, 0.01738, True),
    ("50%", None, 0.496, True),
    ("50%", None, 0.494, False),
    ("50%", None, 50, False),
    # suffixes
    ("25.6M", None, 25557032, True),
    ("25.5M", None, 25557032, False),
    ("25.56M", None, 25557032, True),
    ("26M", None, 25557032, True),
    ("3.8G", None, 3849999999, True),
    ("3.8B", None, 3850000001, False),
    ("1.2k", None, 1234, True),
    ("1.2K", None, 1251, False),
    ("0.2T", None, 175_000_000_000, True),
    # computed
    ("3*3*3*8 + 8", None, 224, True),
    ("3*3*3*8 + 8", None, 225, False),
    ("3*3*3*8+8 = 224", None, 224, True),
    ("8/3 = 2.67", None, 2.6666, True),
    ("1/3", None, 1 / 3, True),
    ("1/3", None, 0.333, False),
    ("sqrt(3)*ln(80)/sqrt(3)", None, 4.382026634673881, True),
    # bounds
    ("<= 26M", None, 26_000_000, True),
    ("<= 26M", None, 26_000_001, False),
    ("> 1M", None, 1_000_000, False),
    ("> 1M", None, 1_000_001, True),
    ("< 3", None, 2.9, True),
    (">= 3", None, 3, True),
    ("≥ 3", None, 2, False),
    ("!= 3", None, 3, False),
    ("!= 3", None, 4, True),
    ("== 3", None, 3, True),
    ("= 3", None, 3, True),
    ("<= 0.3", None, 0.1 + 0.2, True),
    ("< 0.3", None, 0.1 + 0.2, False),
    ("< 3*64", None, 191, True),
    ("<= 5", None, [1, 5], True),
    ("<= 5", None, [1, 6], False),
    ("~25.6M", None, 25_557_032, True),
    ("~25.6M", None, 24_320_000, True),
    ("~25.6M", None, 24_319_999, False),
    ("≈ 100", None, 105, True),
    ("≈ 100", None, 106, False),
    # true, false, nothing, texts
    (True, "true", True, True),
    (True, "true", False, False),
    (True, "true", 1, False),
    ("false", None, False, True),
    (None, None, None, True),
    (None, None, 0, False),
    (448, "448", None, False),
    ("Conv2d", None, "Conv2d", True),
    ("Conv2d", None, "Linear", False),
    ("Conv2d", None, 3, False),
    # lists: leading axes of length 1 are free on either side
    ([16, 64, 64], None, [16, 64, 64], True),
    ([16, 64, 64], None, (16, 64, 64), True),
    ([16, 64, 64], None, [16, 64, 65], False),
    ([16, 64, 64], None, [16, 64], False),
    ([1, 28, 28], None, [1, 28, 28], True),
    ([1, 28, 28], None, [28, 28], False),
    ([[1, 2], [3, 4]], None, [[[1, 2], [3, 4]]], True),
    ([[[1, 2], [3, 4]]], None, [[1, 2], [3, 4]], True),
    ([[1, 2], [3, 4]], None, [[1, 2], [3, 5]], False),
    ([[1], [2]], None, [1, 2], False),
    ([1, 2], None, [[1], [2]], False),
    ([[5]], None, 5, True),
    (5, "5", [[5.0]], True),
    (5, "5", [5, 5], False),
    ([5, 5], None, 5, False),
    ([], None, [], True),
    ([2.5, 3], "[2.50, 3]", [2.504, 3], True),
    ([2.5, 3], "[2.50, 3]", [2.506, 3], False),
    ([2.5, 3], None, [2.54, 3], True),
    ([[0.7, 0.25], [1, 0]], "[[0.70, 0.25], [1, 0]]", [[0.704, 0.2549], [1.0, 1e-12]], True),
    ([[0.7, 0.25], [1, 0]], "[[0.70, 0.25], [1, 0]]", [[0.706, 0.2549], [1.0, 1e-12]], False),
    ("[2.50, 3]", None, [2.506, 3], False),
    (["25.6M", "<= 3"], None, [25557032, 2], True),
    # shapes as texts
    ("3x64x64", None, [3, 64, 64], True),
    ("3x64x64", None, [3, 64, 32], False),
    ("3×64×64", None, [3, 64, 64], True),
    ("3@64x64", None, [3, 64, 64], True),
    ("3 64 64", None, [3, 64, 64], True),
    ("(3, 64, 64)", None, [3, 64, 64], True),
    ("3,64,64", None, [3, 64, 64], True),
    ("3*64*64", None, [3, 64, 64], True),
    ("3*64*64", None, 12288, True),
    ("16,128,256", None, [16, 128, 256], True),
    ("16,128,256", None, 16128256, True),
    ("3 224 224", None, [3, 224, 224], True),
    # what no number equals
    (3, "3", float("nan"), False),
    (3, "3", float("inf"), False),
    (float("inf"), None, float("inf"), True),
]


@pytest.mark.parametrize(("raw", "text", "actual", "holds"), CASES)
def test_holds(raw: Any, text: str | None, actual: Any, holds: bool) -> None:
    assert parse_quantity(raw, text).holds(actual) is holds


def test_numbers_of_other_kinds_are_compared_by_what_they_are() -> None:
    numpy = pytest.importorskip("numpy")
    assert parse_quantity(448).holds(numpy.int64(448))
    assert not parse_quantity(448).holds(numpy.int64(449))
    assert parse_quantity(22.9, "22.9").holds(numpy.float32(22.947))
    assert parse_quantity([[1, 2]]).holds(numpy.array([1.0, 2.0]))
    assert parse_quantity(True).holds(numpy.bool_(True))
    assert not parse_quantity(3).holds(object())


@pytest.mark.parametrize(
    ("raw", "text", "kind", "number", "plain"),
    [
        (448, "448", "whole", 448, 448),
        ("11,642", None, "whole", 11642, 11642),
        (10.25, "10.250", "rounded", Fraction(41, 4), 10.25),
        ("1.74%", None, "rounded", Fraction(174, 10000), "1.74%"),
        ("25.6M", None, "rounded", 25_600_000, "25.6M"),
        ("<= 26M", None, "bound", 26_000_000, "<= 26M"),
        ("3*3*3*8 + 8", None, "whole", 224, 224),
        ("1/4", None, "computed", 0.25, 0.25),
        (True, None, "truth", True, True),
        (None, None, "none", None, None),
        ([1, 2.5], None, "list", None, [1, 2.5]),
        ("3x64x64", None, "list", None, [3, 64, 64]),
        ("conv1.params + 8", None, "formula", None, "conv1.params + 8"),
        ("a -> b", None, "text", None, "a -> b"),
    ],
)
def test_what_is_read(raw: Any, text: str | None, kind: str, number: Any, plain: Any) -> None:
    found = parse_quantity(raw, text)
    assert (found.kind, found.number, found.plain()) == (kind, number, plain)
    assert parse_quantity(found) is found


def test_formulas_wait_for_their_names() -> None:
    scope: dict[str, object] = {"a": 448, "C": 3, "H": 64}
    formula = parse_quantity("a + 8")
    assert formula.names() == {"a"}
    assert not formula.holds(456)
    assert formula.resolve(scope).holds(456)
    assert parse_quantity("<= a").resolve(scope).holds(448)
    assert not parse_quantity("<= a").resolve(scope).holds(449)
    assert parse_quantity(["C", "2*H"]).names() == {"C", "H"}
    assert parse_quantity(["C", "2*H"]).resolve(scope).holds([3, 128])
    assert parse_quantity("[C, H//2]").resolve(scope).holds([3, 32])
    assert parse_quantity("CxH").resolve(scope).holds([3, 64])
    assert parse_quantity("a > 3").resolve(scope).holds(True)
    with pytest.raises(ExpressionFault, match=r'^unknown name "b"$'):
        parse_quantity("b + 1").resolve({})
    assert parse_quantity(5).resolve(scope).holds(5)


@pytest.mark.parametrize(
    ("raw", "message", "help"),
    [
        ("0,5", '"0,5" has a decimal comma', "write 0.5, or [0, 5] for a list"),
        ("3,64", '"3,64" has a decimal comma', "write 3.64, or [3, 64] for a list"),
        ("0,500", '"0,500" has a decimal comma', "write 0.500"),
        ("1,74%", '"1,74%" has a decimal comma', "write 1.74%"),
        ("4.09 GMACs", '"4.09 GMACs" cannot be read as a value', "write 4.09G; the suffixes are K, M, G, B and T"),
        ("25.6m", '"25.6m" cannot be read as a value', "write 25.6M; the suffixes are K, M, G, B and T"),
        (
            "1:30",
            '"1:30" cannot be read as a value',
            "write a number, a percentage such as 12.5%, a list, or an expression",
        ),
        ("3*3*3*8+8 = 225", "3*3*3*8+8 is 224, not 225", ""),
        ("a + 1 = 225", '"a + 1 = 225" is an equation', "write 225 alone"),
        ("<=", 'a number is missing after "<="', 'write "<= 26M"'),
        ("<= true", '"<=" goes with a number, not with "true"', 'write "<= 26M"'),
        ("1/0", '"1/0" has no value: 1 / 0: division by zero', ""),
        ({"shape": 3}, "a dict cannot be expected", "write a number, a list or a text"),
    ],
)
def test_refusals(raw: Any, message: str, help: str) -> None:
    with pytest.raises(Fault) as caught:
        parse_quantity(raw)
    assert (caught.value.code, caught.value.message) == ("quantity", message)
    assert caught.value.help == ((help,) if help else ())


def test_a_count_with_a_decimal_point_gets_a_remark() -> None:
    german = parse_quantity(10.25, "10.250")
    assert not german.holds(10250)
    assert german.note(10250) == "a count must be whole; write 10250"
    assert parse_quantity(10.5, "10.5").note(10) == "a count must be whole"
    assert german.note(10.25) is None
    assert parse_quantity(448).note(449) is None
    assert parse_quantity("25.6M").note(1) is None


@given(st.integers(-(10**9), 10**9), st.integers(0, 6))
def test_any_number_holds_for_its_own_rounding_and_not_two_digits_off(millionths: int, digits: int) -> None:
    actual = Fraction(millionths, 10**6)
    unit = Fraction(1, 10**digits)
    steps = round(actual / unit)

    def written(count: int) -> Quantity:
        whole, rest = divmod(abs(count), 10**digits)
        return parse_quantity(("-" if count < 0 else "") + (f"{whole}.{rest:0{digits}d}" if digits else f"{whole}."))

    assert written(steps).holds(actual)
    assert not written(steps + 2).holds(actual)
    assert not written(steps - 2).holds(actual)
