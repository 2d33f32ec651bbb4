"""`cnncalc export NET`: the network as code of another tool."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.options import Input, Layout, Net, Set, SetFile, Whose, analysed, load
from cnncalc.cli.save import Output, put, read_by
from cnncalc.core.atomic_write import may_save
from cnncalc.core.problem import did_you_mean, fail

TARGETS = ("pytorch",)
OTHER_WORDS = {"torch": "pytorch", "pt": "pytorch", "py": "pytorch"}


def _targets(incomplete: str) -> list[str]:
    return [name for name in TARGETS if name.startswith(incomplete)]


def run(
    net: Net,
    to: Annotated[
        str, typer.Option("--to", "-t", metavar="TARGET", help="What to write: pytorch.", autocompletion=_targets)
    ] = "pytorch",
    output: Output = None,
    set_: Set = None,
    set_file: SetFile = None,
    input_: Input = None,
    layout: Layout = None,
    whose: Whose = None,
) -> int:
    """The network as code: a class of PyTorch that can be read and trained.

    The file runs by itself: it makes the network, runs it on zeros and compares the output's shape and the number of
    parameters with cnncalc's.
    """
    target = OTHER_WORDS.get(to.lower(), to.lower())
    if target not in TARGETS:
        near = did_you_mean(target, TARGETS)
        fail(
            "option-value",
            f'--to takes {" or ".join(TARGETS)}, not "{to}"',
            help=f"did you mean {near}?" if near else (),
        )
    if output is not None:
        may_save(output, [net])
    network = load(net, set_, set_file, input_, layout, whose)
    report = analysed(network)
    from cnncalc.export.pytorch import export

    put(export(report, network.spec).text, output, [net, *(set_file or ()), *read_by(network.spec)])
    return 0
