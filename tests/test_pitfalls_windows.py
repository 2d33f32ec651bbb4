"""Where calculators go wrong with windows, and the right answers: hand counts, PyTorch's runs, published threads.

Shapes are those of one sample. The numbers of the refusals are counted by hand.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from rows import each

from cnncalc.core.layer import Layer
from cnncalc.core.number import prod
from cnncalc.core.problem import Fault
from cnncalc.layers import find

Shape = tuple[int, ...]


def make(text: str, *args: Any, **options: Any) -> Layer:
    kind = find(text)
    assert kind is not None, f"there is no layer {text}"
    return kind.bind(args, options)


def shape(layer: Layer, *samples: Shape) -> Shape:
    xs = tuple((1, *sample) for sample in samples)
    layer.accept(xs)
    return tuple(layer.shape(*xs)[1:])


def macs(layer: Layer, *samples: Shape) -> int:
    xs = tuple((1, *sample) for sample in samples)
    return sum(layer.macs(layer.shape(*xs), *xs).values())


def params(layer: Layer, *samples: Shape) -> int:
    return sum(prod(weight.shape) for weight in layer.weights(*((1, *sample) for sample in samples)))


def positions(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool) -> int:
    """How many windows there are, by listing where each starts; with ceil_mode one may hang over the end."""
    count, start = 0, -padding
    while True:
        inside = start + dilation * (kernel - 1) < size + padding
        # A window that hangs over is the first that does, and it starts inside the input or its left padding.
        hangs = (
            ceil_mode and not inside and start < size and start - stride + dilation * (kernel - 1) < size + padding - 1
        )
        if not inside and not hangs:
            return count
        count, start = count + 1, start + stride
        if hangs:
            return count


# --- sizes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kernel", range(1, 6))
@pytest.mark.parametrize("stride", range(1, 5))
@pytest.mark.parametrize("ceil_mode", [False, True])
def test_windows_are_those_that_can_be_listed(kernel: int, stride: int, ceil_mode: bool) -> None:
    for size in range(1, 14):
        for padding in range(kernel // 2 + 1):
            for dilation in (1, 2, 3):
                expected = positions(size, kernel, stride, padding, dilation, ceil_mode)
                layer = make(
                    "MaxPool1d", kernel, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode
                )
                if expected == 0:
                    with pytest.raises(Fault, match="does not fit into the length"):
                        shape(layer, (1, size))
                    continue
                assert shape(layer, (1, size)) == (1, expected), (size, padding, dilation)


@pytest.mark.parametrize(
    ("options", "size", "expected"),
    [
        # pytorch#57178, onnx#4958: a window may not start in the right padding.
        ({"kernel_size": 2, "stride": 2, "padding": 1, "ceil_mode": True}, 5, 3),
        ({"kernel_size": 4, "stride": 4, "padding": 2, "ceil_mode": True}, 9, 3),
        ({"kernel_size": 1, "stride": 2, "ceil_mode": True}, 10, 5),
        ({"kernel_size": 3, "stride": 2, "ceil_mode": True}, 112, 56),
        ({"kernel_size": 3, "stride": 2}, 112, 55),
        ({"kernel_size": 2}, 5, 2),
    ],
)
def test_ceil_mode_of_pools(options: dict[str, Any], size: int, expected: int) -> None:
    assert shape(make("MaxPool1d", **options), (3, size)) == (3, expected)
    assert shape(make("AvgPool1d", **options), (3, size)) == (3, expected)


def test_the_stride_of_a_pool_is_its_kernel_and_of_a_convolution_one() -> None:
    assert shape(make("MaxPool2d", 3), (1, 9, 9)) == (1, 3, 3)
    assert shape(make("AvgPool2d", 3), (1, 9, 9)) == (1, 3, 3)
    assert shape(make("Conv2d", 1, 1, 3), (1, 9, 9)) == (1, 7, 7)


def test_alexnet_needs_227_or_padding() -> None:
    assert shape(make("Conv2d", 3, 96, 11, stride=4), (3, 224, 224)) == (96, 54, 54)
    assert shape(make("Conv2d", 3, 96, 11, stride=4), (3, 227, 227)) == (96, 55, 55)
    assert shape(make("Conv2d", 3, 64, 11, stride=4, padding=2), (3, 224, 224)) == (64, 55, 55)


@pytest.mark.parametrize("kernel", range(1, 8))
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_same_keeps_every_size(kernel: int, dilation: int) -> None:
    for size in range(1, 12):
        layer = make("Conv1d", 1, 1, kernel, padding="same", dilation=dilation)
        assert shape(layer, (1, size)) == (1, size)


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
def test_keras_same_is_the_size_over_the_stride_rounded_up(stride: int) -> None:
    for size in range(1, 20):
        for word in ("same_upper", "same_lower"):
            layer = make("Conv1d", 1, 1, 3, stride=stride, padding=word)
            assert shape(layer, (1, size)) == (1, len(range(0, size, stride)))


def test_an_even_kernel_with_same_counts_every_position() -> None:
    """One tool pads (k - 1) / 2 on both sides and loses a row: 18,816 for 24,576."""
    assert macs(make("Conv2d", 3, 8, 4, padding="same"), (3, 8, 8)) == 8 * 8 * 8 * 3 * 16 == 24_576


def test_transposed_convolutions() -> None:
    # torch.nn.ConvTranspose2d, conv_arithmetic's relations 8 to 14.
    assert shape(make("ConvTranspose2d", 1, 1, 3), (1, 2, 2)) == (1, 4, 4)
    assert shape(make("ConvTranspose2d", 1, 1, 3, stride=2, padding=1, output_padding=1), (1, 7, 7)) == (1, 14, 14)
    assert shape(make("ConvTranspose2d", 1, 1, 1, stride=2), (1, 7, 7)) == (1, 13, 13)
    assert shape(make("ConvTranspose2d", 1, 1, 3, stride=2, padding=1, output_size=[14, 13]), (1, 7, 7)) == (1, 14, 13)
    # A dilation allows what the stride alone would not: the larger of the two decides.
    assert shape(make("ConvTranspose1d", 1, 1, 3, dilation=3, output_padding=2), (1, 5)) == (1, 13)


def test_pads_count_from_the_last_axis() -> None:
    assert shape(make("ZeroPad2d", [1, 2, 3, 4]), (3, 10, 10)) == (3, 17, 13)
    assert shape(make("Pad", [1, 2]), (3, 10, 10)) == (3, 10, 13)
    assert shape(make("ZeroPad2d", [-1, 0, -2, 0]), (3, 10, 10)) == (3, 8, 9)
    assert shape(make("Crop", 2), (3, 10, 10)) == (3, 6, 6)


def test_adaptive_pools_may_enlarge_and_keep() -> None:
    assert shape(make("AdaptiveAvgPool2d", [None, 7]), (8, 3, 3)) == (8, 3, 7)
    assert shape(make("AdaptiveMaxPool2d", 1), (8, 5, 5)) == (8, 1, 1)
    assert shape(make("GlobalAvgPool"), (8, 5, 5)) == (8,)
    assert shape(make("GlobalMaxPool", keepdim=True), (8, 5)) == (8, 1)


def test_upsampling_rounds_down() -> None:
    assert shape(make("Upsample", scale_factor=1.5), (1, 5)) == (1, 7)
    # 10 * 0.3 is 3.0 in floating point, 2.99... exactly.
    assert shape(make("Upsample", scale_factor=0.3), (1, 10)) == (1, 3)
    assert shape(make("Interpolate", size=[7, 9], mode="bilinear"), (1, 5, 5)) == (1, 7, 9)


def test_windows_as_columns() -> None:
    assert shape(make("Unfold", 3, padding=1), (3, 8, 8)) == (27, 64)
    assert shape(make("Fold", [8, 8], 3, padding=1), (27, 64)) == (3, 8, 8)


def test_pixels_and_channels() -> None:
    assert shape(make("PixelShuffle", 3), (9, 4, 4)) == (1, 12, 12)
    assert shape(make("PixelUnshuffle", 3), (1, 12, 12)) == (9, 4, 4)


def test_flatten_of_a_sample_takes_its_channels_too() -> None:
    """PyTorch's Flatten keeps the first axis of an unbatched input; here the batch axis is the one that is kept."""
    assert shape(make("Flatten"), (3, 4, 4)) == (48,)
    assert shape(make("Flatten", 2), (3, 4, 4)) == (3, 16)
    assert shape(make("Flatten", 1, 2), (3, 4, 4)) == (12, 4)


