"""The files that are read and are no text, by the ends of their names: a line here is all that says so."""

from __future__ import annotations

from typing import NamedTuple


class Format(NamedTuple):
    """The module and the class that make a network of the file's bytes, and how many these may be."""

    module: str
    reader: str
    most: int
    said: str


FILES = {
    ".onnx": Format(
        "cnncalc.read.onnx.model", "OnnxModel", 2 << 30, "2 GB, the most that an ONNX file has without external data"
    ),
    # of an archive, of which only the config.json is unpacked
    ".keras": Format("cnncalc.read.keras.model", "KerasModel", 4 << 30, "4 GB"),
}
