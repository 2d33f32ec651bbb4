"""Where the numbers of a tensor lie in memory: `view` refuses what an operation has put in another order.

Strides are those of PyTorch on a processor, with a large batch; None where they are not known. The rules follow
ATen's TensorIterator, memory formats and einsum; tests/record_strides.py records what they must give.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cnncalc.core.layer import Layer
from cnncalc.read.python.tensor.sizes import Dim, Dims, Size, Sizes

Strides = tuple[int, ...]


class Stored(Protocol):
    """A tensor, as far as it lies in memory."""

    dims: Dims
    strides: Strides | None


BATCH = 1_000_003  # stands for the batch: no size of a network is a multiple of it


def numbers(dims: Sizes) -> list[int]:
    """Sizes with a number for the batch."""
    return [size.times * BATCH if isinstance(size, Size) else size for size in dims]


def packed(dims: Sizes, order: Sequence[int] | None = None) -> Strides:
    """The strides of sizes that lie row after row; `order` has the axes from the outermost to the innermost."""
    sizes, step = numbers(dims), 1
    found = [0] * len(sizes)
    for at in reversed(range(len(sizes)) if order is None else order):
        found[at] = step
        step *= max(sizes[at], 1)
    return tuple(found)


def channels_last(dims: Sizes, strides: Strides) -> bool:
    """Whether PyTorch takes an image for one with its channels last (`suggest_memory_format`)."""
    if len(dims) not in (4, 5) or strides[1] == 0:
        return False
    sizes, least = numbers(dims), 0
    for at in (1, *range(len(sizes) - 1, 1, -1), 0):
        if sizes[at] == 0 or strides[at] < least or (at == 0 and least == strides[1]):
            return False
        least = strides[at] * max(sizes[at], 1)
    return True


def formatted(dims: Sizes, last: bool) -> Strides:
    """The strides of a new tensor, an image with its channels last or row after row."""
    return packed(dims, (0, *range(2, len(dims)), 1) if last and len(dims) in (4, 5) else None)


def _dense(sizes: Sequence[int], strides: Strides) -> bool:
    """Whether a tensor fills its memory without gaps and overlaps."""
    order = sorted((at for at in range(len(sizes)) if sizes[at] != 1), key=lambda at: strides[at])
    step = 1
    for at in order:
        if strides[at] != step:
            return False
        step *= sizes[at]
    return True


def _same(sizes: Sequence[int], one: Strides, other: Strides) -> bool:
    return all(a == b for size, a, b in zip(sizes, one, other, strict=True) if size != 1)


def iterated(inputs: Sequence[tuple[Sizes, Strides | None]], dims: Sizes) -> Strides | None:
    """The strides of an operation on each number, with broadcasting: TensorIterator's order of the axes.

    `inputs` are sizes and strides; those of more axes than `dims` are cut to the last ones.
    """
    sizes, rank = numbers(dims), len(dims)
    operands: list[tuple[list[int], Strides]] = []
    for given, strides in inputs:
        if strides is None:
            return None
        operands.append((numbers(given), strides))
    if operands and all(own == sizes for own, _ in operands):
        first = operands[0][1]
        plain = packed(dims)
        if all(_same(sizes, strides, plain) for _, strides in operands):
            return plain
        if _dense(sizes, first) and all(_same(sizes, strides, first) for _, strides in operands):
            return first
    steps = [_spread(own, strides, sizes) for own, strides in operands]
    order = list(range(rank))[::-1]  # from the innermost axis to the outermost
    for place in range(1, rank):
        at = place
        for before in range(place - 1, -1, -1):
            swap = _compared(order[before], order[at], steps, sizes)
            if swap > 0:
                order[before], order[at], at = order[at], order[before], before
            elif swap < 0:
                break
    return packed(dims, order[::-1])


def _spread(own: list[int], strides: Strides, sizes: Sequence[int]) -> list[int]:
    """The strides of an operand with the axes of the result; 0 along an axis that is repeated."""
    fresh = len(sizes) - len(own)
    kept = [
        0 if size == 1 and wide != 1 else stride
        for size, stride, wide in zip(own, strides, sizes[max(fresh, 0) :], strict=False)
    ]
    return [0] * max(fresh, 0) + kept


def _compared(one: int, other: int, steps: list[list[int]], sizes: Sequence[int]) -> int:
    """1 where two axes must change places, -1 where they stay, 0 where nothing says it."""
    for strides in steps:
        inner, outer = strides[one], strides[other]
        if inner and outer and inner != outer:
            return -1 if inner < outer else 1
        if inner and outer and sizes[one] > sizes[other]:
            return 1
    return 0


# What PyTorch writes anew, one row after the other, whatever it reads.
_PACKED = """
AdaptiveAvgPool3d AffineGrid AvgPool3d BatchNorm1d Bilinear BlockDiag CartesianProd Cdist CircularPad2d Combinations
Conv1d ConvTranspose1d CosineSimilarity Cross Diag DiagEmbed Embedding EmbeddingBag Fold FractionalMaxPool2d GRUCell
Gather GridSample Histc IndexSelect InstanceNorm1d InstanceNorm2d InstanceNorm3d Kron LSTMCell LayerNorm Linear
LogSigmoid LogSoftmax MatMul Max MaxPool1d Mean Min Multinomial OneHot Outer PairwiseDistance Pdist 
RNNCell RReLU Repeat RepeatInterleave Scatter Search Softmax Softmax2d Softmin Sum Take Tensordot Unfold Vander
ZeroPad1d all aminmax any argmax argmin bernoulli bucketize cosine_similarity count_nonzero cummax cummin cumprod
cumsum cumulative_trapezoid kthvalue linalg_det linalg_norm linalg_vector_norm logcumsumexp logsigmoid logsumexp
masked_fill median mode nanmean nansum norm normal pad_sequence pairwise_distance prod renorm rrelu std std_mean topk
trace trapezoid tril triu var var_mean
"""
PACKED = frozenset(_PACKED.split())
# What keeps the order of an image with its channels last, and writes row after row where there is none.
_FORMATTED = """
AdaptiveAvgPool2d AdaptiveMaxPool2d AdaptiveMaxPool3d AvgPool2d BatchNorm2d BatchNorm3d ChannelShuffle ConstantPad1d
ConstantPad2d ConstantPad3d Conv2d Conv3d ConvTranspose2d ConvTranspose3d GroupNorm Interpolate LPPool2d LPPool3d
MaxPool2d MaxPool3d MaxUnpool MaxUnpool2d Pad PixelShuffle PixelUnshuffle RMSNorm ReflectionPad1d ReflectionPad2d
ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d SyncBatchNorm Upsample UpsamplingBilinear2d
UpsamplingNearest2d ZeroPad2d ZeroPad3d dequantize fftshift
"""
FORMATTED = frozenset(_FORMATTED.split())
KEPT = frozenset(("Flatten", "Identity", "Unflatten"))
LINES = frozenset(("AdaptiveAvgPool1d", "AdaptiveMaxPool1d", "AvgPool1d", "LPPool1d"))  # images of one row
# What works on each number, or copies, and keeps to the order of its inputs.
_ITERATED = """
Add Argsort Diff Divide GLU LocalResponseNorm Loss Maximum Minimum Multiply Pow Subtract argsort flip fliplr flipud
msort sort
"""
ITERATED = frozenset(_ITERATED.split())


def overlaps(dims: Sizes, strides: Strides | None) -> bool:
    """Whether elements share memory, as expand makes them: nothing can be written into such a tensor."""
    return strides is not None and any(step == 0 and size != 1 for size, step in zip(dims, strides, strict=True))


def after(kind: str, layer: Layer | None, inputs: Sequence[Stored], dims: Sizes) -> Strides | None:
    """The strides of what an operation gives; `inputs` are tensors."""
    if kind in PACKED or not dims:
        return packed(dims)
    given = [(tensor.dims, tensor.strides) for tensor in inputs]
    category = "" if layer is None else layer.category
    if category == "dropout":  # a network that is evaluated hands on what it gets
        return given[0][1]
    own, strides = given[0] if given else ((), None)
    if given and kind in KEPT:  # a view, or a copy row after row where no view can be
        return None if strides is None else viewed(own, strides, dims) or packed(dims)
    if kind in ITERATED or category == "activation":
        return iterated(given, dims)
    if strides is None or any(one is None for _, one in given):
        return None
    padding = layer.__dict__.get("padding") if kind.startswith("ConstantPad") else None
    if isinstance(padding, tuple) and max(padding) <= 0:  # a part of it is copied
        return iterated(given, dims)
    if kind in FORMATTED:
        return formatted(dims, channels_last(own, strides))
    if kind in LINES:
        return lined(own, strides, dims)
    if kind == "Concat":
        return formatted(dims, all(steps is not None and channels_last(sizes, steps) for sizes, steps in given))
    return None


def lined(own: Sizes, strides: Strides | None, dims: Sizes) -> Strides | None:
    """The strides of a pool of rows [N, C, L], which PyTorch makes of one of images [N, C, 1, L]."""
    if len(own) != 3 or strides is None:
        return packed(dims) if strides is not None else None
    line = (*strides[:2], numbers(own)[2] * strides[2], strides[2])
    found = formatted((*dims[:2], 1, dims[2]), channels_last((*own[:2], 1, own[2]), line))
    return (*found[:2], found[3])


def stacked(inputs: Sequence[Stored], at: int, dims: Sizes) -> Strides | None:
    """The strides of a stack: PyTorch joins tensors along an axis and cuts it, and gives them a last axis before."""
    given = [(tensor.dims, tensor.strides) for tensor in inputs if tensor.strides is not None]
    if len(given) < len(inputs):
        return None
    if at == len(dims) - 1:
        return formatted(dims, all(channels_last((*sizes, 1), (*strides, 1)) for sizes, strides in given))
    joined = numbers(inputs[0].dims)
    joined[at] *= len(inputs)
    steps = formatted(joined, all(channels_last(*one) for one in given))
    return viewed(joined, steps, numbers(dims))


def attended(inputs: Sequence[Stored], dims: Sizes) -> Strides | None:
    """The strides of an attention: the fast kernel keeps the query's order, the plain one writes row after row."""
    given = [(tensor.dims, tensor.strides) for tensor in inputs if tensor.strides is not None]
    if len(given) < len(inputs):
        return None
    query, key, value = (sizes for sizes, _ in given[:3])
    fast = len(query) == len(key) == len(value) == 4 and query[:2] == key[:2] == value[:2] and query[3] == value[3]
    if fast and all(strides[3] == 1 or sizes[3] == 1 for sizes, strides in given[:3]):
        return iterated(given[:1], dims)
    return packed(dims)


