"""Messages of ONNX Runtime, JAX and Flax."""

from __future__ import annotations

import re

from cnncalc.read.errors.rules import Meaning, rule, said
from cnncalc.read.errors.sizes import listed, numbers


@rule(
    r"Got invalid dimensions for input: (\S+) for the following indices\s*((?:\s*index: \d+ Got: \d+ Expected: \d+)+)"
)
def _dimensions(found: re.Match[str]) -> Meaning:
    places = re.findall(r"index: (\d+) Got: (\d+) Expected: (\d+)", found[2])
    says = [f"The model was exported with sizes that are fixed; {found[1]} has others:"]
    says += [f"Axis {at} is {got} and must be {want}." for at, got, want in places]
    axes = ", ".join(f'{at}: "size{at}"' for at, _, _ in places)
    write = [f"an input resized to {' x '.join(want for _, _, want in places)} in these axes"]
    if any(at == "0" for at, _, _ in places):
        write.append("samples one by one: axis 0 is the batch, and it was exported as a fixed number")
    write.append(f'torch.onnx.export(..., dynamic_axes={{"{found[1]}": {{{axes}}}}}), if sizes should be free')
    return Meaning("an ONNX model gets another size than it was exported with", says, write)


@rule(r"Invalid rank for input: (\S+) Got: (\d+) Expected: (\d+)")
def _rank(found: re.Match[str]) -> Meaning:
    got, want = int(found[2]), int(found[3])
    says = [f"{found[1]} takes {want} axes and gets {got}."]
    write = ["the batch axis: x[None], np.expand_dims(x, 0)"] if got == want - 1 else [f"an array of {want} axes"]
    return Meaning("an ONNX model gets another number of axes", says, write)


_TYPE = r"\((?:tensor\(|class onnxruntime::PrimitiveDataType<|N11onnxruntime17PrimitiveDataTypeI)([\w:]+?)(?:\)|>|EE)\)"
_MANGLED = {"f": "float", "d": "double", "l": "int64", "i": "int32", "NS_9MLFloat16E": "float16"}


@rule(rf"Unexpected input data type\. ?Actual: {_TYPE} ?, expected: {_TYPE}")
def _type(found: re.Match[str]) -> Meaning:
    got, want = _MANGLED.get(found[1], found[1]), _MANGLED.get(found[2], found[2])
    dtype = {"float": "float32", "double": "float64", "__int64": "int64"}.get(want, want)
    says = [f"The sizes may be right: the numbers are {got}, and the model takes {want}."]
    if got == "double":
        says.append("NumPy makes float64 (double) where nothing is said.")
    return Meaning("an ONNX model gets numbers of another type", says, [f"x.astype(np.{dtype})"])


@rule(
    r"running (\w+) node\. Name: ?'([^']*)' Status Message:.{0,200}?(?:"
    r"Attempting to broadcast an axis by a dimension other than 1\. (\d+) by (\d+)|"
    r"operand cannot broadcast on dim (\d+) LeftShape: \{([\d,]*)\}, RightShape: \{([\d,]*)\})"
)
def _node_broadcast(found: re.Match[str]) -> Meaning:
    meet = f"an axis of {found[3]} meets {found[4]}"
    if found[5]:
        meet = f"{listed(numbers(found[6]))} meets {listed(numbers(found[7]))}: axis {found[5]} differs"
    says = [f"{found[1]} ({found[2]}) combines two tensors number by number, and {meet}."]
    write = ["an input of the size of the export: a position table or mask of that length is stored in the model"]
    return Meaning("two tensors of an ONNX model do not fit", says, write, {"name": found[2]})


said(
    r"running (\w+) node\. Name: ?'([^']*)' Status Message:.{0,200}?(?:MatMul dimension mismatch|GEMM: Dimension mismatch)",
    "matrices of an ONNX model do not fit",
    ["{1} ({2}) multiplies matrices, and the columns of the first are not the rows of the second."],
    ["an input of the size of the export: what is flattened before a Gemm has the size that it had then"],
    name="{2}",
)


