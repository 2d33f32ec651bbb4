"""How things are counted: bits of a number by what it is for, the optimizer, the batch, masks and biases."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from typing import TYPE_CHECKING, Any

from cnncalc.core.number import Number, prod
from cnncalc.core.problem import Fault, did_you_mean, suggestion
from cnncalc.cost.formats import BLOCKS, Stored, meant, stored
from cnncalc.network.pattern import fits

if TYPE_CHECKING:
    from cnncalc.network.row import Row

BITS = {
    "float64": 64,
    "float32": 32,
    "tf32": 32,
    "float16": 16,
    "bfloat16": 16,
    "float8": 8,
    "int32": 32,
    "int16": 16,
    "int8": 8,
    "int4": 4,
    "nf4": 4,
    "fp4": 4,
}
SHORT = {"double": "float64", "fp64": "float64", "float": "float32", "fp32": "float32", "half": "float16"}
SHORT |= {"fp16": "float16", "bf16": "bfloat16", "fp8": "float8", "f32": "float32", "f16": "float16"}
SHORT |= {"uint8": "int8", "float4": "fp4", "i8": "int8", "q8": "int8", "q4": "int4"}
# Types that gradients and steps of an optimizer can be in.
TRAINED = ("float64", "float32", "tf32", "float16", "bfloat16", "float8")
# What a number is for.
ROLES = ("weights", "activations", "kv")
# Numbers of optimizer state per trained parameter; Adafactor has rows and columns instead.
STATES = {"none": 0, "sgd": 0, "momentum": 1, "nesterov": 1, "rmsprop": 1, "adagrad": 1, "asgd": 1, "lion": 1}
STATES |= {
    "adam": 2,
    "adamw": 2,
    "nadam": 2,
    "radam": 2,
    "adamax": 2,
    "adadelta": 2,
    "lamb": 2,
    "rprop": 2,
    "amsgrad": 3,
}
ADAFACTOR = "adafactor"
# 8-bit optimizers: states of 8 bits with a float32 scale for each block; small arrays keep 32 bits (bitsandbytes,
# torchao).
STATES_8BIT = {"adam8bit": 2, "adamw8bit": 2, "lion8bit": 1, "momentum8bit": 1, "rmsprop8bit": 1, "adagrad8bit": 1}
EIGHT_BITS = {f"{name[:-4]}_8bit": name for name in STATES_8BIT}
EIGHT_BITS |= {"paged_adamw_8bit": "adamw8bit", "adamw_bnb_8bit": "adamw8bit", "sgd8bit": "momentum8bit"}
BLOCK_8BIT, SMALL_8BIT = 256, 4096
CAUSAL = ("dense", "halve")
MIXED = {"bf16": "bfloat16", "fp16": "float16"}
MASTER = 32  # bits of the weights and moments that mixed precision keeps
# How many devices share what.
SPLITS = ("tp", "pp", "dp", "zero", "ep", "accumulate")
# What a convention settles and an option says.
SETTINGS = ("batch", "dtype", "optimizer", "mixed", "flash", "recompute", "causal", "bias", *SPLITS)
RECOMPUTE = ("none", "block", "all")


class Convention:
    """How things are counted."""

    __slots__ = (
        *("batch", "bias", "bits", "causal", "dtype", "flash", "mixed", "optimizer", "patterns"),
        *("recompute", "stored", "types"),
        *SPLITS,
    )

    def __init__(
        self,
        dtype: str = "float32",
        batch: int = 1,
        optimizer: str = "adam",
        causal: str = "dense",
        bias: bool = False,
        mixed: str | None = None,
        flash: bool = False,
        recompute: str = "none",
        tp: int = 1,
        pp: int = 1,
        dp: int = 1,
        zero: int = 0,
        ep: int = 1,
        accumulate: int = 1,
    ) -> None:
        dtype, self.stored, self.patterns = _formats(dtype)
        self.types = _types(dtype)
        self.mixed = None if mixed is None else _one_of("mixed", _mixed(mixed), MIXED)
        if self.mixed is not None:
            half = MIXED[self.mixed]
            if not set(self.types.values()) <= {half, "float32"}:
                raise Fault("option-value", f"--mixed {self.mixed} computes in {half}, not in {dtype}")
            self.types = dict.fromkeys(ROLES, half)
        self.bits = {role: BITS[name] for role, name in self.types.items()}
        names = set(self.types.values())
        self.dtype = names.pop() if len(names) == 1 else ", ".join(f"{r} {name}" for r, name in self.types.items())
        if self.stored is not None:
            self.dtype = f"weights {self.stored.name}, {self.dtype.replace('weights', 'computed in')}"
        self.dtype += "".join(f", {pattern} {_name(kind)}" for pattern, kind in self.patterns)
        optimizer = EIGHT_BITS.get(optimizer.lower(), optimizer.lower())
        self.optimizer = _one_of("optimizer", optimizer, [*STATES, ADAFACTOR, *STATES_8BIT])
        self.causal = _one_of("causal", causal.lower(), CAUSAL)
        self.recompute = _one_of("recompute", recompute.lower(), RECOMPUTE)
        self.batch = batch
        self.bias = bias
        self.flash = flash
        self.tp, self.pp, self.dp, self.zero, self.ep, self.accumulate = tp, pp, dp, zero, ep, accumulate

    def of(self, batch: int) -> Convention:
        """The same for so many samples at once."""
        other = copy(self)
        other.batch = batch
        return other

    @property
    def splits(self) -> bool:
        """Whether several devices share the network."""
        return (self.tp, self.pp, self.dp, self.ep) != (1, 1, 1, 1)

    def shared(self) -> set[str]:
        """The settings of `SPLITS` that share something: replicas with ZeRO; passes matter in a pipeline."""
        found = {name for name in ("tp", "pp", "ep") if getattr(self, name) > 1}
        found |= {"accumulate"} if found else set()
        return found | ({"dp", "zero"} if self.zero and self.dp > 1 else set())

    @property
    def counts(self) -> bool:
        """Whether MACs or FLOPs are counted otherwise than the rules have them."""
        return self.bias or self.causal != "dense"

    @property
    def trains(self) -> bool:
        """Whether the weights' type has gradients."""
        return self.stored is None and self.types["weights"] in TRAINED

    @property
    def trained_bits(self) -> int:
        """Bits of what is trained: low-rank matrices beside weights that are stored in few bits have activations'."""
        return self.bits["weights" if self.trains else "activations"]

    def must_train(self) -> None:
        """Raise `Fault` where the weights' type has no gradients."""
        if not self.trains:
            kind = self.types["weights"] if self.stored is None else self.stored.name
            what = "whole numbers have" if kind.startswith("int") else f"{kind} has"
            text = f"nothing is trained in {kind}: {what} no gradients"
            raise Fault("option-value", text, help="--dtype bfloat16, or --mixed bf16 with float32 master weights")

    def precision(self) -> str:
        """What training in these types is called where it is not plain float32."""
        if self.mixed is not None:
            return f"mixed {self.mixed}, float32 master weights and moments"
        kind = self.types["weights"]
        return f"pure {kind}" if BITS[kind] < 32 else ""

    def bytes(self, count: Number, role: str = "activations") -> Number:
        """Bytes of so many numbers; of types below a byte the last one is filled up."""
        return in_bytes(count, self.bits[role])

    def weight_bytes(self, row: Row, weights: Any, count: Number) -> Number:
        """Bytes of a layer's weights, `count` numbers, as they are stored."""
        kind: str | Stored | None = self.stored
        for pattern, one in self.patterns:
            if fits(row.name, pattern):
                kind = one
        if kind is None:
            kind = self.types["weights"]
        if isinstance(kind, str) and not any(".lora_" in weight.name for weight in weights):
            return in_bytes(count, BITS[kind])
        total: Number = 0
        for weight in weights:
            adapter = ".lora_" in weight.name  # trained beside what is stored
            if adapter or isinstance(kind, str):
                bits = self.trained_bits if adapter else BITS[str(kind)]
                total = total + in_bytes(prod(weight.shape), bits)
            else:
                total = total + kind.bytes(weight.shape)
        return total

    def to_dict(self) -> dict[str, object]:
        """The conventions as data."""
        found: dict[str, object] = {
            "flops_per_mac": 2,
            "bias_additions": self.bias,
            "causal": self.causal,
            "dtype": self.dtype,
            "batch": self.batch,
            "optimizer": self.optimizer,
        }
        if len(set(self.types.values())) > 1:
            found["dtypes"] = dict(self.types)
        if self.stored is not None:
            found["stored"] = self.stored.name
        if self.patterns:
            found["patterns"] = {pattern: _name(kind) for pattern, kind in self.patterns}
        if self.mixed is not None:
            found["mixed"] = self.mixed
        if self.flash:
            found["flash"] = True
        if self.recompute != "none":
            found["recompute"] = self.recompute
        if self.splits:
            found["devices"] = {name: getattr(self, name) for name in SPLITS}
        return found


