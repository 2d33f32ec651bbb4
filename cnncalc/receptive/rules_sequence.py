"""Receptive fields of layers that read several inputs, or whole axes. See `rules`."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from cnncalc.core.number import Shape, is_one
from cnncalc.receptive.position_map import PositionMap
from cnncalc.receptive.view import View, both, merged, mix, relabel, shuffle, slide

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.core.rules import Attended
    from cnncalc.layers.einsum import Einsum
    from cnncalc.layers.embedding import EmbeddingBag
    from cnncalc.layers.layer_norm import LayerNorm
    from cnncalc.layers.loss import Loss
    from cnncalc.layers.merge import Concat, Stack
    from cnncalc.layers.scan import Scan
    from cnncalc.layers.softmax import GLU

# --- several inputs ------------------------------------------------------------------------------------------------


def together(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Element by element; a constant beside the inputs may make the result larger than they are."""
    return merged([*views, {}], [*xs, y])


def concat(layer: Concat, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Side by side along an axis: its positions are those of one, then of the next."""
    return side_by_side(layer.dim, xs, y, views)


def side_by_side(dim: int, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Inputs along the axis `dim` of their batches."""
    at = dim % (len(y) + 1) - 1
    if len(xs) > 1:
        views = [shuffle(view, at, x) for view, x in zip(views, xs, strict=True)]
    return joined(views, xs)


def stack(layer: Stack, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Side by side along a new axis."""
    at = layer.dim % (len(y) + 1) - 1
    return relabel(joined(views, xs), {a: a + (a >= at) for a in range(len(xs[0]))})


def joined(views: list[View], xs: list[Shape]) -> View:
    result: View = {}
    for view, x in zip(views, xs, strict=True):
        for number, seen in view.items():
            known = result.get(number)
            result[number] = seen if known is None else tuple(map(both, known, seen, (x,) * len(seen)))
    return result


def outer(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Each number of the first with each of the second."""
    return joined([views[0], relabel(views[1], {0: 1})], [y, y])


def einsum(layer: Einsum, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Sums over the letters that the result has not."""
    terms, result = layer.letters([(1, *x) for x in xs])
    moved = []
    for view, term, x in zip(views, terms, xs, strict=True):
        summed = [axis for axis, letter in enumerate(term) if letter not in result]
        stay = {a: result.index(letter) for a, letter in enumerate(term) if letter in result and not is_one(x[a])}
        moved.append(relabel(mix(view, summed, x), stay))
    return joined(moved, [y] * len(xs))


def product(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Rows of the first with columns of the second."""
    left, right = xs
    a = mix(views[0], (len(left) - 1,), left)
    b = mix(views[1], (len(right) - 2,) if len(right) > 1 else (0,), right)
    # The axes in front of the matrices come first, then rows of the first, then columns of the second.
    lead = len(y) - (len(left) > 1) - (len(right) > 1)
    rows = _fronts(left, lead) | ({len(left) - 2: lead} if len(left) > 1 else {})
    cols = _fronts(right, lead) | ({len(right) - 1: len(y) - 1} if len(right) > 1 else {})
    return joined([relabel(a, rows), relabel(b, cols)], [y, y])


def _fronts(x: Shape, count: int) -> dict[int, int]:
    """Where the axes in front of a matrix go, of `count` in the result; one of size 1 is stretched."""
    return {at: count - (len(x) - 2) + at for at in range(len(x) - 2) if not is_one(x[at])}


# --- whole axes ----------------------------------------------------------------------------------------------------


def last(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A matrix times the last axis."""
    mixed = [mix(view, (len(x) - 1,), x) for view, x in zip(views, xs, strict=True)]
    return merged(mixed, [(*x[:-1], y[-1]) for x in xs])


def trailing(layer: LayerNorm, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A norm over the last axes."""
    count = len(layer.normalized_shape) if layer.normalized_shape is not None else 1
    return mix(views[0], range(len(y) - count, len(y)), xs[0])


def positions(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A norm over all positions of a channel."""
    return mix(views[0], range(1, len(y)), xs[0])


def channels(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A norm over neighbouring channels."""
    return mix(views[0], (0,), xs[0])


def along(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A function of a whole axis `dim`, which stays."""
    dim = getattr(layer, "dim", 1)
    return mix(views[0], ((1 if dim is None else dim) % (len(xs[0]) + 1) - 1,), xs[0])


def reduced(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """One number of an axis, or of several."""
    view, x = merged(views, xs), max(xs, key=len)
    dim = getattr(layer, "dim", -1)
    dims = range(1, len(x) + 1) if dim is None or dim == () else dim if isinstance(dim, (tuple, list)) else (dim,)
    gone = sorted(d % (len(x) + 1) - 1 for d in dims)
    view = mix(view, gone, x)
    if len(y) == len(x):
        return view
    return relabel(view, {a: a - sum(g < a for g in gone) for a in range(len(x)) if a not in gone})


def features(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """The features of each position, the last axis."""
    return mix(views[0], (len(xs[0]) - 1,), xs[0])


def halves(layer: GLU, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Each position of an axis with its partner, half the axis further on; the second half goes."""
    at = layer.dim % (len(xs[0]) + 1) - 1
    if type(y[at]) is not int:
        return mix(views[0], (at,), xs[0])
    return slide(views[0], at, PositionMap.through, 1, 1, [[0, y[at]]])


def attention(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Each position of the query by itself, with all positions of the other inputs."""
    read = next(iter(layer.attended(*((1, *x) for x in xs))))
    if len(xs) == 1:
        if read.window is None:
            return everything(layer, xs, y, views)
        return _within(read, mix(views[0], (1,), xs[0]), 0)
    if any(len(x) > len(y) for x in xs) or (len(y) > 2 and layer.receptive != "dot_product"):
        return everything(layer, xs, y, views)  # attention over several axes
    query = mix(views[0], (len(y) - 1,), xs[0])
    rest = []
    for number, (view, x) in enumerate(zip(views[1:], xs[1:], strict=True), 1):
        if number > 2 and len(x) > 1:  # a mask has a row for each query
            rest.append(relabel(mix(view, (a for a in range(len(x)) if a != len(x) - 2), x), {len(x) - 2: len(y) - 2}))
            continue
        # Heads that stand in front stay apart where there are as many of them.
        apart = {a: a for a in range(len(y) - 2) if len(x) == len(y) and x[a] == y[a]}
        if number == 2 and layer.receptive == "dot_product":  # values are weighed, not projected
            apart[len(x) - 1] = len(y) - 1
        if read.window is None:
            view, keys = _before_the_last(bool(read.causal), view, x, y)
        else:
            keys = len(x) - 2
            view = _within(read, view, keys)
            apart[keys] = len(y) - 2
        mixed = (a for a in range(len(x)) if a not in apart and a != keys)
        rest.append(relabel(mix(view, mixed, x), apart))
    return joined([query, *rest], [y] * len(xs))


def _within(read: Attended, view: View, axis: int) -> View:
    """Each position reads its window on that axis: up to itself, and as far after it where nothing hides that."""
    assert read.window is not None
    before = read.window - 1
    return slide(view, axis, PositionMap.windows, read.window + (0 if read.causal else before), 1, 1, before)


def _before_the_last(causal: bool, view: View, x: Shape, y: Shape) -> tuple[View, int]:
    """Of a longer memory a causal layer reads as many positions as there are queries: that view, and the axis."""
    at = len(x) - 2
    count = y[len(y) - 2]
    if not causal or at < 0 or type(count) is not int or type(x[at]) is not int or count >= x[at]:
        return view, -1
    return slide(view, at, PositionMap.windows, count, 1, 1, 0), at


def everything(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Everything reads everything."""
    mixed = [mix(view, range(len(x)), x) for view, x in zip(views, xs, strict=True)]
    return joined([relabel(view, {}) for view in mixed], xs)


def scan(layer: Scan, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Everything reads everything; what asks the state does so at its own position alone."""
    mixed = [
        mix(view, (len(x) - 1,) if at == layer.asks else range(len(x)), x)
        for at, (view, x) in enumerate(zip(views, xs, strict=True))
    ]
    return joined([view if at == layer.asks else relabel(view, {}) for at, view in enumerate(mixed)], xs)


def loss(layer: Loss, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """One number of all, or of each place: where classes go, of all of them."""
    if layer.reduction != "none":
        return everything(layer, xs, y, views)
    if len(y) == len(xs[0]):
        return together(layer, xs, y, views)
    gone = {a: a - 1 for a in range(1, len(xs[0]))}
    moved = [relabel(mix(view, (0,), x), gone) if len(x) > len(y) else view for view, x in zip(views, xs, strict=True)]
    return joined(moved, [y] * len(xs))


def cell(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """One step from the input and the state, and from the number of the cell at the same place."""
    return joined([everything(layer, xs[:2], y, views[:2]) or {}, *views[2:]], [y] * (1 + len(views[2:])))


def bag(layer: EmbeddingBag, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Rows of a bag, of which there may be several."""
    if layer.offsets is None:
        return everything(layer, xs, y, views)
    ends = [*layer.offsets, *(() if layer.include_last_offset else xs[0][:1])]
    if not all(type(end) is int for end in ends):
        return None
    most = max(end - start for start, end in itertools.pairwise(ends))
    longest = [slide(view, 0, PositionMap.windows, max(most, 1), 1, 1, 0) for view in views]
    return joined([shuffle(view, 0, xs[0]) for view in longest], xs)


def pointwise(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Every number by itself."""
    return views[0]


def same(layer: Layer, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """What the first input sees; nothing where there is none."""
    return views[0] if views else {}
