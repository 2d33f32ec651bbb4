"""The networks of `python -m benchmarks.accuracy`: in PyTorch, in cnncalc's words, and counted by hand.

Every count by hand is a formula of its own, in which the sizes can be seen: K·K·in·out·H·W of a convolution, in·out of
a fully connected layer for each vector, length·length·width of scores and of what they mix.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional as F


class Case(NamedTuple):
    """A network: how PyTorch makes it, how cnncalc is told, the input of one sample, and the counts by hand."""

    title: str
    make: Callable[[], nn.Module]
    spec: str
    shape: tuple[int, ...]
    params: int
    macs: int


class Block(nn.Module):
    """A residual block of two convolutions."""

    def __init__(self, a: int, b: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(a, b, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(b)
        self.conv2 = nn.Conv2d(b, b, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(b)
        self.short = nn.Identity()
        if stride != 1 or a != b:
            self.short = nn.Sequential(nn.Conv2d(a, b, 1, stride, bias=False), nn.BatchNorm2d(b))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.short(x))


def resnet18() -> nn.Module:
    """ResNet-18 as its paper has it."""
    stages = [Block(64, 64, 1), Block(64, 64, 1)]
    for a, b in ((64, 128), (128, 256), (256, 512)):
        stages += [Block(a, b, 2), Block(b, b, 1)]
    stem = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    return nn.Sequential(*stem, *stages, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000))


def lenet() -> nn.Module:
    """LeNet-5 with sigmoids, as bundled."""
    convs = [nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Sigmoid()]
    fcs = [nn.Linear(400, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10)]
    return nn.Sequential(*convs, nn.AvgPool2d(2), nn.Flatten(), *fcs)


class Hand(nn.Module):
    """Attention with heads, its products written with matmul."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def mix(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        scores = torch.matmul(q, k.transpose(-2, -1)) / q.shape[-1] ** 0.5
        return torch.matmul(scores.softmax(-1), v)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n, length, width = x.shape
        parts = self.qkv(x).reshape(n, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        y = self.mix(parts[0], parts[1], parts[2])
        return self.proj(y.transpose(1, 2).reshape(n, length, width))


class Fused(Hand):
    """The same with PyTorch's fused function."""

    def mix(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        return F.scaled_dot_product_attention(q, k, v)


class Operator(Hand):
    """The same, its products written with the operator @."""

    def mix(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        return ((q @ k.transpose(-2, -1)) / q.shape[-1] ** 0.5).softmax(-1) @ v


class Vit(nn.Module):
    """A block of ViT-B: attention of PyTorch, then a net of two layers, each behind a norm and beside a skip."""

    def __init__(self) -> None:
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(768), nn.LayerNorm(768)
        self.attn = nn.MultiheadAttention(768, 12, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(768, 3072), nn.GELU(), nn.Linear(3072, 768))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.ln1(x)
        x = x + self.attn(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.ln2(x))


class Grouped(nn.Module):
    """Causal attention whose heads share keys and values: a Llama block's, 8 heads on 2."""

    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(512, out, bias=False) for out in (512, 128, 128, 512))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n, length, _ = x.shape
        q, k, v = (part(x).reshape(n, length, -1, 64).transpose(1, 2) for part in (self.q, self.k, self.v))
        k, v = k.repeat_interleave(4, 1), v.repeat_interleave(4, 1)
        scores = torch.matmul(q, k.transpose(-2, -1)) / 8 + torch.full((length, length), float("-inf")).triu(1)
        return self.o(torch.matmul(scores.softmax(-1), v).transpose(1, 2).reshape(n, length, 512))


class Cross(nn.Module):
    """PyTorch's attention from five learned queries to a sequence."""

    def __init__(self) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.zeros(5, 64))
        self.attn = nn.MultiheadAttention(64, 4, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.attn(self.queries.expand(len(x), 5, 64), x, x)[0]


class Mha(nn.Module):
    """PyTorch's self-attention alone."""

    def __init__(self) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(64, 4, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.attn(x, x, x)[0]


class Squeeze(nn.Module):
    """A convolution whose channels are weighed: squeeze and excitation."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(32, 64, 3, padding=1, bias=False)
        self.fc1, self.fc2 = nn.Conv2d(64, 4, 1), nn.Conv2d(4, 64, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.conv(x)
        return y * torch.sigmoid(self.fc2(F.relu(self.fc1(F.adaptive_avg_pool2d(y, 1)))))


class Inception(nn.Module):
    """Three branches side by side, joined along the channels."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Conv2d(192, 64, 1)
        self.three = nn.Sequential(nn.Conv2d(192, 96, 1), nn.Conv2d(96, 128, 3, padding=1))
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(192, 32, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.one(x), self.three(x), self.pool(x)], 1)


class Unet(nn.Module):
    """One step down and up again, with a skip."""

    def __init__(self) -> None:
        super().__init__()
        self.enc = nn.Conv2d(3, 16, 3, padding=1)
        self.mid = nn.Conv2d(16, 32, 3, padding=1)
        self.up = nn.ConvTranspose2d(32, 16, 2, stride=2)
        self.dec = nn.Conv2d(32, 16, 3, padding=1)
        self.head = nn.Conv2d(16, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skip = F.relu(self.enc(x))
        y = self.up(F.relu(self.mid(F.max_pool2d(skip, 2))))
        return self.head(F.relu(self.dec(torch.cat([y, skip], 1))))


class Products(nn.Module):
    """The product of a sequence with itself, as one function of PyTorch or another."""

    def __init__(self, product: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.product = product

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.product(x)


class Bare(nn.Module):
    """A fully connected layer as a function on a parameter, or as a product with one."""

    def __init__(self, operator: bool) -> None:
        super().__init__()
        self.operator = operator
        self.weight = nn.Parameter(torch.zeros(32, 64))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ self.weight.T if self.operator else F.linear(x, self.weight)


class Unused(nn.Module):
    """Two layers, of which forward calls one."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.spare = nn.Linear(64, 32), nn.Linear(64, 32)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(x)


class Cell(nn.Module):
    """A cell that forward calls at each step."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(16, 32)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state = None
        for step in range(x.shape[1]):
            state = self.cell(x[:, step], state)
        assert state is not None
        return state[0]


def alexnet() -> nn.Module:
    """AlexNet as torchvision has it."""
    sizes = ((3, 64, 11, 4, 2), (64, 192, 5, 1, 2), (192, 384, 3, 1, 1), (384, 256, 3, 1, 1), (256, 256, 3, 1, 1))
    parts: list[nn.Module] = []
    for at, (a, b, k, s, p) in enumerate(sizes):
        parts += [nn.Conv2d(a, b, k, s, p), nn.ReLU(), *([nn.MaxPool2d(3, 2)] if at in (0, 1, 4) else [])]
    fcs = [nn.Linear(9216, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 1000)]
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(6), nn.Flatten(), *fcs)


def bottleneck() -> nn.Module:
    """MobileNetV2's block without its skip: 1x1 to six times the channels, 3x3 for each, 1x1 back."""
    wide = [nn.Conv2d(24, 144, 1, bias=False), nn.BatchNorm2d(144), nn.ReLU6()]
    deep = [nn.Conv2d(144, 144, 3, 2, 1, groups=144, bias=False), nn.BatchNorm2d(144), nn.ReLU6()]
    return nn.Sequential(*wide, *deep, nn.Conv2d(144, 32, 1, bias=False), nn.BatchNorm2d(32))


class Twice(nn.Module):
    """One layer that is used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(64, 64)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.fc(x))


class Functional(nn.Module):
    """A convolution as a function on a parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(16, 3, 3, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.conv2d(x, self.weight, padding=1)


VIT = """
input: [197, 768]
layers:
  - residual: [LayerNorm, "MultiheadAttention(768, 12)"]
  - residual: [LayerNorm, "Linear(768, 3072)", GELU, "Linear(3072, 768)"]
"""
TWICE = """
input: [64]
layers:
  - fc: Linear(64, 64)
  - again: {Linear: {out_features: 64}}
    share: fc
"""
GROUPED = """
input: [128, 512]
layers:
  - Attention(512, num_heads=8, head_dim=64, num_kv_heads=2, out_proj=True, causal=True)
"""
CROSS = """
input: [20, 64]
layers:
  - queries: Parameter([5, 64])
  - attn: MultiheadAttention(64, 4)
    from: [queries, input, input]
"""
SQUEEZE = """
input: [32, 28, 28]
layers:
  - conv: Conv2d(32, 64, 3, padding=1, bias=False)
  - AdaptiveAvgPool2d(1)
  - Conv2d(64, 4, 1)
  - ReLU
  - Conv2d(4, 64, 1)
  - weights: Sigmoid
  - weighed: Multiply
    from: [conv, weights]
"""
INCEPTION = """
input: [192, 28, 28]
layers:
  - parallel:
      - ["Conv2d(192, 64, 1)"]
      - ["Conv2d(192, 96, 1)", "Conv2d(96, 128, 3, padding=1)"]
      - ["MaxPool2d(3, 1, 1)", "Conv2d(192, 32, 1)"]
"""
UNET = """
input: [3, 64, 64]
layers:
  - Conv2d(3, 16, 3, padding=1)
  - skip: ReLU
  - MaxPool2d(2)
  - Conv2d(16, 32, 3, padding=1)
  - ReLU
  - up: ConvTranspose2d(32, 16, 2, stride=2)
  - both: Concat(dim=1)
    from: [up, skip]
  - Conv2d(32, 16, 3, padding=1)
  - ReLU
  - Conv2d(16, 2, 1)
"""
BMM = """
input: [50, 64]
layers:
  - turned: Transpose(1, 2)
  - product: MatMul
    from: [input, turned]
"""
UNUSED = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc, self.spare = nn.Linear(64, 32), nn.Linear(64, 32)

    def forward(self, x):
        return self.fc(x)


Net()(torch.zeros(1, 64))
"""
CELL = """
input: [16]
layers:
  - LSTMCell(16, 32)
"""
# d = width, l = length: a Linear on l vectors takes l·in·out; scores and the mix take l·l·d each.
ATTENTION = 4 * 197 * 768**2 + 2 * 197**2 * 768
ATTENTION_PARAMS = 4 * 768**2 + 4 * 768


def _resnet_hand() -> tuple[int, int]:
    """Parameters and MACs of ResNet-18, convolution by convolution: (K, in, out, size of the output)."""
    convs = [(7, 3, 64, 112), *[(3, 64, 64, 56)] * 4]
    for a, b, size in ((64, 128, 28), (128, 256, 14), (256, 512, 7)):
        convs += [(3, a, b, size), *[(3, b, b, size)] * 3, (1, a, b, size)]
    weights = sum(k * k * a * b for k, a, b, _ in convs)
    norms = sum(2 * b for _, _, b, _ in convs)
    return weights + norms + 513 * 1000, sum(k * k * a * b * s * s for k, a, b, s in convs) + 512 * 1000


RESNET = _resnet_hand()
ALEXNET = ((11, 3, 64, 55), (5, 64, 192, 27), (3, 192, 384, 13), (3, 384, 256, 13), (3, 256, 256, 13))
ALEXNET_FC = 9216 * 4096 + 4096 * 4096 + 4096 * 1000
# A layer of the encoder: attention of 4 heads on 64 features, then 64 to 128 and back, and two norms.
ENCODER = 4 * 10 * 64**2 + 2 * 10**2 * 64 + 2 * 10 * 64 * 128
ENCODER_PARAMS = 4 * 64**2 + 4 * 64 + 2 * 64 * 128 + 128 + 64 + 4 * 64


def _encoder(layers: int) -> Callable[[], nn.Module]:
    def make() -> nn.Module:
        layer = nn.TransformerEncoderLayer(64, 4, 128, batch_first=True)
        return layer if layers == 1 else nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)

    return make


def _one(layer: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
    return lambda: nn.Sequential(layer())


CASES = [
    Case("Conv2d(3, 16, 3)", lambda: nn.Sequential(nn.Conv2d(3, 16, 3)), "3x32x32 -> Conv2d(3, 16, 3)",
         (3, 32, 32), 27 * 16 + 16, 27 * 16 * 900),
    Case("depthwise Conv2d(32, 32, 3, groups=32)", lambda: nn.Sequential(nn.Conv2d(32, 32, 3, groups=32)),
         "32x32x32 -> Conv2d(32, 32, 3, groups=32)", (32, 32, 32), 9 * 32 + 32, 9 * 32 * 900),
    Case("ConvTranspose2d(16, 8, 2, stride=2)", lambda: nn.Sequential(nn.ConvTranspose2d(16, 8, 2, 2)),
         "16x14x14 -> ConvTranspose2d(16, 8, 2, stride=2)", (16, 14, 14), 4 * 16 * 8 + 8, 4 * 16 * 8 * 14 * 14),
    Case("Linear on 10 vectors", lambda: nn.Sequential(nn.Linear(64, 32)), "10x64 -> Linear(64, 32)",
         (10, 64), 64 * 32 + 32, 10 * 64 * 32),
    Case("Linear used twice", Twice, TWICE, (64,), 64 * 64 + 64, 2 * 64 * 64),
    Case("F.conv2d on a Parameter", Functional, "3x32x32 -> Conv2d(3, 16, 3, padding=1, bias=False)",
         (3, 32, 32), 27 * 16, 27 * 16 * 1024),
    Case("LSTM(16, 32), 20 steps", lambda: nn.LSTM(16, 32, batch_first=True), "20x16 -> LSTM(16, 32)",
         (20, 16), 4 * 32 * (16 + 32) + 8 * 32, 20 * 4 * 32 * (16 + 32)),
    Case("GRU(16, 32, 2 layers), 20 steps", lambda: nn.GRU(16, 32, 2, batch_first=True),
         "20x16 -> GRU(16, 32, num_layers=2)", (20, 16), 3 * 32 * (16 + 32 + 32 + 32) + 12 * 32,
         20 * 3 * 32 * (16 + 32 + 32 + 32)),
    Case("LeNet-5", lenet, "lenet5", (1, 28, 28), 61706,
         25 * 6 * 784 + 25 * 6 * 16 * 100 + 400 * 120 + 120 * 84 + 840),
    Case("ResNet-18", resnet18, "resnet18", (3, 224, 224), *RESNET),
    Case("attention by hand, `matmul`", lambda: Hand(768, 12), "197x768 -> MultiheadAttention(768, 12)",
         (197, 768), ATTENTION_PARAMS, ATTENTION),
    Case("attention by hand, `@`", lambda: Operator(768, 12), "197x768 -> MultiheadAttention(768, 12)",
         (197, 768), ATTENTION_PARAMS, ATTENTION),
    Case("attention by hand, fused function", lambda: Fused(768, 12), "197x768 -> MultiheadAttention(768, 12)",
         (197, 768), ATTENTION_PARAMS, ATTENTION),
    Case("ViT-B block", Vit, VIT, (197, 768), ATTENTION_PARAMS + 2 * 768 * 3072 + 3072 + 768 + 4 * 768,
         ATTENTION + 2 * 197 * 768 * 3072),
    Case("Conv2d, 1x1", _one(lambda: nn.Conv2d(256, 64, 1)), "256x28x28 -> Conv2d(256, 64, 1)",
         (256, 28, 28), 256 * 64 + 64, 256 * 64 * 784),
    Case("Conv2d, dilation 2", _one(lambda: nn.Conv2d(16, 16, 3, padding=2, dilation=2)),
         "16x32x32 -> Conv2d(16, 16, 3, padding=2, dilation=2)", (16, 32, 32), 9 * 256 + 16, 9 * 256 * 1024),
    Case("Conv2d, 4 groups", _one(lambda: nn.Conv2d(32, 64, 3, padding=1, groups=4)),
         "32x28x28 -> Conv2d(32, 64, 3, padding=1, groups=4)", (32, 28, 28), 9 * 8 * 64 + 64, 9 * 8 * 64 * 784),
    Case("Conv2d, padding=same, even kernel", _one(lambda: nn.Conv2d(3, 8, 4, padding="same")),
         '3x32x32 -> Conv2d(3, 8, 4, padding="same")', (3, 32, 32), 16 * 24 + 8, 16 * 24 * 1024),
    Case("Conv1d, stride 2", _one(lambda: nn.Conv1d(8, 16, 5, 2, 2)), "8x100 -> Conv1d(8, 16, 5, stride=2, padding=2)",
         (8, 100), 5 * 8 * 16 + 16, 5 * 8 * 16 * 50),
    Case("Conv3d", _one(lambda: nn.Conv3d(3, 8, 3)), "3x8x16x16 -> Conv3d(3, 8, 3)",
         (3, 8, 16, 16), 27 * 24 + 8, 27 * 24 * 6 * 14 * 14),
    Case("ConvTranspose2d, 2 groups", _one(lambda: nn.ConvTranspose2d(4, 8, 3, 2, groups=2)),
         "4x8x8 -> ConvTranspose2d(4, 8, 3, stride=2, groups=2)", (4, 8, 8), 9 * 4 * 4 + 8, 9 * 4 * 4 * 64),
    Case("ConvTranspose1d", _one(lambda: nn.ConvTranspose1d(16, 8, 4, 2, 1)),
         "16x20 -> ConvTranspose1d(16, 8, 4, stride=2, padding=1)", (16, 20), 4 * 16 * 8 + 8, 4 * 16 * 8 * 20),
    Case("MLP 784-256-10", lambda: nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10)),
         "784 -> Linear(out_features=256) -> ReLU -> Linear(out_features=10)",
         (784,), 785 * 256 + 257 * 10, 784 * 256 + 2560),
    Case("BatchNorm2d(64)", _one(lambda: nn.BatchNorm2d(64)), "64x28x28 -> BatchNorm2d(64)", (64, 28, 28), 128, 0),
    Case("LayerNorm(64)", _one(lambda: nn.LayerNorm(64)), "10x64 -> LayerNorm(64)", (10, 64), 128, 0),
    Case("F.linear on a Parameter", lambda: Bare(False), "10x64 -> Linear(64, 32, bias=False)",
         (10, 64), 64 * 32, 10 * 64 * 32),
    Case("`@` with a Parameter", lambda: Bare(True), "10x64 -> Linear(64, 32, bias=False)",
         (10, 64), 64 * 32, 10 * 64 * 32),
    Case("torch.bmm(x, x.T)", lambda: Products(lambda x: torch.bmm(x, x.transpose(1, 2))), BMM,
         (50, 64), 0, 50 * 50 * 64),
    Case("torch.einsum, the same", lambda: Products(lambda x: torch.einsum("nid,njd->nij", x, x)), BMM,
         (50, 64), 0, 50 * 50 * 64),
    Case("a layer that is never called", Unused, UNUSED, (64,), 2 * (64 * 32 + 32), 64 * 32),
    Case("RNN(16, 32), 20 steps", lambda: nn.RNN(16, 32, batch_first=True), "20x16 -> RNN(16, 32)",
         (20, 16), 32 * (16 + 32) + 64, 20 * 32 * (16 + 32)),
    Case("LSTM, both directions", lambda: nn.LSTM(16, 32, batch_first=True, bidirectional=True),
         "20x16 -> LSTM(16, 32, bidirectional=True)", (20, 16), 2 * (4 * 32 * 48 + 256), 2 * 20 * 4 * 32 * 48),
    Case("LSTMCell, one step", Cell, CELL, (1, 16), 4 * 32 * 48 + 256, 4 * 32 * 48),
    Case("MultiheadAttention(64, 4), 10 tokens", Mha, "10x64 -> MultiheadAttention(64, 4)",
         (10, 64), 4 * 64**2 + 4 * 64, 4 * 10 * 64**2 + 2 * 10**2 * 64),
    Case("attention of 5 queries on 20 tokens", Cross, CROSS, (20, 64), 4 * 64**2 + 4 * 64 + 5 * 64,
         (2 * 5 + 2 * 20) * 64**2 + 2 * 5 * 20 * 64),
    Case("attention of 8 heads on 2, causal", Grouped, GROUPED, (128, 512), 2 * 512 * (512 + 128),
         2 * 128 * 512 * (512 + 128) + 2 * 128**2 * 512),
    Case("TransformerEncoderLayer", _encoder(1), "10x64 -> TransformerEncoderLayer(64, 4, 128)",
         (10, 64), ENCODER_PARAMS, ENCODER),
    Case("TransformerEncoder, 2 layers", _encoder(2),
         "10x64 -> TransformerEncoder(d_model=64, nhead=4, num_layers=2, dim_feedforward=128)",
         (10, 64), 2 * ENCODER_PARAMS, 2 * ENCODER),
    Case("squeeze and excitation", Squeeze, SQUEEZE, (32, 28, 28), 9 * 32 * 64 + 64 * 4 + 4 + 4 * 64 + 64,
         9 * 32 * 64 * 784 + 2 * 64 * 4),
    Case("Inception's branches", Inception, INCEPTION, (192, 28, 28),
         193 * 64 + 193 * 96 + (9 * 96 + 1) * 128 + 193 * 32, 784 * (192 * (64 + 96 + 32) + 9 * 96 * 128)),
    Case("MobileNetV2's block", bottleneck, "24x56x56 -> Conv2d(24, 144, 1, bias=False) -> BatchNorm2d -> ReLU6 -> "
         "Conv2d(144, 144, 3, 2, 1, groups=144, bias=False) -> BatchNorm2d -> ReLU6 -> "
         "Conv2d(144, 32, 1, bias=False) -> BatchNorm2d", (24, 56, 56),
         24 * 144 + 9 * 144 + 144 * 32 + 2 * (144 + 144 + 32),
         24 * 144 * 56**2 + (9 * 144 + 144 * 32) * 28**2),
    Case("U-Net of one step", Unet, UNET, (3, 64, 64),
         28 * 16 + (9 * 16 + 1) * 32 + 4 * 32 * 16 + 16 + (9 * 32 + 1) * 16 + 34,
         27 * 16 * 64**2 + 9 * 16 * 32 * 32**2 + 4 * 32 * 16 * 32**2 + 9 * 32 * 16 * 64**2 + 32 * 64**2),
    Case("AlexNet", alexnet, "alexnet", (3, 224, 224),
         sum((k * k * a + 1) * b for k, a, b, _ in ALEXNET) + ALEXNET_FC + 4096 + 4096 + 1000,
         sum(k * k * a * b * s * s for k, a, b, s in ALEXNET) + ALEXNET_FC),
]  # fmt: skip
