"""A network as a row of stations: what each layer gives, drawn to scale, with arrows between, or as a U."""

from __future__ import annotations

from math import log

from cnncalc.core.problem import Fault
from cnncalc.diagram.build import network
from cnncalc.diagram.fit import Wish, depths
from cnncalc.diagram.join import join
from cnncalc.diagram.model import Box, Diagram
from cnncalc.diagram.scene import HEAD, Item, Part, Rectangle, Scene, Shape, Words, span, wrapped
from cnncalc.diagram.styles.boxes import ink
from cnncalc.diagram.styles.legend import legend
from cnncalc.diagram.styles.route import arrows, place
from cnncalc.diagram.styles.station import MARGIN, Glyph, Measure, Station
from cnncalc.diagram.styles.words import SIGNS
from cnncalc.diagram.words import shape_text, title, told_by_name
from cnncalc.network.report import Report
from cnncalc.render.text import safe

TALL = 150.0  # pixels of the largest height
THICK = 44.0  # pixels of the most channels
SMALL = 7.0  # pixels of the smallest side
LEAST = 3.0
FAR = 20.0  # sizes that differ more than so many times have a logarithmic scale
ROW = 15.0
LETTERS = 15  # of a line below a station
MOST = 80  # stations
MOST_ARROWS = 1_000  # above the stations: each looks for a lane that those before it leave free


class Axis:
    """One kind of size, in pixels: to scale, or to a logarithmic one where sizes are too different."""

    def __init__(self, sizes: list[int], pixels: float) -> None:
        self.most, self.least = max(sizes, default=1), max(1, min(sizes, default=1))
        self.pixels = pixels
        self.log = self.most > FAR * self.least

    def __call__(self, size: int) -> float:
        """The pixels of a size."""
        if not self.log:
            return max(LEAST, self.pixels * size / self.most)
        part = log(max(1, size) / self.least) / log(self.most / self.least)
        return SMALL + (self.pixels - SMALL) * part


def picture(report: Report, wish: Wish, measure: Measure, glyph: Glyph, said: str) -> tuple[Scene, str]:
    """The picture at the deepest level that fits the page, and what is to be said. Raises `Fault`."""
    deepest = depths(report)
    if wish.depth is not None or wish.full:
        made = network(report, wish.depth, wish.full)
        _few(made)
        return _Row(made if wish.full else join(made), report, measure, glyph).scene(said, "", None), ""
    best: tuple[Scene, str] | None = None
    refused: Fault | None = None
    for depth in range(deepest, -1, -1):
        try:
            made = join(network(report, depth))
            _few(made)
        except Fault as fault:
            refused = fault
            continue
        if len(made.boxes) > MOST and depth:
            continue
        word = f"depth {depth} of {deepest}; --depth for more" if depth < deepest else ""
        for size, page in (
            (1.0, None),
            *(((0.7, None), (0.7, wish.page[0]), (0.45, wish.page[0])) if not depth else ()),
        ):
            scene = _Row(made, report, measure, glyph, size).scene(said, word, page)
            best = (scene, word)
            if scene.width <= wish.page[0] and scene.height <= wish.page[1]:
                return best
    if best is None:
        assert refused is not None  # there is a depth 0
        raise refused
    if wish.strict:
        scene, _ = best
        size = f"{scene.width:.0f} x {scene.height:.0f} pixels"
        raise Fault("does-not-fit", f"at 9 points even depth 0 has {size}", help="leave the page out")
    return best


def _few(diagram: Diagram) -> None:
    """Refuse more arrows than a row of stations can bear. Raises `Fault`."""
    above = {(edge.source, edge.target) for edge in diagram.edges if edge.target != edge.source + 1}
    if len(above) > MOST_ARROWS:
        raise Fault(
            "too-many-boxes",
            f"{len(above):,} arrows pass other layers; such a picture shows at most {MOST_ARROWS:,}",
            help="--depth N shows less; without --style boxes are drawn",
        )