@rule(
    r"running (\w+) node\. Name: ?'([^']*)' Status Message:.{0,200}?Axis (\d+) has mismatched dimensions of (\d+) and (\d+)"
)
def _node_concatenated(found: re.Match[str]) -> Meaning:
    a, b = int(found[4]), int(found[5])
    says = [f"{found[1]} ({found[2]}) puts tensors together, and axis {found[3]} has {a} and {b}: it must be equal."]
    write = ["an input of the size of the export"]
    if abs(a - b) == 1 and int(found[3]) >= 2:
        says.append("They differ by one: an odd size was halved and doubled again on one of the ways.")
        write = ["an input whose height and width are multiples of 32, as all strides together divide"]
    return Meaning("tensors of an ONNX model cannot be put together", says, write, {"name": found[2]})


@rule(
    r"dot_general requires contracting dimensions to have the same shape, got [\[(](\d+),?[\])] and [\[(](\d+),?[\])]"
)
def _contracted(found: re.Match[str]) -> Meaning:
    left, right = int(found[1]), int(found[2])
    says = [f"A product sums over an axis of {left} on the left and of {right} on the right: they must be equal."]
    write = ["jnp.dot(x, w.T), if the weights lie the other way round", f"a layer made for {left} features"]
    return Meaning("two arrays do not fit in a product", says, write, {"in": right})


said(
    r"dot_general requires lhs batch dimensions and rhs batch dimensions to have the same shape, got [\[(]([\d, ]*)[\])] and [\[(]([\d, ]*)[\])]",
    "two stacks of matrices do not fit",
    ["A stack of {1:shape} products meets one of {2:shape}: dot_general repeats none of them."],
    ["jnp.broadcast_to, or jnp.matmul, which repeats axes of 1"],
)
said(
    r"(?:(\w+) got incompatible shapes for broadcasting: |Incompatible shapes for broadcasting: (?:shapes=)?[\[(]?)\(([\d, ]*)\)(?:,| and) \(([\d, ]*)\)",
    "two arrays do not fit",
    [
        "Two arrays are combined number by number: {2:shape} and {3:shape}.",
        "Axes are aligned at the last one; sizes must be equal, or one of them 1.",
    ],
    ["x[:, None] for an axis of 1 where an array should be repeated"],
)


@rule(
    r'Initializer expected to generate shape \(([^)]*)\) but got shape \(([^)]*)\) instead for parameter "(\w+)" in "([^"]*)"'
)
def _initialised(found: re.Match[str]) -> Meaning:
    return _flax(numbers(found[1]), numbers(found[2]), found[3], found[4])


@rule(r'Inconsistent shapes between value and initializer for parameter "(\w+)" in "([^"]*)": \(([^)]*)\), \(([^)]*)\)')
def _inconsistent(found: re.Match[str]) -> Meaning:
    return _flax(numbers(found[3]), numbers(found[4]), found[1], found[2])


def _flax(stored: list[int | None], made: list[int | None], name: str, path: str) -> Meaning:
    """Flax: the parameters that are given, and what this input would make."""
    says = [
        f"{name} of {path}: the two shapes are {listed(stored)} and {listed(made)}, one of the parameters that are given and one of what this input makes."
    ]
    write = ["init with an input of the same sizes as apply gets"]
    if len(stored) == len(made) == 2 and stored[-1] == made[-1]:
        says.append(f"Only the inputs differ, {stored[0]} and {made[0]}: another input size, or something flattened.")
    elif stored[:-1] == made[:-1]:
        says.append(f"Only the outputs differ, {stored[-1]} and {made[-1]}: another number of features or classes.")
        write.append("the last layer left out of the restored parameters, if it is trained anew")
    return Meaning("Flax has parameters of another shape", says, write, {"name": path.strip("/").replace("/", ".")})
