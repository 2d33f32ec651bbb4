"""PyTorch's messages about what is not one number, not a tensor, or has another count than it is unpacked into."""

from __future__ import annotations

import re

from cnncalc.read.errors.rules import Meaning, rule, said
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
    return Meaning("a tuple has another number of values than names", says, write)


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
    return Meaning("a tensor is not one number", says, write)


said(
    r"Boolean value of Tensor with more than one value is ambiguous",
    "a tensor of several numbers is neither true nor false",
    ["An if, while, and, or, not or in asks whether a tensor of several numbers is true."],
    [
        "(x > 0).any() or (x > 0).all() for a question; torch.where(x > 0, a, b) for a choice of each number",
        "if x is not None, where it is asked whether there is a tensor",
        "nn.CrossEntropyLoss()(output, target): brackets after the class, before the tensors",
    ],
)
said(
    r"Index tensor must have the same number of dimensions as (input|self|src) tensor",
    "an index has another number of axes",
    ["gather and scatter take an index with as many axes as the tensor: one place for each number that comes out."],
    ["index.unsqueeze(1), where classes [N] are picked out of [N, C]: x.gather(1, target.unsqueeze(1))"],
)


@rule(
    r"(?:Size does not match at dimension (\d+) )?expected index \[([\d, ]*)\] to be (?:no larger|smaller) than self "
    r"\[([\d, ]*)\] apart from dimension (\d+)(?: and to be (?:no larger size|smaller size) than src \[([\d, ]*)\])?"
)
def _gather(found: re.Match[str]) -> Meaning:
    index, mine, axis = numbers(found[2]), numbers(found[3]), int(found[4])
    says = [f"The index {listed(index)} picks along axis {axis} of {listed(mine)}; elsewhere it must not be larger."]
    if found[5] is not None:
        says.append(f"What is written comes from {listed(numbers(found[5]))}, which needs a number for each place.")
    return Meaning("an index does not fit its tensor", says, ["an index of the same batch, made from the same input"])


said(
    r"(\w+)\(\): Expected dtype int(?:32/int)?64 for index",
    "an index is no whole number",
    ["{1} takes places, whole numbers."],
    ["index.long()"],
)
said(
    r"(?:(?:0D or )?1D target tensor expected, )?multi-target not supported",
    "a target has an axis too many",
    ["cross_entropy and nll_loss of [N, C] take targets [N]: the number of the class of each sample."],
    [
        "target.squeeze(1), where it is [N, 1]",
        "target.argmax(1), where it is one-hot and whole numbers",
        "target.float() for probabilities of each class, [N, C] (cross_entropy alone)",
    ],
)
said(
    r"Expected target size (?:\[|\()([\d, ]*)(?:\]|\)), got (?:torch\.Size\()?\[([\d, ]*)\]",
    "targets do not fit the output",
    [
        "The loss needs targets {1:shape}, a class for each place of the output, and gets {2:shape}.",
        "cross_entropy takes the classes in axis 1: [N, C, L] with targets [N, L].",
    ],
    ["output.transpose(1, 2) where the classes come last, or output.view(-1, C) with target.view(-1)"],
)
said(
    r"Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor",
    "repeat has too few numbers",
    ["repeat takes a number for each axis of the tensor, or for further axes in front: 1 leaves an axis as it is."],
    ["x.repeat(2, 1, 1) for a tensor of three axes"],
)


@rule(
    r"the number of sizes provided \((\d+)\) must be greater or equal to the number of dimensions in the tensor \((\d+)\)"
)
def _expand_axes(found: re.Match[str]) -> Meaning:
    says = [f"expand gets {found[1]} sizes for a tensor of {found[2]} axes: a size for each, -1 leaves one as it is."]
    return Meaning("expand has too few sizes", says, ["x.expand(" + ", ".join(["-1"] * int(found[2])) + ")"])


said(
    r"X1 and X2 must have the same number of columns\. X1: (\d+) X2: (\d+)",
    "rows of cdist differ in length",
    ["cdist measures from each row of one to each row of the other; the rows have {1} and {2} numbers."],
    ["both with the features in the last axis: x.transpose(1, 2)"],
)


@rule(r"cdist only supports at least 2D tensors, X([12]) got: (\d)D")
def _cdist_axes(found: re.Match[str]) -> Meaning:
    says = [
        f"cdist takes rows of numbers, [N, features]; the {('first', 'second')[int(found[1]) - 1]} has {found[2]} axis."
    ]
    return Meaning("cdist gets a vector", says, ["x[None] for one row"])


said(
    r"too many indices for tensor of dimension (\d+)",
    "a tensor has fewer axes than places",
    ["x[...] has more places than the tensor has axes, {1}."],
    ["print(x.shape) before the line; x.unsqueeze(...)"],
)
said(
    r"selected index k out of range",
    "topk asks for more than there are",
    ["topk(k) takes at most as many as the axis has; without dim it is the last one."],
    ["x.topk(min(k, x.size(-1)))", "dim=1, if it is another axis"],
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
    return Meaning("a layer gets what is no tensor", says, write)


said(
    r"batch1 must be a 3D tensor|batch2 must be a 3D tensor|(?:self|mat1|mat2) must be a matrix",
    "a product gets another number of axes",
    ["bmm takes [N, rows, columns] twice, mm takes [rows, columns] twice; matmul (@) takes both and broadcasts."],
    ["a @ b, torch.matmul(a, b)"],
)
said(
    r"Input type \(([\w.]+)\) and (bias|weight) type \(([\w.]+)\) should be the same",
    "input and weights are of different types",
    ["The input is {1}, the layer's {2} {3}."],
    ["x.float() for an array of NumPy, which is double", "model.to(device) and x.to(device), where one is on the GPU"],
)
said(
    r"expected sequence of length (\d+) at dim (\d+) \(got (\d+)\)",
    "rows have different lengths",
    ["A tensor is made of rows of one length; one has {1} numbers and another {3}."],
    ["nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)"],
)
said(
    r"Class values must be smaller than num_classes",
    "a class is not among num_classes",
    ["one_hot gets a number that is not below num_classes: classes count from 0."],
    ["num_classes = the largest number + 1", "target - 1"],
)
said(
    r"Module \[(\w+)\] is missing the required \"forward\" function",
    "a module has no forward",
    ["{1} has no method called forward with the indentation of a method."],
    [
        "def forward(self, x): at the level of __init__, not inside of it",
        "a loop over a ModuleList, which is not called",
    ],
)
said(
    r"(\S+) is not a Module subclass",
    "what is put in is no module",
    ["Sequential and ModuleList hold modules, and get {1}."],
    ["nn.ReLU() with brackets, and a class for a function"],
)
said(
    r"CUDA error: device-side assert triggered|Assertion `(?:srcIndex < srcSelectDimSize|t >= 0 && t < n_classes)",
    "an index is outside of its table",
    [
        "An index is outside of its table on the GPU, which says neither which one nor where: the line of the traceback is one where it was noticed.",
        "Most often it is a class of CrossEntropyLoss that is not below the width of the last layer, or a token that is not below num_embeddings. Both count from 0.",
    ],
    [
        "the same batch on the processor, model.cpu(), whose message names the index",
        "target.min(), target.max() beside the last layer's out_features; tokens.max() beside num_embeddings",
        "a new process: the GPU answers nothing more after it",
    ],
)


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
    return Meaning("the memory of the GPU is used up", says, write)