def contracted(
    inputs: Sequence[tuple[Sequence[str], Sizes, Strides | None]], out: Sequence[str], sizes: dict[str, Dim]
) -> Strides | None:
    """The strides of einsum: letters, sizes and strides of each operand, the letters of the output, and all sizes.

    ATen multiplies two at a time, as stacks of matrices: letters of both, of one alone, of the other.
    """
    (letters, own, strides), *rest = inputs
    if strides is None or len(set(letters)) < len(letters):
        return None
    if not rest:
        if set(letters) != set(out):  # a sum of the others
            return packed([sizes[letter] for letter in out])
        return tuple(strides[letters.index(letter)] for letter in out)
    left = {letter: (size, step) for letter, size, step in zip(letters, own, strides, strict=True)}
    for place, (letters, own, strides) in enumerate(rest):
        if strides is None or len(set(letters)) < len(letters):
            return None
        right = {letter: (size, step) for letter, size, step in zip(letters, own, strides, strict=True)}
        later = {letter for other, _, _ in rest[place + 1 :] for letter in other} | set(out)
        every = [*out, *sorted(letter for letter in {**left, **right} if letter not in out)]
        wide = [{letter for letter, (size, _) in side.items() if size != 1} for side in (left, right)]
        summed = [letter for letter in every if letter not in later and letter in wide[0] & wide[1]]
        kept = [letter for letter in every if letter not in summed]
        total = [sizes.get(letter, 1) if letter in wide[0] | wide[1] else 1 for letter in kept]
        if summed:
            groups: list[list[int]] = [[], [], []]
            for at, letter in enumerate(kept):
                groups[0 if letter in wide[0] & wide[1] else 1 if letter in wide[0] else 2].append(at)
            if groups[1] and groups[2] and groups[2][0] < groups[1][0]:
                groups[1:] = groups[:0:-1]
            steps: Strides | None = packed(total, [at for group in groups for at in group])
        else:
            sides = []
            for side in (left, right):
                there = [side.get(letter, (1, 0)) for letter in kept]
                sides.append(([size for size, _ in there], tuple(step for _, step in there)))
            steps = iterated(sides, total)
        if steps is None:
            return None
        left = {letter: (size, step) for letter, size, step in zip(kept, total, steps, strict=True)}
    if any(size != 1 for letter, (size, _) in left.items() if letter not in out):
        return None
    return tuple(left[letter][1] if letter in left else 0 for letter in out)


