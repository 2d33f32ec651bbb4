"""`cnncalc check NET`: what a spec expects against what is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from cnncalc.cli.counting import (
    Accumulate,
    BatchSize,
    Experts,
    Flash,
    Mixed,
    Optimizer,
    Recompute,
    Replicas,
    Stages,
    Tensor,
    Types,
    Zero,
    convention,
    say_unused,
)
from cnncalc.cli.options import (
    Execute,
    Format,
    Input,
    Layout,
    MemoryLimit,
    Net,
    Seed,
    Set,
    SetFile,
    Whose,
    analysed,
    load,
)
from cnncalc.cli.output import print_problems, show, show_json
from cnncalc.cli.unused_options import Given
from cnncalc.core.problem import Problem, SpecError

MOST_NAMED = 3  # files in one warning


def run(
    ctx: typer.Context,
    net: Net,
    sheets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SHEETS]...", help="Sheets of answers to hold against NET: files or folders.", show_default=False
        ),
    ] = None,
    answers: Annotated[
        list[str] | None,
        typer.Option(
            "--answers", "-a", metavar="SHEETS", help="The same: a file, a folder or a pattern.", show_default=False
        ),
    ] = None,
    format: Format = "table",
    set_: Set = None,
    set_file: SetFile = None,
    input_: Input = None,
    layout: Layout = None,
    whose: Whose = None,
    hide_key: Annotated[
        bool, typer.Option("--hide-key", "--quiet-key", help="Say which values are wrong, never the right ones.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="With sheets: which answers are wrong, and why.")
    ] = False,
    execute: Execute = False,
    seed: Seed = 0,
    memory_limit: MemoryLimit = None,
    batch: BatchSize = 1,
    dtype: Types = "float32",
    optimizer: Optimizer = "adam",
    mixed: Mixed = None,
    flash: Flash = False,
    recompute: Recompute = "none",
    tp: Tensor = 1,
    pp: Stages = 1,
    dp: Replicas = 1,
    zero: Zero = 0,
    ep: Experts = 1,
    accumulate: Accumulate = 1,
) -> int:
    """Compare what a spec expects with what is; the exit status is 1 where something is wrong.

    A wrong number is explained where a known mistake gives it. With sheets of answers (YAML or CSV) each of them is
    held against the network instead: a line for each sheet.
    """
    from cnncalc.cli.arrays import remark_chance, remark_left_out
    from cnncalc.cli.execution import confirmed, limit
    from cnncalc.grading.check import check_all, questions, without_values
    from cnncalc.pages import check as page
    from cnncalc.query.ask import scope

    given = Given(ctx)
    counting = convention(
        given,
        dtype=dtype,
        batch=batch,
        optimizer=optimizer,
        mixed=mixed,
        flash=flash,
        recompute=recompute,
        tp=tp,
        pp=pp,
        dp=dp,
        zero=zero,
        ep=ep,
        accumulate=accumulate,
    )
    network = load(net, set_, set_file, input_, layout, whose)
    report = analysed(network)
    if execute and not confirmed(network, report, seed, None, memory_limit):
        return 1
    names = scope(network, report, seed, limit(memory_limit), counting)
    try:
        if answers or sheets:
            if format == "json":
                given.idle("verbose", "in JSON, which has every answer")
            elif not verbose:
                given.idle("hide_key", "without --verbose: no value of the key is shown")
            status = _class(net, network, names, [*(answers or ()), *(sheets or ())], format, hide_key, verbose)
            say_unused(given, names, [])
            if not (execute or names.executed):
                given.idle("seed memory_limit", "here: nothing is executed")
            return status
        given.idle("verbose", "without sheets of answers")
        results = check_all(questions(network, report), names)
    except SpecError as error:
        if hide_key:
            error.problems = without_values(error.problems)
        raise
    say_unused(given, names, [])
    if not (execute or names.executed):
        given.idle("seed memory_limit", "here: nothing is executed")
    if names.remarks:
        from cnncalc.cli.gradients import remark

        remark(names)
    if names.executed is not None:
        remark_chance(names.executed)
    if any(result.ok is False for result in results):
        remark_left_out(names)
    if format == "json":
        show_json(page.data(results, hide_key))
    else:
        show(page.page(network.name, results, hide_key), format)
    return 1 if any(result.ok is False or result.unreadable for result in results) else 0


def _class(net: str, network: Any, names: Any, places: list[str], format: str, hide_key: bool, verbose: bool) -> int:
    """Many sheets, each held against the network."""
    from cnncalc.grading.answers import correct
    from cnncalc.grading.check import questions
    from cnncalc.pages import check as page

    group = correct(names, questions(network, names.report), places, net)
    print_problems([problem for sheet in group.sheets for problem in sheet.problems])
    print_problems(passed_over(group.skipped))
    if format == "json":
        show_json(page.sheets_data(group, hide_key))
    else:
        show(page.sheets_page(network.name, group, hide_key, verbose), format)
    return int(group.status) if group.sheets else 2  # nothing could be held against it


def passed_over(skipped: Sequence[Any]) -> list[Problem]:
    """A warning for each reason why files were skipped, with the first of them."""
    reasons: dict[str, list[str]] = {}
    for one in skipped:
        reason = one.reason if one.whole else f"columns that are {one.reason}"
        reasons.setdefault(reason, []).append(one.file)
    found = []
    for reason, files in reasons.items():
        more = f" and {len(files) - MOST_NAMED} more" if len(files) > MOST_NAMED else ""
        text = f"skipped: {', '.join(files[:MOST_NAMED])}{more}: {reason}"
        found.append(Problem("sheet-skipped", text, severity="warning"))
    return found
