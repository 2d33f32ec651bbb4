"""TensorFlow's messages, and those of Keras about merged layers, labels and stored weights."""

from __future__ import annotations

import re

from cnncalc.read.errors.rules import Meaning, rule, said
from cnncalc.read.errors.sizes import listed, numbers

ODD = "an odd size was halved and doubled again on one of the ways"


def apart(a: list[int | None], b: list[int | None], ones: bool = True, maps: bool = True) -> list[str]:
    """What is to be said of two shapes that meet; `ones`: an axis of 1 is repeated; `maps`: they are no weights."""
    if len(a) != len(b):
        return ["They are aligned at their last axis; sizes must be equal, or one of them 1."]
    places = [
        at
        for at, (one, other) in enumerate(zip(a, b, strict=True))
        if one != other and None not in (one, other) and not (ones and 1 in (one, other))
    ]
    said = [f"Axis {at} has {a[at]} and {b[at]}." for at in places]
    near = [at for at in places if maps and abs((a[at] or 0) - (b[at] or 0)) == 1]
    return said + ([f"They differ by one: {ODD}."] if near else [])


@rule(r"Incompatible shapes: \[([\d,\s]*)\] vs\.? \[([\d,\s]*)\]")
def _combined(found: re.Match[str]) -> Meaning:
    a, b = numbers(found[1]), numbers(found[2])
    says = [f"Two tensors are combined number by number: {listed(a)} and {listed(b)}.", *apart(a, b)]
    write = ["a 1x1 Conv2D with strides on a shortcut; Cropping2D or ZeroPadding2D where sizes differ by one"]
    if a and b and a[0] != b[0] and a[1:] == b[1:]:
        says.append("Only the batches differ.")
        write = ["batch(n, drop_remainder=True), or tf.shape(x)[0] for a batch size that is written into the model"]
    return Meaning("two tensors do not fit", says, write)


@rule(
    r"(?:Inputs? have incompatible shapes\.? Received shapes|Operands could not be broadcast together with shapes) \(([^)]*)\)(?: and|,)? \(([^)]*)\)|"
    r"Only (?:layers of same output shape|tensors of same shape) can be merged .{0,60}?(?:Layer|Got input) shapes: \[\(([^)]*)\), \(([^)]*)\)"
)
def _merged(found: re.Match[str]) -> Meaning:
    a, b = (numbers(part) for part in found.groups() if part is not None)
    says = [f"Two tensors are combined number by number: {listed(a)} and {listed(b)}.", *apart(a, b, ones=not found[3])]
    if found[0].startswith("Input"):
        says[0] = f"Add, Multiply or such gets {listed(a)} and {listed(b)}, without the batch."
    write = ["a Conv2D(filters, 1, strides) on the shortcut, so that channels and map are those of the other way"]
    return Meaning("a merging layer gets shapes that differ", says, write)


@rule(r"Matrix size-incompatible: In\[0\]: \[([\d,]*)\], In\[1\]: \[([\d,]*)\]")
def _product(found: re.Match[str]) -> Meaning:
    a, b = numbers(found[1]), numbers(found[2])
    says = [f"{listed(a)} is multiplied by weights {listed(b)}: each row has {a[-1]} numbers, and {b[0]} are weighed."]
    write = [f"a Dense that is built for {a[-1]}, or an input of {b[0]} features"]
    return Meaning("a Dense layer gets another size than it was built for", says, write, {"in": b[0]})


@rule(r"Received a label value of (-?\d+) which is outside the valid range of \[0, (\d+)\)")
def _label(found: re.Match[str]) -> Meaning:
    label, outputs = int(found[1]), int(found[2])
    says = [f"The last layer has {outputs} outputs, so labels go from 0 to {outputs - 1}; {label} is none."]
    write = [f"Dense({label + 1}) at the end, if {label} is the largest class"] if label >= outputs else []
    write.append("labels that begin at 0: y - y.min(), or LabelEncoder of scikit-learn")
    if outputs == 1:
        write.insert(0, "binary_crossentropy, if there are two classes and one output")
    return Meaning("a label is no class of the network", says, write)


