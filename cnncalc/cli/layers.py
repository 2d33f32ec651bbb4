"""`cnncalc layers`: the reference of layer types."""

from __future__ import annotations

from typing import Annotated

from cnncalc.cli.declared import Argument, Context, Option
from cnncalc.cli.options import Format
from cnncalc.cli.output import show, show_json
from cnncalc.cli.unused_options import Given
from cnncalc.core.problem import fail, suggestion

CONVENTIONS = ("pytorch", "keras")


def _types(ctx: Context, incomplete: str) -> list[str]:
    from cnncalc.pages.layers import kinds

    names = [name for name, _ in kinds("keras" if ctx.params.get("convention") == "keras" else "pytorch")]
    # A shell completes what was begun, in its spelling; any spelling is read.
    spelled = names if incomplete != incomplete.lower() or not incomplete else map(str.lower, names)
    return [name for name in spelled if name.startswith(incomplete)]


EXAMPLES = (
    "cnncalc layers Conv2d",
    "cnncalc layers attention",
)


def run(
    ctx: Context,
    names: Annotated[
        list[str] | None,
        Argument(
            metavar="[LAYER]...",
            autocompletion=_types,
            help="Layer types, such as conv2d, or words to search; without any: all.",
            show_default=False,
        ),
    ] = None,
    format: Format = "table",
    full: Annotated[bool, Option("--full", help="The whole reference instead of the list.")] = False,
    convention: Annotated[
        str, Option("--convention", metavar="NAME", help="Whose layers: pytorch or keras.")
    ] = "pytorch",
) -> int:
    """The reference of layer types: options, formulas, weights, an example.

    It is made from the layers themselves. Without a name it lists all of them; any other word is searched for.
    """
    from cnncalc.pages import layers as page

    convention = convention.lower()
    if convention not in CONVENTIONS:
        fail("option-value", f'--convention takes pytorch or keras, not "{convention}"')
    known = page.kinds(convention)
    if names and format != "json" and any(_exact(name, known, convention) is None for name in names):
        matches = page.matching(names, convention)
        if matches:
            given = Given(ctx)
            given.idle("full", "in what a search finds")
            show(page.listing(convention, matches), format)
            return 0
    chosen = [_known(name, known, convention) for name in names or ()]
    if chosen or format == "json":
        Given(ctx).idle("full", "in the reference of one layer" if chosen else "in JSON, which has the whole reference")
    if not chosen and not full and format != "json":
        show(page.listing(convention), format)
        return 0
    found = [page.reference(name, family, convention) for name, family in chosen or known]
    if format == "json":
        show_json(page.data(found))
    else:
        title = "" if chosen else "Layers" if convention == "pytorch" else "Keras' layers"
        show(page.page(found, title), format)
    return 0


def _exact(name: str, known: list[tuple[str, str]], convention: str) -> tuple[str, str] | None:
    """The layer type that a word names, in any spelling."""
    from cnncalc import layers

    kind = layers.find(name, convention)
    return next((pair for pair in known if kind is not None and pair[0] == kind.type()), None)


def _known(name: str, known: list[tuple[str, str]], convention: str) -> tuple[str, str]:
    """The layer type that a word names, in any spelling; else what is near."""
    from cnncalc import layers

    found = _exact(name, known, convention)
    if found is not None:
        return found
    help = suggestion(name, dict(known), "cnncalc layers lists them all")
    other = "keras" if convention == "pytorch" else "pytorch"
    if layers.find(name, other) is not None:
        help = f"it is one of {other}: cnncalc layers {name} --convention {other}"
    fail("unknown-layer", f'there is no layer type "{name}"', help=help)
