"""A plugin for pytest: the marker `cnncalc` compares a network with what a test says of it, without running it.

    @pytest.mark.cnncalc("model.py:Net(10)", input="3x32x32", output=[10], params=62006)
    def test_net(): ...

Files are looked for beside the test, then in pytest's root. What is not so fails the test with the reason where one is
known. The fixture `cnncalc_report` is the report of the test's first marker.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cnncalc import Network, Report

MARK = (
    "cnncalc(net, input=None, output=None, params=None, macs=None, settings=None, expect=None): what is expected of a "
    "network, a spec, a PyTorch source file (FILE.py:Class), or whatever else cnncalc reads"
)
# The words of the marker that are short for a question of `expect`.
ASKED = {"output": "output.shape", "params": "total.params", "macs": "total.macs"}
WORDS = ("input", "settings", "expect", *ASKED)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARK)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Compare what the markers say, before the test's own lines run."""
    for mark in item.iter_markers("cnncalc"):
        wrong = [*_wrong(mark, item)]
        if wrong:
            pytest.fail("\n".join(wrong), pytrace=False)


@pytest.fixture
def cnncalc_report(request: pytest.FixtureRequest) -> Report:
    """The propagated network of the test's marker: `cnncalc_report["conv1"].output_shape`."""
    mark = request.node.get_closest_marker("cnncalc")
    if mark is None:
        raise pytest.UsageError(
            "cnncalc_report needs the marker: @pytest.mark.cnncalc('model.py:Net', input='3x32x32')"
        )
    return _read(mark, request.node)[1]


def _read(mark: pytest.Mark, item: Any) -> tuple[Network, Report]:
    """The marker's network; a mistake in it fails the test as the shell shows it."""
    import cnncalc
    from cnncalc.core.problem import Fault, Problem

    if len(mark.args) != 1 or not isinstance(mark.args[0], (str, os.PathLike)):
        raise pytest.UsageError("the marker cnncalc takes one network: cnncalc('model.py:Net', input='3x32x32')")
    unknown = [word for word in mark.kwargs if word not in WORDS]
    if unknown:
        raise pytest.UsageError(f"the marker cnncalc has no {unknown[0]}; it has {', '.join(WORDS)}")
    given = mark.kwargs.get("input")
    shapes = [given] if isinstance(given, str) else _sizes(given)
    try:
        network = cnncalc.load(_found(str(mark.args[0]), item), mark.kwargs.get("settings"), input_shapes=shapes)
        return network, network.report()
    except cnncalc.SpecError as error:
        pytest.fail(_shown(error.problems), pytrace=False)
    except Fault as fault:
        pytest.fail(_shown([Problem(fault.code, fault.message, help=fault.help)]), pytrace=False)


def _sizes(given: object) -> list[str]:
    """Shapes as the command line takes them: of a list, of lists, or of names with shapes."""
    if given is None:
        return []
    if isinstance(given, Mapping):
        return [f"{name}={_text(shape)}" for name, shape in given.items()]
    if isinstance(given, (list, tuple)) and any(isinstance(one, (list, tuple, str)) for one in given):
        return [_text(one) for one in given]
    return [_text(given)]


def _text(shape: object) -> str:
    return "x".join(map(str, shape)) if isinstance(shape, (list, tuple)) else str(shape)


def _found(net: str, item: Any) -> str:
    """A file beside the test or in the root; all else as it is."""
    file, colon, rest = net.partition(".py:")
    name = f"{file}.py" if colon else net
    for folder in (item.path.parent, item.config.rootpath):
        path = os.path.join(folder, name)
        if os.path.exists(path):
            return f"{path}:{rest}" if colon else path
    return net


def _wrong(mark: pytest.Mark, item: Any) -> Iterator[str]:
    """What is not as the marker says."""
    import cnncalc
    from cnncalc.grading.check import check_all
    from cnncalc.grading.unmet import unmet
    from cnncalc.query.ask import scope

    network, report = _read(mark, item)
    asked = {ASKED[word]: value for word, value in mark.kwargs.items() if word in ASKED and value is not None}
    asked |= mark.kwargs.get("expect") or {}
    if not asked:
        return
    told = {name: list(value) if isinstance(value, tuple) else value for name, value in asked.items()}
    try:
        said = cnncalc.from_dict({"input": [1], "layers": ["Identity"], "expect": told}).expectations
        for problem in unmet(said, check_all(said, scope(network, report)), "error"):
            yield f"{mark.args[0]}: {problem.message}" + "".join(f" ({reason})" for reason in problem.help)
    except cnncalc.SpecError as error:
        yield _shown(error.problems)


def _shown(problems: Any) -> str:
    from cnncalc.render.diagnostic import render

    return render(problems).rstrip("\n")
