"""PyTorch's messages about what is not one number, not a tensor, or has another count than it is unpacked into."""

from __future__ import annotations

import re

from cnncalc.read.errors.rules import Meaning, rule
from cnncalc.read.errors.sizes import listed, numbers


@rule(r"(not enough|too many) values to unpack \(expected (?:at least )?(\d+)(?:, got (\d+))?\)")
def _unpack(found: re.Match[str]) -> Meaning:
    many, want, got = found[1].lower() == "too many", int(found[2]), found[3]
    has = f"{got}" if got else "more"
    says = [f"A line with {want} names on its left gets {has} values: of a shape, one for each axis."]
    write = [f"print(x.shape) before the line: names for each of its axes, or x.shape[:{want}], b, *rest = x.shape"]
    if not many and got == "1" and want == 2:
        says.append("One value: GRU and RNN give (output, h), without a cell; a batch of one unpacks as one value.")
    if want == 2:
        write.append("out, _ = lstm(x) for LSTM, GRU, RNN and MultiheadAttention; out = layer(x) for all other layers")
    if want == 4 and got == "3":
        write.append("a batch or channel axis that is missing: x.unsqueeze(0) or x.unsqueeze(1)")
    return Meaning("a tuple has another number of values than names", says, write, {})


@rule(
    r"a Tensor with (\d+) elements cannot be converted to Scalar|only (?:one element tensors|single-element tensors) can be"
)
def _scalar(found: re.Match[str]) -> Meaning:
    has = f"{int(found[1]):,} numbers" if found[1] else "several numbers"
    says = [f"item(), int() and float() take a tensor of one number; this one has {has}."]
    write = [
        "x.mean().item() or x.sum().item() for one number",
        "x.tolist() or x.detach().cpu().numpy() for all of them",
    ]
    write.append("a loss with reduction='mean', if this is a loss: reduction='none' gives one for each element")
    return Meaning("a tensor is not one number", says, write, {})


@rule(r"Boolean value of Tensor with more than one value is ambiguous")
def _truth(found: re.Match[str]) -> Meaning:
    says = ["An if, while, and, or, not or in asks whether a tensor of several numbers is true."]
    write = [
        "(x > 0).any() or (x > 0).all() for a question; torch.where(x > 0, a, b) for a choice of each number",
        "if x is not None, where it is asked whether there is a tensor",
        "nn.CrossEntropyLoss()(output, target): brackets after the class, before the tensors",
    ]
    return Meaning("a tensor of several numbers is neither true nor false", says, write, {})


@rule(r"Index tensor must have the same number of dimensions as (input|self|src) tensor")
def _gather_axes(found: re.Match[str]) -> Meaning:
    says = [
        "gather and scatter take an index with as many axes as the tensor: one place for each number that comes out."
    ]
    write = ["index.unsqueeze(1), where classes [N] are picked out of [N, C]: x.gather(1, target.unsqueeze(1))"]
    return Meaning("an index has another number of axes", says, write, {})


@rule(
    r"(?:Size does not match at dimension (\d+) )?expected index \[([\d, ]*)\] to be (?:no larger|smaller) than self "
    r"\[([\d, ]*)\] apart from dimension (\d+)(?: and to be (?:no larger size|smaller size) than src \[([\d, ]*)\])?"
)
def _gather(found: re.Match[str]) -> Meaning:
    index, mine, axis = numbers(found[2]), numbers(found[3]), int(found[4])
    says = [f"The index {listed(index)} picks along axis {axis} of {listed(mine)}; elsewhere it must not be larger."]
    if found[5] is not None:
        says.append(f"What is written comes from {listed(numbers(found[5]))}, which needs a number for each place.")
    return Meaning(
        "an index does not fit its tensor", says, ["an index of the same batch, made from the same input"], {}
    )


@rule(r"(\w+)\(\): Expected dtype int(?:32/int)?64 for index")
def _whole(found: re.Match[str]) -> Meaning:
    return Meaning("an index is no whole number", [f"{found[1]} takes places, whole numbers."], ["index.long()"], {})


