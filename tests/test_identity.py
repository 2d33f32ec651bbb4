"""Formulas held against one another: identities hold, what is none does not, and nothing takes long."""

from __future__ import annotations

import pytest

from cnncalc.cli.app import main
from tests.fuzz.bounded import run

NET = "CxHxW -> Flatten"
# Identities of arithmetic, for all whole numbers from 1.
TRUE = [
    "(C + 1)**2 == C**2 + 2*C + 1",
    "(C + H)*(C - H) == C**2 - H**2",
    "2**(C + 1) == 2*2**C",
    "exp(C + H) == exp(C)*exp(H)",
    "ln(C*H) == ln(C) + ln(H)",
    "log2(2**C) == C",
    "sqrt(C**2) == C",
    "floor(C/2) + floor((C + 1)/2) == C",
    "floor(floor(C/2)/3) == floor(C/6)",
    "ceil(C/2) == floor((C + 1)/2)",
    "C % 3 == C - 3*floor(C/3)",
    "max(C, H) + min(C, H) == C + H",
    "abs(C - H) == max(C, H) - min(C, H)",
    "sin(C)**2 + cos(C)**2 == 1",
    "(exp(C) - exp(-C))/(exp(C) + exp(-C)) == tanh(C)",
    "C/H == (2*C)/(2*H)",
]
FALSE = [
    "C == H",
    "(C + 1)**2 == C**2 + 1",
    "2**C == C**2",
    "exp(C) == C",
    "sqrt(C) == C/2",
    "floor(C/2) == ceil(C/2)",
    "C % 3 == C % 2",
    "max(C, H) == C",
    "abs(C - H) == C - H",
    "sin(C) == cos(C)",
    "tanh(C) == 1",
    "ln(C + H) == ln(C) + ln(H)",
    "sqrt(C - H) == 2",
]
# What no machine could compute for any size but the smallest.
HUGE = [
    "2**(2**(2**C)) == 3**C",
    "floor(C**(2**H)/3) == C",
    "exp(exp(exp(C))) == H",
    "C % (2**(2**(2**H))) == 3",
    "C**(C**(C**C)) == H**(H**(H**H))",
]


@pytest.mark.parametrize("text", TRUE)
def test_identities(text, capsys):
    assert main(["ask", NET, text]) == 0
    assert capsys.readouterr().out == "true\n"


@pytest.mark.parametrize("text", FALSE)
def test_what_is_no_identity(text, capsys):
    assert main(["ask", NET, text]) == 0
    assert capsys.readouterr().out == "false\n"


@pytest.mark.parametrize("text", HUGE)
def test_numbers_beyond_any_machine(text, capsys):
    assert main(["ask", NET, text]) == 0
    assert capsys.readouterr().out == "false\n"
    assert run(["ask", NET, text], seconds=10).finding == ""


def test_a_difference_is_shown_by_an_example(tmp_path, capsys):
    """The sizes of the example make the difference that is said: ⌊C/2⌋ is not C/2 where C is odd."""
    net = tmp_path / "net.yaml"
    net.write_text("symbols: [C]\ninput: [C]\nlayers: [ReLU]\nexpect: {'floor(C/2)': C/2}\n", "utf-8")
    assert main(["check", str(net)]) == 1
    out = capsys.readouterr().out
    assert "floor(C/2)" in out and "0 right, 1 wrong" in out