class _Row:
    """The stations of a diagram, in a row, in several, or as a U."""

    def __init__(self, diagram: Diagram, report: Report, measure: Measure, glyph: Glyph, size: float = 1.0) -> None:
        self.diagram = diagram
        self.draw = glyph
        self.stations = [Station(box, _sizes(box, report)) for box in diagram.boxes]
        self.scale = _scale(self.stations, size)
        for station in self.stations:
            station.words = _words(station)
            found = (18.0, 0.0, 18.0) if station.merge else measure(station)
            station.glyph, station.rise, station.solid = found
        self.shaped = _is_u(self.stations)

    def scene(self, said: str, word: str, page: float | None) -> Scene:
        """The picture; `page` is the width at which a new row begins."""
        stations = self.stations
        place(stations, self.shaped, page, {(edge.source, edge.target) for edge in self.diagram.edges})
        notes = [word] if word else []
        notes.append(f"{said}; {self.scale}")
        scene = Scene(safe(self.diagram.name))
        inner, high = arrows(stations, self.diagram, self.shaped)
        low = 0.0
        for station in stations:
            items = _sign(station) if station.merge else self.draw(station, station.x)
            low = max(low, station.y + station.height / 2 + 22 + ROW * len(station.words))
            high = min(high, station.y - station.height / 2 - station.rise - 22)
            middle = station.x + station.glyph / 2
            for at, text in enumerate(station.words):
                y = station.y + station.height / 2 + 30 + ROW * at
                items.append(Words(text, middle, y, bold=at == 0, ink="text" if at == 0 else "less"))
            inner.append(Part(safe(f"{station.box.name}: {shape_text(station.box.shape or ())}"), items))
        right = max(station.right for station in stations)
        head = span(scene.name, HEAD) + 2 * MARGIN
        scene.width = max(right + MARGIN, head, max(span(note) for note in notes) + 2 * MARGIN)
        inner = [_down(item, 40.0 - high) for item in inner]
        scene.items = [Words(scene.name, MARGIN, 24, "start", True, size=HEAD), *inner]
        y = low + 40.0 - high + 8
        for note in notes:
            scene.items.append(Words(safe(note), MARGIN, y + 10, "start", ink="less"))
            y += ROW
        kinds = ("convolution", "linear", "attention", "recurrent", "norm", "pool", "embedding", "activation", "block")
        used = [ink(station.box) for station in stations]
        entries = [(name, "pool, resize" if name == "pool" else name) for name in kinds if name in used]
        found, y = legend(entries, MARGIN, y + 6, scene.width - 2 * MARGIN)
        scene.items += found
        scene.height = y + 8
        scene.notes = notes
        return scene


def _sizes(box: Box, report: Report) -> tuple[int | None, int | None, int | None]:
    """Height, depth and thickness of what a box gives."""
    shape = box.shape or ()
    sizes: list[int] = []
    for size in shape:
        if type(size) is not int:
            raise Fault("free-dimensions", "volumes need numbers, and sizes are free here", help="--set gives values")
        sizes.append(size)
    last = report.graph.layout == "channels_last"
    if len(sizes) >= 3:
        thick = sizes[-1] if last else sizes[0]
        high, deep = sizes[-3:-1] if last else sizes[-2:]
        return high, deep, thick
    if len(sizes) == 2:
        return sizes[0], None, sizes[1]
    return (sizes[0] if sizes else 1), None, None


def _scale(stations: list[Station], times: float) -> str:
    """Give every station its pixels; in words, to which scale."""
    images = [size for station in stations for size in station.sizes[:2] if size and station.sizes[1] is not None]
    rows = [station.sizes[0] or 1 for station in stations if station.sizes[1] is None and station.sizes[2] is not None]
    flat = [station.sizes[0] or 1 for station in stations if station.sizes[1] is None and station.sizes[2] is None]
    thick = [station.sizes[2] for station in stations if station.sizes[2] is not None]
    image, row, column = (Axis(found, TALL * times) for found in (images, rows, flat))
    channels = Axis(thick, THICK * times)
    for station in stations:
        high, deep, wide = station.sizes
        if station.merge:
            station.axes = (18.0, 0.0, 18.0)
        elif deep is not None:
            station.axes = (image(high or 1), image(deep), channels(wide or 1))
        elif wide is not None:
            station.axes = (row(high or 1), 12.0, channels(wide))
        else:
            station.axes = (column(high or 1), 0.0, 10.0)
    kinds = [("image sides", image, images), ("lengths", row, rows), ("channels", channels, thick)]
    kinds.append(("features", column, flat))
    words = [f"{name} to {'a logarithmic' if axis.log else 'one'} scale" for name, axis, found in kinds if found]
    return ", ".join(words)


def _words(station: Station) -> list[str]:
    """What stands below it: its name, and what it does where the name does not say that."""
    box = station.box
    named = title(box)
    if box.kind == "layer" and told_by_name(box, box.label.rpartition(".")[2]):
        named = SIGNS.get(box.type, box.type)
        if station.merge:
            return []
    if station.merge:
        return []
    less = box.detail if box.kind == "block" else box.type
    found = wrapped(safe(named), LETTERS)
    if box.kind != "input" and less and less.lower() != named.lower():
        found += wrapped(safe(less), LETTERS)
    return found


def _is_u(stations: list[Station]) -> bool:
    """Whether images shrink and grow again to at least half the first side, as in a U-Net."""
    sides = [station.sizes[0] or 1 for station in stations if station.sizes[1] is not None and not station.merge]
    if len(sides) < 5:
        return False
    least = min(sides)
    at = sides.index(least)
    flat = any(station.sizes[1] is None for station in stations)
    return not flat and sides[0] >= 4 * least and sides[-1] >= 4 * least and 2 * sides[-1] >= sides[0] and at > 0


def _sign(station: Station) -> list[Item]:
    """A sign in a circle."""
    top = station.y - 9
    sign = SIGNS[station.box.type]
    return [
        Rectangle("merge", station.x, top, 18, 18, 9),
        Words(sign, station.x + 9, station.y + 4, bold=True),
    ]


def _down(item: Item, by: float) -> Item:
    """It further down."""
    if isinstance(item, Part):
        return item._replace(items=[_down(inner, by) for inner in item.items])
    if isinstance(item, Shape):
        start = (item.start[0], item.start[1] + by)
        return item._replace(start=start, parts=[tuple((x, y + by) for x, y in part) for part in item.parts])
    return item._replace(y=item.y + by)
