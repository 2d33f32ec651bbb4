"""`cnncalc quiz NET`: multiple choice for learning platforms, or questions on the terminal with a diagnosis at once."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

from cnncalc.cli.declared import Context, Option
from cnncalc.cli.options import AS_WRITTEN, Loading, Net, analysed, format_among, load
from cnncalc.cli.output import show, write
from cnncalc.cli.save import Output, put, read_by
from cnncalc.cli.unused_options import Given
from cnncalc.core.number import grouped
from cnncalc.core.problem import fail

if TYPE_CHECKING:
    from cnncalc.exercise.questions import Question
    from cnncalc.network.network import Network
    from cnncalc.query.scope import NetworkScope

# What is written, and the module of `render` that writes it.
TO = {
    "moodle": "course.moodle",
    "markdown": "markdown",
    "json": "json",
    "gift": "course.gift",
    "html": "html",
    "text": "plain",
}
MOST = 200  # questions
LONGEST = 2_000  # characters of an answer


EXAMPLES = (
    "cnncalc quiz lenet5",
    "cnncalc quiz lenet5 --to moodle -o quiz.xml",
)


def run(
    ctx: Context,
    net: Net,
    to: Annotated[
        str | None,
        Option(
            "--to",
            "--format",
            "-f",
            metavar="FORMAT",
            help=f"Write multiple choice: {', '.join(TO)}. Without it the questions are asked here.",
            callback=format_among(tuple(TO)),
            show_default=False,
        ),
    ] = None,
    count: Annotated[int, Option("--count", "-n", metavar="N", min=1, max=MOST, help="How many questions.")] = 10,
    seed: Annotated[int, Option("--seed", metavar="S", min=0, help="Seed of the order of the choices.")] = 0,
    output: Output = None,
    loading: Loading = AS_WRITTEN,
) -> int:
    """Multiple choice whose wrong answers are common mistakes, each with feedback that names it.

    Without --to the questions are asked on the terminal, one by one: an answer is typed, and a wrong one diagnosed.
    """
    from cnncalc.exercise.questions import asked
    from cnncalc.query.ask import scope

    given = Given(ctx)
    network = load(net, loading)
    names = scope(network, analysed(network))
    if names.report.assumptions is not None:
        fail(
            "free-dimensions",
            "a quiz asks for numbers, and the network has symbolic dimensions",
            help="--set NAME=VALUE",
        )
    if to is None:
        given.idle("seed output", "without --to")
        if net == "-":
            fail("wrong-call", "answers come from standard input, and so does NET", help="write the network to a file")
        return _ask(network, names, asked(network, names)[:count])
    from cnncalc.exercise.choices import items
    from cnncalc.pages.course import quiz as page

    found = items(asked(network, names, 2 * count), names, count, seed)
    if not found:
        fail("no-questions", "no question about this network has three wrong answers to choose from")
    if len(found) < count:
        from cnncalc.cli.output import print_problems
        from cnncalc.core.problem import Problem

        text = f"{len(found)} questions of {count}: the others have too few wrong answers"
        print_problems([Problem("no-effect", text, severity="note")])
    shown = page.page if to in ("markdown", "html", "text") else page.data
    text = import_module(f"cnncalc.render.{TO[to]}").render(shown(network.name, names, found))
    put(text, output, [net, *read_by(network.spec)])
    return 0


@grouped()
def _ask(network: Network, names: NetworkScope, questions: list[Question]) -> int:
    """Ask, diagnose and count; the status is 1 where something was wrong."""
    from cnncalc.document import Document, Heading
    from cnncalc.exercise.answering import Answering
    from cnncalc.pages.course import quiz as page
    from cnncalc.pages.course.worksheet import shown

    if not questions:
        fail("no-questions", "there is nothing to ask about this network")
    show(Document([Heading(network.name), page.network(names)]), "table")
    write("\nAn empty line skips a question; Ctrl-D ends the quiz.\n")
    answering = Answering(names)
    right = done = 0
    for number, question in enumerate(questions, 1):
        write(f"\n{number}/{len(questions)}  {question.text}\n> ")
        line = sys.stdin.readline(LONGEST) if sys.stdin is not None and not sys.stdin.closed else ""
        if not line:
            write("\n")
            break
        result = answering.graded(question, line.strip())
        if result is None:
            write("skipped\n")
            continue
        done += 1
        right += result.ok is True
        words = "right" if result.ok else result.state
        write(f"{words}{f': {result.diagnosis}' if result.diagnosis else ''}\n")
        if not result.ok:
            write("".join(f"  {line}\n" for line in question.reasons) or f"  {shown(question.value)}\n")
    show(Document([page.verdict(right, done)]), "table")
    return 0 if right == done else 1
