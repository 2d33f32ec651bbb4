"""Shape errors of PyTorch, Keras, TensorFlow, JAX and ONNX Runtime as they are pasted: what met what, what each number is, and what to write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cnncalc.read.errors.rules import RULES, Meaning, rule
from cnncalc.read.errors.sizes import flattening, listed, numbers

LONGEST = 200_000  # characters of a pasted text that are looked at, from its end


def meanings(text: str, channels: Mapping[int, str] | None = None) -> Iterator[Meaning]:
    """The meanings of the errors in a pasted text: the last ones first come last, as in a traceback.

    `channels` are those of the network that the text is about, and the layers that give them.
    """
    # they register their rules
    from cnncalc.read.errors import (
        keras,
        loading,
        pytorch,
        pytorch_axes,
        pytorch_tensors,
        pytorch_values,
        runtimes,
        tensorflow,
    )

    del keras, loading, pytorch, pytorch_axes, pytorch_tensors, pytorch_values, runtimes, tensorflow
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text[-LONGEST:])
    plain = re.sub(r"^[ \t]*[│┃|][ \t]?(.*?)[ \t]*[│┃|]?[ \t]*$", r"\1", plain, flags=re.MULTILINE)  # a frame
    plain = re.sub(r"[ \t]*\n[ \t]*", "\n", plain.replace("\r", ""))
    plain = re.sub(r"\d{19,}", "#", plain)  # no size, and too long to be read as a number
    flat = plain.replace("\n", " ")
    found: list[tuple[int, Meaning]] = []
    for pattern, make in RULES:
        for match in pattern.finditer(flat):
            meaning = make(match)
            if meaning is not None and all(abs(at - match.start()) > 20 for at, _ in found):
                found.append((match.start(), meaning))
            if len(found) > 20:
                break
    for _, one in sorted(found, key=lambda pair: pair[0]):
        yield one._replace(says=[*one.says, *flattening(one.flattened, channels or {})])


__all__ = ["Meaning", "listed", "meanings", "numbers", "rule"]
