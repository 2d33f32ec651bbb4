"""Record what PyTorch counts and keeps: `python -m tests.record_sizes`, where torch and transformers are installed.

FLOPs are those of FlopCounterMode over small models of transformers: a prefill, one decoding step after it, and forward
and backward. Kept are the distinct storages that a training forward saves for its backward, without parameters and
buffers: of chains in PyTorch's own words, which are also the command. Dropout is `native_dropout`, as on accelerators:
a mask of one byte. oneDNN is off, attention is written as products and a softmax.
"""

from __future__ import annotations

import ast
import json
import math
from pathlib import Path
from typing import Any

from record_cache import CASES, command

RECORDED = Path(__file__).parent / "data" / "sizes.json"
# Filled where the flash kernel of attention shall run instead of products and a softmax.
FLASH: list[bool] = []
FLOPS = {"gpt2": (16,), "llama3_8b": (8,), "opt_125m": (10,), "mixtral_8x7b": (8,), "qwen2_1_5b": (9,)}
IMAGE = "8x12x12 -> Conv2d(8, 8, 1) -> {} -> Conv2d(8, 4, 1)"
LINE = "16x24 -> Linear(24, 32) -> {} -> Linear(32, 8)"
SIGNAL = "6x40 -> Conv1d(6, 10, 3) -> {} -> Conv1d(10, 4, 1)"
POINTWISE = [
    "ReLU",
    "ReLU6",
    "LeakyReLU",
    "ELU",
    "SELU",
    "CELU",
    "GELU",
    "SiLU",
    "Mish",
    "Sigmoid",
    "LogSigmoid",
    "Hardsigmoid",
    "Hardswish",
    "Tanh",
    "Hardtanh",
    "Hardshrink",
    "Softshrink",
    "Tanhshrink",
    "Softplus",
    "Softsign",
    "Softmax(1)",
    "LogSoftmax(1)",
    "Softmin(1)",
    "PReLU",
    "RReLU",
    "Identity",
    "Threshold(0.1,0)",
    "Dropout(0.5)",
    "Dropout(0.0)",
    "Dropout2d(0.3)",
    "AlphaDropout(0.2)",
]
IN_PLACE = [
    "ReLU",
    "ReLU6",
    "LeakyReLU",
    "ELU",
    "SELU",
    "CELU",
    "SiLU",
    "Mish",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "RReLU",
    "Threshold(0.1,0)",
    "Dropout(0.5)",
]
IMAGES = [
    "MaxPool2d(2)",
    "MaxPool2d(3, 2, 1)",
    "AvgPool2d(3)",
    "AvgPool2d(2)",
    "LPPool2d(2, 2)",
    "AdaptiveAvgPool2d(1)",
    "AdaptiveAvgPool2d(2)",
    "AdaptiveAvgPool2d(12)",
    "AdaptiveMaxPool2d(3)",
    "BatchNorm2d(8)",
    "BatchNorm2d(8, affine=False)",
    "InstanceNorm2d(8)",
    "InstanceNorm2d(8, affine=True)",
    "GroupNorm(2, 8)",
    "GroupNorm(2, 8, affine=False)",
    "Upsample(scale_factor=2)",
    "Upsample(scale_factor=2, mode='bilinear')",
    "ZeroPad2d(1)",
    "ReflectionPad2d(1)",
    "ReplicationPad2d(1)",
    "Conv2d(8, 8, 3, padding=1)",
    "Conv2d(8, 8, 3, padding=1, bias=False)",
    "ConvTranspose2d(8, 8, 2, stride=2)",
    "PixelShuffle(2) -> Conv2d(2, 8, 1)",
    "LocalResponseNorm(5)",
    "Softmax2d()",
    "BatchNorm2d(8) -> ReLU()",
    "BatchNorm2d(8) -> ReLU(inplace=True)",
    "BatchNorm2d(8) -> ReLU6(inplace=True)",
    "BatchNorm2d(8) -> SiLU(inplace=True)",
    "BatchNorm2d(8) -> Hardswish(inplace=True)",
    "ReLU() -> MaxPool2d(2) -> Dropout(0.5)",
    "CircularPad2d(1)",
    "PixelUnshuffle(2) -> Conv2d(32, 8, 1)",
    "ChannelShuffle(2)",
    "GLU(1) -> Conv2d(4, 8, 1)",
    "FeatureAlphaDropout(0.2)",
    "Dropout2d(0.0)",
    "AlphaDropout(0.0)",
    "Upsample(scale_factor=2, mode='bicubic')",
    "Unfold(3) -> Unflatten(1, (8, 9)) -> Flatten(1, 2) -> Unflatten(2, (10, 10)) -> Conv2d(72, 8, 1)",
    "BatchNorm2d(8, track_running_stats=False)",
    "ReLU() -> AvgPool2d(2) -> ReLU()",
    "MaxPool2d(2) -> MaxPool2d(2)",
    "ReLU() -> Dropout(0.0) -> MaxPool2d(2)",
    "GELU() -> Dropout(0.1)",
]
LINES = ["LayerNorm(32)", "LayerNorm(32, elementwise_affine=False)", "RMSNorm(32)", "GELU(approximate='tanh')"]
LINES += [
    "Linear(32, 32)",
    "Linear(32, 32, bias=False)",
    "Flatten() -> Unflatten(1, (16, 32))",
    "Dropout(0.1) -> GELU()",
]
NORMS = ("BatchNorm2d(8)", "GroupNorm(2, 8)", "InstanceNorm2d(8, affine=True)", "AvgPool2d(2)")
SIGNALS = ["MaxPool1d(2)", "AvgPool1d(2)", "AdaptiveAvgPool1d(1)", "AdaptiveMaxPool1d(2)", "BatchNorm1d(10)", "ReLU()"]
SIGNALS += ["LPPool1d(2, 2)", "InstanceNorm1d(10)", "ConstantPad1d(2, 0.0)", "AdaptiveAvgPool1d(3)"]
VOLUME = "4x6x6x6 -> Conv3d(4, 5, 1) -> {} -> Conv3d(5, 2, 1)"
VOLUMES = ["MaxPool3d(2)", "AvgPool3d(2)", "AdaptiveAvgPool3d(1)", "AdaptiveAvgPool3d(2)", "BatchNorm3d(5)"]
WHOLE = [
    "20 -> Linear(20, 64) -> ReLU() -> Dropout(0.5) -> Linear(64, 48) -> Tanh() -> Dropout(0.5) -> Linear(48, 5)",
    "20 -> Linear(20, 64) -> ReLU() -> Dropout(0) -> Linear(64, 48) -> Tanh() -> Dropout(0) -> Linear(48, 5)",
    "20 -> Linear(20, 64) -> Tanh() -> Linear(64, 5) -> Softmax(1)",
    "24x64 -> TransformerEncoderLayer(64, 4, 128, 0.1) -> Linear(64, 7)",
    "24x64 -> TransformerEncoderLayer(64, 4, 128, 0.0) -> Linear(64, 7)",
    "24x64 -> TransformerEncoderLayer(64, 2, 96, 0.0) -> TransformerEncoderLayer(64, 4, 96, 0.0) -> Linear(64, 7)",
    "24x64 -> TransformerEncoderLayer(64, 4, 128, 0.1, 'gelu') -> Linear(64, 7)",
    "24x64 -> TransformerEncoderLayer(64, 4, 128, 0.1, norm_first=True) -> Linear(64, 7)",
    "24x64 -> TransformerEncoderLayer(64, 4, 128, 0.1) -> TransformerEncoderLayer(64, 4, 96, 0.2) -> Linear(64, 7)",
]
CHAINS = [
    *(IMAGE.format(word if "(" in word else f"{word}()") for word in POINTWISE),
    *(IMAGE.format(word.rstrip(")") + (", " if "(" in word else "(") + "inplace=True)") for word in IN_PLACE),
    *(IMAGE.format(word) for word in IMAGES),
    *(LINE.format(word) for word in LINES),
    *(SIGNAL.format(word) for word in SIGNALS),
    *(VOLUME.format(word) for word in VOLUMES),
    *WHOLE,
]


