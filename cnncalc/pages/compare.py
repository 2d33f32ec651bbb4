"""`cnncalc compare`: two networks' sums beside each other, and their layers."""

from __future__ import annotations

from cnncalc.document import Column, Document, Heading, Note, Table
from cnncalc.network.row import Row
from cnncalc.query.compare import KEYS, Comparison

# Sizes that are shown where one of the networks has them.
MEMORY = {
    "kv_cache_bytes": "KV cache",
    "state_bytes": "states carried",
    "inference_bytes": "inference",
    "training_bytes": "training with {optimizer}",
}


def page(found: Comparison, dtype: str, *, totals: bool = False) -> Document:
    """The page; `totals` leaves out the layers."""
    a, b = found.a.name, found.b.name
    document = Document([Heading(f"{a} and {b}"), _sums(found, dtype)])
    if text := found.sentence():
        document.add(Note(text))
    saved = "saved: how much smaller b is, as a share of a"
    more = "; more: how much larger b is, as a share of a" if _more(found) else ""
    document.add(Note(f"a = {a}, b = {b}; {saved}{more}"))
    if not totals:
        document.add(Heading("layers", 2), _layers(found))
    return document


def _sums(found: Comparison, dtype: str) -> Table:
    columns = [Column("what", "name"), Column("a", "number"), Column("b", "number"), Column("a / b", "ratio")]
    columns += [Column("a - b", "number"), Column("saved", "percent")]
    more = _more(found)
    columns += [Column("more", "percent")] if more else []
    names = {
        "params": "parameters",
        "trainable": "trainable",
        "macs": "MACs",
        "dense_params": "fully connected equivalent",
        "bytes": f"parameters in {dtype}, bytes",
        **{key: f"{text}, bytes".format(optimizer=found.convention.optimizer) for key, text in MEMORY.items()},
    }
    a, b = found.sums
    same = all(sums["params"] is sums["trainable"] or sums["params"] == sums["trainable"] for sums in found.sums)
    rows = [
        [text, a[key], b[key], found.ratio(key), found.difference(key), *_saved(found, key, more)]
        for key, text in names.items()
        if (key != "trainable" or not same) and (key not in MEMORY or any(sums[key] for sums in found.sums))
    ]
    return Table(columns, rows)


def _more(found: Comparison) -> bool:
    """Whether b has more than a of anything."""
    return any((found.saved(key) or 0) < 0 for key in KEYS)


def _saved(found: Comparison, key: str, more: bool) -> list[float | None]:
    """What b saves, and in a column of its own what it has more."""
    saved = found.saved(key)
    less = None if saved is not None and saved < 0 else saved
    return [less, -saved if saved is not None and saved < 0 else None] if more else [less]


def _layers(found: Comparison) -> Table:
    columns = [Column("a", "name"), Column("b", "name"), Column("type", spare=True)]
    columns += [Column("shape of a", "shape", spare=True), Column("shape of b", "shape", spare=True)]
    columns += [Column("params of a", "number"), Column("params of b", "number")]
    columns += [Column("MACs of a", "number"), Column("MACs of b", "number")]
    rows = []
    for one, other in found.pairs:
        row = one or other
        assert row is not None
        cells = zip(_cells(one), _cells(other), strict=True)
        (names, shapes, params, macs) = cells
        rows.append([*names, row.type, *shapes, *params, *macs])
    return Table(columns, rows)


def _cells(row: Row | None) -> tuple[object, object, object, object]:
    if row is None:
        return None, None, None, None
    return row.name, row.output_shape, row.params, row.macs
