"""PyTorch's messages about axes, divisions, types and indices."""

from __future__ import annotations

import re

from cnncalc.read.errors.rules import Meaning, rule, said

said(
    r"einsum\(\): subscript (\w) has size (\d+) for operand (\d+) which does not broadcast with previously seen size (\d+)",
    "einsum has two sizes for one letter",
    ["One letter is one size: {1} is {4} in an operand before and {2} in operand {3} (from 0)."],
    ["another letter, or operands that agree in {1}"],
)
said(
    r"einsum\(\): the number of subscripts in the equation \((\d+)\) does not match the number of dimensions \((\d+)\) for operand (\d+)",
    "einsum has another number of letters than axes",
    ["Operand {3} (from 0) has {2} axes, and the equation writes {1} letters for it."],
    ["a letter for each axis, or ... for the rest"],
)


@rule(
    r"number of dimensions in the tensor input does not match the length of the desired ordering.*?input\.dim\(\) = (\d+) is not equal to len\(dims\) = (\d+)"
)
def _permute(found: re.Match[str]) -> Meaning:
    says = [f"permute names {found[2]} axes of a tensor that has {found[1]}."]
    write = [
        f"each of the {found[1]} axes once: permute({', '.join(map(str, range(min(int(found[1]), 8))))}) in another order"
    ]
    if int(found[2]) == int(found[1]) + 1:
        write.append("x.unsqueeze(0) before, if the batch axis is missing")
    return Meaning("permute names another number of axes", says, write)


@rule(r"Dimension out of range \(expected to be in range of \[(-?\d+), (-?\d+)\], but got (-?\d+)\)")
def _dimension(found: re.Match[str]) -> Meaning:
    axes = int(found[2]) + 1
    says = [
        f"The tensor has {axes} {'axis' if axes == 1 else 'axes'}, so dim goes from {found[1]} to {found[2]}; {found[3]} is none."
    ]
    return Meaning("a dim is not there", says, ["print x.shape before: an axis was lost, or the batch axis is missing"])


said(
    r"Tensors must have same number of dimensions: got (\d+) and (\d+)",
    "cat gets tensors with other numbers of axes",
    ["cat puts tensors of equally many axes together, and here are {1} and {2}."],
    ["x.unsqueeze(...) or x.flatten(...) on one of them"],
)
said(
    r"size mismatch, got input \((\d+)\), mat \((\d+)x(\d+)\), vec \((\d+)\)",
    "a matrix gets a vector of another length",
    ["A matrix {2}x{3} takes a vector of {3}, and gets one of {4}."],
    ["Linear({4}, {2}), if this is a layer"],
)


@rule(r"num_channels \((\d+)\) must be divisible by num_groups \((\d+)\)")
def _group_norm(found: re.Match[str]) -> Meaning:
    channels, groups = int(found[1]), int(found[2])
    fits = ", ".join(str(n) for n in range(1, min(channels, 4096) + 1) if channels % n == 0)[:80]
    says = [f"GroupNorm makes {groups} groups of {channels} channels, which does not come out even."]
    return Meaning("groups do not divide the channels", says, [f"num_groups that divides {channels}: {fits}"])


said(
    r"Expected number of channels in input to be divisible by num_groups, but got input of shape \[([\d, ]+)\] and num_groups=(\d+)",
    "groups do not divide the channels",
    ["The input [{1}] has its channels in axis 1, and {2} groups do not divide them."],
    ["a norm with the channels of what comes in"],
)
said(
    r"(in_channels|out_channels) must be divisible by groups",
    "groups do not divide the channels",
    ["A convolution with groups splits {1} into so many parts of one size."],
    ["groups that divides both in_channels and out_channels"],
)
said(
    r"unflatten: Provided sizes \[([\d, -]+)\] don't multiply up to the size of dim (-?\d+) \((\d+)\)",
    "an axis cannot be split so",
    ["Axis {2} has {3} numbers, and [{1}] is another product."],
    ["sizes with the product {3}; one of them may be -1"],
)


@rule(
    r"split_with_sizes expects split_sizes to sum exactly to (\d+) \(input tensor's size at dimension (-?\d+)\), but got split_sizes=\[([\d, ]+)\]"
)
def _split(found: re.Match[str]) -> Meaning:
    total = sum(int(word) for word in re.findall(r"\d+", found[3]))
    says = [f"Axis {found[2]} has {found[1]}, and the parts [{found[3]}] are {total} together."]
    return Meaning("parts do not add up to the axis", says, [f"parts that sum to {found[1]}"])


said(
    r"Halving dimension must be even, but dimension (\d+) is size (\d+)",
    "an odd axis cannot be halved",
    ["GLU splits axis {1} into halves, and {2} is odd."],
    ["twice as many outputs in the layer before"],
)
said(
    r"pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input\.size\(-3\)=(\d+) is not divisible by (\d+)",
    "pixel shuffle gets another number of channels",
    ["Each output channel takes {2} channels, and {1} do not come out even."],
    ["a multiple of {2} in the convolution before"],
)
said(
    r"input has inconsistent input_size: got (\d+) expected (\d+)",
    "a recurrent cell gets another number of features",
    ["The cell was made with input_size={2}, and a step has {1} features."],
    ["input_size={1}"],
)


