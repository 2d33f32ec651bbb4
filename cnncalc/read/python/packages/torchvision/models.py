"""Models of torchvision.models that others build on, written anew; sizes and parameters were compared with torchvision.

A file that changes the last layer of a `resnet18(pretrained=True)` is followed with these.
"""

from __future__ import annotations

from cnncalc.core.problem import Source
from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.files.parse import tree_of
from cnncalc.read.python.packages.torchvision import convolutional, mobile
from cnncalc.read.python.values import File

RESNETS = (
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "resnext101_32x8d",
    "wide_resnet50_2", "wide_resnet101_2",
)  # fmt: skip
VGGS = tuple(f"vgg{size}{norm}" for size in (11, 13, 16, 19) for norm in ("", "_bn"))
OTHERS = (
    "alexnet", "densenet121", "densenet161", "densenet169", "densenet201", "mobilenet_v2", "squeezenet1_0",
    "squeezenet1_1", *(f"efficientnet_b{size}" for size in range(8)), "vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32",
    "ResNet", "BasicBlock", "Bottleneck",
)  # fmt: skip
NAMES = frozenset((*RESNETS, *VGGS, *OTHERS))


def load(interpreter: InterpreterBase) -> File:
    """The models, followed once."""
    text = f"{convolutional.TEXT}\n\n{mobile.TEXT}"
    file = File(Source("<torchvision.models>", text), tree_of(text), "", "torchvision.models")
    interpreter.body(file.tree.body, file.scope)
    file.done = True
    return file
