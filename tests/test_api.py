"""The Python interface: objects that show themselves."""

from __future__ import annotations

import pytest

import cnncalc


@pytest.fixture(scope="module")
def lenet():
    return cnncalc.load("lenet5")


def test_what_is_public_is_listed_and_documented():
    assert set(cnncalc.__all__) <= set(dir(cnncalc))
    for name in cnncalc.__all__:
        assert getattr(cnncalc, name).__doc__


def test_a_report_is_a_table(lenet, call):
    report = lenet.report()
    assert repr(report) == call("shapes", "lenet5").out.rstrip("\n")
    assert "<table>" in report._repr_html_() and "61,706" in report._repr_html_()
    assert len(report) == 12 and [row.name for row in report][:2] == ["conv1", "sigmoid_1"]
    assert report.to_dict()["totals"]["params"] == 61706
    with pytest.raises(KeyError, match="did you mean conv1"):
        report["conf1"]


@pytest.mark.parametrize(
    ("command", "page"),
    [
        (("explain", "lenet5", "conv1"), lambda network: network.explain("conv1")),
        (("params", "lenet5", "--compare-dense"), lambda network: network.params(compare_dense=True)),
        (("cost", "lenet5"), lambda network: network.cost()),
        (("compare", "lenet5", "alexnet"), lambda network: network.compare(cnncalc.load("alexnet"))),
        (("check", "lenet5"), lambda network: network.check()),
        (("draw", "lenet5"), lambda network: network.draw()),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_pages_are_those_of_the_commands(lenet, call, command, page):
    shown = page(lenet)
    assert repr(shown) == call(*command).out.rstrip("\n")
    if isinstance(shown, cnncalc.Picture):
        assert shown._repr_svg_().startswith("<svg")
    else:
        assert "<" in shown._repr_html_() and shown._repr_markdown_()


def test_settings_and_expressions(lenet):
    assert lenet.ask("conv1.params * 2") == 312
    network = cnncalc.loads("input: [4]\nlet: {d: 3}\nlayers:\n- a: Linear(4, d)\n")
    assert network.report(d=5)["a"].params == 25
    assert "25" in repr(network.report(d=5))


def test_an_error_shows_its_place_in_a_cell():
    with pytest.raises(cnncalc.SpecError) as found:
        cnncalc.loads("input: [4]\nlayers:\n- Linear(5, 2)\n").report()
    lines = found.value._render_traceback_()
    assert lines[0].startswith("error[") and any(line.strip().startswith("|") and "^" in line for line in lines)