def test_chunks_may_be_fewer() -> None:
    assert list(make("Chunk", 4, 1).ports((1, 6))) == ["0", "1", "2"]
    assert make("Chunk", 4, 1).ports((1, 5, 2)) == {str(i): (1, s, 2) for i, s in enumerate((2, 2, 1))}
    assert make("Split", 4, 1).ports((1, 10)) == {"0": (1, 4), "1": (1, 4), "2": (1, 2)}
    assert make("Split", [3, 7], 1).ports((1, 10)) == {"0": (1, 3), "1": (1, 7)}


@each([*product((-12, -3, 0, 2, 9, 12), (None, -12, -3, 0, 4, 10, 12), (1, 2, 3, 7))], str)
def test_slices_are_pythons(given: tuple[int, int | None, int]) -> None:
    start, stop, step = given
    layer = make("Slice", 1, start=start, stop=stop, step=step)
    assert shape(layer, (10, 3)) == (len(range(10)[start:stop:step]), 3)


# --- counts --------------------------------------------------------------------------------------------------------


def test_convolutions_count_products_not_biases() -> None:
    """Counters say 14,336, 13,824, 28,160 or 27,648 here: biases in or out, products or operations."""
    conv = make("Conv2d", 3, 8, 3, padding=1)
    assert macs(conv, (3, 8, 8)) == 13_824
    assert params(conv, (3, 8, 8)) == 3 * 3 * 3 * 8 + 8 == 224


