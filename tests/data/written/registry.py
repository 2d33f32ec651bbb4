"""Backbones in a registry; a factory makes them by name from a dict of settings."""

from __future__ import annotations

import functools
from collections import OrderedDict
from typing import Callable, Type

import torch
from torch import nn

MODELS: dict[str, Type[nn.Module]] = {}


def register(name: str | None = None) -> Callable:
    def wrapper(cls):
        key = name or cls.__name__.lower()
        if key in MODELS:
            raise KeyError(f"{key} is registered twice")
        MODELS[key] = cls
        return cls

    return wrapper


conv3 = functools.partial(nn.Conv2d, kernel_size=3, padding=1, bias=False)
ACT = {"relu": functools.partial(nn.ReLU, inplace=True), "gelu": nn.GELU, None: nn.Identity}


class ConvBlock(nn.Sequential):
    def __init__(self, c_in, c_out, *, act="relu", norm=nn.BatchNorm2d, **kw):
        super().__init__(OrderedDict([("conv", conv3(c_in, c_out, **kw)), ("norm", norm(c_out)), ("act", ACT[act]())]))


@register()
class Plain(nn.Module):
    def __init__(self, width=16, depth=4, **kwargs):
        super().__init__()
        self.stem = ConvBlock(3, width, stride=2)
        body = OrderedDict()
        for i in range(depth):
            body[f"block_{i:02d}"] = ConvBlock(width, width, act="gelu" if i % 2 else "relu")
        self.body = nn.Sequential(body)
        self.out_channels = width

    def forward(self, x):
        return self.body(self.stem(x))


@register("dense")
class Dense(nn.Module):
    def __init__(self, width=16, depth=3, growth=8, **kwargs):
        super().__init__()
        self.stem = ConvBlock(3, width)
        for i in range(depth):
            self.add_module("dense%d" % (i + 1), ConvBlock(width + i * growth, growth))
        self.depth = depth
        self.out_channels = width + depth * growth

    def forward(self, x):
        features = [self.stem(x)]
        for i in range(self.depth):
            layer = getattr(self, f"dense{i + 1}")
            features.append(layer(torch.cat(features, 1)))
        return torch.cat(features, 1)


CONFIG = dict(backbone=dict(name="dense", width=24, growth=12), head=dict(classes=5, p=0.2))


class Classifier(nn.Module):
    def __init__(self, cfg: dict = CONFIG):
        super().__init__()
        options = dict(cfg["backbone"])
        name = options.pop("name")
        if name not in MODELS:
            raise ValueError(f"unknown backbone {name!r}, choose one of {sorted(MODELS)}")
        self.backbone = MODELS[name](**options)
        p = cfg["head"].get("p", 0.0)
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d((1, 1)),
            nn.Flatten(),
            *([nn.Dropout(p)] if p > 0 else []),
            nn.Linear(self.backbone.out_channels, cfg["head"]["classes"]),
        )

    def forward(self, x):
        return self.head(self.backbone(x))


def create_model(name: str = "plain", classes: int = 10, **kwargs) -> nn.Module:
    cfg = {**CONFIG, "backbone": {"name": name, **kwargs}, "head": {**CONFIG["head"], "classes": classes}}
    return Classifier(cfg)
