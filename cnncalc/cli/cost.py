"""`cnncalc cost NET`: multiply-accumulates, FLOPs and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cnncalc.cli.counting import USUAL, Counting, convention, say_unused
from cnncalc.cli.declared import Context, Option, one_of
from cnncalc.cli.execution import confirmed
from cnncalc.cli.options import (
    AS_WRITTEN,
    Depth,
    Execute,
    Format,
    Loading,
    MemoryLimit,
    Net,
    Seed,
    analysed,
    layer_names,
    load,
)
from cnncalc.cli.output import show, show_json
from cnncalc.cli.unused_options import Given, say_flat
from cnncalc.core.number import is_free
from cnncalc.core.problem import fail, or_fail
from cnncalc.render.formats import ONE_TABLE

if TYPE_CHECKING:
    from cnncalc.cost.convention import Convention
    from cnncalc.cost.cost import Cost
    from cnncalc.cost.device import Device
    from cnncalc.network.report import Report

EXAMPLES = (
    "cnncalc cost resnet50",
    "cnncalc cost gpt2 --decode --context 1024",
    "cnncalc cost llama3_8b --dtype bfloat16",
)


def run(
    ctx: Context,
    net: Net,
    names: Annotated[list[str] | None, layer_names("Print only the MACs of these, bare.")] = None,
    format: Format = "table",
    loading: Loading = AS_WRITTEN,
    by: Annotated[str, Option("--by", metavar="WAY", help="Rows: layer, part (component) or type.")] = "layer",
    depth: Depth = None,
    counts: Counting = USUAL,
    causal: Annotated[
        str, Option("--causal", metavar="HOW", help="dense counts masked pairs of attention, halve does not.")
    ] = "dense",
    bias: Annotated[bool, Option("--bias", help="Count the additions of biases among the FLOPs.")] = False,
    decode: Annotated[bool, Option("--decode", help="One token generated: FLOPs, bytes moved, FLOPs/byte.")] = False,
    context: Annotated[
        int | None, Option("--context", metavar="N", min=1, help="With --decode: tokens in the KV cache.")
    ] = None,
    devices: Annotated[
        str | None,
        Option("--devices", metavar="NAMES", help="What fits, and the least time: H100, H200:141GB,989TF,4.8TB/s."),
    ] = None,
    growth: Annotated[bool, Option("--growth", help="Add the growth (big-O) with symbolic dimensions.")] = False,
    execute: Execute = False,
    seed: Seed = 0,
    memory_limit: MemoryLimit = None,
) -> int:
    """Multiply-accumulates, FLOPs and memory, by layer, by component or by type."""
    from cnncalc.cost.cost import Cost
    from cnncalc.cost.sizes import document
    from cnncalc.pages import cost as page
    from cnncalc.query.ask import known

    one_of("--by", by, page.WAYS)
    given = Given(ctx)
    kinds = _devices(devices)
    counting = convention(given, counts, causal=causal, bias=bias)
    if context is not None:
        loading = loading._replace(input_=_of_length(given, decode, context, loading.input_))
    network = load(net, loading)
    report = analysed(network)
    if decode:
        given.idle("by depth growth tp pp dp zero ep accumulate optimizer", "with --decode")
        return _decode(report, counting, format, kinds)
    if not execute:
        given.idle("seed memory_limit", "without --execute")
    elif not confirmed(network, report, seed, counts.batch, memory_limit):
        return 1
    if names:
        from cnncalc.cli.values_only import print_bare
        from cnncalc.query.ask import scope

        scoped = scope(network, report, convention=counting)
        print_bare(network, report, names, "macs", format, scoped)
        given.idle("by depth growth devices", "in bare figures")
        say_unused(given, scoped, names)
        return 0
    if format == "json":
        given.idle("by depth", "in JSON, which has layers and parts")
    elif by != "layer":
        given.idle("depth", f"in rows by {by}")
    if format in ONE_TABLE:
        given.idle("optimizer devices tp pp dp zero ep accumulate", "in CSV, which has the layers alone")
    say_flat(given, report, depth)
    grown = _growth(report) if growth else {}
    with known(report):
        cost = Cost(report, counting)
        if "optimizer" in given and not cost.trains:
            or_fail(counting.must_train)  # no optimizer where nothing is trained
        sent = {"dp"} if counting.dp > 1 and format not in ONE_TABLE else set()  # the page says what replicas send
        given.idle(" ".join(name for name in cost.unused() if name not in sent), f"in {report.name}")
        if format == "json":
            show_json({**document(cost), **_on_devices(cost, kinds), **({"growth": grown} if growth else {})})
        else:
            layers = format in ONE_TABLE
            made = page.page(cost, by=by, depth=depth, growth=grown, devices=[] if layers else kinds, split=not layers)
            show(made, format)
    return 0


def _of_length(given: Given, decode: bool, context: int, input_: list[str] | None) -> list[str]:
    """The input of the context's length."""
    if not decode:
        given.idle("context", "without --decode")
        return input_ or []
    if input_:
        fail("option-value", "--context is the length of the input, which --input gives too", help="leave one out")
    return [str(context)]


def _devices(text: str | None) -> list[Device]:
    """The devices that are named."""
    from cnncalc.cost.device import devices

    return or_fail(devices, text) if text else []


def _decode(report: Report, counting: Convention, format: str, kinds: list[Device]) -> int:
    """One new token."""
    from cnncalc.cost.cost import Cost
    from cnncalc.cost.decode import step
    from cnncalc.pages.decode import page

    cost = Cost(report, counting)
    found = or_fail(step, cost)
    if format == "json":
        show_json({"name": report.name, "decode": found.to_dict(), "convention": counting.to_dict()})
    else:
        show(page(cost, found, kinds), format)
    return 0


def _on_devices(cost: Cost, kinds: list[Device]) -> dict[str, object]:
    """What is sent and waited for, and the least time on each device, as data."""
    found: dict[str, object] = {}
    if cost.convention.splits:
        from cnncalc.cost.split import Split

        split = Split(cost)
        found["split"] = {"sent_bytes": split.traffic(), "bubble": split.bubble, "replicated": split.said}
    if kinds:
        from cnncalc.cost.device import bound

        batch = cost.convention.batch
        found["devices"] = [
            {
                "name": kind.name,
                "seconds_at_least": sum(bound(layer, kind, batch)[0] for layer in cost.layers),
                "layers": {layer.row.name: bound(layer, kind, batch)[1] for layer in cost.layers},
            }
            for kind in kinds
        ]
    return found


def _growth(report: Report) -> dict[str, list[str]]:
    """How the sums grow, those that depend on free dimensions; raises `SpecError` where none does."""
    free = {what: total for what in ("macs", "params") if is_free(total := getattr(report.totals, what))}
    if not free:
        fail("no-growth", "nothing grows: all sizes are numbers", help="leave sizes free, such as nxd -> Attention(d)")
    from cnncalc.symbolic.growth import growth

    return {what: growth(total) for what, total in free.items()}
