"""Parts of `cnncalc cost` on devices: what one of several holds and sends, what fits, and the least time."""

from __future__ import annotations

from cnncalc.core.problem import Fault
from cnncalc.cost import sizes
from cnncalc.cost.cost import Cost
from cnncalc.cost.decode import Step
from cnncalc.cost.device import Device, bound
from cnncalc.cost.split import CUT, Split
from cnncalc.document import Column, Heading, Note, Part, Table

TEXTS = {
    "weight_bytes": "weights",
    "buffer_bytes": "buffers",
    "gradient_bytes": "gradients",
    "optimizer_bytes": "what the optimizer keeps",
    "saved_activation_bytes": "saved activations",
    "training_bytes": "training: all of these",
    "kv_cache_bytes": "KV cache",
    "inference_bytes": "inference: weights, buffers, peak activations, cache",
}
SENT = {
    "data": "gradients among replicas",
    "tensor": "activations among devices that share matrices",
    "pipeline": "activations to the next stage, gradients back",
    "experts": "positions to experts and back",
}
LAYERS = 12  # layers that are listed, the longest


def shared(cost: Cost) -> list[Part]:
    """What one device holds and sends, and what the pipeline waits."""
    split = Split(cost)
    names = [name for name in TEXTS if cost.trains or name not in sizes.TRAINED]
    rows = [[TEXTS[name], amount, amount / 1e9] for name in names if (amount := held(cost, split, name)) is not None]
    columns = [Column("of one device", "name"), Column("bytes", "number"), Column("GB", "number")]
    convention = cost.convention
    found: list[Part] = [Heading(f"{_count(cost)} devices: {settings(cost)}", 2), Table(columns, rows)]
    found += [Note(text) for text in split.said]
    sent = split.traffic()
    if sent and cost.trains:
        lines = [[SENT[name], amount, amount / 1e9] for name, amount in sent.items()]
        found.append(
            Table([Column("sent by one device for a training step", "name"), *columns[1:]], lines),
        )
        found.append(Note("ring algorithms; the time of a link is its bytes over the link's speed at least"))
    if convention.pp > 1:
        passes = convention.accumulate
        text = f"bubble: {split.bubble:.1%} of a step each device waits, (pp - 1) / (passes + pp - 1) with {passes} "
        found.append(Note(text + ("pass" if passes == 1 else "passes") + "; --accumulate N makes it smaller"))
    return found


def held(cost: Cost, split: Split, name: str) -> int | None:
    """Bytes of one device; None where they are not known or there are none."""
    try:
        amount = sizes.value(cost, name)
    except Fault:
        return None
    return int(amount) if type(amount) is int and (amount or name in CUT[:1]) else None


def settings(cost: Cost) -> str:
    """The split in the options' words."""
    convention = cost.convention
    found = [
        f"{name} {getattr(convention, name)}" for name in ("tp", "pp", "dp", "ep") if getattr(convention, name) > 1
    ]
    return ", ".join(found + ([f"zero {convention.zero}"] if convention.zero else []))


def _count(cost: Cost) -> int:
    convention = cost.convention
    return convention.tp * convention.pp * convention.dp * max(1, convention.ep // (convention.dp * convention.tp))


def fits(cost: Cost, kinds: list[Device]) -> list[Part]:
    """What fits into each device, and the least time of a forward pass."""
    columns = [Column("device", "name"), Column("inference", "name"), Column("training", "name")]
    columns += [Column("forward at least", "name"), Column("bound by compute", "percent")]
    rows = []
    for kind in kinds:
        seconds, computing = 0.0, 0.0
        for layer in cost.layers:
            time, why = bound(layer, kind, cost.convention.batch)
            seconds += time
            computing += time if why == "compute" else 0
        room = [_room(cost, name, kind) for name in ("inference_bytes", "training_bytes")]
        rows.append([kind.name, *room, _time(seconds), computing / seconds if seconds else None])
    note = (
        "a lower bound: every layer at the peak of computing or of memory, each array moved once; real runs take longer"
    )
    whole = [Note("the time is that of the whole network on one device")] if cost.convention.splits else []
    return [Heading("devices", 2), Table(columns, rows), Note(note), *whole, *_longest(cost, kinds[0])]


def _longest(cost: Cost, kind: Device) -> list[Part]:
    """The layers that take longest, and what bounds them."""
    times = [(*bound(layer, kind, cost.convention.batch), layer) for layer in cost.layers]
    times = sorted((one for one in times if one[0] > 0), key=lambda one: -one[0])[:LAYERS]
    columns = [Column(f"longest on {kind.name}", "name"), Column("at least", "name"), Column("bound by", "name")]
    columns.append(Column("FLOPs/byte", "number"))
    batch = cost.convention.batch
    rows = [
        [layer.row.name, _time(time), why, layer.flops * batch / layer.moved if type(layer.moved) is int else None]
        for time, why, layer in times
    ]
    note = f"{kind.name} computes {kind.ridge:.0f} FLOPs in the time of moving a byte: below that memory bounds"
    return [Table(columns, rows), Note(note)]


def steps(cost: Cost, step: Step, kinds: list[Device]) -> list[Part]:
    """The least time of one new token on each device."""
    columns = [Column("device", "name"), Column("a step at least", "name"), Column("tokens/s at most", "number")]
    columns.append(Column("bound by", "name"))
    rows: list[list[object]] = []
    for kind in kinds:
        computing, moving = step.flops / kind.flops, step.moved / kind.speed
        seconds = max(computing, moving)
        most = round(cost.convention.batch / seconds) if seconds else None
        rows.append([kind.name, _time(seconds), most, "compute" if computing >= moving else "memory"])
    return [Table(columns, rows), Note("a lower bound of the time: at the peak, with each byte moved once")]


def _room(cost: Cost, name: str, kind: Device) -> str:
    if name == "training_bytes" and not cost.trains:
        return "-"
    try:
        amount = sizes.value(cost, name)
    except Fault:
        return "not known"
    if type(amount) is not int:
        return "not known"
    word = "fits" if amount <= kind.memory else "too large"
    return f"{word}: {amount / 1e9:.1f} of {kind.memory / 1e9:.0f} GB"


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.2f} {unit}"
    return f"{seconds / 1e-9:.2f} ns"