@rule(r"(?:(?:0D or )?1D target tensor expected, )?multi-target not supported")
def _classes(found: re.Match[str]) -> Meaning:
    says = ["cross_entropy and nll_loss of [N, C] take targets [N]: the number of the class of each sample."]
    write = ["target.squeeze(1), where it is [N, 1]", "target.argmax(1), where it is one-hot and whole numbers"]
    write.append("target.float() for probabilities of each class, [N, C] (cross_entropy alone)")
    return Meaning("a target has an axis too many", says, write, {})


@rule(r"Expected target size (?:\[|\()([\d, ]*)(?:\]|\)), got (?:torch\.Size\()?\[([\d, ]*)\]")
def _target_size(found: re.Match[str]) -> Meaning:
    want, got = numbers(found[1]), numbers(found[2])
    says = [f"The loss needs targets {listed(want)}, a class for each place of the output, and gets {listed(got)}."]
    says.append("cross_entropy takes the classes in axis 1: [N, C, L] with targets [N, L].")
    write = ["output.transpose(1, 2) where the classes come last, or output.view(-1, C) with target.view(-1)"]
    return Meaning("targets do not fit the output", says, write, {})


@rule(r"Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor")
def _repeat(found: re.Match[str]) -> Meaning:
    says = [
        "repeat takes a number for each axis of the tensor, or for further axes in front: 1 leaves an axis as it is."
    ]
    return Meaning("repeat has too few numbers", says, ["x.repeat(2, 1, 1) for a tensor of three axes"], {})


@rule(
    r"the number of sizes provided \((\d+)\) must be greater or equal to the number of dimensions in the tensor \((\d+)\)"
)
def _expand_axes(found: re.Match[str]) -> Meaning:
    says = [f"expand gets {found[1]} sizes for a tensor of {found[2]} axes: a size for each, -1 leaves one as it is."]
    return Meaning("expand has too few sizes", says, ["x.expand(" + ", ".join(["-1"] * int(found[2])) + ")"], {})


@rule(r"X1 and X2 must have the same number of columns\. X1: (\d+) X2: (\d+)")
def _cdist(found: re.Match[str]) -> Meaning:
    says = [
        f"cdist measures from each row of one to each row of the other; the rows have {found[1]} and {found[2]} numbers."
    ]
    return Meaning(
        "rows of cdist differ in length", says, ["both with the features in the last axis: x.transpose(1, 2)"], {}
    )


@rule(r"cdist only supports at least 2D tensors, X([12]) got: (\d)D")
def _cdist_axes(found: re.Match[str]) -> Meaning:
    says = [
        f"cdist takes rows of numbers, [N, features]; the {('first', 'second')[int(found[1]) - 1]} has {found[2]} axis."
    ]
    return Meaning("cdist gets a vector", says, ["x[None] for one row"], {})


@rule(r"too many indices for tensor of dimension (\d+)")
def _indices(found: re.Match[str]) -> Meaning:
    says = [f"x[...] has more places than the tensor has axes, {found[1]}."]
    return Meaning(
        "a tensor has fewer axes than places", says, ["print(x.shape) before the line; x.unsqueeze(...)"], {}
    )


@rule(r"selected index k out of range")
def _topk(found: re.Match[str]) -> Meaning:
    says = ["topk(k) takes at most as many as the axis has; without dim it is the last one."]
    return Meaning(
        "topk asks for more than there are", says, ["x.topk(min(k, x.size(-1)))", "dim=1, if it is another axis"], {}
    )


@rule(r"(\w+)\(\): argument '(\w+)' \(position \d+\) must be Tensor, not (\w+)")
def _no_tensor(found: re.Match[str]) -> Meaning:
    function, kind = found[1], found[3]
    says = [f"{function} takes a tensor and gets a {kind}."]
    write = []
    if kind == "tuple":
        says.append(
            "LSTM, GRU, RNN and MultiheadAttention give a tuple: the output first, then the state or the weights."
        )
        write.append("out, _ = lstm(x); in an nn.Sequential a small module that returns lstm(x)[0]")
        write.append("model.eval() for Inception and GoogLeNet, which give further outputs while training")
    elif kind == "list":
        write.append("torch.stack(list) or torch.cat(list) before it")
    elif kind == "ndarray":
        write.append("torch.from_numpy(x).float()")
    else:
        write.append("torch.tensor(x), with the batch axis in front")
    return Meaning("a layer gets what is no tensor", says, write, {})