def test_parameters_do_not_depend_on_stride_padding_or_picture() -> None:
    sizes = {
        params(make("Conv2d", 3, 10, 3, stride=stride, padding=padding), (3, size, size))
        for stride in (1, 2)
        for padding in (0, 5)
        for size in (8, 64)
    }
    assert sizes == {280}


def test_grouped_and_depthwise_weights() -> None:
    depthwise = make("Conv2d", 8, 16, 3, groups=8, bias=False)
    assert [weight.shape for weight in depthwise.weights((1, 8, 9, 9))] == [(16, 1, 3, 3)]
    assert macs(make("Conv2d", 8, 8, 3, padding=1, groups=8), (8, 10, 10)) == 7_200
    assert params(make("Conv3d", 1, 2, [3, 4, 5]), (1, 9, 9, 9)) == 2 * 60 + 2


def test_transposed_convolutions_count_input_positions() -> None:
    """Counters that take the output's positions say 192 or 208 for 48, and 10,404 for 2,304."""
    assert macs(make("ConvTranspose2d", 3, 1, 2, stride=2), (3, 2, 2)) == 48
    grouped = make("ConvTranspose2d", 4, 4, 3, stride=2, groups=4)
    assert macs(grouped, (4, 8, 8)) == 2_304
    # The channels stand the other way round than in Conv2d.
    layer = make("ConvTranspose2d", 6, 4, 3, groups=2)
    assert [weight.shape for weight in layer.weights((1, 6, 5, 5))] == [(6, 2, 3, 3), (4,)]


def test_pools_pads_and_arrangements_cost_nothing() -> None:
    for name, args in (("MaxPool2d", [2]), ("AvgPool2d", [2]), ("ZeroPad2d", [1]), ("Flatten", []), ("Dropout", [])):
        assert (macs(make(name, *args), (3, 8, 8)), params(make(name, *args), (3, 8, 8))) == (0, 0)


