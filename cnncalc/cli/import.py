"""`cnncalc import FILE`: a file of another tool as a spec."""

from __future__ import annotations

from cnncalc.cli.options import Input, Loading, Net, analysed, load
from cnncalc.cli.output import print_problems
from cnncalc.cli.save import Output, put
from cnncalc.core.atomic_write import may_save
from cnncalc.core.problem import Problem

EXAMPLES = (
    "cnncalc import model.py -i 3x32x32",
    "cnncalc import config.json -o net.yaml",
)


def run(net: Net, output: Output = None, input_: Input = None) -> int:
    """PyTorch source, ONNX, Keras, a config.json or a printed model, to a spec.

    Layers keep their names, with underscores for dots. What a spec cannot say is listed.
    """
    if output is not None:
        may_save(output, [net])
    network = load(net, Loading(input_=input_))
    report = analysed(network)
    from cnncalc.export.spec_text import spec_text

    text, notes = spec_text(report)
    print_problems([Problem("import-partly", note, severity="warning") for note in notes])
    put(text, output, [net])
    return 0