def picked(x: Stored, places: Sequence[int], indices: Sequence[tuple[Sizes, Strides | None]], dims: Sizes,
           first: int) -> Strides | None:  # fmt: skip
    """The strides of x[..., positions, ...]: those of axes `places` are read through `indices`, put at axis `first`."""
    if x.strides is None or any(strides is None for _, strides in indices):
        return None
    rank = max(len(own) for own, _ in indices)
    kept = [at for at in range(len(x.dims)) if at not in places]
    before, behind = kept[:first], kept[first:]
    sizes = [*(x.dims[at] for at in before), *dims[first : first + rank], *(x.dims[at] for at in behind)]
    source = (*(x.strides[at] for at in before), *(0,) * rank, *(x.strides[at] for at in behind))
    tail = len(behind)
    operands: list[tuple[Sizes, Strides | None]] = [(sizes, source)]
    operands += [((*own, *(1,) * tail), (*(strides or ()), *(1,) * tail)) for own, strides in indices]
    return iterated(operands, dims)


def viewed(old: Sizes, strides: Strides, new: Sizes) -> Strides | None:
    """The strides of the same memory with other sizes; None where no strides give it."""
    sizes, wanted = numbers(old), numbers(new)
    if not sizes:
        return (1,) * len(wanted)
    found = [0] * len(wanted)
    at, base, many, covered = len(wanted) - 1, strides[-1], 1, 1
    for axis in range(len(sizes) - 1, -1, -1):
        many *= sizes[axis]
        if axis and (sizes[axis - 1] == 1 or strides[axis - 1] == many * base):
            continue  # the axis before it goes on where this one ends
        while at >= 0 and (covered < many or wanted[at] == 1):
            found[at] = covered * base
            covered *= wanted[at]
            at -= 1
        if covered != many:
            return None
        if axis:
            base, many, covered = strides[axis - 1], 1, 1
    return tuple(found) if at == -1 else None


def cuts(old: Sizes, new: Sizes) -> bool:
    """Whether a view only cuts axes, which every order in memory allows."""
    return viewed(old, tuple(7 - 10**9 * at for at in range(len(old))), new) is not None
