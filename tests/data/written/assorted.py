"""Classes made by type(), filters of each sample, pads of sequences, factories, what NumPy computes."""

import functools
import re
from collections import namedtuple

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

Stage = namedtuple("Stage", "repeat kernel stride width")


def norm_of(name):
    if name == "instance":
        return functools.partial(nn.InstanceNorm2d, affine=False)
    return nn.BatchNorm2d


def uses_bias(norm):
    if type(norm) == functools.partial:
        return norm.func == nn.InstanceNorm2d
    return norm == nn.InstanceNorm2d


def decode(text):
    options = {}
    for op in text.split("_"):
        key, value = re.split(r"(\d.*)", op)[:2]
        options[key] = value
    return Stage(int(options["r"]), int(options["k"]), [int(options["s"])], int(options["o"]))


class Coded(nn.Module):
    def __init__(self, stages, norm):
        super().__init__()
        width, parts = 3, []
        for stage in stages:
            for at in range(stage.repeat):
                parts += [
                    nn.Conv2d(width, stage.width, stage.kernel, stage.stride if at == 0 else 1, padding=[stage.kernel // 2],
                              bias=uses_bias(norm)),
                    norm(stage.width),
                ]
                width = stage.width
        self.body = nn.Sequential(*parts)

    @classmethod
    def from_text(cls, *texts, norm="batch"):
        return cls([decode(text)._replace(repeat=2) for text in texts], norm_of(norm))

    def forward(self, x):
        return self.body(x)


def residual(width, depth):
    Seq = nn.Sequential
    Residual = type("Residual", (Seq,), {"forward": lambda self, x: self[0](x) + x})
    return Seq(*[Residual(Seq(nn.Conv2d(width, width, 3, padding="same"), nn.GELU())) for _ in range(depth)])


class PerSample(nn.Module):
    def __init__(self, channels, out, style):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out, channels, 3, 3))
        self.style = nn.Linear(style, channels)

    def forward(self, x, s):
        n, c, h, w = x.shape
        weight = self.weight[None] * (self.style(s).view(n, 1, c, 1, 1) + 1)
        x = F.conv2d(x.reshape(1, -1, h, w), weight.reshape(n * self.weight.size(0), c, 3, 3), padding=1, groups=n)
        return x.reshape(-1, self.weight.size(0), h, w)


class Sequences(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.shift = nn.ZeroPad2d((0, 0, 1, -1))
        self.pool = nn.AvgPool2d(2)
        self.ramp = np.arange(width) / width
        self.lin = nn.Linear(width, 3)

    def forward(self, x):
        waves = torch.tensor(np.array([np.cos(2 * np.pi * i * self.ramp) for i in range(5)])).float()
        drawn = torch.distributions.MultivariateNormal(torch.zeros(3), torch.eye(3))
        y = self.lin(self.shift(x))
        return x @ waves.t(), drawn.log_prob(y), self.pool(x), F.max_pool2d(x.flatten(1)[:, None], 1)
