"""`--style volumes`: what each layer gives as a slab of height x width x channels, with the sizes on its edges."""

from __future__ import annotations

from cnncalc.diagram.fit import Wish
from cnncalc.diagram.scene import Item, Point, Scene, Shape, Words, span
from cnncalc.diagram.styles import stations
from cnncalc.diagram.styles.boxes import ink
from cnncalc.diagram.styles.station import Station
from cnncalc.network.report import Report

SLANT = 0.36  # of the depth, across and up
BAND = 0.28  # of the thickness, for an activation


def picture(report: Report, wish: Wish) -> tuple[Scene, str]:
    """The picture, and what is to be said of its depth."""
    return stations.picture(report, wish, measure, glyph, "slabs of height, width and channels")


def measure(station: Station) -> tuple[float, float, float]:
    """How wide a slab is, with the number at its right edge, its rise above its front, and its own right end."""
    _, deep, thick = station.axes
    solid = wide = thick + SLANT * deep
    if station.sizes[2] is not None:
        wide += span(str(station.sizes[0])) + 5
    return wide, SLANT * deep, solid


def glyph(station: Station, x: float) -> list[Item]:
    """The slab."""
    high, deep, thick = station.axes
    slant = SLANT * deep
    top, low = station.y - high / 2, station.y + high / 2
    colour = ink(station.box)
    items: list[Item] = [_face(colour, (x, top), (x + thick, top), (x + thick, low), (x, low))]
    if slant:
        items.append(
            _face(colour, (x, top), (x + slant, top - slant), (x + thick + slant, top - slant), (x + thick, top))
        )
        back = x + thick + slant
        items.append(_face(colour, (x + thick, top), (back, top - slant), (back, low - slant), (x + thick, low)))
    if station.box.after and thick >= 4:
        band = x + thick * (1 - BAND)
        items.append(_face("activation", (band, top), (x + thick, top), (x + thick, low), (band, low)))
    sizes = station.sizes
    if sizes[2] is None:
        items.append(Words(str(sizes[0]), x + thick / 2, low + 14))
        return items
    items.append(Words(str(sizes[2]), x + thick / 2, low + 14))
    items.append(Words(str(sizes[0]), x + thick + slant + 4, min(top - slant + 12, station.y - 5), "start"))
    if sizes[1] is not None:
        items.append(Words(str(sizes[1]), x + slant / 2 - 2, top - slant / 2 - 3, "end"))
    return items


def _face(colour: str, *corners: Point) -> Shape:
    return Shape(colour, corners[0], [(corner,) for corner in corners[1:]], closed=True)
