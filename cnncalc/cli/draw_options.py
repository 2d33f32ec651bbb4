"""The options of `cnncalc draw`."""

from __future__ import annotations

from typing import Annotated

from cnncalc.cli.declared import Option, completing
from cnncalc.cli.options import format_among
from cnncalc.diagram.formats import FORMATS

# What people write for a format that bears another name.
MEANT = {"txt": "text", "ascii": "text", "md": "markdown", "graphviz": "dot", "gv": "dot", "tex": "tikz"}
MEANT.update(dict.fromkeys(("jpg", "jpeg", "image", "gif"), "png"))
WAYS = {"down": False, "td": False, "tb": False, "right": True, "lr": True}


PAGES = ("slide", "a4")
HEATS = ("params", "macs", "memory")
STYLES = ("boxes", "volumes", "lenet")

Format = Annotated[
    str | None,
    Option(
        "--format",
        "-f",
        metavar="FORMAT",
        help=f"How to write it: {', '.join(FORMATS[:-1])} or {FORMATS[-1]}. "
        "Without it: as the ending of FILE says, else text.",
        callback=format_among(FORMATS, MEANT),
        autocompletion=completing(*FORMATS),
        show_default=False,
    ),
]
Save = Annotated[
    str | None,
    Option("--output", "-o", "--save", metavar="FILE", help="Write it to a file: net.svg, net.pdf, net.tex, net.mmd."),
]
Full = Annotated[
    bool, Option("--full", help="Draw every copy of repeated blocks, and each activation and norm by itself.")
]
Inside = Annotated[
    str | None,
    Option(
        "--inside",
        metavar="LAYER",
        help="Instead: the inside of a recurrent layer or of attention; of a convolution, a pool, a batch norm or an "
        "embedding one output as a sum of small numbers. Without LAYER, at the end: the only layer with an inside.",
    ),
]
Unroll = Annotated[
    int | None,
    Option("--unroll", metavar="T", min=1, help="With --inside: the number of steps, or of positions of attention."),
]
Compact = Annotated[bool, Option("--compact", help="With --inside: only the states, with the matrices on the arrows.")]
At = Annotated[str | None, Option("--at", metavar="ROW,COLUMN", help="With --inside: which output, counted from 0.")]
Steps = Annotated[
    int | None,
    Option("--steps", metavar="N", min=1, max=64, help="With --inside: the first N outputs, one frame for each."),
]
Direction = Annotated[
    str | None,
    Option(
        "--direction",
        metavar="WAY",
        help="Where arrows lead: down or right; recurrent cells to the right.",
        autocompletion=completing("down", "right"),
    ),
]
Params = Annotated[bool, Option("--params/--no-params", help="Numbers of parameters on the boxes.")]
Style = Annotated[
    str,
    Option(
        "--style",
        metavar="STYLE",
        help="boxes; volumes: the output of each layer, to scale; lenet: stacks of maps.",
        autocompletion=completing(*STYLES),
    ),
]
PageSize = Annotated[
    str | None,
    Option(
        "--page",
        metavar="PAGE",
        help="Fit a slide or an a4 page with 9-point text. Default: as deep as fits a slide.",
        autocompletion=completing(*PAGES),
    ),
]
Width = Annotated[
    int | None,
    Option("--width", metavar="PIXELS", min=200, max=100_000, help="Greatest width; the height is free."),
]
HeatBy = Annotated[
    str | None,
    Option(
        "--heat",
        metavar="WHAT",
        help="Colour boxes by their share of params, macs or memory.",
        autocompletion=completing(*HEATS),
    ),
]
Fragment = Annotated[bool, Option("--fragment", help="For TikZ: only the picture, to input in a document.")]
