"""`cnncalc export NET`: the network as code or as a file of another tool."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

from cnncalc.cli.declared import Context, Option, completing, one_of
from cnncalc.cli.execution import check_dtype
from cnncalc.cli.options import AS_WRITTEN, Dtype, Loading, Net, analysed, load
from cnncalc.cli.save import Output, put, read_by
from cnncalc.cli.unused_options import Given
from cnncalc.core.atomic_write import atomic_write, may_save
from cnncalc.core.problem import fail
from cnncalc.export.targets import TARGETS, Product, Request, target_of, write

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array
    from cnncalc.network.report import Report


EXAMPLES = (
    "cnncalc export lenet5",
    "cnncalc export lenet5 --to keras -o lenet5.py",
)


def run(
    ctx: Context,
    net: Net,
    to: Annotated[
        str,
        Option(
            "--to",
            "-t",
            metavar="TARGET",
            help=f"What to write: {', '.join(TARGETS)}.",
            autocompletion=completing(*TARGETS),
        ),
    ] = "pytorch",
    output: Output = None,
    weights: Annotated[
        str | None,
        Option("--weights", metavar="FILE", help="Weights of an .npz file, as run --show weights --save writes."),
    ] = None,
    seed: Annotated[
        int | None,
        Option("--seed", metavar="N", min=0, help="Seed of the random weights of an ONNX file; all are written."),
    ] = None,
    dtype: Dtype = "float32",
    loading: Loading = AS_WRITTEN,
) -> int:
    """The network as PyTorch or Keras code, or as an ONNX file.

    Code for PyTorch and Keras runs by itself: it makes the network, runs it on zeros and compares the output's shape
    and the number of parameters with cnncalc's. With --weights the numbers are written beside it, FILE.pt or
    FILE.weights.h5; an ONNX file has them in it.
    """
    target = target_of(to)
    if target not in TARGETS:
        one_of("--to", to, TARGETS)
    if weights is None and not TARGETS[target].binary:
        Given(ctx).idle("dtype", "without --weights: code has no numbers")
    if weights is not None or not TARGETS[target].binary:
        Given(ctx).idle("seed", "with --weights" if weights is not None else "in code, which has no numbers")
    check_dtype(dtype)
    if output is None and (TARGETS[target].binary or weights is not None):
        fail("option-value", "that is no text: say where to write it", help=f"-o net{TARGETS[target].suffix}")
    read = [net, *(loading.set_file or ()), *([weights] if weights else [])]
    if output is not None:
        may_save(output, read)
    network = load(net, loading)
    report = analysed(network)
    arrays = _arrays(report, weights) if weights is not None else None
    product = write(target, report, network.spec, Request(arrays, dtype, network, seed))
    read += read_by(network.spec)
    _put(product, output, read)
    _remark(product, output)
    return 0


def _arrays(report: Report, path: str) -> dict[str, Array]:
    """The arrays of all weights and buffers; raises `Fault` with the names of those that the file lacks."""
    from cnncalc.execute.given_values import placed
    from cnncalc.network.array_names import array_names, owner
    from cnncalc.spec.array_files import load_npz

    known = array_names(report)
    given = {name: array for name, array in load_npz(path).items() if name in known and known[name][1]}
    found = placed(report, given, 1, set())
    arrays: dict[str, Array] = {}
    lacking = []
    for index, row in enumerate(report.rows):
        for held in (*row.facts.weights, *row.facts.buffers):
            place = owner(report, index, held.name)
            if place in found:
                arrays[f"{row.name}.{held.name}"] = found[place]
            elif held.name.rpartition(".")[2] == "num_batches_tracked":
                continue
            else:
                lacking.append(f"{row.name}.{held.name}")
    if lacking:
        more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
        fail(
            "values-file",
            f'"{path}" lacks {", ".join(lacking[:5])}{more}',
            help=f"cnncalc run NET --show weights --save {os.path.basename(path)} writes all of them",
        )
    return arrays


def _put(product: Product, output: str | None, read: list[str]) -> None:
    if isinstance(product.content, str):
        put(product.content, output, read)
    else:
        with atomic_write(str(output), read) as out:
            out.write(product.content)
    if product.weights is not None:
        with atomic_write(_beside(str(output), product.suffix), read) as out:
            out.write(product.weights)


def _beside(output: str, suffix: str) -> str:
    return os.path.splitext(output)[0] + suffix


def _remark(product: Product, output: str | None) -> None:
    """What is to be known of what was written, on standard error."""
    from cnncalc.cli.output import print_problems
    from cnncalc.core.problem import Problem

    if product.remarks:
        name = os.path.splitext(os.path.basename(output or ""))[0]
        print_problems(
            [Problem("as-exported", text.replace("{file}", name), severity="note") for text in product.remarks]
        )
