"""A printed model as a network: its modules are PyTorch's, its forward is known only where it is a chain."""

from __future__ import annotations

import re
from typing import Any

from cnncalc import layers
from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import as_ints
from cnncalc.core.problem import Problem, Source, SpecError
from cnncalc.network.graph import Graph
from cnncalc.read.printed.parse import Shown, arguments, parse
from cnncalc.read.python.interpreter.interpreter import Interpreter
from cnncalc.read.python.layers import modules
from cnncalc.read.python.layers.kinds import CONTAINERS, LEAVES, LOSSES
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.packages.packages import Packages
from cnncalc.read.python.reader import PythonModel
from cnncalc.read.python.tensor.tensors import Param, Tracer
from cnncalc.read.python.values import File, Refused

# Classes of other packages that print like one of torch.nn: pattern -> its class. Tried in order.
LIKE = (
    (r"NonDynamicallyQuantizableLinear|\w*Linear", "Linear"),
    (r"\w*RMSNorm\w*", "RMSNorm"),
    (r"\w*LayerNorm\w*", "LayerNorm"),
    (r"\w*BatchNorm(?:Act)?([123])d\w*", r"BatchNorm\1d"),
    (r"\w*GroupNorm\w*", "GroupNorm"),
    (r"\w*ConvTranspose([123])d\w*", r"ConvTranspose\1d"),
    (r"\w*Conv([123])d\w*", r"Conv\1d"),
    (r"\w*Embedding", "Embedding"),
)
# Leaves of other packages that have no parameters.
# What a list of parameters shows: `Parameter containing: [torch.float32 of size 3x4]`, without sizes for one number.
_SIZES = re.compile(r"containing: \[torch\.[\w.]+ of size ((?:\d{1,12}x){0,63}(?:\d{1,12})?)(?: \([\w: ]+\))?\]")
BARE = re.compile(
    r"\w*(Activation|Dropout|DropPath|StochasticDepth|Identity|ReLU|GELU|SiLU|Swish|Mish|Tanh|Sigmoid|Softmax|"
    r"Rearrange|Reduce|Permute|Flatten|Pool\w*|Pad\w*|Upsample\w*|RotaryEmbedding|Loss|Lambda|Normalize|Interpolate|"
    r"Dequant\w*|Quant\w*|Hardswish|LogitsProcessor)$"
)


# Layers of torch.nn around an attention whose query, key and value have one size.
TRANSFORMER_LAYERS = ("TransformerEncoderLayer", "TransformerDecoderLayer")


