"""Errors of PyTorch and Keras, as their own raise statements print them, are read: what met what, and what to write."""

from __future__ import annotations

import io
import sys

import pytest

# Each message as the frameworks print it (PyTorch 2.13, Keras 3.15), and words that the answer must have.
ERRORS = [
    (
        "RuntimeError: CUDA error: device-side assert triggered\nCUDA kernel errors might be asynchronously reported at "
        "some other API call, so the stacktrace below might be incorrect.",
        ["num_embeddings", "CrossEntropyLoss", "model.cpu()"],
    ),
    (
        "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 7.79 GiB total capacity; "
        "5.61 GiB already allocated; 1.05 GiB free; 5.80 GiB reserved in total by PyTorch)",
        ["2.00 GiB", "1.05 GiB is free", "--batch"],
    ),
    (
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 512.00 MiB. GPU 0 has a total capacity of 23.64 GiB "
        "of which 119.50 MiB is free.",
        ["512.00 MiB", "119.50 MiB is free"],
    ),
    (
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x9216 and 400x120)",
        ["Linear(400, 120)", "Linear(9216, 120)"],
    ),
    (
        "RuntimeError: Given groups=1, weight of size [6, 1, 5, 5], expected input[64, 3, 32, 32] to have 1 channels, "
        "but got 3 channels instead",
        ["1 channels", "in_channels=3", "Grayscale"],
    ),
    (
        "RuntimeError: Given groups=1, weight of size [16, 3, 3, 3], expected input[8, 224, 224, 3] to have 3 channels, "
        "but got 224 channels instead",
        ["permute(0, 3, 1, 2)"],
    ),
    (
        "RuntimeError: Error(s) in loading state_dict for Net:\n\tsize mismatch for fc.weight: copying a param with shape "
        "torch.Size([1000, 512]) from checkpoint, the shape in current model is torch.Size([10, 512]).",
        ["1000", "10", "replace fc"],
    ),
    (
        "RuntimeError: Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [64, 784]",
        ["conv2d takes", "[64, 784]"],
    ),
    ("ValueError: expected 4D input (got 2D input)", ["BatchNorm1d"]),
    (
        "RuntimeError: The size of tensor a (64) must match the size of tensor b (128) at non-singleton dimension 1",
        ["Conv2d(128, 64, 1)"],
    ),
    (
        "RuntimeError: Sizes of tensors must match except in dimension 1. Expected size 28 but got size 27 for tensor "
        "number 1 in the list.",
        ["28 meets 27", "interpolate"],
    ),
    ("RuntimeError: shape '[-1, 400]' is invalid for input of size 179776", ["400", "flatten"]),
    ("ValueError: Expected input batch_size (128) to match target batch_size (32).", ["128 = 4 · 32"]),
    (
        "RuntimeError: Calculated padded input size per channel: (2 x 2). Kernel size: (5 x 5). Kernel size can't be "
        "greater than actual input size",
        ["5x5", "2x2"],
    ),
    (
        "RuntimeError: Given input size: (64x1x1). Calculated output size: (64x0x0). Output size is too small",
        ["64x1x1"],
    ),
    ("RuntimeError: input.size(-1) must be equal to input_size. Expected 10, got 20", ["input_size=20"]),
    ("ValueError: LSTM: Expected input to be 2D or 3D, got 4D instead", ["batch_first"]),
    ("RuntimeError: Expected hidden[0] size (2, 32, 128), got [32, 2, 128]", ["transpose(0, 1)"]),
    ("AssertionError: embed_dim must be divisible by num_heads", ["num_heads"]),
    ("AssertionError: was expecting embedding dimension of 512, but got 256", ["Linear(256, 512)"]),
    ("RuntimeError: running_mean should contain 128 elements not 64", ["num_features=128"]),
    (
        "ValueError: Expected more than 1 value per channel when training, got input size torch.Size([1, 64])",
        ["eval()"],
    ),
    (
        "RuntimeError: Given normalized_shape=[512], expected input with shape [*, 512], but got input of size[32, 10, 256]",
        ["LayerNorm(256)"],
    ),
    ("IndexError: index out of range in self", ["num_embeddings"]),
    (
        "ValueError: Target size (torch.Size([32])) must be the same as input size (torch.Size([32, 1]))",
        ["squeeze"],
    ),
    (
        "RuntimeError: The expanded size of the tensor (3) must match the existing size (4) at non-singleton dimension 0. "
        " Target sizes: [3, 4].  Tensor sizes: [4, 4]",
        ["stretched"],
    ),
    (
        "RuntimeError: Expected size for first two dimensions of batch2 tensor to be: [8, 64] but got: [8, 32].",
        ["64 columns", "transpose"],
    ),
    (
        "RuntimeError: stack expects each tensor to be equal size, but got [3, 32, 32] at entry 0 and [3, 28, 28] at entry 1",
        ["Resize"],
    ),
    (
        "RuntimeError: output with shape [1, 28, 28] doesn't match the broadcast shape [3, 28, 28]",
        ["Normalize"],
    ),
    (
        'ValueError: Input 0 of layer "dense" is incompatible with the layer: expected axis -1 of input shape to have '
        "value 784, but received input with shape (None, 28, 28)",
        ["Flatten", "28 · 28 = 784"],
    ),
    (
        'ValueError: Input 0 of layer "conv2d" is incompatible with the layer: expected min_ndim=4, found ndim=3. Full '
        "shape received: (None, 28, 28)",
        ["Reshape((28, 28, 1))"],
    ),
    (
        'ValueError: Input 0 of layer "sequential" is incompatible with the layer: expected shape=(None, 784), found '
        "shape=(None, 28, 28)",
        ["Flatten"],
    ),
    (
        "ValueError: A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. "
        "Received: input_shape=[(None, 16, 16, 8), (None, 15, 15, 8)]",
        ["[N, 16, 16, 8]", "Cropping2D"],
    ),
    ("ValueError: Shapes (None, 1) and (None, 10) are incompatible", ["sparse_categorical_crossentropy"]),
    (
        "ValueError: logits and labels must have the same first dimension, got logits shape [32,10] and labels shape [320]",
        ["one-hot"],
    ),
    (
        "RuntimeError: einsum(): subscript j has size 5 for operand 1 which does not broadcast with previously seen size 4",
        ["j is 4", "5"],
    ),
    (
        "RuntimeError: einsum(): the number of subscripts in the equation (3) does not match the number of dimensions (2) for operand 0 and no ellipsis was given",
        ["2 axes", "3 letters"],
    ),
    (
        "RuntimeError: permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = 3 is not equal to len(dims) = 4",
        ["4 axes", "unsqueeze(0)"],
    ),
    ("IndexError: Dimension out of range (expected to be in range of [-2, 1], but got 5)", ["2 axes", "from -2 to 1"]),
    ("RuntimeError: Tensors must have same number of dimensions: got 2 and 3", ["2 and 3"]),
    ("RuntimeError: size mismatch, got input (3), mat (3x4), vec (5)", ["3x4", "Linear(5, 3)"]),
    ("ValueError: num_channels (8) must be divisible by num_groups (3)", ["1, 2, 4, 8"]),
    (
        "RuntimeError: Expected number of channels in input to be divisible by num_groups, but got input of shape [2, 6, 3, 3] and num_groups=4",
        ["2, 6, 3, 3"],
    ),
    ("ValueError: in_channels must be divisible by groups", ["divides both"]),
    (
        "RuntimeError: unflatten: Provided sizes [3, 5] don't multiply up to the size of dim 1 (16) in the input tensor",
        ["product 16"],
    ),
    (
        "RuntimeError: split_with_sizes expects split_sizes to sum exactly to 10 (input tensor's size at dimension 1), but got split_sizes=[3, 3]",
        ["6 together"],
    ),
    ("RuntimeError: Halving dimension must be even, but dimension 1 is size 5", ["5 is odd"]),
    (
        "RuntimeError: pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)=6 is not divisible by 4",
        ["multiple of 4"],
    ),
    ("RuntimeError: input has inconsistent input_size: got 5 expected 4", ["input_size=5"]),
    ("IndexError: index 5 is out of bounds for dimension 1 with size 4", ["0 to 3"]),
    (
        "IndexError: The shape of the mask [3, 5] at index 1 does not match the shape of the indexed tensor [3, 4] at index 1",
        ["axis 1"],
    ),
    ("NotImplementedError: Got 3D input, but bilinear mode needs 4D input", ["4 axes"]),
    ("RuntimeError: the batch number of src and tgt must be equal", ["batch_first"]),
    ("RuntimeError: the feature number of src and tgt must be equal to d_model", ["d_model"]),
    (
        "RuntimeError: view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
        ["reshape"],
    ),
    ("IndexError: Target 3 is out of bounds.", ["at least 4 outputs"]),
    (
        "ValueError: Using a target size (torch.Size([4])) that is different to the input size (torch.Size([4, 1])) is deprecated. Please ensure they have the same size.",
        ["squeeze(1)"],
    ),
    (
        "RuntimeError: mat1 and mat2 must have the same dtype, but got Double and Float",
        ["Double and Float", "x.float()"],
    ),
    ("RuntimeError: expected target dtype to be Long or Byte, but got Float", ["whole numbers"]),
    (
        "RuntimeError: Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got torch.FloatTensor instead (while checking arguments for embedding)",
        ["FloatTensor", "x.long()"],
    ),
    ('RuntimeError: Error(s) in loading state_dict for Linear:\n\tMissing key(s) in state_dict: "bias". ', ["bias"]),
    ("RuntimeError: bilinear(): input2 size does not match weight size: got 5 but expected 4", ["in2_features=5"]),
    (
        "RuntimeError: Given input size per channel: (2 x 2). Calculated output size per channel: (-2 x -2). Output size is too small",
        ["less padding"],
    ),
    (
        "RuntimeError: only batches of spatial targets supported (3D tensors) but got targets of dimension: 4",
        ["target"],
    ),
    ("ValueError: not enough values to unpack (expected 4, got 3)", ["x.shape", "unsqueeze(0)"]),
    ("ValueError: not enough values to unpack (expected 2, got 1)", ["GRU", "out, _ = lstm(x)"]),
    ("ValueError: too many values to unpack (expected 2)", ["b, *rest"]),
    ("RuntimeError: a Tensor with 3 elements cannot be converted to Scalar", ["3 numbers", "mean().item()"]),
    ("ValueError: only one element tensors can be converted to Python scalars", ["tolist"]),
    ("RuntimeError: Boolean value of Tensor with more than one value is ambiguous", ["torch.where", "any()"]),
    ("RuntimeError: Index tensor must have the same number of dimensions as input tensor", ["index.unsqueeze(1)"]),
    (
        "RuntimeError: Size does not match at dimension 0 expected index [5, 1] to be no larger than self [2, 3] apart "
        "from dimension 1",
        ["[5, 1]", "axis 1 of [2, 3]"],
    ),
    ("RuntimeError: gather(): Expected dtype int32/int64 for index", ["index.long()"]),
    ("RuntimeError: 0D or 1D target tensor expected, multi-target not supported", ["target.squeeze(1)"]),
    ("RuntimeError: Expected target size [3, 8], got [3, 9]", ["[3, 8]", "transpose(1, 2)"]),
    (
        "RuntimeError: Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor",
        ["repeat(2, 1, 1)"],
    ),
    (
        "RuntimeError: expand(torch.FloatTensor{[2, 3]}, size=[3]): the number of sizes provided (1) must be greater or "
        "equal to the number of dimensions in the tensor (2)",
        ["expand(-1, -1)"],
    ),
    ("RuntimeError: X1 and X2 must have the same number of columns. X1: 3 X2: 5", ["3 and 5"]),
    ("IndexError: too many indices for tensor of dimension 2", ["2", "unsqueeze"]),
    ("RuntimeError: selected index k out of range", ["topk"]),
    (
        "TypeError: linear(): argument 'input' (position 1) must be Tensor, not tuple",
        ["LSTM", "out, _ = lstm(x)"],
    ),
    ("RuntimeError: self must be a matrix", ["torch.matmul"]),
    ("RuntimeError: Input type (double) and bias type (float) should be the same", ["x.float()"]),
    ("ValueError: expected sequence of length 1 at dim 1 (got 2)", ["pad_sequence"]),
    ("RuntimeError: Class values must be smaller than num_classes.", ["one_hot"]),
    ('NotImplementedError: Module [Net] is missing the required "forward" function', ["def forward(self, x)"]),
    (
        "╭──── Traceback (most recent call last) ────╮\n│ /home/me/train.py:12 in <module>          │\n"
        "│ RuntimeError: mat1 and mat2 shapes cannot │\n│ be multiplied (32x9216 and 400x120)       │\n"
        "╰───────────────────────────────────────────╯",
        ["Linear(9216, 120)"],
    ),
]


