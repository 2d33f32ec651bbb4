"""`--style lenet`: stacks of maps with `6@28x28` above, as in the paper of LeNet-5; dense layers as columns."""

from __future__ import annotations

from cnncalc.diagram.fit import Wish
from cnncalc.diagram.scene import Item, Rectangle, Scene, Words, span
from cnncalc.diagram.styles import stations
from cnncalc.diagram.styles.boxes import ink
from cnncalc.diagram.styles.station import Station
from cnncalc.network.report import Report

MAPS = 8  # at most so many sheets
SHEET = 5.0  # from sheet to sheet


def picture(report: Report, wish: Wish) -> tuple[Scene, str]:
    """The picture, and what is to be said of its depth."""
    return stations.picture(report, wish, measure, glyph, f"stacks of maps, at most {MAPS} sheets")


def measure(station: Station) -> tuple[float, float, float]:
    """How wide a stack is, how far it reaches above its front, and its right end."""
    _, deep, thick = station.axes
    if station.sizes[1] is None:
        wide = max(thick, span(text(station)))
        return wide, 0.0, (wide + thick) / 2
    behind = SHEET * (sheets(station) - 1)
    wide = max(deep + behind, span(text(station)))
    return wide, behind, (wide + deep + behind) / 2


def sheets(station: Station) -> int:
    """How many sheets are drawn."""
    return max(1, min(MAPS, station.sizes[2] or 1))


def text(station: Station) -> str:
    """`6@28x28`; `20x16` for a sequence."""
    high, deep, maps = station.sizes
    if maps is None:
        return str(high)
    return f"{maps}@{high}x{deep}" if deep is not None else f"{high}x{maps}"


def glyph(station: Station, x: float) -> list[Item]:
    """The stack."""
    high, deep, thick = station.axes
    top = station.y - high / 2
    colour = ink(station.box)
    middle = x + station.glyph / 2
    if station.sizes[1] is None:
        items: list[Item] = [Rectangle(colour, middle - thick / 2, top, thick, high)]
        return [*items, Words(text(station), middle, top - 6)]
    count = sheets(station)
    left = middle - (deep + SHEET * (count - 1)) / 2
    items = []
    for at in range(count - 1, -1, -1):
        items.append(Rectangle(colour, left + SHEET * at, top - SHEET * at, deep, high))
    items.append(Words(text(station), middle, top - SHEET * (count - 1) - 6))
    return items
