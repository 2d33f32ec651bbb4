"""TensorFlow's messages, and those of Keras about merged layers, labels and stored weights."""

from __future__ import annotations

import re

from cnncalc.read.errors.rules import Meaning, rule
from cnncalc.read.errors.sizes import listed, numbers

ODD = "an odd size was halved and doubled again on one of the ways"


def _apart(a: list[int | None], b: list[int | None], ones: bool = True) -> list[str]:
    """What is to be said of two shapes that meet; `ones`: an axis of 1 is repeated."""
    if len(a) != len(b):
        return ["They are aligned at their last axis; sizes must be equal, or one of them 1."]
    places = [
        at
        for at, (one, other) in enumerate(zip(a, b, strict=True))
        if one != other and not (ones and 1 in (one, other))
    ]
    said = [f"Axis {at} has {a[at]} and {b[at]}." for at in places]
    near = [at for at in places if abs((a[at] or 0) - (b[at] or 0)) == 1]
    return said + ([f"They differ by one: {ODD}."] if near else [])


@rule(r"Incompatible shapes: \[([\d,\s]*)\] vs\.? \[([\d,\s]*)\]")
def _combined(found: re.Match[str]) -> Meaning:
    a, b = numbers(found[1]), numbers(found[2])
    says = [f"Two tensors are combined number by number: {listed(a)} and {listed(b)}.", *_apart(a, b)]
    write = ["a 1x1 Conv2D with strides on a shortcut; Cropping2D or ZeroPadding2D where sizes differ by one"]
    if a and b and a[0] != b[0] and a[1:] == b[1:]:
        says.append("Only the batches differ.")
        write = ["batch(n, drop_remainder=True), or tf.shape(x)[0] for a batch size that is written into the model"]
    return Meaning("two tensors do not fit", says, write, {})


@rule(r"(?:Input|Inputs) have incompatible shapes\.? Received shapes \(([^)]*)\) and \(([^)]*)\)")
def _merged(found: re.Match[str]) -> Meaning:
    a, b = numbers(found[1]), numbers(found[2])
    says = [f"Add, Multiply or such gets {listed(a)} and {listed(b)}, without the batch.", *_apart(a, b)]
    write = ["a Conv2D(filters, 1, strides) on the shortcut, so that channels and map are those of the other way"]
    return Meaning("a merging layer gets shapes that differ", says, write, {})


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
    return Meaning("a label is no class of the network", says, write, {})


@rule(
    r"One of the dimensions in the output is <= 0 due to downsampling in ([\w./]+)\. Consider increasing the input size\. Received input shape [\[(]([^\])]*)[\])]"
)
def _gone(found: re.Match[str]) -> Meaning:
    says = [f"{found[1]} gets {listed(numbers(found[2]))}: its window is larger than the map. N is the batch."]
    write = ['padding="same", a larger input, or one pool less before it']
    return Meaning("a window is larger than its input", says, write, {"name": found[1]})


@rule(
    r"Layer '?\"?([\w./]+?)'?\"? expected (\d+) (?:variables?|weights?|input)[^.]*?, but (?:received|it received) (\d+) (?:variables?|saved)"
)
def _stored(found: re.Match[str]) -> Meaning:
    want, got = int(found[2]), int(found[3])
    says = [f"{found[1]} has {want} arrays (kernel, bias), and the file has {got} for it."]
    write = ["the model built as when it was saved: the same layers in the same order, use_bias too"]
    if got == 0:
        write.insert(0, "model.build(input_shape) or one call before load_weights, where the model is a class")
    return Meaning("stored weights are not those of the layer", says, write, {"name": found[1]})


@rule(r"[Ww]eight shape \(([^)]*)\) (?:is )?not compatible with provided weight shape \(([^)]*)\)")
def _provided(found: re.Match[str]) -> Meaning:
    want, got = numbers(found[1]), numbers(found[2])
    says = [f"The layer's weight is {listed(want)}, and {listed(got)} is put there.", *_apart(want, got, ones=False)]
    if len(want) == len(got) == 4:
        says.append("A Conv2D's weight is rows, columns, channels in, channels out.")
    write = ["load_weights(..., by_name=True, skip_mismatch=True), where only the last layer differs"]
    return Meaning("a weight has another shape than the layer", says, write, {})