def test_matrix_products_are_counted() -> None:
    assert macs(make("MatMul"), (4, 5, 7), (4, 7, 3)) == 4 * 5 * 7 * 3
    assert macs(make("MatMul"), (5, 7), (7,)) == 35
    assert macs(make("Einsum", "bhld,bhmd->bhlm"), (4, 5, 7), (4, 3, 7)) == 4 * 5 * 7 * 3
    assert shape(make("Einsum", "hld,hmd->hlm"), (4, 5, 7), (4, 3, 7)) == (4, 5, 3)


# --- refusals ------------------------------------------------------------------------------------------------------

REFUSALS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[Shape, ...], str, str]] = [
    ("Conv2d", (3, 8, 5), {}, ((3, 3, 9),), "kernel-larger-than-input", "a kernel of 5 does not fit into the height 3"),
    (
        "Conv2d",
        (3, 8, 3),
        {"padding": "same", "stride": 2},
        ((3, 9, 9),),
        "same-with-stride",
        'PyTorch refuses padding="same" with stride 2',
    ),
    (
        "Conv2d",
        (3, 8, 3),
        {"padding": 5, "padding_mode": "reflect"},
        ((3, 5, 5),),
        "padding-too-large",
        "reflecting 5 needs a height of more than 5, the input has 5",
    ),
    ("Conv2d", (6, 8, 3), {"groups": 4}, (), "groups-do-not-divide", "6 input channels cannot be split into 4 groups"),
    ("Conv2d", (3, 8, 3), {}, ((3, 32),), "wrong-axes", "Conv2d takes [C_in, H, W], but gets [3, 32]"),
    (
        "ConvTranspose2d",
        (3, 8, 3),
        {"stride": 2, "output_padding": 2},
        (),
        "output-padding-too-large",
        "output_padding 2 must be smaller than the stride 2 or the dilation 1",
    ),
    (
        "ConvTranspose2d",
        (3, 8, 3),
        {"stride": 2, "output_size": 20},
        ((3, 5, 5),),
        "output-size",
        "a height of 5 cannot become 20: output_size may be 11 to 12 here",
    ),
    (
        "MaxPool2d",
        (3,),
        {"padding": 2},
        (),
        "padding-too-large",
        "MaxPool2d may be padded by half its kernel at most: 2 is more than 3 // 2",
    ),
    (
        "AvgPool3d",
        (7,),
        {"padding": 3},
        ((1, 5, 8, 8),),
        "kernel-larger-than-input",
        "AvgPool3d needs a depth of at least 7, even with padding; the input has 5",
    ),
    (
        "FractionalMaxPool2d",
        (2,),
        {"output_size": 5},
        ((1, 5, 5),),
        "kernel-larger-than-input",
        "5 windows of 2 need a height of at least 6, the input has 5",
    ),
    (
        "Upsample",
        (),
        {"scale_factor": 2, "mode": "linear"},
        ((1, 5, 5),),
        "wrong-axes",
        'mode="linear" takes 1 spatial axis, but the input is [1, 5, 5]',
    ),
    (
        "Upsample",
        (),
        {"size": 2, "scale_factor": 2},
        (),
        "option-value",
        "Upsample needs size or scale_factor, not both",
    ),
    (
        "ReflectionPad1d",
        (5,),
        {},
        ((1, 5),),
        "padding-too-large",
        "reflecting 5 needs more than 5 numbers on that axis, [1, 5] has 5",
    ),
    ("Flatten", (0,), {}, ((3, 4),), "batch-axis", "Flatten would act on the batch axis"),
    ("Concat", (0,), {}, ((3, 4), (3, 4)), "batch-axis", "Concat would act on the batch axis"),
    (
        "Flatten",
        (1, 4),
        {},
        ((3, 4),),
        "axis-out-of-range",
        "Flatten has end_dim=4, but with an input [3, 4] there are axes 1 to 2 (0 is the batch)",
    ),
    (
        "Reshape",
        ([4, -1],),
        {},
        ((3, 5),),
        "reshape-count",
        "Reshape cannot make [4, -1] of the 15 numbers of [3, 5]",
    ),
    # In PyTorch a wrong view(-1, 100) moves numbers between samples without a word.
    ("View", (-1, 100), {}, ((16, 5, 5),), "reshape-count", "View cannot make [100] of the 400 numbers of [16, 5, 5]"),
    (
        "Concat",
        (),
        {},
        ((8, 4, 4), (8, 5, 4)),
        "shapes-differ",
        "Concat along axis 1 needs equal sizes elsewhere, but axis 2 differs in [8, 4, 4] and [8, 5, 4]",
    ),
    (
        "Add",
        (),
        {},
        ((64, 56, 56), (128, 28, 28)),
        "shapes-differ",
        "Add cannot combine [64, 56, 56] and [128, 28, 28]: axis 1 has 64 and 128",
    ),
    (
        "MatMul",
        (),
        {},
        ((5, 4), (5, 4)),
        "inner-sizes-differ",
        "MatMul cannot multiply [5, 4] by [5, 4]: 4 columns meet 5 rows",
    ),
    (
        "Fold",
        ([4, 4], 3),
        {},
        ((9, 3),),
        "window-count",
        "an image of 4 × 4 has 2 × 2 = 4 windows, but [9, 3] has 3 columns",
    ),
    (
        "Permute",
        ([2, 0, 1],),
        {},
        ((3, 4, 5),),
        "permutation",
        "Permute needs all 4 axes of [3, 4, 5] once, the batch axis 0 first, not [2, 0, 1]",
    ),
]


