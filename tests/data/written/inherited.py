"""Tables that are given, mixins over layers of torch.nn, arguments kept by a decorator that reads the signature."""

import functools
import inspect
import math

import torch
import torch.nn as nn


class ByRows(nn.Module):
    """In front of a layer of rows: it takes sequences of rows, too."""

    def forward(self, x):
        if x.dim() == 2:
            return super().forward(x)
        count, length, features = x.size()
        rows = super().forward(x.reshape(count * length, features))
        return rows.reshape(count, length, rows.size(-1))


class SequenceLinear(ByRows, nn.Linear):
    pass


def kept(init):
    @functools.wraps(init)
    def inner(self, *args, **kwargs):
        parameters = {
            name: one.default
            for at, (name, one) in enumerate(inspect.signature(init).parameters.items())
            if at > 0 and one.default is not inspect.Parameter.empty
        }
        self.config = {**parameters, **kwargs}
        init(self, *args, **kwargs)

    return inner


def first(*args):
    for arg in args:
        if arg is not None:
            return arg() if callable(arg) else arg


class Tables(nn.Module):
    @kept
    def __init__(self, steps=12, width=8, hidden=20, classes=3):
        super().__init__()
        table = torch.arange(steps).float()[:, None] * torch.ones(1, width)
        self.positions = nn.Embedding.from_pretrained(table)
        self.words = nn.Embedding.from_pretrained(torch.rand(30, width), freeze=False, padding_idx=0)
        self.project = SequenceLinear(width, self.config["hidden"])
        self.head = nn.Linear(self.config["hidden"], classes)

    def forward(self, x, offset=None):
        h = self.words(x) + self.positions(torch.arange(x.size(1)))
        if h.shape[0] >= 64:
            h = h.contiguous()
        h = first(offset, h)
        return self.head(self.project(h).mean(1))


def activation(kind, inplace=True):
    try:
        return kind(inplace=inplace)
    except TypeError:  # GELU takes none
        return kind()


class Scaled(nn.Module):
    """A layer whose weights are drawn by hand, as PyTorch's own do it."""

    def __init__(self, features=6, width=10):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(width, features))
        self.bias = nn.Parameter(torch.empty(width))
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(self.weight)
        bound = nn.init.calculate_gain("leaky_relu", 0.2) / math.sqrt(fan_in)
        nn.init.uniform_(self.bias, -bound, bound)
        self.act = activation(nn.GELU)
        self.out = nn.Linear(fan_out, int(100 * nn.init.calculate_gain("relu")))
        self.turn = torch.tensor(-1j) * math.pi

    def forward(self, x):
        x = x.double() if torch.finfo(torch.float32).bits < 32 else x
        return self.out(self.act(torch.nn.functional.linear(x, self.weight, self.bias)))
