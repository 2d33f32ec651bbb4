"""`cnncalc run NET`: the arrays that come out, with given or drawn numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cnncalc.cli.declared import Argument, Context, Option
from cnncalc.cli.options import (
    AS_WRITTEN,
    Batch,
    Dtype,
    Format,
    Loading,
    MemoryLimit,
    Net,
    Precision,
    Seed,
    analysed,
    load,
)
from cnncalc.cli.output import print_problems, show, show_json
from cnncalc.cli.save import read_by
from cnncalc.cli.unused_options import Given, say
from cnncalc.core.problem import Problem, fail
from cnncalc.render.formats import ONE_TABLE

if TYPE_CHECKING:
    from cnncalc.execute.equivariance import Equivariance
    from cnncalc.network.report import Report

EXAMPLES = (
    "cnncalc run lenet5",
    "cnncalc run lenet5 --show conv1.weight,output",
    "cnncalc run lenet5 --backward --save run.npz",
)


def run(
    ctx: Context,
    net: Net,
    names: Annotated[
        list[str] | None,
        Argument(metavar="[NAME]...", help="The same as --show.", show_default=False),
    ] = None,
    show_: Annotated[
        list[str] | None,
        Option(
            "--show",
            metavar="NAMES",
            help="Layers, named outputs and weights to print, such as conv1,attn.scores,fc.weight; "
            "outputs, weights or all stand for many. Without it: the inputs and the output.",
        ),
    ] = None,
    format: Format = "table",
    loading: Loading = AS_WRITTEN,
    values: Annotated[
        str | None, Option("--values", metavar="FILE", help="Arrays of an .npz file, on top of the spec's.")
    ] = None,
    save: Annotated[
        str | None,
        Option("--save", metavar="FILE", help="Write what is shown to an .npz file, batch axis first."),
    ] = None,
    precision: Precision = None,
    full: Annotated[bool, Option("--full", help="Print long arrays whole.")] = False,
    labels: Annotated[
        str | None,
        Option(
            "--labels", metavar="WORDS", help='Names of the positions, such as "the,red,panda"; of rows;columns apart.'
        ),
    ] = None,
    shift: Annotated[
        str | None,
        Option("--shift", metavar="STEPS", help="Does the output shift along with the input? Such as 1,0."),
    ] = None,
    permute: Annotated[
        bool, Option("--permute", help="Do the output's positions follow another order of the input's?")
    ] = False,
    backward: Annotated[
        bool,
        Option(
            "--backward", help="Also gradients: of the output's sum, weighted by output.grad of the values if given."
        ),
    ] = False,
    gradcheck: Annotated[
        bool, Option("--gradcheck", help="Compare every gradient with finite differences instead.")
    ] = False,
    through_time: Annotated[
        str | None,
        Option(
            "--through-time",
            metavar="LAYER",
            help="Instead: how the gradient of a recurrent layer's last state vanishes or explodes.",
        ),
    ] = None,
    train: Annotated[
        bool,
        Option("--train", help="As in training: batch norms by the batch that is given, statistics moved on."),
    ] = False,
    batch: Batch = None,
    seed: Seed = 0,
    dtype: Dtype = "float64",
    memory_limit: MemoryLimit = None,
) -> int:
    """Arrays: run the network on given or random numbers and print the outputs.

    Arrays come from the spec's values and from --values. Missing running statistics are mean 0 and variance 1, missing
    weights of norms are 1 and 0, and missing biases are 0 if another array of their layer is given. All others are
    random, from the seed; the output says which.
    """
    from cnncalc.cli import arrays, gradients
    from cnncalc.pages import run as page

    network = load(net, loading)
    network.training = network.training or train
    gradients_alone = gradcheck or through_time is not None
    options = Given(ctx)
    if gradients_alone:
        where = "beside --through-time" if through_time is not None else "beside --gradcheck"
        say(["NAME"] if names else [], where)
        options.idle("show_ save precision full labels shift permute backward", where)
    if through_time is not None:
        options.idle("gradcheck", where)
        options.idle("batch", "beside --through-time, which follows the first sample")
    if format == "json":
        options.idle("precision full labels", "in JSON, which has all digits of all numbers")
    elif format in ONE_TABLE:
        options.idle("full labels", "in CSV, which has the arrays whole")
        if shift is not None or permute:
            fail(
                "option-value", "CSV holds one table, of the arrays", help="--format json has --shift and --permute too"
            )
        options.idle("batch", "in CSV, which has the first sample alone")
    read = [net, *(loading.set_file or ()), *([values] if values else []), *read_by(network.spec)]
    report = analysed(network, runs=True)
    if gradients_alone and not any(row.buffers for row in report.rows):
        options.idle("train", "here: no layer computes otherwise in training")
    if save is not None:
        from cnncalc.spec.array_files import may_save_npz

        may_save_npz(save, read)
    given = network.given()
    if values is not None:
        from cnncalc.spec.array_files import load_npz

        given.add(load_npz(values))
    chosen = arrays.chosen(report, [*(names or ()), *(show_ or ())])
    if gradients_alone:
        execution = arrays.executed(report, given, ["gradient"], seed, batch, dtype, memory_limit)
        if through_time is not None:
            return gradients.through_time(report, execution, through_time, format)
        return gradients.check(report, execution, format)
    if backward:
        chosen = gradients.named(report, chosen, bool(names or show_))
    brief = not full and labels is None and format not in ("json", *ONE_TABLE)
    if not brief:
        arrays.counted(report, chosen)
    execution = arrays.executed(report, given, chosen, seed, batch, dtype, memory_limit)
    shown = arrays.shown(network, report, execution, chosen, brief)
    if full and not any(arrays.long(item.value) for item in shown):
        options.idle("full", "here: no array is long")
    moved = _moved(report, given, shift, permute, seed, dtype)
    if save is not None:
        from cnncalc.spec.array_files import save_npz

        save_npz(save, arrays.whole(report, execution, shown), read)
    origin = arrays.origin(report, execution)
    arrays.remark_chance(execution)
    if format == "json":
        document = {"name": report.name, **execution.to_dict(), "neutral": origin.neutral, "drawn": origin.drawn}
        if moved is not None:
            document["moved"] = page.moved_data(moved)
        show_json({**document, "arrays": {item.name: item.value for item in shown}})
    elif format in ONE_TABLE:
        show(page.table(shown, precision), format)
    else:
        notes = [f"computed in {dtype}"] if dtype != "float64" else []
        if execution.batched:
            notes.append(f"{execution.batch} samples, as given: the first axis of all but weights")
        elif execution.batch > 1:
            notes.append(f"the first of {execution.batch} samples; --save writes all")
        words = _labels(labels) if labels is not None else None
        made = page.page(
            report.name, shown, origin, precision=precision, full=full, labels=words, moved=moved, notes=notes
        )
        show(made, format)
    print_problems([Problem("not-confirmed", text) for text in execution.differences])
    return 0 if execution.confirmed and (moved is None or moved.ok) else 1


def _labels(text: str) -> tuple[list[str], list[str]]:
    """The words of rows and of columns; one list is for both."""
    rows, both, columns = text.partition(";")
    words = [word.strip() for word in rows.split(",")]
    return words, [word.strip() for word in columns.split(",")] if both else words


def _moved(
    report: Report, given: dict[str, object], shift: str | None, permute: bool, seed: int, dtype: str
) -> Equivariance | None:
    if shift is None and not permute:
        return None
    from cnncalc.execute import equivariance as moved

    if permute:
        return moved.permute(report, given, seed=seed, dtype=dtype)
    try:
        steps = [int(word) for word in str(shift).strip("[]() ").split(",")]
    except ValueError:
        fail("option-value", f'--shift takes whole numbers, not "{shift}"', help="for example --shift 1,0")
    return moved.shift(report, given, steps, seed=seed, dtype=dtype)
