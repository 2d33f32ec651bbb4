"""What a network costs: multiply-accumulates by layer, part and type, and bytes by what they are for.

Products are counted for one sample, bytes for a batch. One multiply-accumulate (MAC) is two floating-point operations.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnncalc.analysis.kept import Kept, Storage, kinds
from cnncalc.facts import is_bias
from cnncalc.graph import Ref
from cnncalc.number import Number, Shape, prod
from cnncalc.problem import Fault, did_you_mean
from cnncalc.report import Report, Row, plain

BYTES = {
    "float64": 8,
    "float32": 4,
    "tf32": 4,
    "float16": 2,
    "bfloat16": 2,
    "float8": 1,
    "int8": 1,
}
SHORT = {"double": "float64", "fp64": "float64", "float": "float32", "fp32": "float32", "half": "float16"}
SHORT |= {"fp16": "float16", "bf16": "bfloat16", "fp8": "float8", "f32": "float32", "f16": "float16"}
# Numbers that an optimizer remembers for each trained parameter.
STATES = {"none": 0, "sgd": 0, "momentum": 1, "rmsprop": 1, "adagrad": 1, "adam": 2, "adamw": 2}
CAUSAL = ("dense", "halve")
# What a convention settles and an option says.
SETTINGS = ("batch", "dtype", "optimizer", "causal", "bias")


class Convention:
    """How things are counted."""

    __slots__ = ("batch", "bias", "causal", "dtype", "optimizer", "size")

    def __init__(
        self,
        dtype: str = "float32",
        batch: int = 1,
        optimizer: str = "adam",
        causal: str = "dense",
        bias: bool = False,
    ) -> None:
        word = dtype.lower().removeprefix("torch.")
        self.dtype = _one_of("dtype", SHORT.get(word, word), BYTES)
        self.optimizer = _one_of("optimizer", optimizer.lower(), STATES)
        self.causal = _one_of("causal", causal.lower(), CAUSAL)
        self.batch = batch
        self.bias = bias
        self.size = BYTES[self.dtype]

    @property
    def counts(self) -> bool:
        """Whether MACs or FLOPs are counted otherwise than the rules have them."""
        return self.bias or self.causal != "dense"

    def to_dict(self) -> dict[str, Any]:
        """The conventions as data."""
        return {
            "flops_per_mac": 2,
            "bias_additions": self.bias,
            "causal": self.causal,
            "dtype": self.dtype,
            "batch": self.batch,
            "optimizer": self.optimizer,
        }


def _one_of(what: str, word: str, known: Any) -> str:
    if word in known:
        return word
    near = did_you_mean(word, known)
    raise Fault(
        "option-value",
        f'--{what} takes one of {", ".join(known)}, not "{word}"',
        help=f"did you mean {near}?" if near else (),
    )


class LayerCost:
    """One layer: products, and bytes for the batch."""

    __slots__ = ("additions", "cache", "kept", "moved", "output", "parts", "row", "shared", "weights")

    def __init__(self, row: Row, convention: Convention, storage: Storage) -> None:
        size, batch = convention.size, convention.batch
        self.row = row
        self.parts = ledger(row, convention.causal == "halve")
        self.additions: Number = bias_additions(row) if convention.bias else 0
        self.weights: Number = row.params * size
        self.shared = storage.shares(row)
        self.output: Number = 0 if self.shared else prod(row.facts.shape[1:]) * size * batch
        self.cache: Number = cache(row.layer, row.facts.inputs) * size * batch
        self.kept: Number = 0
        taken: Number = 0
        for ref in row.node.inputs:
            taken = taken + storage.bytes(ref, size)
        used = row.facts.params * size  # shared weights are read here too
        self.moved: Number = 0
        if self.shared != "view":
            self.moved = (taken + prod(row.facts.shape[1:]) * size) * batch + used

    @property
    def macs(self) -> Number:
        """Multiply-accumulates for one sample."""
        total: Number = 0
        for part in self.parts.values():
            total = total + part
        return total

    @property
    def flops(self) -> Number:
        """Floating-point operations for one sample: two a MAC, and the additions of biases where they are wanted."""
        return 2 * self.macs + self.additions

    def counted(self, what: str) -> set[str]:
        """The settings that make its `macs` or `flops` what they are."""
        found = {"causal"} if str(self.macs) != str(self.row.macs) else set()
        return found | ({"bias"} if what == "flops" and str(self.additions) != "0" else set())


class Cost:
    """A network's costs."""

    def __init__(self, report: Report, convention: Convention | None = None) -> None:
        self.report = report
        self.convention = convention or Convention()
        self._by_row: dict[int, LayerCost] | None = None
        size, batch = self.convention.size, self.convention.batch
        storage = Storage(report)
        self.layers = [LayerCost(row, self.convention, storage) for row in report.rows]
        kept = Kept(report, storage, size)
        count = len(report.graph.inputs)
        self.kept_inputs: dict[str, Number] = {}
        by_number = dict(enumerate(self.layers, count))
        for ref, amount in kept.values.items():
            number = ref[0] if isinstance(ref, tuple) else ref
            if number < count:
                self.kept_inputs[report.graph.inputs[number].name] = amount * batch
            else:
                by_number[number].kept = by_number[number].kept + amount * batch
        for layer in self.layers:
            layer.kept = layer.kept + kept.extra.get(layer.row.name, 0) * batch
        self.kept: Number = kept.total() * batch
        most = peak(report, storage, size)
        self.peak: Number | None = most if most is None else most * batch

    def of(self, rows: Iterable[Row]) -> list[LayerCost]:
        """The costs of some layers."""
        if self._by_row is None:
            self._by_row = {id(layer.row): layer for layer in self.layers}
        return [self._by_row[id(row)] for row in rows]

    def unused(self) -> list[str]:
        """The settings beyond their defaults that make no difference to MACs and FLOPs."""
        used: set[str] = set()
        for layer in self.layers if self.convention.counts else ():
            used |= layer.counted("flops")
        return [name for name in ("causal", "bias") if name not in used]

    def total(self, what: str) -> Number:
        """The sum of `macs`, `flops`, `output`, `cache`, `moved`, ... over all layers."""
        return _sum(getattr(layer, what) for layer in self.layers)

    def parts(self) -> dict[str, Number]:
        """Multiply-accumulates by named part."""
        found: dict[str, Number] = {}
        for layer in self.layers:
            for name, amount in layer.parts.items():
                found[name] = found[name] + amount if name in found else amount
        return found

    def memory(self) -> dict[str, Number | None]:
        """Bytes by what they are for."""
        size, totals = self.convention.size, self.report.totals
        buffers = _sum(
            prod(b.shape) * (8 if b.name == "num_batches_tracked" else size)
            for row in self.report.rows
            for b in row.facts.buffers
            if not getattr(row.layer, "counts_buffers", False)  # Keras counts them as weights
        )
        weights, gradients = totals.params * size, totals.trainable * size
        state = STATES[self.convention.optimizer] * gradients
        return {
            "weights": weights,
            "buffers": buffers,
            "gradients": gradients,
            "optimizer": state,
            "activations_kept": self.kept,
            "training": weights + buffers + gradients + state + self.kept,
            "activations_all": self.total("output"),
            "activations_peak": self.peak,
            "kv_cache": self.total("cache"),
            "inference": None if self.peak is None else weights + buffers + self.peak,
        }

    def to_dict(self) -> dict[str, Any]:
        """The JSON document: that of the report, with costs."""
        document = self.report.to_dict()
        for row, layer in zip(document["layers"], self.layers, strict=True):
            row["macs"] = plain(layer.macs)
            row["flops"] = plain(layer.flops)
            row["parts"] = {name: plain(amount) for name, amount in layer.parts.items()}
            row["weight_bytes"] = plain(layer.weights)
            row["output_bytes"] = plain(layer.output)
            row["kept_bytes"] = plain(layer.kept)
            row["flops_per_byte"] = intensity(layer.flops, layer.moved, self.convention.batch)
            if layer.shared:
                row["memory"] = layer.shared
            if not (type(layer.cache) is int and layer.cache == 0):
                row["kv_cache_bytes"] = plain(layer.cache)
        flops = self.total("flops")
        document["totals"]["macs"] = plain(self.total("macs"))
        document["totals"]["flops"] = plain(flops)
        document["totals"]["flops_per_byte"] = intensity(flops, self.total("moved"), self.convention.batch)
        document["parts"] = {name: plain(amount) for name, amount in self.parts().items()}
        document["memory"] = {name: plain(amount) for name, amount in self.memory().items()}
        document["convention"] = self.convention.to_dict()
        return document


