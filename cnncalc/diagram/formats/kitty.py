"""A picture in a terminal that knows kitty's graphics protocol: a PNG in pieces, in escape sequences."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO

from cnncalc.diagram.formats import png
from cnncalc.diagram.scene import Scene

PIECE = 4096  # letters that one sequence may have


def render(scene: Scene) -> str:
    """What the terminal is sent. Raises `Fault` without the libraries."""
    out = BytesIO()
    png.image(scene, 1.0).save(out, "PNG")
    data = b64encode(out.getvalue()).decode("ascii")
    pieces = [data[at : at + PIECE] for at in range(0, len(data), PIECE)]
    found = []
    for at, piece in enumerate(pieces):
        begin = "a=T,f=100," if at == 0 else ""
        found.append(f"\x1b_G{begin}m={int(at + 1 < len(pieces))};{piece}\x1b\\")
    return "".join(found) + "\n"
