"""One network on several devices: the bytes that one of them holds, and what has to be sent for a step.

Tensor parallel (`tp`) as Megatron has it: matrices, tables, heads and what lies between two matrices are cut; vectors,
norms and the residual stream are on every device. Pipeline (`pp`): the copies of the repeated entry in stages, what is
in front on the first device and what follows on the last. Data parallel (`dp`): `--batch` is that of one replica; ZeRO
cuts the optimizer's numbers (1), gradients too (2), weights too (3). Expert parallel (`ep`): routed experts are cut.
"""

from __future__ import annotations

from typing import Any

from cnncalc.core.layer import Layer
from cnncalc.core.number import prod
from cnncalc.core.problem import Fault
from cnncalc.cost.convention import in_bytes
from cnncalc.cost.cost import Cost, LayerCost
from cnncalc.cost.inner import inner
from cnncalc.cost.saved_by_layer import attends
from cnncalc.network.row import Row

CUT = ("weight_bytes", "buffer_bytes", "gradient_bytes", "optimizer_bytes", "saved_activation_bytes")
HELD = (*CUT, "kv_cache_bytes", "kv_cache_elements", "training_bytes", "inference_bytes")


class Split:
    """A cost on several devices. Raises `Fault` for a split that does not divide what it must."""

    def __init__(self, cost: Cost) -> None:
        self.cost = cost
        convention = cost.convention
        self.tp, self.pp, self.dp, self.ep = convention.tp, convention.pp, convention.dp, convention.ep
        self.zero = convention.zero
        self.said: list[str] = []
        if any(type(layer.row.params) is not int for layer in cost.layers):
            raise Fault("no-value", "devices share sizes that are numbers", help="--set gives them values")
        self._check_heads()
        self._check_experts()
        self.stage = self._stages()
        self.inside = inner(cost.report) if self.tp > 1 else set()
        self._say()

    # --- what divides ----------------------------------------------------------------------------------------------

    def _check_heads(self) -> None:
        if self.tp == 1:
            return
        counts = {("heads", heads) for layer in self.cost.layers if (heads := _heads(layer.row))}
        for layer in self.cost.layers:
            if layer.row.layer.parallel == "matrix" and len(layer.row.own) and not self._words(layer.row):
                rows, columns = layer.row.own[0].shape
                if rows % self.tp and columns % self.tp:
                    counts.add((f"features of {layer.row.name}", max(int(rows), int(columns))))
        bad = sorted((count, what) for what, count in counts if count % self.tp)
        if bad:
            count, what = bad[0]
            fits = [n for n in range(1, 65) if all(one % n == 0 for _, one in counts)]
            raise Fault(
                "split-does-not-divide",
                f"--tp {self.tp} does not divide {count} {what}",
                help=f"--tp takes {_either(fits)} here",
            )

    def _check_experts(self) -> None:
        if self.ep == 1:
            return
        counts = [layer.row.layer.__dict__["num_experts"] for layer in self.cost.layers if _routes(layer.row)]
        if not counts:
            raise Fault("split-does-not-divide", f"--ep {self.ep}: {self.cost.report.name} has no experts to share")
        bad = [count for count in counts if count % self.ep]
        if bad:
            fits = [n for n in range(1, min(counts) + 1) if all(count % n == 0 for count in counts)]
            raise Fault(
                "split-does-not-divide",
                f"--ep {self.ep} does not divide {bad[0]} experts",
                help=f"--ep takes {_either(fits)} here",
            )

    def _stages(self) -> dict[int, int]:
        """The stage of each row: equally many copies of the repeated entry in each."""
        layers = self.cost.layers
        if self.pp == 1:
            return {id(layer.row): 0 for layer in layers}
        blocks = self.cost.report.graph.blocks
        copies = sorted(
            (block for name, block in blocks.items() if name.rpartition(".")[2].isdigit()), key=lambda one: one.start
        )
        outer: list[Any] = []
        for block in copies:
            if not outer or block.start >= outer[-1].stop:
                outer.append(block)
        count = len(outer)
        if count == 0 or count % self.pp:
            fits = [n for n in range(1, count + 1) if count % n == 0]
            have = (
                f"{count} copies of its repeated entry" if count else "no repeated entry, whose copies could be shared"
            )
            help = (f"--pp takes {_either(fits)} here",) if fits else ()
            raise Fault("split-does-not-divide", f"--pp {self.pp}: {self.cost.report.name} has {have}", help=help)
        each = count // self.pp
        found: dict[int, int] = {}
        for index, layer in enumerate(layers):
            before = sum(1 for block in outer if block.start <= index)
            inside = any(block.start <= index < block.stop for block in outer)
            place = before - 1 if inside or 0 < before < count else (0 if before == 0 else count - 1)
            found[id(layer.row)] = place // each
        return found

    def _say(self) -> None:
        convention = self.cost.convention
        if self.tp > 1:
            self.said.append("on every device of --tp: vectors, norms, the residual stream, and arrays in inference")
            few = [heads for layer in self.cost.layers if (heads := _shared(layer.row)) and heads < self.tp]
            if few:
                self.said.append(f"{few[0]} heads of keys and values are on {self.tp} devices more than once")
        if self.dp > 1:
            replicas = {0: "all", 1: "weights and gradients", 2: "weights", 3: "nothing but buffers"}[self.zero]
            self.said.append(f"on every replica of --dp: {replicas}; batch {convention.batch} is that of one replica")

    # --- what one device holds -------------------------------------------------------------------------------------

    def held(self, name: str, rows: list[Row] | None = None) -> int:
        """Bytes of one device: of the fullest stage, or of some rows."""
        if rows is not None:
            return sum(self._of(name, layer) for layer in self.cost.of(rows))
        return max(self._stage(name, stage) for stage in range(self.pp))

    def made(self, name: str) -> dict[str, int]:
        """What training or inference takes on the fullest stage, by name."""
        return max((self._parts(name, stage) for stage in range(self.pp)), key=lambda parts: sum(parts.values()))

    def _parts(self, name: str, stage: int) -> dict[str, int]:
        if name == "training_bytes":
            return {part: self._stage(part, stage) for part in CUT}
        peak = self.cost.peak
        if type(peak) is not int:
            raise Fault("no-value", "the peak activation memory is not known with symbolic dimensions")
        first = {part: self._stage(part, stage) for part in ("weight_bytes", "buffer_bytes")}
        return {**first, "peak_activation_bytes": peak, "kv_cache_bytes": self._stage("kv_cache_bytes", stage)}

    def _stage(self, name: str, stage: int) -> int:
        if name in ("training_bytes", "inference_bytes"):
            return sum(self._parts(name, stage).values())
        layers = [layer for layer in self.cost.layers if self.stage[id(layer.row)] == stage]
        total = sum(self._of(name, layer) for layer in layers)
        if name == "saved_activation_bytes":
            if stage == 0:
                total += sum(int(amount) for amount in self.cost.kept_inputs.values())
            # One pass forward, one backward: the first stage has as many passes under way as there are stages.
            total *= min(self.pp - stage, self.cost.convention.accumulate)
        return total

    def _of(self, name: str, layer: LayerCost) -> int:
        row = layer.row
        if name == "buffer_bytes":
            return int(layer.buffers)
        if name in ("kv_cache_bytes", "kv_cache_elements"):
            amount = layer.cache if name == "kv_cache_bytes" else layer.cached
            shared = _shared(row) or _heads(row) or self.tp
            return -(-int(amount) // min(self.tp, shared))
        if name == "saved_activation_bytes":
            return self._saved(layer)
        own = int(row.params)
        if own == 0:
            return 0
        here = self.numbers(row)
        if name == "weight_bytes":
            amount, level = int(layer.weights), 3
        elif name == "gradient_bytes":
            amount, level = int(layer.gradients), 2
        else:
            amount, level = int(layer.optimizer), 1
        amount = -(-amount * here // own)
        return -(-amount // self.dp) if self.zero >= level else amount

    def numbers(self, row: Row) -> int:
        """Parameters of a row on one device of tp and ep."""
        total = 0
        for weight in row.own:
            count = int(prod(weight.shape))
            if weight.name.startswith("experts.") and _routes(row):
                count = -(-count // self.ep)
            if len(weight.shape) > 1 and "router" not in weight.name and self.tp > 1:
                count = -(-count // self.tp)
            total += count
        return total

    def _saved(self, layer: LayerCost) -> int:
        kept = int(layer.kept)
        if self.tp == 1 or kept == 0:
            return kept
        saved, batch = self.cost.saved, self.cost.convention.batch
        number = self.cost.numbers[id(layer.row)]
        extra = int(saved.extra.get(layer.row.name, 0)) * batch
        cut = 0
        if number in self.inside:
            cut = kept
        elif layer.row.layer.parallel in ("inside", "open", "passes"):
            cut = extra
        return kept - cut + -(-cut // self.tp)

    # --- what is sent ----------------------------------------------------------------------------------------------

    def traffic(self) -> dict[str, int]:
        """Bytes that one device sends for a training step, by what for; ring algorithms."""
        convention = self.cost.convention
        found: dict[str, int] = {}
        passes = convention.accumulate
        if self.dp > 1:
            gradients = max(
                sum(
                    -(-int(layer.gradients) * self.numbers(layer.row) // max(1, int(layer.row.params)))
                    for layer in self.cost.layers
                    if self.stage[id(layer.row)] == stage
                )
                for stage in range(self.pp)
            )
            times = 3 if self.zero == 3 else 2
            found["data"] = times * gradients * (self.dp - 1) // self.dp
        stream = self._stream()
        if self.tp > 1:
            joins = sum(1 for layer in self.cost.layers if self._joins(layer.row)) // self.pp
            found["tensor"] = passes * joins * 2 * 2 * stream * (self.tp - 1) // self.tp
        if self.pp > 1:
            found["pipeline"] = passes * 2 * stream
        if self.ep > 1:
            sent = 0
            for layer in self.cost.layers:
                if _routes(layer.row):
                    chosen = prod(layer.row.facts.shape[1:]) * layer.row.layer.__dict__["top_k"]
                    sent += int(in_bytes(chosen, convention.bits["activations"]))
            found["experts"] = passes * 4 * sent * convention.batch * (self.ep - 1) // self.ep // self.pp
        return found

    def _stream(self) -> int:
        """Bytes of the residual stream of a batch: what a stage hands to the next."""
        rows = [layer.row for layer in self.cost.layers if attends(layer.row.layer)]
        if not rows:
            return 0
        convention = self.cost.convention
        return int(convention.bytes(prod(rows[0].facts.inputs[0][1:]))) * convention.batch

    def _joins(self, row: Row) -> bool:
        """Whether a row ends a cut part, so that devices add what they have: a matrix back to the residual stream."""
        if row.layer.parallel == "matrix":
            inside = self.inside
            return self.cost.numbers[id(row)] not in inside and any(ref in inside for ref in row.node.inputs)
        return row.layer.parallel == "inside"

    @property
    def bubble(self) -> float:
        """The part of a step that a device of the pipeline waits: (pp - 1) / (passes + pp - 1)."""
        return (self.pp - 1) / (self.cost.convention.accumulate + self.pp - 1)

    def _words(self, row: Row) -> bool:
        """Whether it is a head over words, whose table is padded."""
        return row.facts.shape[-1] in self.cost.caches.words()


def _heads(row: Row) -> int:
    """Heads of a row's attention; 0 where it has none, or they are no number."""
    return next((read.heads for read in row.layer.attended(*row.facts.inputs) if type(read.heads) is int), 0)


def _shared(row: Row) -> int:
    """Heads of keys and values where they are fewer."""
    return next((read.shared for read in row.layer.attended(*row.facts.inputs) if type(read.shared) is int), 0)


def _routes(row: Row) -> bool:
    """Whether each position passes some of its parameters alone."""
    return type(row.layer).used is not Layer.used


def _either(numbers: list[int]) -> str:
    texts = [str(number) for number in numbers]
    return " or ".join(texts) if len(texts) < 3 else f"{', '.join(texts[:-1])} or {texts[-1]}"
