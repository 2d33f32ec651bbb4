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


def test_blocks_and_names_that_are_near():
    report = cnncalc.load("resnet18").report()
    assert [row.name for row in report.rows_of("layer1[0]")][:1] == ["layer1.0.residual_1.conv1"]
    with pytest.raises(KeyError, match=r'layer1.0 is a block; rows_of\("layer1.0"\) are its layers'):
        report["layer1.0"]
    with pytest.raises(KeyError, match="layr1 is no block; did you mean layer1"):
        report.rows_of("layr1")


def test_a_page_is_latex_for_papers(lenet):
    assert "\\begin{tabular}" in lenet.report()._repr_latex_() and "\\documentclass" not in lenet.cost()._repr_latex_()


PUBLIC = [getattr(cnncalc, name) for name in cnncalc.__all__]


def signatures():
    import inspect

    for one in PUBLIC:
        if not inspect.isclass(one):
            yield one.__name__, one
            continue
        for name in dir(one):
            value = inspect.getattr_static(one, name)
            if not name.startswith("_") or name in ("__init__", "__getitem__"):
                value = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
                if inspect.isfunction(value) and value.__module__.startswith("cnncalc"):
                    yield f"{one.__name__}.{name}", value


def test_every_public_signature_says_its_types():
    import re

    for name, function in signatures():
        types = {**function.__annotations__}
        for argument, written in types.items():
            loose = re.search(r"\bAny\b", str(written))
            assert not loose, f"{name}({argument}: {written})"
        assert "return" in types, name
        assert function.__doc__ or name.endswith("__init__"), name


def test_every_public_class_shows_itself(lenet):
    report = lenet.report()
    found = lenet.solve("total.params > 0", batch="1..2") if "batch" in lenet.spec.let else None
    run = lenet.run()
    for one in (
        lenet,
        report,
        report["conv1"],
        report.totals,
        run,
        lenet.draw(),
        lenet.cost(),
        *([found] if found else []),
    ):
        assert " object at 0x" not in repr(one)
    assert repr(report["conv1"]).startswith("<cnncalc.Row conv1: Conv2d(")
    assert "61706 params" in repr(report.totals) and "as predicted" in repr(run)


def test_a_search():
    network = cnncalc.loads("input: [4]\nlet: {d: 3}\nlayers:\n- a: Linear(4, d)\n")
    found = network.solve("a.params == 25", d="1..9")
    assert list(found) == [{"d": 5}] and len(found) == 1 and "25" in repr(found) and "<table" in found._repr_html_()
    assert list(network.solve("a.params >= 20", d=[2, 4, 6])) == [{"d": 4}, {"d": 6}]
