"""PyTorch's messages about tensors: views, sums, losses, batches and checkpoints."""

from __future__ import annotations

import re
from math import prod

from cnncalc.read.errors.rules import Meaning, rule, said
from cnncalc.read.errors.sizes import factors, listed, numbers


@rule(
    r"size mismatch for ([\w.]+): copying a param with shape (?:torch\.Size\()?\[([\d, ]*)\]\)? from checkpoint, the shape in current model is (?:torch\.Size\()?\[([\d, ]*)\]"
)
def _checkpoint(found: re.Match[str]) -> Meaning:
    name, theirs, mine = found[1], numbers(found[2]), numbers(found[3])
    says = [
        f"{name} is {listed(theirs)} in the file and {listed(mine)} in the model: {_count(theirs)} and {_count(mine)} numbers."
    ]
    write = []
    if len(theirs) == len(mine) and theirs[1:] == mine[1:]:
        says.append(f"Only the first axis differs, the outputs: the file has {theirs[0]} of them, the model {mine[0]}.")
        layer = name.rpartition(".")[0]
        write.append(f"make the model with {theirs[0]} outputs, load it, and then replace {layer}")
        write.append(
            "leave this array out of the state_dict, if it is to be trained anew (strict=False does not do that)"
        )
    else:
        write.append("make the model with the sizes of the file")
    return Meaning("a checkpoint has other sizes than the model", says, write, {"name": name.rpartition(".")[0]})


def _count(sizes: list[int | None]) -> str:
    return f"{prod(size or 1 for size in sizes):,}"


