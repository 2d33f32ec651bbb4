"""`cnncalc compare A B`: two networks side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cnncalc.cli.counting import USUAL, Counting
from cnncalc.cli.counting import convention as counting_of
from cnncalc.cli.declared import Context, Option
from cnncalc.cli.options import Convention, Format, Input, Layout, Loading, Net, Set, analysed, load, settings
from cnncalc.cli.output import show, show_json
from cnncalc.cli.unused_options import Given
from cnncalc.core.problem import fail, suggestion

if TYPE_CHECKING:
    from cnncalc.network.network import Network


EXAMPLES = (
    "cnncalc compare resnet18 resnet34 --totals",
    "cnncalc compare lenet5 model.py",
)


def run(
    ctx: Context,
    a: Net,
    b: Net,
    format: Format = "table",
    set_: Set = None,
    input_: Input = None,
    layout: Layout = None,
    convention: Convention = None,
    counts: Counting = USUAL,
    totals: Annotated[bool, Option("--totals", help="Only the sums, no layers.")] = False,
) -> int:
    """Two networks side by side: parameters, MACs and memory, their ratio and difference.

    Layers are aligned by name and kind. --set applies to each network that has the name,
    --input to both.
    """
    from cnncalc.pages import compare as page
    from cnncalc.query.compare import Comparison

    given = Given(ctx)
    counting = counting_of(given, counts)
    one, other = networks(a, b, set_, Loading(input_=input_, layout=layout, convention=convention))
    found = Comparison(analysed(one), analysed(other), counting)
    given.idle(" ".join(found.unused), "in these networks")
    if format == "json":
        given.idle("totals", "in JSON, which has the layers too")
        show_json(found.to_dict())
    else:
        show(page.page(found, counting.dtype, totals=totals), format)
    return 0


def networks(
    a: str,
    b: str,
    set_: list[str] | None,
    how: Loading,
) -> tuple[Network, Network]:
    """Both networks, each with the settings that it knows; raises `SpecError` for one that neither has."""
    from cnncalc.loading import parse_settings

    both = load(a, how), load(b, how)
    values = parse_settings(settings(set_))
    known = {name for network in both for name in (*network.spec.let, *network.spec.symbols)}
    for name in values:
        if name not in known:
            fail("unknown-setting", f'neither network has a constant "{name}"', help=suggestion(name, known))
    for network in both:
        spec = network.spec
        network.settings = {n: value for n, value in values.items() if n in spec.let or n in spec.symbols}
    return both
