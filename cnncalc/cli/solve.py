"""`cnncalc solve NET NAME=RANGE... --want CONDITION`: which values give what is wanted."""

from __future__ import annotations

import sys
import time
from typing import Annotated

from cnncalc.cli.counting import USUAL, Counting, convention
from cnncalc.cli.declared import Argument, Context, Option, one_of
from cnncalc.cli.options import AS_WRITTEN, Format, Loading, Net, load, settings
from cnncalc.cli.output import print_problems, show, show_json
from cnncalc.cli.unused_options import Given, say
from cnncalc.core.problem import Problem, fail, or_fail

# Seconds before a search shows how far it is, and between two pictures of it.
PATIENCE = 0.5
PAUSE = 0.1
WIDTH = 30


EXAMPLES = (
    'cnncalc solve "3x9x9 -> Conv2d(3, 4, k)" k=1..7\n--want "output.shape == [4, 5, 5]"',
    'cnncalc solve resnet50 batch=1..256\n--want "total.training_bytes <= 24GB" --limit 1',
)


def run(
    ctx: Context,
    net: Net,
    ranges: Annotated[
        list[str],
        Argument(metavar="NAME=RANGE...", help="k=1..7, with steps k=1..9..2, or k=1,3,5.", show_default=False),
    ],
    want: Annotated[
        list[str] | None,
        Option(
            *("--want", "--where", "-w"),
            metavar="CONDITION",
            help="Such as output.shape == [16, 32, 32]; may be repeated.",
        ),
    ] = None,
    format: Format = "table",
    loading: Loading = AS_WRITTEN,
    by: Annotated[str, Option("--by", metavar="COST", help="Smallest first by params or macs.")] = "params",
    limit: Annotated[int | None, Option("--limit", metavar="N", min=1, help="Show only so many.")] = None,
    max_tries: Annotated[
        int, Option("--max-tries", metavar="N", min=1, help="Refuse to try more combinations than this.")
    ] = 1_000_000,
    counts: Counting = USUAL,
) -> int:
    """Which values give the shape, count or cost you want: every combination in the ranges, smallest network first.

    The exit status is 1 where there is none.
    """
    from cnncalc.pages import solve as page
    from cnncalc.solve import ranges as reading
    from cnncalc.solve.search import ORDERS, solve

    one_of("--by", by, ORDERS)
    if not want:
        fail(
            "missing-argument",
            "cnncalc solve needs to know what is wanted",
            help='for example --want "output.shape == [16, 32, 32]"',
        )
    values = or_fail(reading.parse, ranges)
    given = Given(ctx)
    counting = convention(given, counts)
    network = load(net, loading)
    noted = list(network.notes)
    print_problems(noted)
    tried = [name for name in network.settings if name in values]
    said = settings(loading.set_)
    say(["--set" if name in said else "--set-file" for name in tried], f"for {', '.join(tried)}: the ranges are tried")
    from cnncalc.render.diagnostic import takes_escapes

    bar = Bar() if sys.stderr.isatty() and takes_escapes(sys.stderr) else None
    try:
        found = solve(network, values, want, by=by, max_tries=max_tries, progress=bar, convention=counting)
    finally:
        if bar is not None:
            bar.clear()
    if found.found:  # what its layers say of its shapes
        made = found.found[0].values
        network.report(**{name: made[name] for name in made if name != "batch" or name in network.spec.let})
        print_problems([note for note in network.notes if note not in noted])
    given.idle(" ".join(found.unused), "in what is wanted")
    if found.stopped:
        print_problems([stopped(found.tried, found.total, max_tries)])
    if format == "json":
        show_json(found.to_dict(limit))
    else:
        show(page.page(found, limit), format)
    return 0 if found.found else 2 if found.stopped else 1


def stopped(tried: int, total: int, most: int) -> Problem:
    """What there is to say of a search that has done what it may."""
    message = f"{tried:,} of {total:,} combinations were tried, then the search had done all the work that it may"
    help = f"narrower ranges, or --max-tries {2 * max(most, 1_000_000)} for twice as much"
    return Problem("search-stopped", message, help=help, severity="warning")


class Bar:
    """A line on standard error that shows how far a long search is."""

    def __init__(self) -> None:
        self.next = time.monotonic() + PATIENCE
        self.shown = False

    def __call__(self, tried: int, total: int) -> None:
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + PAUSE
        self.shown = True
        full = WIDTH * tried // total
        sys.stderr.write(f"\r\x1b[K{'━' * full}{'─' * (WIDTH - full)} {tried:,} of {total:,}")
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self.shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