class PrintedModel(PythonModel):
    """A model as its print shows it."""

    format = "printed"

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.unseen: list[tuple[str, str]] = []  # what has weights that the text hides: path and class
        self.implied: list[str] = []  # attention whose in_proj follows from its out_proj
        self.withheld: list[tuple[str, int]] = []  # attention of which nothing tells the size of its input
        self.above: list[Shown] = []
        self.chain = True
        self.stops: tuple[str, Any] | None = None

    def _made(self) -> Module:
        try:
            shown = parse(self.source.text)
            import ast

            file = File(self.source, ast.Module([], []), "", shown.kind)
            packages = Packages(Tracer(Graph("", [])))
            Interpreter(packages).file = file
            self._packages, self._file = packages, file
            model = self.build(shown, "", file)
            modules.number(model)
        except Refused as refused:
            raise SpecError([self.problem(refused)]) from None
        return model

    @property
    def name(self) -> str:
        """The class of the model."""
        model = self.model()
        return str(model.attrs.get("__shown__", model.kind))

    def build(self, shown: Shown, path: str, file: File) -> Module:
        """The module that a part of the text shows."""
        packages = self._packages
        assert packages is not None
        if shown.kind == "MultiheadAttention" and shown.children:
            return self.attention(shown, path, file)
        kind = shown.kind if shown.kind in LEAVES or shown.kind in CONTAINERS or shown.kind in LOSSES else ""
        made = Module(None, kind if kind in CONTAINERS else "", shown.place, file)
        made.ready = True
        made.attrs["__shown__"] = shown.kind
        if kind in ("ParameterList", "ParameterDict"):
            sizes = _SIZES.findall(shown.args)
            if len(sizes) == len(shown.children) and all(child.kind == "Parameter" for _, child in shown.children):
                for (name, _), text in zip(shown.children, sizes, strict=True):
                    modules.own(made, name, Param(tuple(int(size) for size in text.split("x") if size)))
            else:
                self.hide(path, shown)
            return made
        given = arguments(shown)
        if not shown.children and given == ([], {}) and _has_weights(kind):
            kind = ""  # a class of somebody's own: torch.nn's shows its sizes
        if not shown.children and kind in LEAVES:
            self.leaf(made, kind, shown, given)
            return made
        like = _like(shown.kind) if not kind or (shown.children and kind in LEAVES) else ""
        if like and given is not None and (given[0] or given[1]):
            self.alike(made, like, shown, given, path)
        elif not shown.children and kind not in CONTAINERS and kind not in LOSSES:
            rows, columns = (given[1].get("nx"), given[1].get("nf")) if given is not None else (None, None)
            if shown.kind == "Conv1D" and isinstance(rows, int) and isinstance(columns, int):
                modules.own(made, "weight", Param((rows, columns)))
                modules.own(made, "bias", Param((columns,)))
            elif not BARE.match(shown.kind):
                self.hide(path, shown)
        before: list[Shown] = []  # what stands above a child and tells the size of its input
        for name, child in shown.children:
            self.above = [shown, *before]
            made.children[name] = self.build(child, f"{path}.{name}" if path else name, file)
            before.append(child)
        if kind != "Sequential" and self.chain and kind not in LEAVES:
            self.chain, self.stops = False, (shown.kind, shown.place)
        return made

    def hide(self, path: str, shown: Shown) -> None:
        if all(kind != shown.kind for _, kind in self.unseen):
            self.unseen.append((path, shown.kind))

    def leaf(self, made: Module, kind: str, shown: Shown, given: Any) -> None:
        """A layer of torch.nn, by its arguments."""
        if given is None:
            raise Refused(
                "printed-text", f"what stands in the brackets of {kind} is no list of plain values", shown.place
            )
        if kind.startswith("Lazy"):
            raise Refused(
                "printed-text", f"{kind} has no sizes before its first call", shown.place,
                help="print the model once it was called: the text then has Linear or Conv2d in its place",
            )  # fmt: skip
        args, named = given
        named = {name: value for name, value in named.items() if not _extra(kind, name)}
        try:
            modules.initialise(made, kind, args, named, self._packages.interpreter, shown.place)  # type: ignore[union-attr]
        except Refused as refused:
            refused.node = shown.place
            raise
        made.kind = kind
        made.node = shown.place

    def alike(self, made: Module, like: str, shown: Shown, given: Any, path: str) -> None:
        """A class of another package that prints like one of torch.nn: its weights, but no layer."""
        inner = Module(None, like, shown.place, made.file)
        try:
            self.leaf(inner, like, shown, given)
        except Refused:
            self.hide(path, shown)
            return
        for weight in modules.weights_of(inner):
            modules.own(made, weight.name, Param(as_ints(weight.shape)))
        if shown.kind not in ("NonDynamicallyQuantizableLinear",):
            made.attrs["__like__"] = like

    def attention(self, shown: Shown, path: str, file: File) -> Module:
        """MultiheadAttention shows out_proj alone: in_proj has three times its size where the inputs agree."""
        made = Module(None, "", shown.place, file)
        made.ready = True
        made.attrs["__shown__"] = shown.kind
        given = arguments(shown.children[0][1])
        size = given[1].get("in_features") if given is not None else None
        if not isinstance(size, int):
            self.hide(path, shown)
            return made
        sure = not self.above or any(part.kind in TRANSFORMER_LAYERS or size in _widths(part) for part in self.above)
        bias = given[1].get("bias", True) is not False  # type: ignore[index]
        for name, shape in (
            ("in_proj_weight", (3 * size, size)), ("in_proj_bias", (3 * size,)),
            ("out_proj.weight", (size, size)), ("out_proj.bias", (size,)),
        ):  # fmt: skip
            if (bias or "bias" not in name) and (sure or name != "in_proj_weight"):
                modules.own(made, name, Param(shape))
        if sure:
            self.implied.append(path or "the attention")
        else:
            self.withheld.append((path or "the attention", 3 * size * size))
        if self.chain:
            self.chain, self.stops = False, (shown.kind, shown.place)
        return made

    def forward_inputs(self) -> tuple[list[str], list[str]]:
        """A chain has one input."""
        return ["input"], []

    def example(self) -> None:
        """A printed model says no input."""
        return None

    def trace(self, shapes: dict[str, tuple[int, ...]]) -> Any:
        """Follow the chain; refused where the text does not show what forward does."""
        self.model()
        if not self.chain and self.stops is not None:
            kind, place = self.stops
            message = f"what the forward of {kind} does is not in the text, so there are no shapes"
            help = "params counts it; for shapes give FILE.py or an .onnx file"
            raise SpecError([self.problem(Refused("printed-no-forward", message, place, help))])
        return super().trace(shapes)

    def graph(self, texts: list[str]) -> tuple[Graph, list[Problem]]:
        """The chain for an input; what stops it first is that there is none."""
        self.model()
        if not self.chain:
            self.trace({})
        return super().graph(texts)

    def counts(self) -> Graph:
        """The weights that the text shows, with notes about those that it hides."""
        graph = super().counts()
        if self.implied:
            names = ", ".join(self.implied[:3]) + (
                f" and {len(self.implied) - 3} more" if len(self.implied) > 3 else ""
            )
            self._note(
                "printed-hidden",
                f"in_proj of {names} is not printed: counted as for query, key and value of one size; "
                "with kdim or vdim it would differ",
            )
        for path, count in self.withheld[:12]:
            self._note(
                "printed-hidden",
                f"in_proj of {path} is not printed, nor the size of its keys and values: it is not counted; "
                f"with query, key and value of one size it has {count:,} weights more",
            )
        for path, kind in self.unseen[:12]:
            self._note(
                "printed-hidden", f"{path or 'the model'}: the text does not show the weights of {kind}, if it has any"
            )
        self._note("printed-hidden", "bare parameters and shared weights are not in such a text: the total may differ")
        return graph


def _has_weights(kind: str) -> bool:
    """Whether a layer of torch.nn may have weights."""
    found = layers.find(kind) if kind in LEAVES else None
    return found is not None and found.weights is not Layer.weights


def _widths(shown: Shown) -> list[object]:
    """The sizes that a layer of the text gives: what comes behind it has one of them."""
    given = arguments(shown)
    if given is None:
        return []
    args, named = given
    first = args[0] if args else None
    last = first[-1] if isinstance(first, (tuple, list)) and first else first
    norm = last if "Norm" in shown.kind else None
    return [size for size in (named.get("out_features"), named.get("out_channels"), norm) if isinstance(size, int)]


def _extra(kind: str, name: str) -> bool:
    """What print shows and the constructor does not take."""
    return name == "bias" and ("BatchNorm" in kind or "InstanceNorm" in kind)


def _like(kind: str) -> str:
    for pattern, name in LIKE:
        found = re.fullmatch(pattern, kind)
        if found is not None:
            return found.expand(name)
    return ""


__all__ = ["PrintedModel", "Weight"]