@pytest.mark.parametrize(("name", "args", "options", "samples", "code", "message"), REFUSALS)
def test_refusals(
    name: str, args: tuple[Any, ...], options: dict[str, Any], samples: tuple[Shape, ...], code: str, message: str
) -> None:
    with pytest.raises(Fault) as caught:
        shape(make(name, *args, **options), *samples)
    assert (caught.value.code, caught.value.message) == (code, message)


@pytest.mark.parametrize(
    ("name", "args", "samples", "help"),
    [
        ("Conv2d", (3, 8, 3), ((3, 32),), ("Conv1d takes an input of this shape",)),
        ("MaxPool2d", (2,), ((8, 3, 32, 32),), ("shapes are those of one sample: is there a batch axis too many?",)),
        ("Concat", (), ((5, 4, 4), (5, 4, 5)), ("dim=3 would fit: the inputs differ in that axis alone",)),
        ("MatMul", (), ((5, 4), (5, 4)), ("transposing the second input, Transpose(-2, -1), would fit",)),
        ("Permute", ([2, 0, 1],), ((3, 4, 5),), ("Permute([0, 3, 1, 2])",)),
        ("View", (16, -1), ((16, 5),), ("Reshape([16, -1]) is about one sample",)),
    ],
)
def test_help_shows_what_would_do(
    name: str, args: tuple[Any, ...], samples: tuple[Shape, ...], help: tuple[str, ...]
) -> None:
    with pytest.raises(Fault) as caught:
        shape(make(name, *args), *samples)
    assert caught.value.help == help


def test_a_layer_shows_its_list_whole() -> None:
    """Equal numbers of a list are not one number, as they are for a kernel."""
    assert make("Reshape", 2, 2).describe() == "Reshape([2, 2])"
    assert make("Conv2d", 3, 8, [3, 3]).describe() == "Conv2d(3, 8, 3)"


def test_a_misspelt_option_is_named_before_the_missing_one() -> None:
    with pytest.raises(Fault) as caught:
        make("Conv2d", 3, 8, kernel_siz=3)
    assert (caught.value.message, caught.value.help) == (
        'Conv2d has no option "kernel_siz"',
        ("did you mean kernel_size?",),
    )
