"""Keras' and TensorFlow's messages."""

from __future__ import annotations

import re
from math import prod

from cnncalc.read.errors.loading import provided
from cnncalc.read.errors.rules import Meaning, rule, said
from cnncalc.read.errors.sizes import listed, numbers


@rule(
    r"Input (\d+) (?:with name '[^']*' )?of layer [\"']?([\w./]+)[\"']? is incompatible with the layer: expected axis (-?\d+) of input shape to have value (\d+),? but received input with shape [\[(]([^\])]*)[\])]"
)
def _axis(found: re.Match[str]) -> Meaning:
    name, axis, want, shape = found[2], int(found[3]), int(found[4]), numbers(found[5])
    got = shape[axis] if -len(shape) <= axis < len(shape) else None
    says = [f"{name} was made for {want} in axis {axis}, and gets {listed(shape)}, with {got} there. N is the batch."]
    write = []
    inner = [size for size in shape[1:] if size is not None]
    if prod(inner) == want and len(inner) > 1:
        write.append(f"Flatten() before it: {' · '.join(map(str, inner))} = {want}")
    flattened = 0 if write else want
    write.append(f"an input of {want}, or a model that is built for {got}")
    return Meaning("a Keras layer gets another size than it was built for", says, write, {"name": name}, flattened)


@rule(
    r"Input (\d+) (?:with name '[^']*' )?(?:of layer [\"']?([\w./]+)[\"']? is incompatible with the layer|is incompatible with layer ([\w./]+)): expected (?:min_)?ndim=(\d+), found ndim=(\d+)(?:\.? (?:Full shape received: )?[\[(]([^\])]*)[\])])?"
)
def _ndim(found: re.Match[str]) -> Meaning:
    name, want, got = found[2] or found[3], int(found[4]), int(found[5])
    shape = f": {listed(numbers(found[6]))}. N is the batch." if found[6] else "."
    says = [f"{name} takes {want} axes with the batch, and gets {got}{shape}"]
    write = []
    if want == 4 and got == 3:
        write.append(
            "a channel axis at the end: Reshape((28, 28, 1)), x[..., None]; or the batch axis in front, x[None]"
        )
    elif want == 3 and got == 2:
        write.append("a sequence: return_sequences=True in the recurrent layer before it, or Reshape((1, -1))")
    elif want == 3 and got == 4:
        write.append(
            "TimeDistributed(Flatten()) before a recurrent layer; input_shape=(steps, features), no batch in it"
        )
    elif want == 2 and got > 2:
        write.append("Flatten() before it")
    return Meaning(
        "a Keras layer gets another number of axes", says, write or [f"an input of {want} axes"], {"name": name}
    )


@rule(
    r"Input (\d+) (?:with name '[^']*' )?of layer [\"']?([\w./]+)[\"']? is incompatible with the layer: expected shape=[\[(]([^\])]*)[\])], found shape=[\[(]([^\])]*)[\])]|"
    r"Model was constructed with shape [\[(]([^\])]*)[\])].{0,400}?called on an input with incompatible shape [\[(]([^\])]*)[\])]"
)
def _shape(found: re.Match[str]) -> Meaning:
    name, want, got = found[2] or "The model", numbers(found[3] or found[5]), numbers(found[4] or found[6])
    says = [f"{name} was made for {listed(want)} and gets {listed(got)}. N is the batch."]
    write = []
    if len(got) == len(want) - 1:
        write.append("the batch axis: x[None], np.expand_dims(x, 0)")
    elif len(got) > len(want):
        write.append("Flatten(), or x.reshape(len(x), -1)")
    return Meaning(
        "a Keras model gets another shape", says, write or ["the input that the model was built for"], {"name": name}
    )


@rule(
    r"`?Concatenate`? layer requires inputs with matching shapes except for the concatenation axis\. Received: input_shape=\[(.*?)\](?=\s|$|\.)"
)
def _concatenate(found: re.Match[str]) -> Meaning:
    shapes = [numbers(part) for part in re.findall(r"\(([^)]*)\)", found[1])]
    says = [f"Concatenate gets {' and '.join(map(listed, shapes[:4]))}: all axes but one must agree."]
    write = [
        "Cropping2D or ZeroPadding2D on the skip: an odd size was halved and doubled again",
        "axis=-1, if channels are meant",
    ]
    return Meaning("Concatenate gets shapes that differ elsewhere", says, write)


@rule(
    r"Negative dimension size caused by subtracting (\d+) from (\d+)|Computed output size would be (?:negative|zero or negative)\. Received:? [^.]*"
)
def _negative(found: re.Match[str]) -> Meaning:
    if found[1]:
        says = [f"A window of {found[1]} does not fit on an axis of {found[2]}: the map has become too small."]
    else:
        says = ["A window does not fit on its map: it has become too small."]
    return Meaning(
        "a window is larger than its input", says, ['padding="same", a larger input, or one pool less before it']
    )


