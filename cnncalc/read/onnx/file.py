"""The bytes of an ONNX file -> its model; broken, foreign and hostile files are refused with the reason."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from cnncalc.core.problem import Fault

if TYPE_CHECKING:
    from onnx import ModelProto

MOST_NODES = 200_000
_FOREIGN = (
    (b"PK\x03\x04", "a zip archive (PyTorch's .pt, Keras' .keras or an .npz)"),
    (b"\x89HDF", "HDF5 (Keras' .h5)"),
    (b"\x80\x02", "a pickle"),
    (b"\x80\x04", "a pickle"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\x1f\x8b", "gzip"),
)


def library() -> ModuleType:
    """The onnx package; a Fault that says how to get it where it is not there."""
    try:
        import onnx
    except ImportError:
        raise Fault("onnx-missing", "reading ONNX needs the onnx package", help='pip install "cnncalc[onnx]"') from None
    return onnx


def model_of(data: bytes) -> ModelProto:
    """The model that these bytes hold."""
    if not data:
        raise Fault("onnx-broken", "the file is empty")
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise Fault("onnx-broken", f"this is no ONNX file but {what}")
    if _is_text(data):
        help_ = "a spec's name ends in .yaml: rename it" if b":" in data else ()
        raise Fault("onnx-broken", "this is no ONNX file but text", help=help_)
    onnx = library()
    try:
        model: ModelProto = onnx.load_model_from_string(data)
    except Exception as error:  # protobuf has several kinds, by version
        reason = " ".join(str(error).split())[:120]
        raise Fault("onnx-broken", f"the file is broken: {reason}") from None
    if not model.HasField("graph") or not (model.graph.node or model.graph.output):
        raise Fault("onnx-broken", "there is no graph in it")
    if len(model.graph.node) > MOST_NODES:
        raise Fault("onnx-broken", f"the graph has more than {MOST_NODES:,} nodes")
    return model


def _is_text(data: bytes) -> bool:
    head = data[:2000]
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(sign.isprintable() or sign in "\n\r\t" for sign in text)