# After the threads that are named; file paths, and the layer of the last one, are ours. Then the words of the answer.
THREADS = [
    (
        "datascience.stackexchange.com/questions/121817",
        "RuntimeError: For unbatched 2-D input, hx should also be 2-D but got 3-D tensor",
        ["2 axes", "x.unsqueeze(0)"],
    ),
    (
        "github.com/pytorch/pytorch/issues/56328",
        "RuntimeError: output padding must be smaller than either stride or dilation, but got output_padding_height: 0 "
        "output_padding_width: 1 stride_height: 1 stride_width: 1 dilation_height: 1 dilation_width: 1",
        ["output_padding is 1", "stride=2"],
    ),
    (
        "github.com/wangkenpu/Conv-TasNet-PyTorch/issues/7",
        "RuntimeError: output padding must be smaller than either stride or dilation, but got output_padding_height: 0 "
        "output_padding_width: 8000 stride_height: 1 stride_width: 10 dilation_height: 1 dilation_width: 1",
        ["output_padding is 8000", "from 0 to 9"],
    ),
    (
        "github.com/kkakkkka/ETRIS/issues/8",
        "RuntimeError: The shape of the 2D attn_mask is torch.Size([17, 17]), but should be (77, 77).",
        ["[17, 17]", "77 steps"],
    ),
    (
        "github.com/pytorch/pytorch/issues/3670",
        "RuntimeError: multi-target not supported at d:\\torch\\lib\\thnn\\generic/ClassNLLCriterion.c:22",
        ["target.squeeze(1)"],
    ),
    (
        "github.com/OleehyO/TexTeller/issues/91",
        "InvalidArgument: [ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Got invalid dimensions for input: image for the "
        "following indices index: 2 Got: 1600 Expected: 640 index: 3 Got: 1600 Expected: 640 Please fix either the "
        "inputs/outputs or the model.",
        ["Axis 3 is 1600 and must be 640", "dynamic_axes"],
    ),
    (
        "github.com/ccoreilly/wav2vec2-service/issues/6",
        "[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Got invalid dimensions for input: input for the following indices\n"
        " index: 0 Got: 196320 Expected: 1\n Please fix either the inputs or the model.",
        ["axis 0 is the batch"],
    ),
    (
        "github.com/google-research/reincarnating_rl/issues/5",
        "flax.errors.ScopeParamShapeError: Initializer expected to generate shape (512, 4) but got shape (512, 6) instead "
        'for parameter "kernel" in "/Dense_1".',
        ["Only the outputs differ, 4 and 6"],
    ),
    (
        "github.com/google/flax/issues/2941",
        'ScopeParamShapeError: Inconsistent shapes between value and initializer for parameter "kernel" in "/Dense_0": '
        "(5, 1), (3, 1).",
        ["Only the inputs differ, 5 and 3"],
    ),
    (
        "github.com/jax-ml/jax/issues/2189",
        "TypeError: dot_general requires lhs batch dimensions and rhs batch dimensions to have the same shape, got [2 4] "
        "and [2 1].",
        ["[2, 4]", "jnp.matmul"],
    ),
    (
        "github.com/kuza55/keras-extras/issues/31",
        "tensorflow.python.framework.errors_impl.InvalidArgumentError: Incompatible shapes: [1,256,48,64] vs. "
        "[1,256,47,63]",
        ["Axis 2 has 48 and 47", "differ by one"],
    ),
    (
        "github.com/NicGian/text_VAE/issues/1",
        "tensorflow.python.framework.errors_impl.InvalidArgumentError: Incompatible shapes: [50,32] vs. [100,32]",
        ["Only the batches differ", "drop_remainder"],
    ),
    (
        "github.com/zzh8829/yolov3-tf2/issues/386",
        "Invalid argument: Received a label value of 67 which is outside the valid range of [0, 1).  Label values: 0 0 0",
        ["67 is none", "Dense(68)"],
    ),
    (
        "github.com/zzh8829/yolov3-tf2/issues/259",
        "InvalidArgumentError: Received a label value of -1 which is outside the valid range of [0, 80).",
        ["-1 is none", "y - y.min()"],
    ),
    (
        "github.com/mrzaizai2k/License-Plate-Recognition-YOLOv7-and-CNN/issues/4",
        "ValueError: One of the dimensions in the output is <= 0 due to downsampling in conv2d_3. Consider increasing the "
        "input size. Received input shape [None, 1, 1, 64] which would produce output shape with a zero or negative value",
        ["conv2d_3 gets [N, 1, 1, 64]", 'padding="same"'],
    ),
]
# Of the form of messages of JAX, Flax, TensorFlow and PyTorch, written from memory: not recorded from the frameworks.
ERRORS += [
    (message, words)
    for message, words in [
        ("ValueError: requested an output size of [14, 14], but valid sizes range from [15, 15] to [16, 16] (for an input "
         "of torch.Size([8, 8]))", ["[15, 15] to [16, 16]"]),
        ("RuntimeError: Given groups=2, expected weight to be divisible by 2 at dimension 0, but got weight of size "
         "[5, 2, 3, 3]", ["multiple of 2"]),
        ("AssertionError: expecting key_padding_mask shape of (32, 20), but got torch.Size([20, 32])",
         ["mask.transpose(0, 1)"]),
        ("RuntimeError: Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!",
         ["model.to(device)"]),
        ("Token indices sequence length is longer than the specified maximum sequence length for this model (1500 > 512).",
         ["1,500 tokens", "max_length=512"]),
        ("InvalidArgumentError: Matrix size-incompatible: In[0]: [32,512], In[1]: [1024,10] [Op:MatMul]",
         ["built for 512"]),
        ("ValueError: Inputs have incompatible shapes. Received shapes (56, 56, 64) and (56, 56, 256)",
         ["Axis 2 has 64 and 256"]),
        ("ValueError: Layer 'dense' expected 2 variables, but received 0 variables during loading.", ["model.build"]),
        ("ValueError: Layer conv2d weight shape (3, 3, 3, 64) is not compatible with provided weight shape (3, 3, 1, 64).",
         ["Axis 2 has 3 and 1"]),
        ("INVALID_ARGUMENT : Invalid rank for input: input.1 Got: 3 Expected: 4 Please fix either the inputs or the model.",
         ["np.expand_dims"]),
        ("INVALID_ARGUMENT : Unexpected input data type. Actual: (tensor(double)) , expected: (tensor(float))",
         ["astype(np.float32)"]),
        ("Non-zero status code returned while running Add node. Name:'Add_45' Status Message: element_wise_ops.h:503 axis "
         "== 1 || axis == largest was false. Attempting to broadcast an axis by a dimension other than 1. 7 by 8",
         ["Add_45", "7 meets 8"]),
        ("Non-zero status code returned while running MatMul node. Name:'MatMul_12' Status Message: matmul_helper.h:61 "
         "Compute MatMul dimension mismatch", ["MatMul_12"]),
        ("TypeError: dot_general requires contracting dimensions to have the same shape, got (784,) and (512,).",
         ["784", "w.T"]),
        ("TypeError: add got incompatible shapes for broadcasting: (32, 10), (32, 12).", ["[32, 10] and [32, 12]"]),
    ]
]  # fmt: skip