@rule(
    r"Shapes [\[(]([^\])]*)[\])] and [\[(]([^\])]*)[\])] are incompatible|`target` and `output` must have the same (?:shape|rank)"
    r"[^:]*?(?: \(ndim\))?[:.].{0,20}?target\.shape=(?:torch\.Size\()?[\[(]([^\])]*)[\])]+, output\.shape=(?:torch\.Size\()?[\[(]([^\])]*)[\])]"
)
def _loss(found: re.Match[str]) -> Meaning:
    a, b = (numbers(part) for part in found.groups() if part is not None)
    if found[3] is not None and "up until the last" in found[0]:
        says = [f"A sparse loss takes one class for each row; the targets are {listed(a)} and the outputs {listed(b)}."]
        write = ["categorical_crossentropy, if the targets are one-hot rows; y.argmax(-1) makes classes of them"]
        return Meaning("targets and outputs differ", says, write)
    if found[3] is None and len(a) == len(b) and None not in a + b and a[0] != b[0]:  # in a loss the batches are equal
        return provided(a, b)
    says = [f"The loss compares {listed(a)} with {listed(b)}: targets and outputs. N is the batch."]
    write = []
    if [size for size in a if size != 1] == [size for size in b if size != 1]:
        write.append("np.squeeze of the targets, or Flatten() at the end: they differ by an axis of 1 alone")
    elif 1 in (a[-1:] + b[-1:]) or len(a) != len(b):
        write.append(
            "sparse_categorical_crossentropy, if the targets are numbers of classes; to_categorical makes them rows"
        )
    if found[3] is None and None not in a + b:
        says.append("Where weights are loaded, they are the layer's and the file's instead.")
    return Meaning("targets and outputs differ", says, write or ["as many outputs as the targets have"])


@rule(
    r"logits and labels must have the same first dimension, got logits shape \[([\d,]+)\] and labels shape \[([\d,]+)\]"
)
def _logits(found: re.Match[str]) -> Meaning:
    logits, labels = numbers(found[1]), numbers(found[2])
    says = [f"The sparse loss takes one label for each row: {listed(logits)} logits and {listed(labels)} labels."]
    write = ["categorical_crossentropy, if the labels are one-hot rows"]
    if logits and labels and labels[0] and logits[-1] and labels[0] == (logits[0] or 0) * logits[-1]:
        says.append(f"{labels[0]} = {logits[0]} · {logits[-1]}: the labels are one-hot.")
    else:
        write.insert(0, "Flatten() before the last Dense, if each sample has several rows")
    return Meaning("labels and logits differ", says, write)


said(
    r"(?:Dimensions|Dimension \d+ in both shapes) must be equal, but are (\d+) and (\d+)(?: for|\. Shapes are)",
    "two tensors do not fit",
    ["Two tensors are combined, and an axis of {1} meets one of {2}."],
    ["the same size on both ways: a 1x1 Conv2D on a shortcut, Dense before an Add"],
)


@rule(
    r"total size of (?:the )?(?:new array|tensor) must be unchanged(?:.{0,20}?input_shape ?= ?[\[(]([^\])]*)[\])],? (?:output|target)_shape ?= ?[\[(]([^\])]*)[\])])?"
)
def _reshape(found: re.Match[str]) -> Meaning:
    made = f"{listed(numbers(found[2]))} of {listed(numbers(found[1]))}" if found[1] is not None else "another shape"
    says = [f"Reshape makes {made}: the numbers of one sample must stay as many."]
    return Meaning("Reshape holds another number of elements", says, ["-1 for one of the sizes: it is worked out"])


@rule(r"Data cardinality is ambiguous.{0,80}?same number of samples\.?\s*'x' sizes: ([\d, ]+?)\s*'y' sizes: ([\d, ]+)")
def _cardinality(found: re.Match[str]) -> Meaning:
    says = [f"fit gets {found[1].strip()} samples and {found[2].strip()} targets: the first axes must be equal."]
    write = [
        "print(x.shape, y.shape); x[None] where the batch axis is missing",
        "np.array(x), where a list holds inputs",
    ]
    return Meaning("there are not as many targets as samples", says, write)


said(
    r"axis values (\d+) \(at axis (\d+)\) != (\d+) \(at axis (\d+)\)\.? Full input shapes: (\([^)]*\)), (\([^)]*\))",
    "Dot gets axes of two lengths",
    ["Dot sums over axis {2} of {5:shape} and axis {4} of {6:shape}: {1} and {3}."],
    ["axes=(i, j) of equal sizes; axis 0 is the batch"],
)


@rule(
    r"number of (filters|input channels) must be evenly divisible by the number of groups\..{0,20}?groups=(\d+), \D*(\d+)"
)
def _keras_groups(found: re.Match[str]) -> Meaning:
    says = [
        f"{found[2]} groups split {found[3]} {found[1].lower()} into parts of one size, which does not come out even."
    ]
    return Meaning("groups do not divide the channels", says, [f"{found[1].lower()} that are a multiple of {found[2]}"])
