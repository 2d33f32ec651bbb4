"""Which layers of a decoder read through a window, and how wide it is: by `layer_types`, or as is usual in a family."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cnncalc.read.huggingface.written import Written

# Keys that are read here.
KEYS = (
    *("sliding_window", "layer_types", "use_sliding_window", "max_window_layers", "sliding_window_pattern"),
    "_sliding_window_pattern",
)
WINDOW, FULL = "sliding_attention", "full_attention"


class Spans(NamedTuple):
    """A family's windows: the usual width, and which layers have them.

    `period` 1: all; p: all but every p-th; `switch`: only with `use_sliding_window`; `late` and `early`: from
    `max_window_layers` on, and below it; `unrotated`: only those without rotary positions.
    """

    width: int | None = None
    period: int = 1
    switch: bool = False
    late: bool = False
    early: bool = False
    unrotated: bool = False
    # Whether transformers reads `layer_types` of these configs.
    typed: bool = True


def spans(config: Written, found: Spans, count: int) -> list[int | None]:
    """The window of each of so many layers, or None."""
    values = config.values
    width = values.get("sliding_window", found.width)
    if width is not None and (not isinstance(width, int) or isinstance(width, bool) or not 0 < width < 10**9):
        if width != 0 or values.get("use_sliding_window"):
            config.problem("config-value", "sliding_window", "sliding_window must be a whole number above 0, or null")
        width = None
    if found.switch and not values.get("use_sliding_window", False):
        width = None
    types = _types(config, count) if found.typed else None
    if types is not None:
        if WINDOW in types and width is None:
            config.problem("config-contradicts", "layer_types", f"layer_types has {WINDOW}, but there is no window")
        return [width if kind == WINDOW else None for kind in types]
    if width is None:
        return [None] * count
    if found.unrotated:
        return [width if bare else None for bare in _without_positions(values, count)]
    period = values.get("sliding_window_pattern", values.get("_sliding_window_pattern", found.period))
    if found.period == 1 or not isinstance(period, int) or period < 1:
        period = found.period
    border = values.get("max_window_layers", 28)
    border = border if isinstance(border, int) else 28
    first, last = (border if found.late else 0), (border if found.early else count)
    every = found.period == 1
    return [width if first <= at < last and (every or (at + 1) % period) else None for at in range(count)]


def _without_positions(values: dict[str, object], count: int) -> list[bool]:
    """Which layers have no rotary positions: `no_rope_layers` holds 1 for those that have them."""
    marks = values.get("no_rope_layers")
    if isinstance(marks, list) and len(marks) == count:
        return [not mark for mark in marks]
    interval = values.get("no_rope_layer_interval", 4)
    interval = interval if isinstance(interval, int) and interval > 0 else 4
    return [(at + 1) % interval == 0 for at in range(count)]


def _types(config: Written, count: int) -> list[str] | None:
    types = config.values.get("layer_types")
    if types is None:
        return None
    if not isinstance(types, list) or not all(kind in (WINDOW, FULL) for kind in types):
        other = (
            next((kind for kind in types if kind not in (WINDOW, FULL)), types) if isinstance(types, list) else types
        )
        config.problem(
            "config-value", "layer_types", f"layer_types names {WINDOW} or {FULL} for each layer, not {str(other)[:60]}"
        )
        return None
    if len(types) != count:
        message = f"layer_types has {len(types)} entries, but num_hidden_layers is {count}"
        config.problem("config-contradicts", "layer_types", message)
        return None
    return types
