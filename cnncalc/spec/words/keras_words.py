"""A spec in Keras' words: `Input` and `input_shape` give the network's input, `name=` the entry's name."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from cnncalc import layers
from cnncalc.core.problem import Fault, Problem, Span
from cnncalc.expression.parsed import Expression
from cnncalc.read.yaml.value import Value
from cnncalc.spec.entries.entry import Entry, is_input
from cnncalc.spec.words.dialect import CONVOLUTIONS, SHAPE_WORDS, text_of

if TYPE_CHECKING:
    from cnncalc.spec.model import Spec


# Letters for the sizes that a shape leaves open, by how many sizes it has.
FREE = {1: ("F",), 2: ("L", "F"), 3: ("H", "W", "C"), 4: ("D", "H", "W", "C")}


def prepare(spec: Spec, found: list[Entry]) -> None:
    """Put every call into the form that the expander knows; what gives the input is taken out."""
    for entry in found:
        entry.convention = "keras"
        if is_input(entry.type):
            continue
        try:
            _misspelt(entry)
        except Fault as fault:
            spec.problems.append(
                Problem(fault.code, fault.message, source=spec.source, span=entry.span, help=fault.help)
            )
            entry.convention = "broken"
            continue
        kept = []
        for word, value in entry.kwargs:
            if word == "name":
                entry.keys.setdefault("name", text_of(value))
            elif word in SHAPE_WORDS or (word == "input_dim" and layers.keras_name(entry.type) != "Embedding"):
                _input(spec, "input", value, entry.span, batch=word.startswith("batch"))
            elif word == "activation" and isinstance(value, Expression) and isinstance(value.tree, ast.Attribute):
                kept.append((word, text_of(value)))  # activation=tf.nn.relu
            else:
                kept.append((word, value))
        if len(kept) < len(entry.kwargs) or kept != entry.kwargs:
            entry.kwargs = kept
            entry.trim()


def take_inputs(spec: Spec, entries: list[Entry]) -> list[Entry]:
    """The entries without `Input(...)`, which become inputs of the network; also inside a Sequential."""
    kept = []
    for entry in entries:
        if entry.kind == "call" and is_input(entry.type) and not spec.is_block(entry.type):
            named = dict(entry.kwargs)
            name = text_of(entry.keys.get("name", named.get("name"))) or "input"
            for word in ("shape", "batch_shape", *SHAPE_WORDS):
                if word in named:
                    _input(spec, name, named[word], entry.span, batch=word.startswith("batch"))
                    break
            else:
                _first(spec, name, entry)
            continue
        entry.bodies = [(branch, take_inputs(spec, body)) for branch, body in entry.bodies]
        kept.append(entry)
    return kept


def _first(spec: Spec, name: str, entry: Entry) -> None:
    if not entry.args:
        spec.problems.append(
            Problem(
                "missing-option",
                f"{entry.type} needs a shape",
                source=spec.source,
                span=entry.span,
                help=f"write {entry.type}(shape=(28, 28, 1))",
            )
        )
        return
    if len(entry.args) == 1:
        _input(spec, name, entry.args[0], entry.span)
        return
    texts = [str(getattr(argument, "text", argument)) for argument in entry.args]
    _add(spec, name, "[" + ", ".join(texts) + "]", entry.span)


def _input(spec: Spec, name: str, value: Any, at: Span, batch: bool = False) -> None:
    """An input from the argument that says its shape; with `batch` the first number is the batch."""
    span = value.span() if isinstance(value, Value) else at
    if isinstance(getattr(value, "data", None), list):
        parts = [str(part.text) for part in value.data]
    else:
        parts = str(getattr(value, "text", value)).strip("()[] ").rstrip(",").split(",")
    parts = [part.strip() for part in parts][batch:]
    names = iter(FREE.get(len(parts), tuple(f"d{place}" for place in range(len(parts)))))
    sizes = []
    for part in parts:
        letter = next(names)
        if part in ("None", "null", ""):  # Keras leaves a size open: here it is a free dimension
            while letter in spec.let:
                letter += "_"
            if letter not in spec.symbols:
                spec.symbols = [*spec.symbols, letter]
            part = letter
        sizes.append(part)
    _add(spec, name, f"[{', '.join(sizes)}]", span)


def _add(spec: Spec, name: str, text: str, span: Span) -> None:
    from cnncalc.spec.model import InputSpec

    given = [item for item in spec.inputs if item.name == name] or (spec.inputs if name == "input" else [])
    if not given:
        spec.inputs.append(InputSpec(name, text, "float", span))
        return
    shape = given[0].shape
    plain = shape.plain() if isinstance(shape, Value) else shape
    if _numbers(plain) != _numbers(text) and _numbers(text):
        spec.problems.append(
            Problem(
                "input-contradicts",
                f"the input is {plain}, but the first layer says {text}",
                source=spec.source,
                span=given[0].span,
                help="leave one of them out",
            )
        )


def _numbers(shape: object) -> list[int] | None:
    """The sizes of a shape that has numbers alone."""
    from cnncalc.expression.shape_text import parse_shape

    try:
        sizes = parse_shape(shape, None, zero=True)
    except Fault:
        return None
    return sizes if all(type(size) is int for size in sizes) else None


def _misspelt(entry: Entry) -> None:
    """Under `convention: keras`, PyTorch's spelling with three bare numbers is surely not meant as Keras' call."""
    prefix, _, name = entry.type.rpartition(".")
    own = layers.keras_name(name)
    torch = prefix.split(".")[0] in ("nn", "torch")
    if own not in CONVOLUTIONS or not (torch or name in ("Conv1d", "Conv2d", "Conv3d")) or len(entry.args) < 3:
        return
    texts = [str(getattr(argument, "text", argument)) for argument in entry.args]
    raise Fault(
        "two-readings",
        f"{name}({', '.join(texts)}) is PyTorch's spelling; in Keras it is {texts[0]} filters, kernel {texts[1]}, "
        f"stride {texts[2]}",
        help=f"write {own}(filters={texts[1]}, kernel_size={texts[2]})",
    )