@pytest.mark.parametrize(("thread", "message", "words"), THREADS)
def test_an_error_of_a_thread_is_read(thread, message, words, call):
    done = call("why", message)
    assert done.status == 0, done.err
    for word in words:
        assert word in done.out


def test_a_new_form_names_the_layer_of_a_network(call, tmp_path):
    net = tmp_path / "net.py"
    net.write_text(
        "import torch.nn as nn\nmodel = nn.Sequential(nn.Conv2d(3, 8, 3, 2), nn.ConvTranspose2d(8, 3, 3, stride=1))\n"
    )
    done = call("why", THREADS[1][1], str(net))
    assert done.status == 0 and "ConvTranspose2d" in done.out


@pytest.mark.parametrize(("message", "words"), ERRORS, ids=lambda value: value[:40] if isinstance(value, str) else "")
def test_an_error_is_read(message, words, call):
    done = call("why", message)
    assert done.status == 0, done.err
    for word in words:
        assert word in done.out


@pytest.mark.parametrize(
    ("message", "words"), ERRORS[:8], ids=lambda value: value[:40] if isinstance(value, str) else ""
)
def test_a_whole_traceback_is_read_from_standard_input(message, words, call, monkeypatch):
    text = f'Traceback (most recent call last):\n  File "train.py", line 3, in <module>\n    model(x)\n{message}\n'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    done = call("why", "-")
    assert done.status == 0
    assert all(word in done.out for word in words)


