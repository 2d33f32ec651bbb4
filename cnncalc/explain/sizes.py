"""How memory, tokens and training come about: `total.kv_cache_bytes = 2·layers·h·d·L·bytes = ... = 1073741824`."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.core.formula import Part, same_factors, simplify, total
from cnncalc.core.number import Number, is_zero, prod
from cnncalc.core.problem import Fault
from cnncalc.cost import attention_reads, sizes
from cnncalc.cost.convention import MASTER, STATES
from cnncalc.cost.cost import Cost
from cnncalc.cost.split import HELD
from cnncalc.explain.explain import LONGEST, MOST, Line
from cnncalc.explain.symbols import with_symbols
from cnncalc.network.row import Row

# What the sums of the whole network are made of.
MADE = {
    "inference_bytes": ("weight_bytes", "buffer_bytes", "peak_activation_bytes", "kv_cache_bytes"),
    "training_bytes": ("weight_bytes", "buffer_bytes", "gradient_bytes", "optimizer_bytes", "saved_activation_bytes"),
}


def explained(cost: Cost, label: str, name: str, rows: list[Row] | None) -> Line:
    """How one size of some rows, or of the whole network, comes about. Raises `Fault` where it is not known."""
    value = sizes.value(cost, name, rows)
    part = _part(cost, name, rows)
    if part is None or (str(part.value) != str(value) and not cost.convention.splits):
        part = _sum(cost, name, rows, value)
    return Line(name, f"{label}.{name}", part)


def remark(line: Line) -> str:
    """Which summand is the largest, where there are several."""
    part = line.part
    summands = [one for one in part.args if type(one.value) is int and one.symbol] if part.kind == "sum" else []
    if len(summands) < 2 or len(summands) < len(part.args) or not line.value:
        return ""
    most = max(summands, key=lambda one: one.value)
    return f"most of it is {most.symbol}: {most.value / line.value:.0%}"


def _part(cost: Cost, name: str, rows: list[Row] | None) -> Part | None:
    """The formula; None where it is a sum over layers."""
    convention = cost.convention
    among = cost.report.rows if rows is None else rows
    if convention.splits and name in HELD:
        return _held(cost, name, rows)
    if name in MADE:
        made = [(one, sizes.value(cost, one, rows)) for one in MADE[name]]
        return total([_leaf(one, amount) for one, amount in made if not is_zero(amount)])
    if name == "logits_bytes":
        return _logits(cost)
    if name in ("weight_bytes", "gradient_bytes"):
        what = "params" if name == "weight_bytes" else "trainable"
        width = convention.bits["weights"] if what == "params" else convention.trained_bits
        return _in_bytes(_leaf(what, _count(among, what)), width)
    if name == "optimizer_bytes" and convention.optimizer in STATES:
        return _optimizer(cost, _count(among, "trainable"))
    if name in ("kv_cache_elements", "kv_cache_bytes"):
        found = _cached(cost, rows)
        if found is None or name == "kv_cache_elements" or is_zero(found.value):
            return found
        return _batched(cost, _in_bytes(found, convention.bits["kv"]))
    if name == "state_bytes":
        elements = sizes.value(cost, "state_elements", rows)
        if not is_zero(elements):
            return _batched(cost, _in_bytes(_leaf("state_elements", elements), convention.bits["activations"]))
    if name == "training_flops" and not cost.again:
        return _product([_const(3), _leaf("flops", sizes.value(cost, name, rows) // 3)])
    if name == "bops":
        macs = _leaf(
            "macs", sizes.value(cost, name, rows) // (convention.bits["weights"] * convention.bits["activations"])
        )
        bits = [_leaf(f"bits of {role}", convention.bits[role]) for role in ("weights", "activations")]
        return _product([macs, *bits])
    if name == "flops_per_token":
        flops = sum(layer.flops for layer in (cost.layers if rows is None else cost.of(rows)))
        length = sizes.tokens(cost)
        if type(flops) is int and type(length) is int and flops % length == 0:
            return Part("quotient", flops // length, (_leaf("flops", flops), _leaf("length", length)))
    return None


def _held(cost: Cost, name: str, rows: list[Row] | None) -> Part:
    """What one of several devices holds: of the fullest stage by what it is for."""
    value = sizes.value(cost, name, rows)
    split = cost.splitting
    if rows is not None or name not in MADE:
        return Part("const", value)
    made = split.made(name)
    return total([_leaf(one, amount) for one, amount in made.items() if amount])


def _logits(cost: Cost) -> Part:
    """Scores of every position."""
    if is_zero(sizes.logits(cost)):
        return _const(0)
    *positions, words = cost.report.shape_of(cost.report.graph.output)[1:]
    made = _product([_leaf("positions", prod(positions)), _leaf("words", words)])
    return _batched(cost, _in_bytes(made, cost.convention.bits["activations"]))


def _optimizer(cost: Cost, trained: Number) -> Part:
    """Moments of every trained parameter, and in mixed precision its float32 weights."""
    convention = cost.convention
    count = STATES[convention.optimizer]
    bits = convention.trained_bits if convention.mixed is None else MASTER
    if convention.mixed is None:
        return _in_bytes(_product([_const(count), _leaf("trainable", trained)]), bits)
    states = total([_leaf("moments", count), _leaf("weights", 1)]) if count else _leaf("weights", 1)
    return _in_bytes(_product([states, _leaf("trainable", trained)]), bits)


def _sum(cost: Cost, name: str, rows: list[Row] | None, value: Number) -> Part:
    """A sum over layers, or over types of layers where there are many."""
    if type(value) is float or (rows is None and name == "peak_activation_bytes"):
        return _peak(cost) if name == "peak_activation_bytes" else Part("const", value)
    among = cost.report.rows if rows is None else rows
    counts = [(row, sizes.value(cost, name, [row])) for row in among]
    counts = [(row, number) for row, number in counts if not is_zero(number)]
    if rows is not None and len(rows) == 1:
        return Part("const", value)
    several = len(counts) > MOST or sum(len(row.name) for row, _ in counts) > LONGEST
    parts: dict[str, Number] = {}
    if rows is None and name == "saved_activation_bytes":
        parts.update({key: amount for key, amount in cost.kept_inputs.items() if not is_zero(amount)})
    for row, number in counts:
        key = f"{row.type if several else row.name}.{name}"
        parts[key] = parts.get(key, 0) + number
    return total([_leaf(key, number) for key, number in parts.items()])


def _peak(cost: Cost) -> Part:
    """The arrays that are there when there are most."""
    from cnncalc.cost.peak import most
    from cnncalc.cost.saved_activations import Storage

    storage = Storage(cost.report, cost.convention.bits["activations"], training=False)
    alive = most(cost.report, storage)
    assert alive is not None
    parts = [_leaf(cost.report.graph.label(ref), amount) for ref, amount in alive.items()]
    return _batched(cost, total(parts))


def _cached(cost: Cost, rows: list[Row] | None) -> Part | None:
    """Keys and values: each formula once, with how many layers have it. None where there are many formulas."""
    wanted = None if rows is None else {id(row) for row in rows}
    groups: dict[object, tuple[Part, int]] = {}
    for index in cost.caches.reads:
        row = cost.report.rows[index]
        if (wanted is None or id(row) in wanted) and not is_zero(cost.caches.of(index)):
            part = _of(cost, row, index)
            key = same_factors(part)
            groups[key] = part, groups.get(key, (part, 0))[1] + 1
    if len(groups) > MOST:
        return None
    found = [_product([_leaf("layers", count), part]) if count > 1 else part for part, count in groups.values()]
    return total(found) if found else _const(0)


def _of(cost: Cost, row: Row, index: int) -> Part:
    """The keys and values of one row, in the symbols of its layer."""
    kept = cost.caches.of(index)
    found = cost.caches.reads[index]
    if len(found) == 1 and found[0].expand:
        length = found[0].length
        if type(kept) is int and type(length) is int and kept % length == 0:
            return _product([_leaf("length", length), _leaf("latent", kept // length)])
    try:
        made = with_symbols(row.layer, row.facts.inputs)
        term: Number = sum(
            (cost.caches.kept(read) for read in attention_reads.again(cost.report, row, made.layer, made.inputs)), 0
        )
        part = simplify(term)
    except (Fault, TypeError, AttributeError, KeyError):
        part = _const(kept)
    return part if str(part.value) == str(kept) else _const(kept)


# --- parts ---------------------------------------------------------------------------------------------------------


def _const(value: Number) -> Part:
    return Part("const", value)


def _leaf(symbol: str, value: Number) -> Part:
    return Part("leaf", value, (), symbol, symbol)


def _product(parts: Sequence[Part]) -> Part:
    """A product, its numbers in front; a part of 1 that has no name is left out."""
    factors: list[Part] = []
    for part in parts:
        factors.extend(part.args if part.kind == "product" else (part,))
    numbers = [factor for factor in factors if factor.kind == "const"]
    rest = [factor for factor in factors if factor.kind != "const"]
    number = prod(part.value for part in numbers)
    value = prod(part.value for part in factors)
    kept = rest if type(number) is int and number == 1 and rest else [_const(number), *rest]
    return kept[0] if len(kept) == 1 else Part("product", value, tuple(kept))


def _in_bytes(part: Part, bits: int) -> Part:
    """So many numbers in bytes."""
    if bits % 8 == 0:
        return _product([part, _leaf("bytes", bits // 8)])
    above = _product([part, _leaf("bits", bits)])
    return Part("ceil", -(-above.value // 8), (above, _const(8)))


def _batched(cost: Cost, part: Part) -> Part:
    batch = cost.convention.batch
    return part if batch == 1 else _product([part, _leaf("batch", batch)])


def _count(rows: Sequence[Row], what: str) -> Number:
    total: Number = sum(getattr(row, what) for row in rows)
    return total


def symbols(cost: Cost, rows: list[Row] | None) -> dict[str, str]:
    """What the symbols of the layers that cache stand for."""
    found: dict[str, str] = {}
    wanted = None if rows is None else {id(row) for row in rows}
    for index in cost.caches.elements:
        row = cost.report.rows[index]
        if wanted is None or id(row) in wanted:
            for option in row.layer.options.values():
                if option.symbol:
                    found.setdefault(option.symbol, option.help)
    return found
