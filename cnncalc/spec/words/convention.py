"""Whose words a spec is written in: PyTorch's, Keras' or the textbook's; said by `convention`, or seen in the layers.

Keras' spellings are understood without it too. A name that means the same in both is read as PyTorch's layer; a
`Conv2D` is read by its keywords; what only Keras can mean makes the whole network Keras', with a note.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnncalc import layers
from cnncalc.core.problem import Fault, Problem
from cnncalc.core.texts import show
from cnncalc.expression.parsed import Expression
from cnncalc.layers.keras.translate import TARGETS
from cnncalc.spec.entries.entry import Entry, is_input
from cnncalc.spec.words.dialect import (
    CONVOLUTIONS,
    DIFFERENT,
    convolution,
    is_word,
    only_pytorchs,
    spelled,
    text_of,
    whose,
)

if TYPE_CHECKING:
    from cnncalc.spec.model import Spec


def calls(entries: list[Entry]) -> Iterator[Entry]:
    """Every call among the entries, inside groups too."""
    for entry in entries:
        if entry.kind == "call":
            yield entry
        for _, body in entry.bodies:
            yield from calls(body)
        yield from calls(entry.shortcut or [])


# --- settling ------------------------------------------------------------------------------------------------------


def settle(spec: Spec) -> None:
    """Decide the convention, and put every entry into its words; problems and notes are kept in the spec."""
    found = own_calls(spec)
    said = spec.convention_said
    if said is None:
        said = _seen(spec, _heard(found))
    spec.convention = said
    if said == "keras" and not spec.layout_said:
        spec.layout = "channels_last"
    if said == "keras" or any(is_input(kind) for kind in {entry.type for entry in found}):
        from cnncalc.spec.words.keras_words import prepare, take_inputs

        if said == "keras":
            prepare(spec, found)
        spec.layers = take_inputs(spec, spec.layers)
    if said == "keras":
        return
    mixed = any(problem.code == "two-conventions" for problem in spec.problems)
    plain: set[object] = (
        set()
    )  # what is in PyTorch's words already: calls, of which equal texts are one object, and fields
    for entry in found:
        entry.convention = said
        key = id(entry.call) if entry.call is not None else _words(entry)
        if key in plain:
            continue
        if _is_pytorchs(entry):
            plain.add(key)
            continue
        before = (entry.type, entry.args, entry.kwargs, entry.call)
        try:
            as_pytorch(entry)
            if entry.call is not None and (entry.type, entry.args, entry.kwargs, entry.call) == before:
                plain.add(id(entry.call))
        except Fault as fault:
            entry.convention = "broken"
            if not mixed:
                at = entry.place(fault.option)
                spec.problems.append(Problem(fault.code, fault.message, source=spec.source, span=at, help=fault.help))


def _heard(found: list[Entry]) -> list[tuple[Entry, str]]:
    """What each call says of its convention; equal texts are one object and are asked once."""
    known: dict[object, str] = {}
    said = []
    for entry in found:
        key = id(entry.call) if entry.call is not None else _words(entry)
        word = known.get(key)
        if word is None:
            word = known[key] = whose(entry)
        said.append((entry, word))
    return said


def _words(entry: Entry) -> object:
    """What tells fields apart that are read by their words alone; the entry itself where its values count too."""
    own = layers.keras_name(entry.type)
    if entry.args or own == "MultiHeadAttention" or (own in CONVOLUTIONS and not entry.type.islower()):
        return id(entry)
    return (entry.type, *[word for word, _ in entry.kwargs])


def own_calls(spec: Spec) -> list[Entry]:
    """The calls of layers; those of the spec's own blocks are none."""
    bodies = [spec.layers, *(block.body for block in spec.blocks.values())]
    return [entry for body in bodies for entry in calls(body) if not spec.is_block(entry.type)]


def adopt(spec: Spec, base: Spec) -> None:
    """The convention of a spec that takes its layers from a base: the base's, unless it says one itself."""
    if spec.convention_said is None:
        spec.convention = base.convention
        return
    spec.convention = spec.convention_said
    for entry in own_calls(spec):
        if entry.convention != "broken" and not entry.spelled:
            entry.convention = spec.convention


def _seen(spec: Spec, found: list[tuple[Entry, str]]) -> str:
    """The convention that the calls speak of, with a note where it is Keras'."""
    strong = [entry for entry, word in found if word == "keras"]
    inputs = [entry for entry, _ in found if is_input(entry.type)]
    pytorch = [entry for entry, word in found if word == "pytorch"]
    words = strong or inputs or ([] if pytorch else _keras_words(found))
    if not words or (pytorch and not strong):
        return "pytorch"
    first = words[0]
    if pytorch:
        spec.problems.append(
            Problem(
                "two-conventions",
                f"{written(first)} is Keras', {written(pytorch[0])} is PyTorch's: a network is read in one convention",
                source=spec.source,
                span=pytorch[0].span,
                help="write all layers in the words of one, or say which: convention: keras",
            )
        )
        return "pytorch" if pytorch[0] is found[0][0] else "keras"
    spec.notes.append(
        Problem(
            "read-as-keras",
            f"{written(first)} is Keras': the network is read as Keras reads it, channels last",
            source=spec.source,
            span=first.span,
            help="convention: keras (--convention keras) says so; --convention pytorch reads it as PyTorch does",
            severity="note",
        )
    )
    return "keras"


