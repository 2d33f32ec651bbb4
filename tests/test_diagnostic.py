"""A problem as it is shown: whole messages, places and carets."""

from __future__ import annotations

import io

import pytest

from cnncalc.core.problem import Problem, Source, Span
from cnncalc.render.diagnostic import render, supports_colour
from cnncalc.render.text import width


def shown(text, line, column, length=1, **more):
    more.setdefault("help", ())
    problem = Problem(
        "some-code", "what is wrong", source=Source("net.yaml", text), span=Span(line, column, length), **more
    )
    return render([problem])


def test_whole_message():
    text = "input: [3, 64, 64]\nlayers:\n  - conv1: Conv2d(3, 16, 3, groups=2)\n"
    assert (
        shown(text, 3, 29, 8, help=["1 or 3 would do", "or leave it out"])
        == """\
error[some-code]: what is wrong
 --> net.yaml:3:29
  |
3 |   - conv1: Conv2d(3, 16, 3, groups=2)
  |                             ^^^^^^^^
help: 1 or 3 would do
help: or leave it out
"""
    )


def test_without_a_place():
    assert render([Problem("some-code", "what is wrong", help="do this")]) == (
        "error[some-code]: what is wrong\nhelp: do this\n"
    )


def test_without_a_line():
    problem = Problem("empty-spec", "the file is empty", source=Source("net.yaml", ""))
    assert render([problem]) == "error[empty-spec]: the file is empty\n --> net.yaml\n"


def test_warning_and_note():
    assert shown("abc", 1, 1, severity="warning").startswith("warning[some-code]: what is wrong\n")
    assert shown("abc", 1, 1, severity="note").startswith("note[some-code]: what is wrong\n")


def test_an_empty_line_between_two():
    problem = Problem("a", "b")
    assert render([problem, problem]) == "error[a]: b\n\nerror[a]: b\n"


def test_margin_grows_with_the_number():
    text = "\n" * 99 + "abc"
    assert (
        shown(text, 100, 2)
        == """\
error[some-code]: what is wrong
   --> net.yaml:100:2
    |
100 | abc
    |  ^
"""
    )


def under(output):
    """The text that stands above the carets, by the columns of a screen."""
    line, carets = output.splitlines()[3:5]
    start, stop = carets.index("^"), carets.rindex("^") + 1
    assert set(carets[start:stop]) == {"^"}
    result, at = "", 0
    for character in line:
        if start <= at < stop:
            result += character
        at += width(character)
    return result


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("  - conv1: Conv2d(3, 16)", "Conv2d"),
        ("\t- conv1:\tConv2d(3, 16)", "Conv2d"),
        ("  - 卷积: Conv2d(3, 16)", "Conv2d"),
        ("  - 卷积: Conv2d(3, 16)", "卷积"),
        ("  - e\u0301: Conv2d(3, 16)", "Conv2d"),
        ("  - x\x1b[31m: Conv2d(3, 16)", "Conv2d"),
        ("x" * 1000 + " Conv2d(3, 16)" + "y" * 1000, "Conv2d"),
        ("Conv2d(3, 16)" + "y" * 1000, "Conv2d"),
        ("x" * 1000 + " Conv2d", "Conv2d"),
    ],
)
def test_carets_stand_under_the_word(line, word):
    output = shown(line, 1, line.index(word) + 1, len(word))
    assert under(output) == word
    assert "\x1b" not in output and "\t" not in output
    assert max(map(len, output.splitlines())) < 200


def test_a_long_word_is_not_longer_than_its_line():
    output = shown("abc\ndef", 1, 2, 500)
    assert under(output) == "bc"


@pytest.mark.parametrize(("line", "column"), [(1, 4), (1, 400), (2, 1), (1, 0)])
def test_places_at_the_edge(line, column):
    output = shown("abc\n", line, column)
    assert output.splitlines()[4].endswith("^")


@pytest.mark.parametrize("line", [0, 7])
def test_a_line_that_is_not_there(line):
    assert shown("abc\n", line, 1).count("\n") == 2


def test_windows_line_ends():
    assert "\r" not in shown("abc\r\ndef\r\n", 1, 2)


def test_message_cannot_write_on_the_terminal():
    problem = Problem(
        "a", "no layer \x1b[2Jevil", source=Source("\x1b]0;x\x07.yaml", "a"), span=Span(1, 1), help="\x07"
    )
    assert "\x1b" not in render([problem]) and "\x07" not in render([problem])


def test_colour_is_only_added():
    import re

    problem = Problem("a", "b", source=Source("n", "abc"), span=Span(1, 2), help="c")
    coloured = render([problem], colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render([problem])


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_colour_only_on_a_terminal(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert supports_colour(Terminal())
    assert not supports_colour(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not supports_colour(Terminal())
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not supports_colour(Terminal())
