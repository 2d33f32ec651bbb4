"""`cnncalc cost`: multiply-accumulates and bytes by layer, by component or by type, and what memory is needed for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnncalc.core.number import Number
from cnncalc.cost.convention import ADAFACTOR, STATES, STATES_8BIT
from cnncalc.cost.cost import Cost, LayerCost, intensity
from cnncalc.cost.device import Device
from cnncalc.cost.sizes import logits
from cnncalc.document import Column, Document, Heading, Note, Table, Worded
from cnncalc.pages.device import fits, shared
from cnncalc.pages.fold import Line, lines, share
from cnncalc.pages.notes import assumption_notes, shared_notes

WAYS = ("layer", "part", "type")
TITLES = {"macs": "MACs", "params": "parameters"}


def page(
    cost: Cost,
    *,
    by: str = "layer",
    depth: int | None = None,
    growth: Mapping[str, Sequence[str]] | None = None,
    devices: list[Device] | None = None,
    split: bool = True,
) -> Document:
    """The page; `growth` has lines on how the sums grow, `devices` are those that it may run on."""
    document = Document([Heading(cost.report.name), *(Note(text) for text in conventions(cost))])
    if by == "part":
        document.add(_parts(cost))
    elif by == "type":
        document.add(_types(cost))
    else:
        document.add(_layers(cost, depth))
    document.add(*shared_notes(cost.report), *_views(cost))
    document.add(Heading(f"memory in {cost.convention.dtype}, {_batch(cost)}", 2), _memory(cost))
    document.add(*map(Note, _remarks(cost)))
    if split and cost.convention.splits:
        document.add(*shared(cost))
    if devices:
        document.add(*fits(cost, devices))
    for what, texts in (growth or {}).items():
        document.add(Heading(f"growth of {TITLES[what]}", 2), *map(Note, texts))
    document.add(*assumption_notes(cost.report))
    return document


def conventions(cost: Cost) -> list[str]:
    """What is counted, and how."""
    convention = cost.convention
    flops = "1 MAC = 2 FLOPs"
    if convention.bias:
        flops += ", and one for each bias that is added"
    beside = "activations, norms and pools" if convention.bias else "biases, activations, norms and pools"
    texts = [f"for one sample; {flops}; matrix products and convolutions are counted, {beside} are not"]
    if any(read.causal for one in cost.layers for read in one.row.layer.attended(*one.row.facts.inputs)):
        if convention.causal == "halve":
            texts.append("causal attention: only the pairs that the mask leaves, L(L + 1)/2 for L positions")
        else:
            texts.append("causal attention: all pairs, masked ones too; --causal halve leaves them out")
    return texts


def _batch(cost: Cost) -> str:
    return f"batch {cost.convention.batch}"


def _layers(cost: Cost, depth: int | None) -> Table:
    columns = [
        Column("layer", "name"),
        Column("type", spare=True),
        Column("MACs", "number"),
        Column("FLOPs", "number"),
        Column("share", "percent", spare=True),
        Column("weights (bytes)", "number"),
        Column("output (bytes)", "number"),
        Column("saved (bytes)", "number"),
        Column("FLOPs/byte", "number", spare=True),
    ]
    by_row = {id(layer.row): layer for layer in cost.layers}
    total = cost.total("macs")
    lead = [[name, "input", *[None] * 5, _kept(cost, amount), None] for name, amount in cost.kept_inputs.items()]
    rows = []
    for line in lines(cost.report, depth):
        found = [by_row[id(row)] for row in line.rows]
        rows.append([line.name, _type(line, found), *_cells(cost, found, total)])
    footer = ["total", "", *_cells(cost, cost.layers, total)]
    footer[-2] = _kept(cost, cost.kept)
    return Table(columns, rows, lead=lead, footers=[footer])


def _kept(cost: Cost, amount: Number) -> Number | None:
    """What is kept for the gradients, where there are any."""
    return amount if cost.trains else None


def _cells(cost: Cost, found: list[LayerCost], total: Number) -> list[object]:
    macs, flops = _sum(found, "macs"), _sum(found, "flops")
    return [
        macs,
        flops,
        share(macs, total),
        _sum(found, "weights"),
        _sum(found, "output"),
        _kept(cost, _sum(found, "kept")),
        intensity(flops, _sum(found, "moved"), cost.convention.batch),
    ]


def _type(line: Line, found: list[LayerCost]) -> str:
    if line.row is None or not found[0].shared:
        return line.type
    return f"{line.type}, {found[0].shared}"


def _parts(cost: Cost) -> Table:
    columns = [Column(Worded.of("part"), "name"), Column("MACs", "number"), Column("FLOPs", "number")]
    columns.append(Column("share", "percent"))
    total = cost.total("macs")
    parts = cost.parts().items()
    rows: list[list[object]] = [[Worded.of(name), macs, 2 * macs, share(macs, total)] for name, macs in parts]
    additions = cost.total("additions")
    if cost.convention.bias:
        rows.append(["biases", None, additions, None])
    return Table(columns, rows, footers=[["total", total, cost.total("flops"), share(total, total)]])


def _types(cost: Cost) -> Table:
    columns = [Column("type", "name"), Column("layers", "number"), Column("MACs", "number"), Column("FLOPs", "number")]
    columns += [Column("share", "percent"), Column("weights (bytes)", "number"), Column("output (bytes)", "number")]
    columns += [Column("saved (bytes)", "number"), Column("FLOPs/byte", "number", spare=True)]
    groups: dict[str, list[LayerCost]] = {}
    for layer in cost.layers:
        groups.setdefault(layer.row.type, []).append(layer)
    total = cost.total("macs")
    rows = [[kind, len(found), *_cells(cost, found, total)] for kind, found in groups.items()]
    footer = ["total", len(cost.layers), *_cells(cost, cost.layers, total)]
    footer[-2] = _kept(cost, cost.kept)
    return Table(columns, rows, footers=[footer])


def _memory(cost: Cost) -> Table:
    columns = [Column("what", "name"), Column("bytes", "number"), Column("MB", "number"), Column("MiB", "number")]
    memory = {**cost.memory(), "logits": logits(cost)}
    precision = cost.convention.precision()
    names = [
        ("weights", "weights"),
        ("buffers", "buffers"),
        ("gradients", "gradients"),
        ("optimizer", _optimizer(cost)),
        ("activations_kept", "saved activations"),
        ("training", f"training: all of these, {precision}" if precision else "training: all of these"),
        ("activations_all", "all outputs"),
        ("activations_peak", "peak activation memory (inference)"),
        ("logits", "scores of every position (among the arrays; the last ones are enough to generate)"),
        ("kv_cache", "KV cache"),
        ("state", "states carried from step to step"),
        ("inference", "inference: weights, buffers, peak activations" + (", cache" if _some(cost.cache) else "")),
    ]
    optional = {"buffers", "logits", "kv_cache", "state", "optimizer", "activations_peak", "inference"}
    trained = {"gradients", "optimizer", "activations_kept", "training"}
    rows = [
        [text, memory[key], *_megabytes(memory[key])]
        for key, text in names
        if (key not in optional or _some(memory[key])) and (key not in trained or cost.trains)
    ]
    return Table(columns, rows)


def _optimizer(cost: Cost) -> str:
    convention = cost.convention
    master = ", and float32 weights" if convention.mixed is not None else ""
    name = convention.optimizer
    if name == ADAFACTOR:
        what = "a row and a column of each matrix"
    else:
        what = (
            f"{STATES_8BIT[name]} of 8 bits per parameter" if name in STATES_8BIT else f"{STATES[name]} per parameter"
        )
    return f"optimizer state ({name}, {what}{master})"


def _remarks(cost: Cost) -> list[str]:
    """What is to be said of the memory."""
    texts = ["MB = 10^6 bytes, MiB = 2^20 bytes; saved: what the backward pass needs, each array once"]
    convention = cost.convention
    if not cost.trains:
        kind = convention.types["weights"]
        texts[0] = texts[0].partition(";")[0]
        texts.append(f"nothing is trained in {kind}, which has no gradients; --mixed bf16 trains with float32 weights")
    texts += [f"keys and values that are cached are not known: {why}" for why in cost.caches.unknown]
    return texts


def _megabytes(amount: Number | None) -> list[float | None]:
    if type(amount) is not int:
        return [None, None]
    return [amount / 10**6, amount / 2**20]


def _some(amount: Number | None) -> bool:
    return amount is not None and not (type(amount) is int and amount == 0)


def _sum(found: list[LayerCost], what: str) -> Number:
    total: Number = sum(getattr(layer, what) for layer in found)
    return total


MEANT = {"view": "a view of the input", "in place": "computed in place"}


def _views(cost: Cost) -> list[Note]:
    counts: dict[str, int] = {}
    for layer in cost.layers:
        if layer.shared:
            counts[layer.shared] = counts.get(layer.shared, 0) + 1
    return [
        Note(f"{count} {'layer is' if count == 1 else 'layers are'} {MEANT[kind]}, no copy")
        for kind, count in counts.items()
    ]