@rule(r"batch1 must be a 3D tensor|batch2 must be a 3D tensor|(?:self|mat1|mat2) must be a matrix")
def _matrix(found: re.Match[str]) -> Meaning:
    says = ["bmm takes [N, rows, columns] twice, mm takes [rows, columns] twice; matmul (@) takes both and broadcasts."]
    return Meaning("a product gets another number of axes", says, ["a @ b, torch.matmul(a, b)"], {})


@rule(r"Input type \(([\w.]+)\) and (bias|weight) type \(([\w.]+)\) should be the same")
def _types(found: re.Match[str]) -> Meaning:
    says = [f"The input is {found[1]}, the layer's {found[2]} {found[3]}."]
    write = [
        "x.float() for an array of NumPy, which is double",
        "model.to(device) and x.to(device), where one is on the GPU",
    ]
    return Meaning("input and weights are of different types", says, write, {})


@rule(r"expected sequence of length (\d+) at dim (\d+) \(got (\d+)\)")
def _ragged(found: re.Match[str]) -> Meaning:
    says = [f"A tensor is made of rows of one length; one has {found[1]} numbers and another {found[3]}."]
    write = ["nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)"]
    return Meaning("rows have different lengths", says, write, {})


@rule(r"Class values must be smaller than num_classes")
def _one_hot(found: re.Match[str]) -> Meaning:
    says = ["one_hot gets a number that is not below num_classes: classes count from 0."]
    return Meaning("a class is not among num_classes", says, ["num_classes = the largest number + 1", "target - 1"], {})


@rule(r"Module \[(\w+)\] is missing the required \"forward\" function")
def _forward(found: re.Match[str]) -> Meaning:
    says = [f"{found[1]} has no method called forward with the indentation of a method."]
    write = [
        "def forward(self, x): at the level of __init__, not inside of it",
        "a loop over a ModuleList, which is not called",
    ]
    return Meaning("a module has no forward", says, write, {})


@rule(r"(\S+) is not a Module subclass")
def _subclass(found: re.Match[str]) -> Meaning:
    says = [f"Sequential and ModuleList hold modules, and get {found[1]}."]
    return Meaning("what is put in is no module", says, ["nn.ReLU() with brackets, and a class for a function"], {})


@rule(r"CUDA error: device-side assert triggered|Assertion `(?:srcIndex < srcSelectDimSize|t >= 0 && t < n_classes)")
def _assert(found: re.Match[str]) -> Meaning:
    says = [
        "An index is outside of its table on the GPU, which says neither which one nor where: the line of the traceback "
        "is one where it was noticed.",
        "Most often it is a class of CrossEntropyLoss that is not below the width of the last layer, or a token that is "
        "not below num_embeddings. Both count from 0.",
    ]
    write = [
        "the same batch on the processor, model.cpu(), whose message names the index",
        "target.min(), target.max() beside the last layer's out_features; tokens.max() beside num_embeddings",
        "a new process: the GPU answers nothing more after it",
    ]
    return Meaning("an index is outside of its table", says, write, {})


@rule(r"out of memory\. Tried to allocate ([\d.]+ [KMGT]i?B)(?:.{0,400}?([\d.]+ [KMGT]i?B) (?:free|is free))?")
def _memory(found: re.Match[str]) -> Meaning:
    free = f", and {found[2]} is free" if found[2] else ""
    says = [
        f"A tensor of {found[1]} was to be made{free}: it is the one that no longer fits, not the largest.",
        "What is kept for the backward pass grows with the batch and the size of the input; weights, gradients and the "
        "optimizer's numbers do not.",
    ]
    write = [
        "half the batch, and loss.backward() twice for each step of the optimizer",
        "with torch.no_grad(): around what is evaluated, and loss.item() for sums that are kept",
        "cnncalc cost NET --batch 32 shows the memory of training, and the layers that need it",
    ]
    return Meaning("the memory of the GPU is used up", says, write, {})