def test_the_layer_that_is_meant(call, spec):
    net = spec("input: [1, 28, 28]\nlayers:\n  - conv: Conv2d(1, 8, 3)\n  - Flatten\n  - fc: Linear(6272, 10)\n")
    done = call("why", "RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x5408 and 6272x10)", net)
    assert "it is fc: Linear(6272, 10), line 5." in done.out


def test_a_flattened_size_has_the_channels_of_the_network(call, spec):
    """2304 is 256·3·3 in AlexNet's kind of network, and 64·6·6 where the last convolution gives 64 channels."""
    net = spec("input: [3, 32, 32]\nlayers:\n  - conv: Conv2d(3, 64, 5)\n  - Flatten\n  - fc: Linear(3136, 128)\n")
    done = call("why", "RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x2304 and 3136x128)", net)
    assert "2304 may be 64·6·6, a feature map that was flattened: conv gives 64 channels." in done.out
    assert "256" not in done.out


def test_what_is_no_error_is_refused(call):
    done = call("why", "it does not work")
    assert done.status == 2
    assert "error[unknown-error]" in done.err


def test_an_error_in_place_of_a_network(call, tmp_path):
    path = tmp_path / "error.txt"
    path.write_text("RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x9216 and 400x120)\n")
    done = call("shapes", str(path))
    assert done.status == 2
    assert "an error message, and no network" in done.err
    assert f"cnncalc why - < {path}" in done.err