def flops(model: Any, call: Any) -> int:
    """FLOPs of matrix products, without the product that makes the rotary table."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as mode:
        call()
    by = mode.get_flop_counts()
    return mode.get_total_flops() - sum(sum(ops.values()) for name, ops in by.items() if name.endswith("rotary_emb"))


def tokens(name: str, settings: dict[str, Any], length: int) -> dict[str, int]:
    """FLOPs of a prefill, of a decoding step after it, and of forward and backward."""
    import torch
    import transformers

    config = getattr(transformers, f"{name}Config")(**settings)
    kind = getattr(transformers, "GPT2LMHeadModel" if name == "GPT2" else f"{name}ForCausalLM")
    if hasattr(config, "_experts_implementation"):
        config._experts_implementation = "eager"
    model = kind._from_config(config, attn_implementation="eager").eval()
    ids = torch.ones(1, length, dtype=torch.long)
    with torch.no_grad():
        prefill = flops(model, lambda: model(input_ids=ids, use_cache=True))
        cache = model(input_ids=ids, use_cache=True).past_key_values
        step = flops(model, lambda: model(input_ids=ids[:, :1], past_key_values=cache, use_cache=True))
    model.train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    both = flops(model, lambda: model(input_ids=ids, use_cache=False).logits.sum().backward())
    return {"flops": prefill, "decode_flops": step, "flops_per_token": prefill // length, "training_flops": both}


def as_on_accelerators() -> None:
    """Dropout with a mask of one byte, and attention by products and a softmax."""
    import torch
    from torch.nn import functional as F

    def dropout(x: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
        return torch.native_dropout(x, p, True)[0] if training and p > 0 else x

    kernel = F.scaled_dot_product_attention

    def attention(
        q: Any, k: Any, v: Any, attn_mask: Any = None, dropout_p: float = 0.0, *more: Any, **most: Any
    ) -> Any:
        if FLASH:
            with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.FLASH_ATTENTION):
                return kernel(q, k, v, attn_mask, dropout_p)
        scores = torch.matmul(q, k.transpose(-2, -1)) * (1 / math.sqrt(q.shape[-1]))
        if attn_mask is not None:
            scores = scores + attn_mask
        return torch.matmul(F.dropout(F.softmax(scores, dim=-1), dropout_p, True), v)

    F.dropout = dropout
    F.scaled_dot_product_attention = attention


def saved(model: Any, *inputs: Any) -> int:
    """Bytes of the distinct storages that a training forward saves, without parameters and buffers."""
    import torch

    model.train()
    own = {tensor.untyped_storage().data_ptr() for tensor in [*model.parameters(), *model.buffers()]}
    found: dict[int, int] = {}
    alive = []

    def pack(tensor: Any) -> Any:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            found[storage.data_ptr()] = max(storage.nbytes(), found.get(storage.data_ptr(), 0))
        alive.append(tensor)  # so that no address is used twice
        return tensor

    with torch.backends.mkldnn.flags(enabled=False), torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        model(*inputs)
    return sum(found.values())


def chain(text: str, batch: int, half: bool = False) -> int:
    """What a chain in PyTorch's words keeps."""
    import torch
    from torch import nn

    shape, *words = text.split(" -> ")
    layers = []
    for word in words:
        call: Any = ast.parse(word, mode="eval").body
        named = {one.arg: ast.literal_eval(one.value) for one in call.keywords}
        if call.func.id == "TransformerEncoderLayer":
            named["batch_first"] = True
        layers.append(getattr(nn, call.func.id)(*map(ast.literal_eval, call.args), **named))
    model, x = nn.Sequential(*layers), torch.randn(batch, *map(int, shape.split("x")))
    if half:
        model, x = model.to(torch.bfloat16), x.to(torch.bfloat16)
    return saved(model, x)


def main() -> None:
    """Record everything."""
    import torch
    import transformers

    torch.manual_seed(0)
    counted = []
    for net, name, settings, _ in CASES:
        for length in FLOPS.get(net, ()):
            words = command(net, settings, (length,))
            counted.append({"command": words, **tokens(name, settings, length)})
    as_on_accelerators()
    kept = []
    for text in CHAINS:
        row: dict[str, Any] = {"chain": text}
        for batch in (1, 3):
            try:
                row[str(batch)] = chain(text, batch)
            except (RuntimeError, ValueError) as error:
                print(text, error)
        kept.append(row)
    lines = [*map(IMAGE.format, NORMS), *map(LINE.format, LINES)]
    half = [
        {"chain": text, "2": chain(text, 2, half=True)}
        for text in (IMAGE.format("ReLU() -> MaxPool2d(2)"), WHOLE[0], *lines)
    ]
    FLASH.append(True)
    flash = [{"chain": text, "2": chain(text, 2)} for text in WHOLE if "Encoder" in text and " 0.0)" in text]
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    found = {**versions, "flops": counted, "saved": kept, "bfloat16": half, "flash": flash}
    RECORDED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
