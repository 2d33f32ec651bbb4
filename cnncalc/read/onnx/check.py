"""Whether an ONNX file can be read: its operators are known, and every input is given before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.core.problem import Fault, did_you_mean
from cnncalc.read.onnx import file as files
from cnncalc.read.onnx.sequences import OPERATORS

if TYPE_CHECKING:
    from onnx import ModelProto


def check(model: ModelProto) -> None:
    """Refuse operators that nobody knows, all at once, and inputs that nothing gives."""
    onnx = files.library()
    versions = {entry.domain or "ai.onnx": entry.version for entry in model.opset_import}
    unknown: dict[str, int] = {}
    for node in model.graph.node:
        domain = "" if node.domain == "ai.onnx" else node.domain
        if not onnx.defs.has(node.op_type, domain) or _unread(node.op_type):
            name = f"{node.domain}.{node.op_type}" if node.domain else node.op_type
            unknown[name] = unknown.get(name, 0) + 1
    if unknown:
        listed = ", ".join(f"{name} ({count})" if count > 1 else name for name, count in unknown.items())
        raise Fault("onnx-operator", f"these operators are not read: {listed}")
    own = any(node.domain in ("", "ai.onnx") for node in model.graph.node)
    if own and versions.get("ai.onnx", 1) < 7:
        raise Fault(
            "onnx-operator", f"opset {versions.get('ai.onnx', 1)} is too old", help="opset 7 and later are read"
        )
    for value in (*model.graph.input, *model.graph.output):
        if value.type.WhichOneof("value") not in ("tensor_type", None):
            raise Fault("onnx-operator", f'"{value.name}" is no tensor: lists and the like are not read')
    given = {value.name for value in model.graph.input} | {tensor.name for tensor in model.graph.initializer}
    given |= {tensor.values.name for tensor in model.graph.sparse_initializer}
    made = {name for node in model.graph.node for name in node.output}
    for node in model.graph.node:
        for name in node.input:
            if name and name not in given:
                who = node.name or node.op_type
                if name in made:
                    raise Fault("onnx-broken", f'{who} takes "{name}" before it is made: the nodes go in a circle')
                near = did_you_mean(name, given)
                raise Fault(
                    "onnx-broken",
                    f'{who} takes "{name}", which nothing gives',
                    help=f"did it mean {near}?" if near else (),
                )
        given.update(node.output)


def _unread(op: str) -> bool:
    """Whether an operator works on lists of tensors of any length, or runs a graph as often as numbers say."""
    return op not in OPERATORS and (op in ("Loop", "Scan") or op.startswith(("Sequence", "Optional")))
