"""Settings as dicts with attributes, a class that is its own __dict__, registries by module, sums by NumPy."""

import sys
from collections import namedtuple

import numpy as np
import torch
import torch.nn as nn

CFG = {
    "stem": {"c": 16, "k": 3},
    "stages": [dict(c=16, n=2, s=1), dict(c=32, n=2, s=2), dict(c=64, n=2, s=2, block="bottle")],
    "head": {"dropout": 0.1, "classes": 12},
}
StageSpec = namedtuple("StageSpec", ["c", "n", "s", "block"], defaults=("basic",))
_entrypoints = {}


def register_model(fn):
    mod = sys.modules[fn.__module__]
    if hasattr(mod, "__all__"):
        mod.__all__.append(fn.__name__)
    else:
        mod.__all__ = [fn.__name__]
    _entrypoints[fn.__name__] = fn
    return fn


class AttrDict(dict):
    def __init__(self, *args, **kwargs):
        super(AttrDict, self).__init__(*args, **kwargs)
        self.__dict__ = self
        for k, v in self.items():
            if isinstance(v, dict):
                self[k] = AttrDict(v)


class Config(dict):
    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name)

    def __setattr__(self, name, value):
        self[name] = value


class Basic(nn.Module):
    def __init__(self, i, o, s):
        super().__init__()
        self.a = nn.Conv2d(i, o, 3, s, 1)
        self.b = nn.Conv2d(o, o, 3, 1, 1)
        self.s = nn.Conv2d(i, o, 1, s) if s > 1 or i != o else None

    def forward(self, x):
        r = self.s(x) if self.s else x
        return (self.b(self.a(x).relu_()) + r).relu_()


class Bottle(Basic):
    expansion = 2

    def __init__(self, i, o, s):
        super().__init__(i, o, s)
        self.b = nn.Sequential(nn.Conv2d(o, o // self.expansion, 1), nn.ReLU(), nn.Conv2d(o // self.expansion, o, 1))


BLOCKS = {"basic": Basic, "bottle": Bottle}


class Net(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        cfg = AttrDict(cfg)
        self.stem = nn.Conv2d(3, cfg.stem.c, cfg.stem.k, padding=cfg.stem.k // 2)
        c = cfg.stem.c
        for si, st in enumerate(StageSpec(**s) for s in cfg.stages):
            layers = []
            for j in range(st.n):
                layers.append(BLOCKS[st.block](c, st.c, st.s if j == 0 else 1))
                c = st.c
            self.add_module(f"stage{si}", nn.Sequential(*layers))
        self.n = len(cfg.stages)
        more = Config(classes=cfg.head["classes"])
        more.hidden = int(np.sum([2**i for i in range(4)]))
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Dropout(cfg.head.get("dropout", 0.5)),
            nn.Linear(c, more.hidden),
            nn.Linear(more["hidden"], more.get("classes")),
        )
        self.register_buffer("ramp", torch.from_numpy(np.array([1, 0, 2]).astype(np.float32)).view(1, 3, 1, 1))
        if torch.cuda.device_count() > 1:
            self.stem = nn.DataParallel(self.stem)

    def forward(self, x):
        x = self.stem(x * self.ramp)
        for i in range(self.n):
            x = self._modules[f"stage{i}"](x)
        return self.head(x)


@register_model
def small(**kwargs):
    return Net(dict(CFG, **kwargs))


def create_model(name, **kwargs):
    if name not in _entrypoints:
        raise RuntimeError(f"Unknown model ({name})")
    return _entrypoints[name](**kwargs)
