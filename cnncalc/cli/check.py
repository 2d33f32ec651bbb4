"""`cnncalc check NET`: what a spec expects against what is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cnncalc.cli.counting import USUAL, Counting, convention, say_unused
from cnncalc.cli.declared import Argument, Context, Option
from cnncalc.cli.options import AS_WRITTEN, Execute, Loading, MemoryLimit, Net, Seed, analysed, format_among, load
from cnncalc.cli.output import annotate, show, show_json
from cnncalc.cli.unused_options import Given
from cnncalc.core.problem import SpecError, fail
from cnncalc.render.formats import FORMATS

if TYPE_CHECKING:
    from cnncalc.spec.model import Expectation


def expected(key: str) -> list[Expectation]:
    """What a key expects of a network that stands elsewhere."""
    spec = load(key).spec
    absent = ("missing-key", "empty-spec")  # a key for another network has none of its own
    problems = [one for one in spec.problems if one.severity == "error" and one.code not in absent]
    if problems:
        raise SpecError(problems)
    if not spec.expect:
        fail("no-questions", f'"{key}" expects nothing', help='a key has "expect:" with lines such as "fc.params: 650"')
    return list(spec.expect)


GRADERS = ("gradescope", "junit")  # formats of results that only sheets have


EXAMPLES = (
    "cnncalc check key.yaml",
    "cnncalc check key.yaml answers/",
    "cnncalc check key.yaml answers/ --feedback OUT",
)


def run(
    ctx: Context,
    net: Net,
    sheets: Annotated[
        list[str] | None,
        Argument(metavar="[ANSWERS]...", help="Files or folders of answers to compare with NET.", show_default=False),
    ] = None,
    answers: Annotated[
        list[str] | None,
        Option(
            "--answers", "-a", metavar="ANSWERS", help="The same: a file, a folder or a pattern.", show_default=False
        ),
    ] = None,
    of: Annotated[
        str | None,
        Option(
            "--net",
            metavar="FILE",
            help="Compare what NET expects with this network instead: model.py, an ONNX file, what print(model) shows.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        str,
        Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help=f"How to write it: {', '.join(FORMATS)}; of submissions also {', '.join(GRADERS)}.",
            callback=format_among((*FORMATS, *GRADERS)),
        ),
    ] = "table",
    loading: Loading = AS_WRITTEN,
    hide_key: Annotated[
        bool, Option("--hide-key", "--quiet-key", help="Say which values are wrong, never the right ones.")
    ] = False,
    verbose: Annotated[bool, Option("--verbose", "-v", help="Of files of answers: which are wrong, and why.")] = False,
    points: Annotated[bool, Option("--points", help="Of files of answers: the points of each.")] = False,
    feedback: Annotated[
        str | None,
        Option(
            "--feedback",
            metavar="DIR",
            help="Of files of answers: feedback for each, in a folder.",
            show_default=False,
        ),
    ] = None,
    hints: Annotated[
        int,
        Option(
            "--hints",
            metavar="N",
            min=0,
            max=4,
            help="What feedback says: 0 right or wrong, 1 where, 2 the mistake, 3 the formula, 4 the number.",
        ),
    ] = 2,
    execute: Execute = False,
    seed: Seed = 0,
    memory_limit: MemoryLimit = None,
    counts: Counting = USUAL,
) -> int:
    """Compare answers with the computed values, and name the mistakes; the exit status is 1 where one is wrong.

    A wrong number is explained where a known mistake gives it. With files of answers (YAML, CSV, plain lines) each is
    compared with the network instead, and has one line.
    """
    from cnncalc.cli.arrays import remark, remark_chance, remark_left_out
    from cnncalc.cli.execution import confirmed, limit
    from cnncalc.grading.check import check_all, questions, without_values
    from cnncalc.grading.unmet import unmet
    from cnncalc.pages import check as page
    from cnncalc.query.ask import scope

    given = Given(ctx)
    counting = convention(given, counts)
    network = load(of or net, loading)
    if of is not None:
        network.spec.expect = expected(net)
    report = analysed(network)
    if execute and not confirmed(network, report, seed, None, memory_limit):
        return 1
    names = scope(network, report, seed, limit(memory_limit), counting)
    try:
        if answers or sheets:
            from cnncalc.cli.sheets import Wanted, run_sheets

            wanted = Wanted(format, hide_key, verbose, points, feedback, hints)
            status = run_sheets(net, network, names, [*(answers or ()), *(sheets or ())], wanted, given)
            say_unused(given, names, [])
            if not (execute or names.executed):
                given.idle("seed memory_limit", "here: nothing is executed")
            return status
        given.idle("verbose points feedback hints", "without files of answers")
        if format in GRADERS:
            fail("unknown-format", f"{format} is a format of graded submissions", help="cnncalc check KEY ANSWERS...")
        asked = questions(network, report)
        results = check_all(asked, names)
    except SpecError as error:
        if hide_key:
            error.problems = without_values(error.problems)
        raise
    say_unused(given, names, [])
    if not (execute or names.executed):
        given.idle("seed memory_limit", "here: nothing is executed")
    remark(names)
    if names.executed is not None:
        remark_chance(names.executed)
    if any(result.ok is False for result in results):
        remark_left_out(names)
    if format == "json":
        show_json(page.data(results, hide_key))
    else:
        show(page.page(network.name, results, hide_key), format)
    annotate(lambda: unmet(asked, results, "error", hide_key))
    return 1 if any(result.ok is False or result.unreadable for result in results) else 0
