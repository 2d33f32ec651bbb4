"""A picture as PNG: the PDF, painted by PDFium (`pip install "cnncalc[pictures]"`)."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from cnncalc.core.problem import Fault
from cnncalc.diagram.formats import pdf
from cnncalc.diagram.scene import Scene

if TYPE_CHECKING:
    from PIL.Image import Image

SHARP = 2.0  # dots of the PNG for a pixel of the picture
MOST = 60e6  # dots


def render(scene: Scene) -> bytes:
    """The PNG, at 192 dots an inch; less where it would be too large. Raises `Fault` without the libraries."""
    out = BytesIO()
    image(scene, SHARP).save(out, "PNG")
    return out.getvalue()


def image(scene: Scene, sharp: float) -> Image:
    """The dots, so many for a pixel of the picture. Raises `Fault` without the libraries."""
    made = pdf.render(scene)
    try:
        import pypdfium2
    except ImportError:
        raise pdf.missing("PNG") from None
    scale = min(sharp, (MOST / (scene.width * scene.height)) ** 0.5)
    if scale < 0.5:
        raise Fault("cannot-save", "the picture is too large for a PNG", help="--page slide, or SVG")
    page = pypdfium2.PdfDocument(made)[0]
    found: Image = page.render(scale=scale / pdf.POINT).to_pil()
    return found
