"""Numbers and arrays as text: exact where they are, aligned, one line in a table."""

from __future__ import annotations

import math

import pytest

from cnncalc.document import Column, Document, Table
from cnncalc.render import csv, markdown, plain
from cnncalc.render.array import array, brief, exact, number, one_line, rounded, shape, text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (448, "448"),
        (-4.0, "-4"),
        (-0.0, "0"),
        (0.5, "0.5"),
        (1 / 3, "0.3333333333"),
        (1e300, "1e+300"),
        (math.inf, "inf"),
        (math.nan, "nan"),
        (True, "true"),
        (None, "none"),
        ("(H + 1) // 2", "(H + 1) // 2"),
        ([], "[]"),
        ([16, 64, 64], "[16, 64, 64]"),
        ([[1.0, 2.5], [-3, 4]], "[[ 1, 2.5],\n [-3,   4]]"),
        ([[1 / 3, -2.0], [2 / 7, 0.25]], "[[1/3,   -2],\n [2/7, 0.25]]"),
        ([[math.pi, 2.0], [1 / 3, 0.5]], "[[3.141593,        2],\n [0.333333, 0.500000]]"),
        ([[[1, 2], [3, 4]], [[5, 6], [7, 80]]], "[[[1,  2],\n  [3,  4]],\n\n [[5,  6],\n  [7, 80]]]"),
        ([[[[1]]], [[[2]]]], "[[[[1]]],\n\n [[[2]]]]"),
        ([1, [2, 3]], "[1, [2, 3]]"),
        ([["H", 2], [3, "W"]], "[[H, 2],\n [3, W]]"),
    ],
)
def test_text(value, shown):
    assert text(value) == shown


def test_precision():
    assert text(1 / 3, 3) == "0.333"
    assert text([[1 / 3, 2.0], [1e-6, 1e9 + 0.5]], 2) == "[[   0.33,       2],\n [1.0e-06, 1.0e+09]]"


def test_the_text_of_exact_arrays_reads_back():
    for value in ([[1.5, -2.0], [0.125, 3.0]], [[[1, 2], [3, 4]]], [1e-3, 2.5]):
        assert eval(text(value)) == value  # our own text


@pytest.mark.parametrize("denominator", range(1, 100))
def test_simple_fractions_are_exact(denominator):
    for numerator in range(-2 * denominator, 2 * denominator):
        shown = exact(numerator / denominator)
        assert shown is not None
        over, _, under = shown.partition("/")
        assert float(over) / float(under or 1) == pytest.approx(numerator / denominator, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("value", [math.pi, math.sqrt(2), math.exp(-3), 1 / 3 + 1e-9, 0.1234567, 1 / 101])
def test_other_numbers_are_not(value):
    assert exact(value) is None


def test_nothing_of_a_number_is_lost_on_its_own():
    assert number(61706.0) == "61706"
    assert rounded(0.000012345, 4) == "1.234e-05"
    assert rounded(-2.50004, 4) == "-2.5000"


def test_long_arrays_show_their_edges():
    value = [[float(100 * row + column) for column in range(100)] for row in range(100)]
    lines = array(value, edge=True).splitlines()
    assert lines[0].split() == ["[[", "0,", "1,", "2,", "...,", "97,", "98,", "99],"]
    assert lines[3].split() == ["...,"]
    assert len(lines) == 7
    assert len(array(value).splitlines()) == 100
    assert array([0.0] * 2000, edge=True) == "[0, 0, 0, ..., 0, 0, 0]"


def test_shape_of_lists():
    assert shape([[1, 2, 3], [4, 5, 6]]) == [2, 3]
    assert shape([[1], [2, 3]]) is None
    assert shape(7) == []


def test_one_line_in_a_table():
    small, large = [[1.0, 2.0], [3.0, 4.0]], [[[float(n) for n in range(9)] for _ in range(4)] for _ in range(3)]
    assert brief(small) == one_line(small) == "[[1, 2], [3, 4]]"
    assert brief(large) == "[3, 4, 9] array, 108 numbers from 0 to 8"
    page = Document([Table([Column("value", "value")], [[small], [large]])])
    for drawn in (plain.render(page), markdown.render(page), csv.render(page)):
        assert "\\n" not in drawn
    assert one_line(large) in csv.render(page)
