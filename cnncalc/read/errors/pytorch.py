"""PyTorch's messages about layers: the sizes that a layer has, and those that it gets."""

from __future__ import annotations

import re

from cnncalc.read.errors.rules import Meaning, rule, said
from cnncalc.read.errors.sizes import listed, numbers


@rule(r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)")
def _linear(found: re.Match[str]) -> Meaning:
    rows, gets, wants, gives = map(int, found.groups())
    says = [
        f"A Linear({wants}, {gives}) takes vectors of {wants} features, and gets {rows} rows of {gets}.",
        f"{rows}x{gets} is what arrives: {rows} rows, {gets} features each. {wants}x{gives} is its weight, transposed: "
        f"in_features={wants}, out_features={gives}.",
    ]
    if rows == wants or (gets % wants == 0 and gets != wants):
        says.append(f"{gets} = {gets // wants} · {wants}: a flatten or view may have taken too many axes along.")
    write = [f"Linear({gets}, {gives}), if the layers before it are as intended"]
    if rows % 2 == 0 and (gets * rows) % wants == 0:
        write.append("x = torch.flatten(x, 1) before it, if the feature map is not flattened, or along the batch too")
    return Meaning(
        "a Linear gets another number of features than it has",
        says,
        write,
        {"kind": "Linear", "in": wants, "out": gives},
        flattened=gets,
    )


@rule(r"expected input\[([\d, ]+)\] to have (\d+) channels, but got (\d+) channels")
def _channels(found: re.Match[str]) -> Meaning:
    shape, wants, got = numbers(found[1]), int(found[2]), int(found[3])
    weight = re.search(r"weight of size \[([\d, ]+)\]", found.string[max(0, found.start() - 80) : found.start() + 1])
    says = [f"A convolution takes {wants} channels, and its input {listed(shape)} has {got}: axis 1 counts them."]
    layer: dict[str, object] = {"kind": "Conv", "in": wants}
    if weight:
        sizes = numbers(weight[1])
        says.append(
            f"Its weight {listed(sizes)} is [out_channels, in_channels / groups, kernel]: out_channels={sizes[0]}."
        )
        layer["out"] = sizes[0]
    write = [f"in_channels={got}, if the input is right"]
    if len(shape) > 2 and shape[-1] == wants:
        write.insert(0, "x.permute(0, 3, 1, 2) before it: the input has its channels last")
    elif got == 3 and wants == 1:
        write.append("a grey image, if the network is right: transforms.Grayscale()")
    elif got == 1 and wants == 3:
        write.append("three channels, if the network is right: x.expand(-1, 3, -1, -1)")
    elif len(shape) == 3:
        write.append("x.unsqueeze(0), if the batch axis is missing")
    return Meaning("a convolution gets another number of channels than it has", says, write, layer)


@rule(r"Expected (\d)D \(unbatched\) or (\d)D \(batched\) input to (\w+), but got input of size: \[([\d, ]+)\]")
def _rank(found: re.Match[str]) -> Meaning:
    one, many, what, shape = int(found[1]), int(found[2]), found[3], numbers(found[4])
    axes = {3: "channels, height, width", 2: "channels, length", 4: "channels, depth, height, width"}.get(one, "")
    says = [f"{what} takes [{axes}], or a batch of them with {many} axes; it gets {listed(shape)}, with {len(shape)}."]
    write = []
    if len(shape) == 1 or len(shape) < one:
        write.append(
            f"x.view(-1, channels, ...) so that it has {many} axes; a flatten stands too early, if there is one"
        )
    elif len(shape) > many:
        write.append("merge the first axes: x.flatten(0, 1)")
    return Meaning(
        "a layer gets another number of axes than it takes", says, write or [f"an input of {many} axes"], {"kind": what}
    )


@rule(r"expected (\d)D(?: or (\d)D)? (?:or \dD )?input \(got (\d)D input\)")
def _norm_rank(found: re.Match[str]) -> Meaning:
    wants, got = found[1] + (f" or {found[2]}" if found[2] else ""), int(found[3])
    says = [f"A layer (BatchNorm, as it says it) takes {wants} axes and gets {got}."]
    norm = {2: "BatchNorm1d", 3: "BatchNorm1d", 4: "BatchNorm2d", 5: "BatchNorm3d"}.get(got, "")
    write = [f"{norm} for an input of {got} axes"] if norm else []
    return Meaning("a norm gets another number of axes than it takes", says, write, {"kind": "BatchNorm"})


@rule(
    r"Calculated padded input size per channel: \(([\dx ]+)\)\. Kernel size: \(([\dx ]+)\)\. Kernel size can't be greater than actual input size"
)
def _kernel(found: re.Match[str]) -> Meaning:
    space, kernel = numbers(found[1]), numbers(found[2])
    says = [
        f"A kernel of {_by(kernel)} does not fit on a map of {_by(space)} (padding counted): the map has become too small."
    ]
    write = ["a larger input, fewer pools or strides before it, padding, or a smaller kernel"]
    return Meaning("a kernel is larger than its input", says, write, {"kind": "Conv", "kernel": kernel})


def _by(sizes: list[int | None]) -> str:
    return "x".join(str(size) for size in sizes)


said(
    r"Given input size: \(([\dx]+)\)\. Calculated output size: \(([-\dx]+)\)\. Output size is too small",
    "a pool makes an empty map",
    ["A pool of an input {1} (channels, then the map) would make {2}: nothing is left of the map."],
    ["a larger input, or one pool less before it"],
    kind="Pool",
)