def _sum(numbers: Any) -> Number:
    total: Number = 0
    for number in numbers:
        total = total + number
    return total


def intensity(flops: Number, moved: Number, batch: int) -> float | None:
    """FLOPs for each byte that is read or written once: inputs, weights, outputs; None where nothing is counted."""
    if type(flops) is not int or type(moved) is not int or not flops or not moved:
        return None
    return flops * batch / moved


# --- products ------------------------------------------------------------------------------------------------------


def ledger(row: Row, halve: bool) -> dict[str, Number]:
    """Multiply-accumulates by part; with `halve` a causal mask's pairs alone count."""
    if not halve or not row.facts.ledger:
        return row.facts.ledger
    return _halved(row.layer, row.facts.shape, row.facts.inputs, False)


def _halved(layer: Any, y: Shape, xs: tuple[Shape, ...], causal: bool) -> dict[str, Number]:
    names = kinds(layer)
    if "Composed" in names:
        total: dict[str, Number] = {}
        for name, part, given in layer.parts(*xs):
            masked = name == "self_attn" and bool(layer.is_causal)
            for key, amount in _halved(part, part.shape(*given), given, masked).items():
                key = "feed_forward" if "Linear" in kinds(part) else key
                total[key] = total[key] + amount if key in total else amount
        return total
    found = dict(layer.macs(y, *xs))
    if not (causal or is_causal(layer)):
        return found
    source = xs[min(1, len(xs) - 1)]
    length, memory = xs[0][-2], layer.length(source) if hasattr(layer, "length") else source[-2]
    allowed = pairs(length, memory, getattr(layer, "window", None))
    for part in ("scores", "mix"):
        if part in found and allowed is not None:
            found[part] = found[part] // (length * memory) * allowed
    return found