@rule(r"index (-?\d+) is out of bounds for dimension (\d+) with size (\d+)")
def _index(found: re.Match[str]) -> Meaning:
    last = int(found[3]) - 1
    says = [f"Axis {found[2]} has {found[3]}, so its indices go from 0 to {last}; {found[1]} is none."]
    return Meaning("an index is not there", says, ["an index inside, or the axis that was meant"])


said(
    r"The shape of the mask \[([\d, ]+)\] at index (\d+) does not match the shape of the indexed tensor \[([\d, ]+)\]",
    "a mask has another shape than what it picks from",
    ["A mask [{1}] picks from [{3}], and they differ in axis {2}."],
    ["a mask of the same leading axes"],
)
said(
    r"Got (\d)D input, but (\w+) mode needs (\d)D input",
    "interpolate gets another number of axes",
    ["{2} wants {3} axes, batch and channels among them, and gets {1}."],
    ["x.unsqueeze(0) for a missing batch axis, or another mode"],
)


@rule(r"the (batch|feature) number of src and tgt must be equal( to d_model)?")
def _transformer(found: re.Match[str]) -> Meaning:
    if found[2]:
        return Meaning(
            "a transformer gets other features than d_model", ["The last axis of src and tgt must be d_model."],
            ["an Embedding or Linear to d_model before it"]
        )  # fmt: skip
    says = ["src and tgt have another number of samples, in the axis that batch_first says: 0 with it, 1 without."]
    return Meaning("a transformer gets two batches", says, ["batch_first=True, if the batch stands in front"])


said(
    r"view size is not compatible with input tensor's size and stride",
    "view needs numbers in their order",
    ["The numbers fit, but they do not lie one behind the other: a transpose or permute came before."],
    ["reshape(...) in place of view, or .contiguous() before"],
)


@rule(r"Target (-?\d+) is out of bounds|Assertion `?t >= 0 && t < n_classes")
def _target(found: re.Match[str]) -> Meaning:
    says = ["The classes go from 0 to the number of outputs less 1."]
    if found[1]:
        says.insert(0, f"A target is {found[1]}, and the last layer has not so many outputs.")
    write = ["as many outputs as there are classes; labels that start at 0, not at 1"]
    if found[1] and int(found[1]) >= 0:
        write.insert(0, f"at least {int(found[1]) + 1} outputs in the last layer")
    return Meaning("a target is no class of the network", says, write)


@rule(
    r"Using a target size \((?:torch\.Size\()?\[([\d, ]*)\]\)?\) that is different to the input size \((?:torch\.Size\()?\[([\d, ]*)\]\)?\)"
)
def _loss(found: re.Match[str]) -> Meaning:
    says = [f"The output is [{found[2]}] and the target [{found[1]}]: one would be repeated for the other."]
    write = [
        "output.squeeze(1)" if found[2].rstrip().endswith(", 1") else "target.view_as(output)",
        "target.unsqueeze(1)",
    ]
    return Meaning("output and target differ", says, write)


@rule(
    r"mat1 and mat2 must have the same dtype, but got (\w+) and (\w+)|expected (?:m1 and m2 to have the same dtype|scalar type (\w+) but found (\w+)|(\w+) tensor \(got (\w+) tensor\))"
)
def _types(found: re.Match[str]) -> Meaning:
    a, b = ([one for one in found.groups() if one] or ["", ""])[:2]
    says = ["The sizes are right: the numbers have two types" + (f", {a} and {b}." if a else ".")]
    says.append("NumPy makes float64 (Double), layers have float32 (Float).")
    return Meaning("numbers of two types meet", says, ["x.float() before the network, or model.double()"])


@rule(
    r"expected target dtype to be (?:Long|Long or Byte), but got (\w+)|Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got torch\.(\w+)"
)
def _whole(found: re.Match[str]) -> Meaning:
    what = "A target of classes" if found[1] else "An embedding's input"
    says = [f"{what} holds whole numbers, and gets {found[1] or found[2]}."]
    return Meaning("whole numbers are asked for", says, ["x.long()"])


@rule(r"Missing key\(s\) in state_dict: ((?:\"[\w.]+\"(?:, )?)+)")
def _missing(found: re.Match[str]) -> Meaning:
    names = re.findall(r'"([\w.]+)"', found[1])
    says = [
        f"The model has {len(names)} arrays that the file has not: {', '.join(names[:4])}{', ...' if len(names) > 4 else ''}."
    ]
    write = ["make the model as it was made for the file"]
    if any(name.startswith("module.") for name in names):
        write.insert(0, "wrap the model in DataParallel, or take it from one: the model's names begin with module.")
    return Meaning("a checkpoint lacks arrays of the model", says, write)


said(
    r"bilinear\(\): input(\d) size does not match weight size: got (\d+) but expected (\d+)",
    "a bilinear layer gets another number of features",
    ["Input {1} of Bilinear has {2} features, and the layer was made for {3}."],
    ["in{1}_features={2}"],
)
said(
    r"Given input size per channel: \(([\d x]+)\)\. Calculated output size per channel: \(([-\d x]+)\)\. Output size is too small",
    "a layer makes an empty map",
    ["A map of {1} would become {2}: the padding takes away more than the kernel adds."],
    ["less padding, or a larger input"],
)
