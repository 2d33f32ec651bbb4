"""Hooks that record and that change, __call__ of one's own, __init_subclass__, property setters."""

from functools import wraps
import time

import torch
import torch.nn as nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def timed(fn):
    @wraps(fn)
    def inner(*a, **k):
        start = time.perf_counter()
        result = fn(*a, **k)
        inner.elapsed = time.perf_counter() - start
        return result

    return inner


class Base(nn.Module):
    activation: str = "relu"
    _registry = {}

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        Base._registry[cls.__name__.lower()] = cls

    @classmethod
    def create(cls, name, *args, **kw):
        return cls._registry[name](*args, **kw)

    @property
    def act(self):
        return getattr(nn.functional, self.activation)


class TinyNet(Base):
    def __init__(self, w=8):
        super().__init__()
        self.conv = nn.Conv2d(3, w, 3)
        self.fc = nn.Linear(w * 98, 10)
        self.feats = {}
        self.conv.register_forward_hook(self._hook("conv"))
        self.fc.register_forward_pre_hook(lambda module, args: (args[0].flatten(1)[:, ::2],))
        self.width = 2 * w
        gone = self.conv.register_forward_hook(lambda module, args, out: out[:, :1])
        gone.remove()

    @property
    def width(self):
        return self._width

    @width.setter
    def width(self, value):
        self._width = value
        self.extra = nn.Linear(value, value)

    def _hook(self, name):
        def fn(mod, inp, out):
            self.feats[name] = out.detach()

        return fn

    @timed
    def forward(self, x):
        x = self.act(self.conv(x))
        return self.fc(x), self.feats["conv"].mean((2, 3))


class Stage(nn.Sequential):
    def __call__(self, x, repeat=1):
        for _ in range(repeat):
            x = super().__call__(x)
        return x


class Branches(nn.ModuleList):
    def forward(self, x):
        return [m(x) for m in self]

    def __call__(self, x):
        return torch.cat(self.forward(x), dim=-1)


class Called(nn.Module):
    def __init__(self):
        super().__init__()
        self.stage = Stage(nn.Linear(8, 8), nn.ReLU())
        self.parts = Branches([nn.Linear(8, k) for k in (2, 3, 4)])

    def forward(self, x):
        return self.parts(self.stage(x, repeat=3))


class Fused(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = fuse_conv_bn_eval(nn.Conv2d(3, 8, 3, bias=False).eval(), nn.BatchNorm2d(8).eval())

    def forward(self, x):
        return self.conv(x)


def tiny():
    net = Base.create("tinynet", w=12)
    net(torch.zeros(1, 3, 16, 16))
    return net
