"""`cnncalc layers`: the reference of layer types."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.options import Format
from cnncalc.cli.output import show, show_json
from cnncalc.cli.unused_options import Given
from cnncalc.core.problem import did_you_mean, fail

CONVENTIONS = ("pytorch", "keras")


def run(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[LAYER]...", help="Layer types, such as conv2d; without any: all.", show_default=False),
    ] = None,
    format: Format = "table",
    full: Annotated[bool, typer.Option("--full", help="The whole reference instead of the list.")] = False,
    convention: Annotated[
        str, typer.Option("--convention", metavar="NAME", help="Whose layers: pytorch or keras.")
    ] = "pytorch",
) -> int:
    """The reference of layer types: options, formulas, weights, an example.

    It is made from the layers themselves. Without a name it lists them all.
    """
    from cnncalc.pages import layers as page

    convention = convention.lower()
    if convention not in CONVENTIONS:
        fail("option-value", f'--convention takes pytorch or keras, not "{convention}"')
    known = page.kinds(convention)
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


def _known(name: str, known: list[tuple[str, str]], convention: str) -> tuple[str, str]:
    """The layer type that a word names, in any spelling; else what is near."""
    from cnncalc import layers

    kind = layers.find(name, convention)
    families = dict(known)
    if kind is not None and kind.type() in families:
        return kind.type(), families[kind.type()]
    near = did_you_mean(name, families)
    help = f"did you mean {near}?" if near else "cnncalc layers lists them all"
    other = "keras" if convention == "pytorch" else "pytorch"
    if layers.find(name, other) is not None:
        help = f"it is one of {other}: cnncalc layers {name} --convention {other}"
    fail("unknown-layer", f'there is no layer type "{name}"', help=help)