def is_causal(layer: Any) -> bool:
    """Whether an attention layer says that no position reads a later one."""
    return bool(getattr(layer, "causal", False) or getattr(layer, "is_causal", False))


def pairs(length: Number, memory: Number, window: Number | None = None) -> Number | None:
    """Pairs that a causal mask leaves: position i of the query reads the first i + 1 keys (PyTorch's top left).

    L(L + 1)/2 where both are equally long. None where that is no plain number.
    """
    if type(length) is int and type(memory) is int and (window is None or type(window) is int):
        return sum(min(position, memory, window or memory) for position in range(1, length + 1))
    return length * (length + 1) // 2 if window is None and length == memory else None


def bias_additions(row: Row) -> Number:
    """Additions of biases beside the products: every bias number once for each place it is added at."""
    if not row.facts.ledger:
        return 0
    xs, y = row.facts.inputs, row.facts.shape
    names = kinds(row.layer)
    biases = [weight for weight in row.facts.weights if is_bias(weight.name)]
    if "Conv" in names or "ConvTranspose" in names or "Linear" in names or "Bilinear" in names:
        return prod(y[1:]) if biases else 0
    total: Number = 0
    for name, shape in biases:
        place = 1 if name in ("b_k", "b_v") and len(xs) > 1 else 0
        if name.endswith("in_proj_bias") and len(xs) > 1:  # a third for the query, the rest for the memory
            total = total + shape[0] // 3 * (prod(xs[0][1:-1]) + 2 * prod(xs[1][1:-1]))
        else:
            total = total + prod(shape) * prod(xs[place][1:-1])
    return total


# --- bytes ---------------------------------------------------------------------------------------------------------


def cache(layer: Any, xs: tuple[Shape, ...]) -> Number:
    """Numbers of keys and values that a decoder keeps for one sample: 2 · positions · heads of them · head size."""
    names = kinds(layer)
    if "Attention" in names and hasattr(layer, "sizes"):
        if not layer.causal:
            return 0
        _, key, value, _ = layer.sizes(xs)
        return xs[min(1, len(xs) - 1)][1] * (key + value)
    if "MultiheadAttention" in names:
        return 2 * xs[min(1, len(xs) - 1)][1] * xs[0][-1] if len(xs[0]) == 3 else 0
    if "Composed" in names:
        return _sum(cache(part, given) for name, part, given in layer.parts(*xs) if name != "encoder")
    return 0


def peak(report: Report, storage: Storage, size: int) -> int | None:
    """The largest sum of arrays that must be there at once while the layers run in order, for one sample, in bytes.

    None where sizes are formulas.
    """
    count = storage.count
    last: dict[Ref, int] = {}
    for step, row in enumerate(report.rows):
        for ref in row.node.inputs:
            last[storage.root(ref)] = step
    last[storage.root(report.graph.output)] = len(report.rows)
    ends: dict[int, list[Ref]] = {}
    for root, step in last.items():
        ends.setdefault(step, []).append(root)
    sizes: dict[Ref, Number] = {number: storage.bytes(number, size) for number in range(count)}
    live = _sum(sizes.values())
    largest = live
    for step, row in enumerate(report.rows):
        ref = count + step
        if storage.root(ref) == ref:
            mine: list[Ref] = [ref, *((ref, port) for port in row.facts.ports if (ref, port) in last)]
            for made in mine:
                sizes[made] = storage.bytes(made, size)
                live = live + sizes[made]
        if type(live) is not int:
            return None
        largest = max(largest, live)
        for root in ends.get(step, ()):
            live = live - sizes.pop(root, 0)
        if ref in sizes and ref not in last:  # nobody reads it
            live = live - sizes.pop(ref)
    return largest if type(largest) is int else None