@rule(r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton dimension (\d+)")
def _broadcast(found: re.Match[str]) -> Meaning:
    a, b, axis = int(found[1]), int(found[2]), int(found[3])
    says = [
        f"Two tensors are combined number by number, and in axis {axis} one has {a} and the other {b}.",
        "Sizes must be equal, or one of them 1; axes are aligned at the last one.",
    ]
    write = []
    if axis == 1:
        write.append(f"a 1x1 convolution on the shortcut, Conv2d({b}, {a}, 1), if this is a residual connection")
    elif abs(a - b) <= 2:
        write.append("look at padding, kernel and stride of both ways: one of them makes the map larger or smaller")
    write.append("x.unsqueeze(...) or x.view(...), if an axis of 1 is missing")
    return Meaning("two tensors do not broadcast", says, write)


@rule(
    r"Sizes of tensors must match except in dimension (\d+)\. (?:Expected size (\d+) but got size (\d+) for tensor number (\d+)|Got (\d+) and (\d+))"
)
def _cat(found: re.Match[str]) -> Meaning:
    axis = int(found[1])
    want, got = int(found[2] or found[5]), int(found[3] or found[6])
    says = [
        f"torch.cat along axis {axis} puts tensors one behind the other; elsewhere they must agree, and {want} meets {got}."
    ]
    write = []
    if abs(want - got) <= 3 and min(want, got) > 3 and axis == 1:  # channels are put together
        write.append("a skip that is one larger: crop it, pad the other, or interpolate(size=skip.shape[-2:])")
        says.append("In a U-Net an odd size was halved and doubled again: 27 becomes 13 and then 26.")
    write.append("another dim, if the tensors were to be put together along the axis that differs")
    return Meaning("cat gets tensors that differ elsewhere", says, write)


@rule(r"shape '\[([-\d, ]+)\]' is invalid for input of size (\d+)")
def _view(found: re.Match[str]) -> Meaning:
    wanted = [int(word) for word in re.findall(r"-?\d+", found[1])]
    total = int(found[2])
    known = prod(size for size in wanted if size != -1) or 1
    says = [
        f"view({found[1].strip()}) of {total:,} numbers: {known:,} do not divide them ({total:,} / {known:,} = {total / known:.2f})."
    ]
    if -1 not in wanted:
        times = f", {total // known} times as many" if total > known and total % known == 0 else ""
        says = [f"view({found[1].strip()}) holds {known:,} numbers, and there are {total:,}{times}."]
    if len(wanted) == 2 and wanted[0] == -1:
        says.append("The first axis should be the batch: the second is what one sample has.")
        for batch in (1, 2, 4, 8, 16, 32, 64, 128, 256):
            if total % batch == 0 and factors(total // batch):
                says.append(
                    f"With a batch of {batch} one sample has {total // batch} = {factors(total // batch)} numbers."
                )
                break
    write = [
        "x.view(x.size(0), -1), or torch.flatten(x, 1), which need no number",
        "the size that the layer before gives, in this view and in the Linear after it",
    ]
    if total == 0:
        write = ["print(x.shape) before it: the tensor is empty, a slice or a mask picked nothing"]
    return Meaning("a view holds another number of elements", says, write)


@rule(r"Expected input batch_size \((\d+)\) to match target batch_size \((\d+)\)")
def _target(found: re.Match[str]) -> Meaning:
    got, target = int(found[1]), int(found[2])
    says = [f"The loss gets {got} rows from the network and {target} targets: a row for each sample is meant."]
    write = []
    if got % target == 0:
        says.append(
            f"{got} = {got // target} · {target}: a view in the network makes {got // target} rows of each sample."
        )
        write.append("look at views with a fixed number, x.view(-1, 128): the number must be what one sample has")
    elif target % got == 0:
        write.append(f"the targets have {target // got} for each sample: is one of the tensors flattened?")
    return Meaning("the loss gets other numbers of rows and targets", says, write or ["the same batch for both"])


said(
    r"index out of range in self|Assertion `?srcIndex < srcSelectDimSize",
    "a token is not in the table",
    ["An Embedding (or gather) gets a number that is not below its num_embeddings, or below 0."],
    [
        "num_embeddings = the largest token + 1 (vocabulary with padding and unknown)",
        "no more positions than the position table has",
    ],
    kind="Embedding",
)


@rule(
    r"Target size \((?:torch\.Size\()?\[([\d, ]*)\]\)?\) must be the same as input size \((?:torch\.Size\()?\[([\d, ]*)\]"
)
def _same(found: re.Match[str]) -> Meaning:
    target, got = numbers(found[1]), numbers(found[2])
    says = [f"This loss compares number by number: the network gives {listed(got)}, the target is {listed(target)}."]
    write = []
    if [size for size in got if size != 1] == [size for size in target if size != 1]:
        write.append("output.squeeze(1), or target.unsqueeze(1): an axis of 1 is on one side alone")
    write.append("CrossEntropyLoss, if there are several classes and the targets are numbers of classes")
    return Meaning("output and target differ", says, write)


said(
    r"expanded size of the tensor \((\d+)\) must match the existing size \((\d+)\) at non-singleton dimension (\d+)",
    "a tensor cannot be expanded",
    ["expand makes {1} of an axis of {2} (axis {3}): only an axis of 1 can be stretched."],
    ["repeat, if it is to be copied; unsqueeze first, if an axis is missing"],
)


@rule(r"Expected size for first two dimensions of batch2 tensor to be: \[(\d+), (\d+)\] but got: \[(\d+), (\d+)\]")
def _bmm(found: re.Match[str]) -> Meaning:
    batch, inner, other, got = map(int, found.groups())
    says = [
        f"bmm multiplies matrices pair by pair: the first has {inner} columns, so the second needs {inner} rows, and has {got}."
    ]
    if batch != other:
        says.append(f"There are {batch} matrices on the left and {other} on the right.")
    return Meaning("bmm gets matrices that do not fit", says, ["second.transpose(1, 2), if its rows are the features"])


said(
    r"stack expects each tensor to be equal size, but got \[([\d, ]*)\] at entry (\d+) and \[([\d, ]*)\] at entry (\d+)",
    "samples of a batch differ",
    ["Entry {2} is {1:shape} and entry {4} is {3:shape}: a batch is stacked of equal samples."],
    ["transforms.Resize((224, 224)) for images; a padding collate_fn for sequences"],
)
said(
    r"only batches of spatial targets supported \([\w ]+\) but got targets of (?:size|dimension):? ?(?:: )?\[?([\d, ]+)",
    "a target has an axis too many",
    ["CrossEntropyLoss of an image takes targets [N, H, W]: a class number for each pixel, without a channel axis."],
    ["target.squeeze(1), and .long()"],
)


@rule(r"output with shape \[([\d, ]*)\] doesn't match the broadcast shape \[([\d, ]*)\]")
def _inplace(found: re.Match[str]) -> Meaning:
    a, b = numbers(found[1]), numbers(found[2])
    says = [f"An operation in place writes into {listed(a)}, and its result is {listed(b)}."]
    write = ["x = x + y instead of x += y, if the larger shape is meant"]
    if a[:1] == [1] and b[:1] == [3]:
        write.insert(0, "Normalize of one mean and std for a grey image: ((0.5,), (0.5,))")
    return Meaning("a result does not fit where it is written", says, write)


@rule(r"For (unbatched 2-D|batched 3-D) input, (?:hx|hx and cx) should also be (\d)-D but got (?:\()?(\d)-D")
def _state_axes(found: re.Match[str]) -> Meaning:
    want, got = int(found[2]), int(found[3])
    says = [f"The input has {want} axes, and the state {got}: either both have a batch or none has."]
    write = ["x.unsqueeze(0) with batch_first=True, x.unsqueeze(1) else: an input of a batch of one"]
    write.append("h0 of [layers, hidden], if there is no batch" if want == 2 else "h0 of [layers, batch, hidden]")
    return Meaning("input and state of a recurrent layer have other numbers of axes", says, write, {"kind": "RNN"})


@rule(r"requested an output size of \[([\d, ]*)\], but valid sizes range from \[([\d, ]*)\] to \[([\d, ]*)\]")
def _output_size(found: re.Match[str]) -> Meaning:
    want, low, high = (listed(numbers(part)) for part in found.groups())
    says = [f"A transposed convolution can give {low} to {high} here, and {want} is asked for.",
            "Its size is (n - 1)·stride - 2·padding + dilation·(kernel - 1) + 1, and up to stride - 1 more."]  # fmt: skip
    write = ["the stride, kernel_size and padding of the convolution that it undoes", f"output_size={high} or smaller"]
    return Meaning("a transposed convolution cannot give that size", says, write, {"kind": "ConvTranspose"})


@rule(r"output padding must be smaller than either stride or dilation, but got ((?:\w+: \d+ ?)+)")
def _output_padding(found: re.Match[str]) -> Meaning:
    given = {name: int(size) for name, size in re.findall(r"(\w+): (\d+)", found[1])}
    most = max((size for name, size in given.items() if name.startswith("output_padding")), default=0)
    steps = max((size for name, size in given.items() if name.startswith("stride")), default=1)
    room = "it can only be 0" if steps <= 1 else f"it goes from 0 to {steps - 1}"
    says = [f"output_padding is {most}, and with a stride of {steps} {room}."]
    write = [f"output_padding={max(steps - 1, 0)}{' or less' if steps > 1 else ''}, or stride={most + 1}"]
    write.append("F.pad or a larger kernel_size, if more is wanted at the border")
    return Meaning("output_padding is not smaller than the stride", says, write, {"kind": "ConvTranspose"})


@rule(
    r"Given groups=(\d+), expected weight to be (at least|divisible by) (\d+) at dimension 0, but got weight of size \[+([\d, ]*)\]"
)
def _grouped(found: re.Match[str]) -> Meaning:
    groups, weight = int(found[1]), numbers(found[4])
    if found[2] == "at least":
        says = [f"The weight {listed(weight)} makes {weight[0]} channels: there is none for each of {groups} groups."]
        return Meaning("a convolution without output channels", says,
                       ["max(1, ...) where a number of channels is divided or pruned"], {"kind": "Conv"})  # fmt: skip
    says = [f"The weight {listed(weight)} makes {weight[0]} channels, and {groups} groups do not divide them."]
    return Meaning("groups do not divide the output channels", says, [f"out_channels that are a multiple of {groups}"],
                   {"kind": "Conv"})  # fmt: skip


@rule(r"The shape of the (\d)D attn_mask is torch\.Size\(\[([\d, ]*)\]\), but should be \(([\d, ]*)\)")
def _mask(found: re.Match[str]) -> Meaning:
    got, want = numbers(found[2]), numbers(found[3])
    says = [f"The mask is {listed(got)} and must be {listed(want)}: queries by keys" +
            (", once for each sample and head (batch · num_heads)." if found[1] == "3" else ".")]  # fmt: skip
    write = [f"a mask that is made for the length of the input: {want[-1]} steps"]
    if found[1] == "2":
        says.append(f"The attention takes the input for {want[-1]} steps.")
        write.append("batch_first=True in nn.MultiheadAttention, if these are the samples of the batch")
    return Meaning("an attention mask has other sizes than the input", says, write, {"kind": "MultiheadAttention"})


@rule(
    r"expecting key_padding_mask shape of \((\d+), (\d+)\), but got torch\.Size\(\[([\d, ]*)\]\)|"
    r"Expected key_padded_mask\.shape\[([01])\] to be (\d+), but got (\d+)"
)
def _padding_mask(found: re.Match[str]) -> Meaning:
    if found[4]:
        what, other = ("keys", "made for another length") if found[4] == "1" else ("batch", "transposed")
        says = [
            f"key_padding_mask is [batch, keys]: the {what} should be {found[5]}, and it has {found[6]}: it is {other}."
        ]
        write = ["the mask of the padded batch, made after padding, cutting or tokens that are put in front"]
        return Meaning("a padding mask has other sizes than the keys", says, write, {"kind": "MultiheadAttention"})
    want, got = [int(found[1]), int(found[2])], numbers(found[3])
    says = [f"key_padding_mask is [batch, keys]: [{want[0]}, {want[1]}] here, and it is {listed(got)}."]
    write = ["batch_first=True in the attention, if the batch comes first"]
    if got == want[::-1]:
        write.insert(0, "mask.transpose(0, 1)")
    elif got[:1] == want[:1]:
        says.append(f"The keys are {want[1]} long, and the mask was made for {got[-1]}.")
        write = ["the mask of the padded batch, made after padding, cutting or tokens that are put in front"]
    return Meaning("a padding mask has other sizes than the keys", says, write, {"kind": "MultiheadAttention"})


said(
    r"Expected all tensors to be on the same device, but found at least two devices, (\S+) and (\S+?)[!. ]",
    "tensors lie on two devices",
    ["The sizes may be right: some numbers lie on {1} and some on {2}."],
    [
        "model.to(device) and x = x.to(device), target = target.to(device) before the call",
        "register_buffer for a tensor that forward uses, or device=x.device where it is made",
    ],
)


@rule(
    r"Token indices sequence length is longer than the specified maximum sequence length for this model \((\d+) > (\d+)\)"
)
def _tokens(found: re.Match[str]) -> Meaning:
    says = [f"The text has {int(found[1]):,} tokens, and the table of positions has {int(found[2]):,} rows."]
    write = [f"tokenizer(text, truncation=True, max_length={found[2]}), or the text in pieces"]
    return Meaning("a text is longer than the model's positions", says, write)


@rule(r"value tensor of shape \[([\d, ]*)\] cannot be broadcast to indexing result of shape \[([\d, ]*)\]")
def _assigned(found: re.Match[str]) -> Meaning:
    value, place = numbers(found[1]), numbers(found[2])
    says = [f"x[index] = value: the index picks {listed(place)}, and the value is {listed(value)}."]
    write = ["as many values as places: count the index (mask.sum(), len(index)) and the values before the line"]
    if sorted(value, key=str) == sorted(place, key=str):
        write.insert(0, "value.transpose(0, 1): the sizes are the same in another order")
    elif value and value[:-1] == place:
        write.insert(0, "value[..., 0] or value.squeeze(-1): the value has one axis more")
    return Meaning("an assignment gets another number of values than places", says, write)


@rule(r"Trying to create tensor with negative dimension -(\d+): \[([-\d, ]*)\]|sizes must be non-negative")
def _below_zero(found: re.Match[str]) -> Meaning:
    if found[1] is None:
        says = [
            "A tensor is made with a size below 0: -1 is worked out in view and reshape only, not in what makes one."
        ]
        return Meaning("a size is negative", says, ["the size itself: x.size(0), len(batch)"])
    says = [f"A tensor [{found[2]}] is made, and its size -{found[1]} came out of a subtraction."]
    says.append("A convolution's weight is [channels out, channels in / groups, rows, columns].")
    return Meaning("a size is negative", says, ["the terms of that subtraction: out - in, longest - length"])


@rule(
    r"non-empty (?:3D or 4D|2D or 3D|4D or 5D) (?:\(batch mode\) )?(?:input )?tensor expected.{0,30}?but got ndim: (\d)|"
    r"with optional 0 dim batch size for input, but got: ?\[([\d, ]*)\]"
)
def _nothing(found: re.Match[str]) -> Meaning | None:
    has = f"has {found[1]} axes, which is right, but one of its sizes is 0"
    if found[2] is not None:
        shape = numbers(found[2])
        has = f"is {listed(shape)}"
        if len(shape) in (3, 4) and 0 not in shape[1:]:
            return None
    says = [f"The input {has}: only the batch may be 0."]
    return Meaning("a layer gets an empty tensor", says, ["print(x.shape) before it: a slice or a mask picked nothing"])


@rule(
    r"(\w*)\.?forward\(\) (?:missing \d+ required positional arguments?: (.{1,80}?)(?:$|\s\W|\.? [A-Z])|takes (?:from \d+ to )?(\d+) positional arguments? but (\d+) (?:was|were) given)"
)
def _arguments(found: re.Match[str]) -> Meaning:
    whose = found[1]
    if found[2]:
        says = [f"{whose or 'A module'} was called without {found[2].strip()}."]
        write = ["model(x) with all inputs of forward; a layer's name without brackets is the layer: self.fc1(x)"]
        if "indices" in found[2]:
            write.insert(0, "MaxUnpool takes two: out, i = MaxPool2d(2, return_indices=True)(x), then unpool(out, i)")
        write.append("a batch that is not empty, where DataParallel splits it over devices")
        return Meaning("forward gets too few arguments", says, write)
    takes, got = int(found[3]) - 1, int(found[4]) - 1
    says = [f"forward of {whose or 'a module'} takes {takes} and gets {got} (self is counted in the message)."]
    write = ["one tuple, for a Sequential: its layers pass on one value; or a class with a forward of its own"]
    write.append("model(x), not model(*x)")
    return Meaning("forward gets too many arguments", says, write)