def in_bytes(count: Number, bits: int) -> Number:
    """Bytes of so many numbers of so many bits."""
    if bits % 8 == 0:
        return count * (bits // 8)
    return (count * bits + 7) // 8


def _name(kind: str | Stored) -> str:
    return kind if isinstance(kind, str) else kind.name


def _formats(text: str) -> tuple[str, Stored | None, list[tuple[str, str | Stored]]]:
    """The words that are plain types by role, how weights are stored beyond them, and types by patterns of layers."""
    plain: list[str] = []
    weights: Stored | None = None
    patterns: list[tuple[str, str | Stored]] = []
    known = {**BITS, **{short: BITS[name] for short, name in SHORT.items()}}
    for part in text.split(","):
        role, equals, word = (piece.strip() for piece in part.partition("="))
        if equals and role not in ROLES and not did_you_mean(role, ROLES):
            patterns.append((role, stored(word, known) or _type(word)))
            continue
        kind = word if equals else role
        found = stored(kind, known) if kind.lower() in BLOCKS or "/" in kind else None
        if found is None:
            plain.append(part)
        elif not equals or role == "weights":
            weights = found
            plain.append("weights=bfloat16")
        else:
            raise Fault("option-value", f"--dtype: only weights have scales, not {role}", help=f"write {role}=int8")
    if weights is not None and not any("=" not in one or one.strip().startswith("activations") for one in plain):
        plain.append("activations=bfloat16")
    return ",".join(plain) or "float32", weights, patterns


def _types(text: str) -> dict[str, str]:
    """The type of each role: `bfloat16`, or `weights=int4,activations=bfloat16,kv=int8`."""
    usual = ""
    found: dict[str, str] = {}
    for part in text.split(","):
        role, equals, word = part.strip().partition("=")
        if not equals and not usual:
            usual = _type(role)
        elif equals and role.strip() in ROLES and role.strip() not in found:
            found[role.strip()] = _type(word)
        else:
            near = did_you_mean(role, ROLES) if equals else None
            raise Fault(
                "option-value",
                f'--dtype takes a type, or one for each of {", ".join(ROLES)}, not "{part.strip()}"',
                help=f"did you mean {near}?" if near else "for example --dtype weights=int4,activations=bfloat16",
            )
    # What nothing is said of: keys and values are activations.
    activations = found.get("activations", usual or "float32")
    return {
        "weights": found.get("weights", usual or "float32"),
        "activations": activations,
        "kv": found.get("kv", activations),
    }


def _type(word: str) -> str:
    word = word.strip().lower().removeprefix("torch.")
    if help := meant(word):
        raise Fault("option-value", f'--dtype: "{word}" is no type', help=help)
    return _one_of("dtype", SHORT.get(word, word), BITS)


def _mixed(word: str) -> str:
    word = word.lower().removeprefix("torch.")
    return {"bfloat16": "bf16", "float16": "fp16", "half": "fp16"}.get(word, word)


def _one_of(what: str, word: str, known: Collection[str]) -> str:
    if word in known:
        return word
    raise Fault("option-value", f'--{what} takes one of {", ".join(known)}, not "{word}"', help=suggestion(word, known))