said(
    r"One of the dimensions in the output is <= 0 due to downsampling in ([\w./]+)\. Consider increasing the input size\. Received input shape [\[(]([^\])]*)[\])]",
    "a window is larger than its input",
    ["{1} gets {2:shape}: its window is larger than the map. N is the batch."],
    ['padding="same", a larger input, or one pool less before it'],
    name="{1}",
)


@rule(
    r"Error when checking (?:model )?(input|target)?\s*: expected (\w+) to have "
    r"(?:shape \(([^)]*)\)|(\d+) dimensions,) but got array with shape \(([^)]*)\)"
)
def _fed(found: re.Match[str]) -> Meaning:
    target, name, got = found[1] == "target", found[2], numbers(found[5])
    where = f"The targets for {name}" if target else f"The input {name}"
    if found[4]:
        says = [f"{where} should have {found[4]} axes with the batch, and what is given has {len(got)}: {listed(got)}."]
        write = ["np.expand_dims(x, -1) for a channel axis, x[None] for a batch of one"]
        if len(got) > int(found[4]):
            write = ["x.reshape(len(x), -1), or np.squeeze(x) where an axis is 1"]
        elif 0 in got:
            write = ["a look at the data: there are no samples in it"]
        return Meaning("an array has another number of axes than the model", says, write)
    want = numbers(found[3])
    says = [f"{where} should be {listed(want)}, and what is given is {listed(got)}.", *apart(want, got, ones=False)]
    write = [f"a model that is built for {listed(got)}, or data of {listed(want)}"]
    if target:
        write = ["as many units in the last layer as the targets have, or sparse_categorical_crossentropy for classes"]
    elif sorted(want, key=str) == sorted(got, key=str):
        order = [got.index(size) for size in want]
        write = [f"np.transpose of the axes: sample by sample {tuple(order)}"] if len(set(order)) == len(order) else []
        write.append("channels are last in Keras, (rows, columns, channels)")
    return Meaning("an array has another shape than the model", says, write)


said(
    r'Layer "?(\w+)"? expects (\d+) input\(s\), but it received (\d+) input tensors',
    "a Keras layer gets another number of tensors",
    ["{1} takes {2} and gets {3} tensors."],
    [
        "Concatenate()([a, b]) or Add()([a, b]) before it, or a call for each tensor",
        "a look at the layer before: one of its kind, or a model, that gives a list",
    ],
    name="{1}",
)


@rule(
    r"cannot compute (\w+) as input #(\d+)\(zero-based\) was expected to be a (\w+) tensor but is a (\w+) tensor|"
    r"Value passed to parameter '(\w+)' has DataType (\w+) not in list of allowed values: ([\w, ]+)"
)
def _types(found: re.Match[str]) -> Meaning:
    if found[1]:
        says = [f"The sizes may be right: {found[1]} gets numbers of two types, {found[3]} and {found[4]}."]
        says.append("NumPy makes float64 (double), layers have float32 (float).")
    else:
        says = [f"The sizes may be right: {found[5]} is {found[6]}, and the layer takes {found[7]}."]
    return Meaning("numbers of two types meet", says, ["x.astype(np.float32), or tf.cast(x, tf.float32)"])


@rule(
    r"input must be (\d)-dimensional ?\[([\d,]*)\]|Inputs should have rank (\d)\.? ?Received input shape:[' ,]*\(([^)]*)\)"
)
def _rank(found: re.Match[str]) -> Meaning:
    want, got = found[1] or found[3], numbers((found[2] or found[4] or "").replace("n", "?"))
    says = [f"A layer takes {want} axes with the batch, and gets {len(got)}: {listed(got)}."]
    return Meaning("a layer gets another number of axes", says, ["batch, rows, columns, channels: all four"])
