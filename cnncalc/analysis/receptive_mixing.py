"""What layers do to what is seen of the input that read several inputs, or whole axes. See `receptive_rules`."""

from __future__ import annotations

from typing import Any

from cnncalc.analysis.extent import Extent
from cnncalc.analysis.seen import View, both, merged, mix, relabel, shuffle, slide
from cnncalc.number import Shape

# --- several inputs ------------------------------------------------------------------------------------------------


def together(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Element by element; a constant beside the inputs may make the result larger than they are."""
    return merged([*views, {}], [*xs, y])


def concat(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Side by side along an axis: its positions are those of one, then of the next."""
    at = layer.dim % (len(y) + 1) - 1
    if len(xs) > 1:
        views = [shuffle(view, at, x) for view, x in zip(views, xs, strict=True)]
    return joined(views, xs)


def stack(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
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


def product(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Rows of the first with columns of the second."""
    left, right = xs
    a = mix(views[0], (len(left) - 1,), left)
    b = mix(views[1], (len(right) - 2,) if len(right) > 1 else (0,), right)
    # Rows of the first are the last axis but one of the result, columns of the second the last.
    rank = len(y)
    columns = len(right) > 1
    rows = {at: rank - (len(left) - at) + (0 if columns else 1) for at in range(len(left) - 1)}
    cols = {at: rank - (len(right) - at) for at in range(len(right)) if at != len(right) - 2} if columns else {}
    return joined([relabel(a, rows), relabel(b, cols)], [y, y])


# --- whole axes ----------------------------------------------------------------------------------------------------


def last(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A matrix times the last axis."""
    mixed = [mix(view, (len(x) - 1,), x) for view, x in zip(views, xs, strict=True)]
    return merged(mixed, [(*x[:-1], y[-1]) for x in xs])


def trailing(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A norm over the last axes."""
    count = len(layer.normalized_shape) if layer.normalized_shape is not None else 1
    return mix(views[0], range(len(y) - count, len(y)), xs[0])


def sample(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Everything reads everything."""
    mixed = [mix(view, range(len(x)), x) for view, x in zip(views, xs, strict=True)]
    return joined([relabel(view, {}) for view in mixed], xs)


def positions(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A norm over all positions of a channel."""
    return mix(views[0], range(1, len(y)), xs[0])


def channels(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A norm over neighbouring channels."""
    return mix(views[0], (0,), xs[0])


def along(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A function of a whole axis `dim`, which stays."""
    dim = getattr(layer, "dim", 1)
    return mix(views[0], ((1 if dim is None else dim) % (len(xs[0]) + 1) - 1,), xs[0])


def all_of_it(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """One number of a whole sample, of all inputs."""
    found: View = {}
    for view in views:
        found.update({number: tuple(seen.all() for seen in axes) for number, axes in view.items()})
    return found


def reduced(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """One number of an axis, or of several."""
    view, x = merged(views, xs), max(xs, key=len)
    dim = getattr(layer, "dim", -1)
    dims = range(1, len(x) + 1) if dim is None or dim == () else dim if isinstance(dim, (tuple, list)) else (dim,)
    gone = sorted(d % (len(x) + 1) - 1 for d in dims)
    view = mix(view, gone, x)
    if len(y) == len(x):
        return view
    return relabel(view, {a: a - sum(g < a for g in gone) for a in range(len(x)) if a not in gone})


def sequence(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """A layer whose positions read one another."""
    if getattr(layer, "causal", False) and getattr(layer, "window", None) is not None and len(xs) == 1:
        view = mix(views[0], (1,), xs[0])
        return slide(view, 0, Extent.windows, layer.window, 1, 1, layer.window - 1)
    return sample(layer, xs, y, views)


def same(layer: Any, xs: list[Shape], y: Shape, views: list[View]) -> View | None:
    """Every element by itself."""
    return views[0] if views else {}
