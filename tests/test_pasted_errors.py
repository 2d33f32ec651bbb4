"""Errors of PyTorch and Keras, as their own raise statements print them, are read: what met what, and what to write."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

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


# Lines of the threads that are named; of the first 15 the file paths, and the layer of the last of them, are ours.
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
    (
        "github.com/jax-ml/jax/issues/12305",
        "ValueError: Incompatible shapes for broadcasting: ((2, 4), (1, 2))",
        ["[2, 4] and [1, 2]"],
    ),
    (
        "github.com/keras-team/tf-keras/issues/476",
        "ValueError: Operands could not be broadcast together with shapes (56, 56, 32) (112, 112, 32)",
        ["Axis 0 has 56 and 112"],
    ),
    (
        "github.com/lucktroy/DeepST/issues/32",
        "ValueError: Only layers of same output shape can be merged using sum mode. Layer shapes: [(None, 6, 32, 2), (None, 2, 32, 32)]",
        ["Axis 3 has 2 and 32"],
    ),
    (
        "github.com/yoheikikuta/senet-keras/issues/1",
        "ValueError: Only tensors of same shape can be merged by layermultiply_1 Got input shapes: [(None, 96, 96, 64), (None, 1, 1, 64)]",
        ["Axis 1 has 96 and 1"],
    ),
    (
        "github.com/vinojjayasundara/textcaps/issues/4",
        "ValueError: Dimensions must be equal, but are 128 and 47 for 'digitcaps/add' (op: 'Add') with input shapes: [?,47,47,128,16], [47,16].",
        ["128 meets one of 47"],
    ),
    (
        "github.com/walid0925/AI_Artistry/issues/5",
        "ValueError: Shapes (165888, 4096) and (25088, 4096) are incompatible",
        ["Axis 0 has 165888 and 25088", "Only the inputs differ"],
    ),
    (
        "github.com/xavysp/DexiNed/issues/110",
        "ValueError: You are trying to load a weight file containing 23 layers into a model with 22 layers.",
        ["23 in the file, 22 in the model"],
    ),
    (
        "github.com/keras-team/keras/issues/20084",
        'ValueError: Layer "dense" expects 1 input(s), but it received 2 input tensors. Inputs received: [<KerasTensor shape=(None, 11, 11, 1280), dtype=float32, sparse=False, name=keras_tensor_4552>, <KerasTensor shape=(None, 11, 11, 1280), dtype=float32, sparse=False, name=keras_tensor_4553>]',
        ["dense takes 1 and gets 2 tensors", "Concatenate"],
    ),
    (
        "github.com/jakegrigsby/AdvancedPacmanDQNs/issues/3",
        'ValueError: Layer #4 (named "noisy_net_dense_3" in the current model) was found to correspond to layer dense_1 in the save file. However the new layer noisy_net_dense_3 expects 4 weights, but the saved weights have 2 elements.',
        ["noisy_net_dense_3 has 4 arrays", "2 for it"],
    ),
    (
        "github.com/keras-team/keras/issues/630",
        "Exception: Layer shape (1024, 4) not compatible with weight shape (1024, 5).",
        ["Axis 1 has 4 and 5.\n\n"],
    ),
    (
        "github.com/triton-inference-server/onnxruntime_backend/issues/43",
        "Non-zero status code returned while running Add node. Name:'Add_1103' Status Message: Add_1103: right operand cannot broadcast on dim 3 LeftShape: {1,3,20,20,2}, RightShape: {1,1,21,12,2}",
        ["axis 3 differs"],
    ),
    (
        "github.com/microsoft/onnxruntime/issues/4641",
        "Fail: [ONNXRuntimeError] : 1 : FAIL : Non-zero status code returned while running Concat node. Name:'/model.18/Concat' Status Message: concat.cc:157 onnxruntime::ConcatBase::PrepareForCompute Non concat axis dimensions must match: Axis 2 has mismatched dimensions of 63 and 64",
        ["axis 2 has 63 and 64", "differ by one"],
    ),
    (
        "github.com/tensorlayer/SRGAN/issues/151",
        "tensorflow.python.framework.errors_impl.InvalidArgumentError: cannot compute Conv2D as input #1(zero-based) was expected to be a double tensor but is a float tensor [Op:Conv2D] name: conv2d_1",
        ["double and float", "np.float32"],
    ),
    (
        "github.com/pytorch/pytorch/issues/2138",
        "RuntimeError: expected Double tensor (got Float tensor)",
        ["Double and Float"],
    ),
    (
        "github.com/EvilPort2/Sign-Language/issues/55",
        "TypeError: Value passed to parameter 'input' has DataType uint8 not in list of allowed values: float16, bfloat16, float32, float64",
        ["input is uint8"],
    ),
    (
        "github.com/rogertrullo/pytorch_convlstm/issues/4",
        "Given groups=1, weight of size 40 13 5 5, expected input[10, 20, 25, 25] to have 13 channels, but got 20 channels instead",
        ["in_channels=20"],
    ),
    (
        "github.com/Gumpest/YOLOv5-Multibackbone-Compression/issues/57",
        "RuntimeError: Given groups=1, expected weight to be at least 1 at dimension 0, but got weight of size [0, 32, 1, 1] instead",
        ["makes 0 channels"],
    ),
    (
        "github.com/davidsandberg/facenet/issues/349",
        "InvalidArgumentError (see above for traceback): input must be 4-dimensional[1]",
        ["takes 4 axes"],
    ),
    (
        "github.com/tensorflow/tensorflow/pull/14501",
        "ValueError: ('Inputs should have rank 4Received input shape:', '(?, n)')",
        ["takes 4 axes"],
    ),
    (
        "github.com/BGU-CS-VIL/WTConv/issues/34",
        "RuntimeError: Given groups=3, expected weight to be divisible by 3 at dimension 0, but got weight of size [[128, 1, 2, 2]] instead",
        ["3 groups do not divide"],
    ),
    (
        "github.com/zju3dv/MotionStreamer/issues/26",
        "AssertionError: expecting key_padding_mask shape of (32, 302), but got torch.Size([32, 294])",
        ["302 long, and the mask was made for 294"],
    ),
    (
        "github.com/BenMSK/trajectory_prediction_TraPHic/issues/1",
        "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!",
        ["model.to(device)"],
    ),
    (
        "github.com/netease-youdao/BCEmbedding/issues/62",
        "Token indices sequence length is longer than the specified maximum sequence length for this model (781 > 512). Running this sequence through the model will result in indexing errors",
        ["781 tokens", "max_length=512"],
    ),
    (
        "github.com/tech-srl/code2vec/issues/174",
        "tensorflow.python.framework.errors_impl.InvalidArgumentError: 2 root error(s) found.\n  (0) INVALID_ARGUMENT: Matrix size-incompatible: In[0]: [204800,192], In[1]: [384,384]",
        ["a Dense that is built for 192"],
    ),
    (
        "github.com/jalused/Deconvnet-keras/issues/9",
        "ValueError: Layer weight shape (3, 64, 3, 3) not compatible with provided weight shape (3, 3, 3, 64)",
        ["another order"],
    ),
    (
        "github.com/irimia-laboratory/USC_BA_estimator/issues/1",
        "onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument: [ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Invalid rank for input: input Got: 4 Expected: 5 Please fix either the inputs or the model.",
        ["takes 5 axes and gets 4", "np.expand_dims"],
    ),
    (
        "github.com/pengzhendong/streaming-sensevoice/issues/2",
        "onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument: [ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Unexpected input data type. Actual: (tensor(int32)) , expected: (tensor(int64))",
        ["astype(np.int64)"],
    ),
    (
        "github.com/onnx/tensorflow-onnx/issues/1862",
        "[E:onnxruntime:, sequential_executor.cc:346 Execute] Non-zero status code returned while running Add node. Name:'Add_1363' Status Message: /onnxruntime_src/onnxruntime/core/providers/cpu/math/element_wise_ops.h:505 void onnxruntime::BroadcastIterator::Append(ptrdiff_t, ptrdiff_t) axis == 1 || axis == largest was false. Attempting to broadcast an axis by a dimension other than 1. 9 by 505",
        ["Add_1363", "9 meets 505"],
    ),
    (
        "github.com/danijar/dreamerv3/issues/32",
        "TypeError: dot_general requires contracting dimensions to have the same shape, got (1041,) and (1029,).",
        ["1041", "w.T"],
    ),
    (
        "github.com/clip-italian/clip-italian/issues/19",
        "TypeError: add got incompatible shapes for broadcasting: (512, 50, 1024), (1, 145, 1024).",
        ["[512, 50, 1024] and [1, 145, 1024]"],
    ),
    (
        "github.com/microsoft/onnxruntime/issues/3890",
        "InvalidArgument: [ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Unexpected input data type. Actual: (N11onnxruntime17PrimitiveDataTypeINS_9MLFloat16EEE) , expected: (N11onnxruntime17PrimitiveDataTypeIfEE)",
        ["are float16, and the model takes float"],
    ),
    (
        "github.com/onnx/keras-onnx/issues/323",
        "INVALID_ARGUMENT : Unexpected input data type. Actual: (class onnxruntime::PrimitiveDataType<double>) , expected: (class onnxruntime::PrimitiveDataType<float>)",
        ["are double, and the model takes float"],
    ),
    (
        "github.com/MhLiao/MaskTextSpotter/issues/40",
        "RuntimeError: shape mismatch: value tensor of shape [52, 256, 16, 64] cannot be broadcast to indexing result of shape [52, 256, 16, 16]",
        ["picks [52, 256, 16, 16]"],
    ),
    (
        "github.com/skyhehe123/VoxelNet-pytorch/issues/4",
        "RuntimeError: shape mismatch: value tensor of shape [31564, 128] cannot be broadcast to indexing result of shape [128, 31564]",
        ["transpose(0, 1)"],
    ),
    (
        "github.com/wvangansbeke/Sparse-Depth-Completion/issues/38",
        "RuntimeError: Trying to create tensor with negative dimension -2: [-2, 34, 3, 3]",
        ["its size -2"],
    ),
    (
        "github.com/ckkelvinchan/BasicVSR_PlusPlus/issues/13",
        "RuntimeError: non-empty 3D or 4D input tensor expected but got ndim: 4",
        ["one of its sizes is 0"],
    ),
    (
        "github.com/junyanz/pytorch-CycleGAN-and-pix2pix/issues/749",
        "RuntimeError: Padding size should be less than the corresponding input dimension",
        ["n - 1 at most"],
    ),
    (
        "github.com/shreyans29/thesemicolon/issues/5",
        "ValueError: Input 0 is incompatible with layer lstm_1: expected ndim=3, found ndim=2",
        ["lstm_1 takes 3 axes with the batch, and gets 2."],
    ),
    (
        "github.com/molson194/LSTM-Stock-Prediction/issues/1",
        "ValueError: Input 0 of layer sequential is incompatible with the layer: expected ndim=3, found ndim=4. Full shape received: [None, 1, 60, 2]",
        ["[N, 1, 60, 2]", "TimeDistributed"],
    ),
    (
        "github.com/jsalbert/Music-Genre-Classification-with-Deep-Learning/issues/8",
        "ValueError: total size of new array must be unchanged",
        ["must stay as many"],
    ),
    (
        "github.com/keras-team/keras/issues/19249",
        "ValueError: Error when checking input: expected dense_input to have shape (1, 10) but got array with shape (1, 2)",
        ["should be [1, 10]", "given is [1, 2]"],
    ),
    (
        "github.com/keras-team/keras/issues/10238",
        "ValueError: Error when checking target: expected dense_20 to have shape (3,) but got array with shape (22,)",
        ["targets for dense_20 should be [3]", "sparse_categorical_crossentropy"],
    ),
    (
        "github.com/keras-team/keras/issues/13651",
        "ValueError: Error when checking input: expected input_4 to have 2 dimensions, but got array with shape (1, 1, 24)",
        ["2 axes with the batch, and what is given has 3"],
    ),
    (
        "github.com/ChangdeDu/DGMM/issues/3",
        "ValueError: Error when checking input: expected input_1 to have shape (28, 28, 1) but got array with shape (1, 28, 28)",
        ["channels are last"],
    ),
    (
        "github.com/keras-team/keras/issues/6850",
        "Error when checking input: expected conv2d_17_input to have shape (None, 1, 1876, 1) but got array with shape (30, 1, 1867, 1)",
        ["Axis 2 has 1876 and 1867"],
    ),
    (
        "github.com/pytorch/examples/issues/438",
        "TypeError: forward() missing 1 required positional argument: 'input'",
        ["called without 'input'"],
    ),
    (
        "github.com/yunjey/pytorch-tutorial/issues/146",
        "TypeError: forward() missing 1 required positional argument: 'indices'",
        ["return_indices=True"],
    ),
    (
        "github.com/pytorch/pytorch/issues/65676",
        "TypeError: forward() takes 2 positional arguments but 3 were given",
        ["takes 1 and gets 2"],
    ),
    (
        "github.com/ChantalMP/RaDialog_v2/issues/6",
        'ValueError: Trying to set a tensor of shape torch.Size([4096, 1024]) in "weight" (which has shape torch.Size([4096, 512])), this looks incorrect.',
        ["Axis 1 has 1024 and 512"],
    ),
    ("github.com/pytorch/pytorch/issues/10424", "RuntimeError: sizes must be non-negative", ["below 0"]),
    (
        "github.com/VinAIResearch/MagNet/issues/20",
        "RuntimeError: shape '[1, 1, -1, 508, 508]' is invalid for input of size 16451136",
        ["258,064 do not divide"],
    ),
    (
        "github.com/yuhaozhang/tacred-relation/issues/10",
        "RuntimeError: invalid argument 0: Sizes of tensors must match except in dimension 2. Got 66 and 67 in dimension 1",
        ["66 meets 67.\n\n"],
    ),
    (
        "github.com/tensorflow/tensorflow/issues/53221",
        "ValueError: Dimension 2 in both shapes must be equal, but are 2 and 1. Shapes are [256,128,2] and [256,128,1].",
        ["2 meets one of 1"],
    ),
    (
        "github.com/keras-team/keras/issues/16228",
        "ValueError: Shapes (None, 7) and (None, 1, 7) are incompatible",
        ["an axis of 1 alone"],
    ),
    (
        "github.com/titu1994/Image-Super-Resolution/issues/44",
        "WARNING:tensorflow:Model was constructed with shape (None, 18729, 2, 1) for input KerasTensor(type_spec=TensorSpec(shape=(None, 18729, 2, 1), dtype=tf.float32, name='conv2d_16_input'), name='conv2d_16_input', description=\"created by layer 'conv2d_16_input'\"), but it was called on an input with incompatible shape (None, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1).",
        ["The model was made for [N, 18729, 2, 1]"],
    ),
    (
        "github.com/ddz16/Preformer/issues/3",
        "RuntimeError: shape '[128, 1, 1]' is invalid for input of size 0",
        ["holds 128 numbers, and there are 0.", "empty"],
    ),
    (
        "github.com/whywhs/Pytorch-Handwritten-Mathematical-Expression-Recognition/issues/18",
        "RuntimeError: shape '[3, 256]' is invalid for input of size 1536",
        ["holds 768 numbers, and there are 1,536, 2 times as many"],
    ),
    (
        "github.com/shamangary/FSA-Net/issues/42",
        "ValueError: Shapes (192, 320) and (192, 35) are incompatible",
        ["Where weights are loaded"],
    ),
]
# What the frameworks said of faulty code, by the names in `record_errors.py`.
RECORDED = [
    ("output_size", ["[15, 15] to [16, 16]"]),
    ("conv groups", ["multiple of 2"]),
    ("no channels", ["[0, 32, 1, 1] makes 0 channels"]),
    ("padding mask", ["keys should be 6, and it has 5"]),
    ("reflection", ["needs a longer axis 3"]),
    ("negative", ["its size -2"]),
    ("assignment", ["picks [2, 4], and the value is [3, 4]"]),
    ("no input", ["Linear was called without 'input'"]),
    ("two inputs", ["takes 1 and gets 2"]),
    ("empty", ["[1, 0, 4, 4]: only the batch may be 0"]),
    ("keras add", ["Axis 2 has 64 and 256"]),
    ("keras weights", ["Axis 1 has 5 and 3.\n"]),
    ("keras no weights", ["model.build"]),
    ("keras unbuilt", ["model.build"]),
    ("keras set_weights", ["Axis 2 has 3 and 1"]),
    ("keras inputs", ["takes 1 and gets 2 tensors"]),
    ("keras axis", ["made for 4 in axis -1, and gets [2, 5]"]),
    ("keras ndim", ["lstm takes 3 axes", "return_sequences"]),
    ("keras min_ndim", ["conv2d_1 takes 4 axes", "channel axis"]),
    ("keras target", ["sparse_categorical_crossentropy"]),
    ("keras sparse target", ["one-hot"]),
    ("keras samples", ["2 samples and 3 targets"]),
    ("keras reshape", ["makes [3, 5] of [4, 4]"]),
    ("keras dot", ["axis 1 of [N, 4, 4]", "4 and 5"]),
    ("keras groups", ["filters that are a multiple of 3"]),
    ("onnx rank", ["x takes 2 axes and gets 3"]),
    ("onnx type", ["astype(np.float32)"]),
    ("onnx add", ["Add_12", "7 meets 8"]),
    ("onnx matmul", ["MatMul_12"]),
    ("onnx concat", ["axis 1 has 8 and 7"]),
]
SAID = json.loads((Path(__file__).parent / "data" / "errors.json").read_text(encoding="utf-8"))
ERRORS += [(SAID[name], words) for name, words in RECORDED]


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