def _keras_words(found: list[tuple[Entry, str]]) -> list[Entry]:
    """The calls with a word that only Keras has, where none has one that only PyTorch has.

    A name alone does not say in which order a convolution's numbers stand: `Conv2D(3, 16, 3)` beside a `Dense` stays
    open, and is refused.
    """
    words = [entry for entry, word in found if word in ("named", "ordered")]
    heard = {word for _, word in found}
    if not words or ("either" in heard and "ordered" not in heard):
        return []
    asked = {id(entry.call) if entry.call is not None else id(entry): entry for entry, _ in found}
    return [] if any(only_pytorchs(entry) for entry in asked.values()) else words


def written(entry: Entry) -> str:
    """The call as it was written, shortened."""
    if entry.call is not None:
        text = entry.call.text
        return text if len(text) <= 60 else f"{entry.type}(...)"
    return entry.type


# --- PyTorch's words -----------------------------------------------------------------------------------------------


def _is_pytorchs(entry: Entry) -> bool:
    """Whether the type and the words are PyTorch's, whatever the values are."""
    name = entry.type.rsplit(".", 1)[-1]
    own = layers.keras_name(name)
    known = layers.pytorch_name(name)
    if own is None or (known is not None and not spelled(name, own)):
        return True  # PyTorch's own name, in any case
    return known == name and not {word for word, _ in entry.kwargs} & set(DIFFERENT.get(name, ()))


def as_pytorch(entry: Entry) -> None:
    """Put an entry in Keras' spelling into PyTorch's words, or leave a mark that its arguments are Keras'."""
    name = entry.type.rsplit(".", 1)[-1]
    own = layers.keras_name(name)
    known = layers.pytorch_name(name)
    if own is None or _is_pytorchs(entry):
        return
    if own in CONVOLUTIONS:
        if name in CONVOLUTIONS and convolution(entry) in ("either", "ordered"):
            raise two_readings(entry, name)
        if own.endswith("Transpose"):
            entry.type = f"ConvTranspose{own[4]}d"
        return
    if own == "Activation":
        _activation(entry)
    elif own in TARGETS:
        _translate(entry, own)
    elif known is None:
        raise Fault(
            "unknown-layer",
            f"{own} is Keras' and has no counterpart in PyTorch",
            help=(
                "write convention: keras at the top of the spec",
                *(("in PyTorch it is a Conv2d with groups=in_channels",) if own.startswith("Depthwise") else ()),
                *(("in PyTorch it is that and a Conv2d of kernel 1 behind it",) if own.startswith("Separable") else ()),
            ),
        )


def _translate(entry: Entry, own: str) -> None:
    """Mark an entry as PyTorch's layer with Keras' arguments."""
    if own == "Dense" and len(entry.args) > 1:
        if not is_word(entry.args[1]):
            entry.type = "Linear"  # Dense(400, 120): sizes in PyTorch's order
            return
        entry.kwargs = [*entry.kwargs, ("activation", entry.args[1])]
        entry.args = [entry.args[0], *entry.args[2:]]
    if own != "Concatenate" or entry.kwargs:
        entry.spelled = own
    entry.type = TARGETS[own]


def _activation(entry: Entry) -> None:
    """`Activation("relu")` is the layer of that name."""
    argument = entry.args[0] if entry.args else next((v for w, v in entry.kwargs if w == "activation"), None)
    word = text_of(argument)
    kind = {"exponential": "Exp", "linear": "Identity", "hard_silu": "Hardswish"}.get(word, word)
    if not word or layers.pytorch_name(kind) is None:
        raise Fault("option-value", f"there is no activation {show(word)}" if word else "Activation needs a name")
    entry.type = kind
    entry.args, entry.kwargs, entry.call = [], [], None


def two_readings(entry: Entry, name: str) -> Fault:
    """The fault for `Conv2D(3, 16, 3)`: Keras' name with arguments that may be PyTorch's."""
    texts = [argument.text if isinstance(argument, Expression) else str(argument.text) for argument in entry.args]
    rest = [f"{word}={getattr(value, 'text', value)}" for word, value in entry.kwargs]
    labels = ("filters", "kernel", "stride", "padding")
    said = [f"{texts[0]} filters", *(f"{label} {text}" for label, text in zip(labels[1:], texts[1:], strict=False))]
    target = name.replace("D", "d") if not name.endswith("Transpose") else f"ConvTranspose{name[4]}d"
    sizes = texts if len(texts) > 2 else [f"out_channels={texts[0]}", *(f"kernel_size={text}" for text in texts[1:])]
    options = ["filters", "kernel_size", "strides", "padding"]
    keras_call = ", ".join([*(f"{word}={text}" for word, text in zip(options, texts, strict=False)), *rest])
    return Fault(
        "two-readings",
        f"{name}({', '.join([*texts, *rest])}) is Keras: {', '.join(said)}",
        help=(
            f"for PyTorch write {target}({', '.join([*sizes, *rest])})",
            f"for Keras write {name}({keras_call}), or say convention: keras (--convention keras)",
        ),
    )
