"""Messages about stored weights that are not those of the model."""

from __future__ import annotations

import re

from cnncalc.read.errors.rules import Meaning, rule, said
from cnncalc.read.errors.sizes import listed, numbers
from cnncalc.read.errors.tensorflow import apart

AS_SAVED = "the model built as when it was saved: the same layers in the same order, use_bias too"


def provided(want: list[int | None], got: list[int | None]) -> Meaning:
    """A layer has one shape, and what is put there has another."""
    says = [
        f"The layer's weight is {listed(want)}, and {listed(got)} is put there.",
        *apart(want, got, ones=False, maps=False),
    ]
    write = ["load_weights(..., by_name=True, skip_mismatch=True), where only the last layer differs"]
    if len(want) == len(got) == 4:
        says.append("A Conv2D's weight is rows, columns, channels in, channels out.")
        if sorted(want, key=str) == sorted(got, key=str):
            says.append("The sizes are the same in another order: PyTorch and Theano have channels first.")
            write = ["keras.backend.set_image_data_format, as when the file was saved"]
            if want == [got[2], got[3], got[1], got[0]]:
                write = ["w.transpose(2, 3, 1, 0), from channels out, channels in, rows, columns"]
    elif len(want) == len(got) == 2 and want[0] != got[0] and want[1] == got[1]:
        says.append("Only the inputs differ: another input size, or something flattened.")
        write.insert(0, "the model built for the input size of the file")
    return Meaning("a weight has another shape than the layer", says, write)


@rule(
    r"(?:Layer|[Ww]eight) shape \(([^)]*)\) (?:is )?not compatible with (?:provided )?weight shape \(([^)]*)\)|"
    r"variable\.shape=\(([^)]*)\), Received: value\.shape=(?:torch\.Size\()?[\[(]([^\])]*)[\])]"
)
def _provided(found: re.Match[str]) -> Meaning:
    want, got = (numbers(part) for part in found.groups() if part is not None)
    return provided(want, got)


@rule(
    r"Layer '?\"?([\w./]+?)'?\"? expected (\d+) (?:variables?|weights?|input)[^.]*?, but (?:received|it received) (\d+) (?:variables?|saved)"
)
def _stored(found: re.Match[str]) -> Meaning:
    return _arrays(found[1], int(found[2]), int(found[3]))


@rule(
    r"Layer #\d+ \(named \"?([\w./]+)\"?[^)]*\).{0,200}?expects (\d+) (?:weights?|arrays?)(?:\(s\))?, but the saved weights have (\d+) elements?"
)
def _numbered(found: re.Match[str]) -> Meaning:
    return _arrays(found[1], int(found[2]), int(found[3]))


def _arrays(name: str, want: int, got: int) -> Meaning:
    says = [f"{name} has {want} arrays (kernel, bias), and the file has {got} for it."]
    write = [AS_SAVED]
    if got == 0:
        write.insert(0, "model.build(input_shape) or one call before load_weights, where the model is a class")
    return Meaning("stored weights are not those of the layer", says, write, {"name": name})


@rule(r"trying to load a weight file containing (\d+) (?:saved )?layers into a model with (\d+) layers")
def _layers(found: re.Match[str]) -> Meaning:
    theirs, mine = int(found[1]), int(found[2])
    says = [f"Layers with weights: {theirs} in the file, {mine} in the model."]
    write = [AS_SAVED, "load_weights(..., by_name=True), if layers with the same names are to be loaded"]
    if theirs == 0:
        write.insert(0, "load_model, if the file holds a whole model; a file that was saved before any layer was built")
    return Meaning("a file has another number of layers than the model", says, write)


said(
    r"loading weights into a model that has not yet been built|Unable to load weights saved in HDF5 format into a subclassed Model",
    "a model has no weights yet",
    ["The model has no weights yet: its layers get them when they see an input's size."],
    ["model.build(input_shape), or one call, before load_weights"],
)


@rule(
    r"Trying to set a tensor of shape (?:torch\.Size\()?\[([\d, ]*)\]\)? in \"([\w.]+)\" \(which has shape (?:torch\.Size\()?\[([\d, ]*)\]"
)
def _set(found: re.Match[str]) -> Meaning:
    theirs, name, mine = numbers(found[1]), found[2], numbers(found[3])
    says = [
        f"{name} is {listed(theirs)} in the file and {listed(mine)} in the model.",
        *apart(theirs, mine, ones=False, maps=False),
    ]
    write = [
        "the config.json that lies beside these weights",
        "ignore_mismatched_sizes=True, if it is to be trained anew",
    ]
    if mine == [0]:
        says.append("A weight of 0 numbers is one that is spread over devices (ZeRO 3) or on the meta device.")
    return Meaning("a checkpoint has other sizes than the model", says, write, {"name": name.rpartition(".")[0]})
