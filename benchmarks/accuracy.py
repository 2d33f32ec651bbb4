"""Parameters and MACs by several counters: `python -m benchmarks.accuracy` prints the tables of docs/comparison.md.

It needs torch, torchinfo, fvcore, ptflops, calflops and thop; what is not installed has an empty column. The hand count
stands beside each network as a formula of its own.
"""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn import functional as F

import cnncalc

COUNTERS = ("torchinfo", "fvcore", "ptflops", "calflops", "thop")


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
]  # fmt: skip


def torchinfo(model: nn.Module, shape: tuple[int, ...]) -> tuple[int, int]:
    """Parameters and "mult-adds" of torchinfo."""
    from torchinfo import summary

    found = summary(model, input_size=(1, *shape), verbose=0)
    return found.total_params, found.total_mult_adds


def fvcore(model: nn.Module, shape: tuple[int, ...]) -> tuple[int, int]:
    """Of fvcore, whose "flop" is a multiply-accumulate."""
    from fvcore.nn import FlopCountAnalysis, parameter_count

    logging.disable(logging.WARNING)
    return parameter_count(model)[""], int(FlopCountAnalysis(model, torch.zeros(1, *shape)).total())


def ptflops(model: nn.Module, shape: tuple[int, ...]) -> tuple[int, int]:
    """Of ptflops."""
    from ptflops import get_model_complexity_info

    macs, params = get_model_complexity_info(
        model, shape, as_strings=False, print_per_layer_stat=False, verbose=False, backend="pytorch"
    )
    return int(params), int(macs)


def calflops(model: nn.Module, shape: tuple[int, ...]) -> tuple[int, int]:
    """Of calflops."""
    from calflops import calculate_flops

    _, macs, params = calculate_flops(
        model=model, input_shape=(1, *shape), print_results=False, output_as_string=False, print_detailed=False
    )
    return int(params), int(macs)


def thop(model: nn.Module, shape: tuple[int, ...]) -> tuple[int, int]:
    """Of thop."""
    from thop import profile

    macs, params = profile(model, inputs=(torch.zeros(1, *shape),), verbose=False)
    return int(params), int(macs)


def own(case: Case) -> tuple[int, int]:
    """Of PyTorch: its parameters, and half the FLOPs of its own counter, which sees each product that runs."""
    from torch.utils.flop_counter import FlopCounterMode

    model = case.make()
    with FlopCounterMode(display=False) as counter:
        model(torch.zeros(1, *case.shape))
    return sum(weight.numel() for weight in model.parameters()), counter.get_total_flops() // 2


def ours(case: Case) -> tuple[int, int]:
    """Of cnncalc."""
    report = (cnncalc.loads(case.spec) if "\n" in case.spec else cnncalc.load(case.spec)).report()
    return report.totals.params, report.totals.macs


def counted(count: Callable[[], tuple[int, int]]) -> tuple[int, int] | str:
    """What a counter says; the error's name where it does not come to an end."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return count()
    except ImportError:
        return "not installed"
    except Exception as error:
        return type(error).__name__


def cell(found: tuple[int, int] | str, which: int, right: int) -> str:
    """A number, marked in bold with its share of the right one where it differs."""
    if isinstance(found, str):
        return found
    number = found[which]
    if number == right:
        return f"{number:,}"
    return f"**{number:,}** ({number / right:.2f}×)"


def measured() -> list[tuple[Case, dict[str, Any]]]:
    """Each network by each counter, each in a model of its own, as some leave hooks and buffers behind."""
    rows = []
    for case in CASES:
        torch.manual_seed(0)
        found: dict[str, Any] = {"cnncalc": counted(lambda case=case: ours(case))}
        found["PyTorch"] = counted(lambda case=case: own(case))
        for name in COUNTERS:
            count = globals()[name]
            found[name] = counted(lambda case=case, count=count: count(case.make().eval(), case.shape))
        rows.append((case, found))
    return rows


def main() -> int:
    """Print the versions and both tables."""
    names = ["cnncalc", "PyTorch", *COUNTERS]
    for name in ("torch", *COUNTERS):
        with contextlib.suppress(PackageNotFoundError):
            print(f"{name} {version(name)}", file=sys.stderr)
    rows = measured()
    for which, title in ((0, "parameters"), (1, "MACs")):
        print(f"\n| {title} | by hand | {' | '.join(names)} |\n| --- |{' ---: |' * (len(names) + 1)}")
        for case, found in rows:
            right = (case.params, case.macs)[which]
            print(f"| {case.title} | {right:,} | {' | '.join(cell(found[name], which, right) for name in names)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