@rule(r"input\.size\(-1\) must be equal to input_size\. Expected (\d+), got (\d+)")
def _rnn(found: re.Match[str]) -> Meaning:
    want, got = int(found[1]), int(found[2])
    says = [f"A recurrent layer takes steps of input_size={want} features, and gets {got}: the last axis counts them."]
    write = [f"input_size={got}", "x.transpose(1, 2), if features and time are exchanged"]
    return Meaning("a recurrent layer gets another number of features", says, write, {"kind": "RNN", "in": want})


@rule(r"(?:RNN|LSTM|GRU): Expected input to be 2D or 3D, got (\d)D|input must have 3 dimensions, got (\d)")
def _rnn_rank(found: re.Match[str]) -> Meaning:
    got = int(found[1] or found[2])
    says = [f"A recurrent layer takes [batch, length, features] (batch_first=True) and gets {got} axes."]
    write = ["x.unsqueeze(1), if each sample is one step"] if got == 2 else ["x.flatten(2), if each step is a map"]
    return Meaning("a recurrent layer gets another number of axes", says, write, {"kind": "RNN"})


@rule(r"Expected hidden(?:\[\d\])? size \(([\d, ]+)\), got [\[(]([\d, ]+)[\])]")
def _hidden(found: re.Match[str]) -> Meaning:
    want, got = numbers(found[1]), numbers(found[2])
    says = [
        f"The state before the first step must be {listed(want)}: layers · directions, batch, hidden_size. It is {listed(got)}.",
        "The batch stands in the middle, with batch_first too.",
    ]
    write = [f"torch.zeros({', '.join(str(size) for size in want)})"]
    if sorted(map(str, want)) == sorted(map(str, got)):
        write.insert(0, "h.transpose(0, 1).contiguous(): its axes are exchanged")
    elif len(want) == len(got) == 3 and want[1] != got[1]:
        write.append("a state of the batch at hand, x.size(0): the last batch of a loader is smaller")
    return Meaning("a state has another shape than the recurrent layer", says, write, {"kind": "RNN"})


@rule(
    r"embed_dim must be divisible by num_heads|embed_dim \((\d+)\) (?:must be|is not) divisible by num_heads \(?:?(\d+)\)?"
)
def _heads(found: re.Match[str]) -> Meaning:
    says = ["Each head gets embed_dim / num_heads features, so the heads must divide them."]
    if found[1]:
        size, heads = int(found[1]), int(found[2])
        near = [n for n in range(1, size + 1) if size % n == 0 and n <= 4 * heads]
        return Meaning(
            "heads that do not divide", says, [f"num_heads = {', '.join(map(str, near[-6:]))} would do for {size}"]
        )
    return Meaning("heads that do not divide", says, ["a num_heads that divides embed_dim: 1, 2, 4, 8, ..."])


@rule(r"was expecting embedding dimension of (\d+), but got (\d+)")
def _embedding(found: re.Match[str]) -> Meaning:
    want, got = int(found[1]), int(found[2])
    says = [f"An attention of embed_dim={want} gets {got} features: the last axis counts them."]
    return Meaning(
        "an attention gets another number of features",
        says,
        [f"embed_dim={got}, or a Linear({got}, {want}) before it"],
        {"kind": "MultiheadAttention", "in": want},
    )


@rule(r"(running_mean|running_var|weight) should contain (\d+) elements not (\d+)")
def _features(found: re.Match[str]) -> Meaning:
    got, has = int(found[2]), int(found[3])
    says = [f"A BatchNorm of num_features={has} gets {got} channels: axis 1 counts them."]
    return Meaning(
        "a norm has another number of channels", says, [f"num_features={got}"], {"kind": "BatchNorm", "in": has}
    )


said(
    r"Expected more than 1 value per channel when training, got input size (?:torch\.Size\()?\[([\d, ]+)\]",
    "a batch norm has nothing to take a mean of",
    ["A BatchNorm in training takes the mean over batch and map, and {1:shape} has one value per channel."],
    ["drop_last=True in the loader, if the last batch has one sample", "model.eval() for a single sample"],
    kind="BatchNorm",
)


@rule(
    r"Given normalized_shape=\[([\d, ]+)\], expected input with shape \[\*, [\d, ]+\], but got input of size ?\[([\d, ]+)\]"
)
def _layer_norm(found: re.Match[str]) -> Meaning:
    want, shape = numbers(found[1]), numbers(found[2])
    says = [
        f"A LayerNorm({listed(want)}) normalises the last axes, and {listed(shape)} ends with {listed(shape[-len(want) :])}."
    ]
    write = [f"LayerNorm({shape[-1]})"]
    if len(want) == 1 and want[0] in shape:
        write.insert(0, f"move the axis of {want[0]} to the end first, or use GroupNorm(1, {want[0]}) on [N, C, ...]")
    return Meaning("a layer norm gets other last axes", says, write, {"kind": "LayerNorm", "in": want[0]})


@rule(
    r"Padding size should be less than the corresponding input dimension(?:, but got: padding \((\d+), (\d+)\) at dimension (\d+) of input \[?([\d, ]+))?"
)
def _reflect(found: re.Match[str]) -> Meaning:
    says = ["An axis of n can be mirrored by n - 1 at most: a border cannot mirror more than there is."]
    if found[1]:
        says = [
            f"Reflection padding of {found[1]} and {found[2]} needs a longer axis {found[3]}: a border cannot mirror more than there is."
        ]
    return Meaning("padding is larger than the map", says, ["a larger input, or padding_mode='zeros'"])
