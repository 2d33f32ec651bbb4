"""ResNet-50 as model libraries are written: blocks by a class, norms by a callable, stages by a loop, many options."""

from functools import partial
from typing import Any, Callable, Dict, Optional, Sequence, Tuple

import torch
import torch.nn as nn
from torch import Tensor

Norm = Callable[[int], nn.Module]


def convolution(taken: int, given: int, size: int, step: int = 1, spread: int = 1, groups: int = 1) -> nn.Conv2d:
    """A square convolution without bias that keeps the size of the map where it takes one step at a time."""
    edge = spread * (size - 1) // 2
    return nn.Conv2d(taken, given, size, stride=step, padding=edge, dilation=spread, groups=groups, bias=False)


class Shortcut(nn.Sequential):
    """What is added to the branch where the map or the number of channels changes."""

    def __init__(self, taken: int, given: int, step: int, norm: Norm) -> None:
        super().__init__(convolution(taken, given, 1, step), norm(given))


class Residual(nn.Module):
    """A branch and what is added to it."""

    growth: int = 1

    def __init__(self, taken: int, given: int, step: int, norm: Norm) -> None:
        super().__init__()
        changes = step != 1 or taken != given
        self.shortcut: Optional[nn.Module] = Shortcut(taken, given, step, norm) if changes else None
        self.last = nn.ReLU(inplace=True)

    def branch(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        beside = x if self.shortcut is None else self.shortcut(x)
        y = self.branch(x)
        y += beside
        return self.last(y)


class Plain(Residual):
    """Two convolutions of 3x3."""

    def __init__(
        self, taken: int, width: int, step: int = 1, *, norm: Norm, groups: int = 1, per_group: int = 64,
        spread: int = 1,
    ) -> None:  # fmt: skip
        if groups > 1 or per_group != 64 or spread > 1:
            raise ValueError("the plain block has neither groups nor dilation")
        super().__init__(taken, width, step, norm)
        self.conv_a = convolution(taken, width, 3, step)
        self.norm_a = norm(width)
        self.act_a = nn.ReLU(inplace=True)
        self.conv_b = convolution(width, width, 3)
        self.norm_b = norm(width)

    def branch(self, x: Tensor) -> Tensor:
        x = self.act_a(self.norm_a(self.conv_a(x)))
        return self.norm_b(self.conv_b(x))


class Narrow(Residual):
    """A convolution of 3x3 between two of 1x1."""

    growth: int = 4

    def __init__(
        self, taken: int, width: int, step: int = 1, *, norm: Norm, groups: int = 1, per_group: int = 64,
        spread: int = 1,
    ) -> None:  # fmt: skip
        given = width * self.growth
        super().__init__(taken, given, step, norm)
        inner = groups * int(width * per_group / 64)
        self.conv_a = convolution(taken, inner, 1)
        self.norm_a = norm(inner)
        self.conv_b = convolution(inner, inner, 3, step, spread, groups)
        self.norm_b = norm(inner)
        self.conv_c = convolution(inner, given, 1)
        self.norm_c = norm(given)
        self.act = nn.ReLU(inplace=True)

    def branch(self, x: Tensor) -> Tensor:
        x = self.act(self.norm_a(self.conv_a(x)))
        x = self.act(self.norm_b(self.conv_b(x)))
        return self.norm_c(self.conv_c(x))


class Network(nn.Module):
    """The stem, four stages and the classifier."""

    def __init__(
        self,
        block: type,
        depths: Sequence[int],
        widths: Sequence[int] = (64, 128, 256, 512),
        *,
        classes: int = 1000,
        colours: int = 3,
        groups: int = 1,
        per_group: int = 64,
        dilated: Tuple[bool, ...] = (False, False, False),
        norm: Optional[Norm] = None,
        quiet_start: bool = False,
    ) -> None:
        super().__init__()
        if len(dilated) + 1 != len(depths):
            raise ValueError(f"{len(depths)} stages have {len(depths) - 1} places for dilation, not {len(dilated)}")
        norm = norm or partial(nn.BatchNorm2d, eps=1e-5)
        self.shared: Dict[str, Any] = {"norm": norm, "groups": groups, "per_group": per_group}
        self.reach = widths[0]
        self.spread = 1
        self.stem = nn.Sequential(
            convolution(colours, self.reach, 7, 2), norm(self.reach), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)
        )
        self.stages = nn.ModuleList()
        for number, (depth, width) in enumerate(zip(depths, widths)):
            step = 1 if number == 0 else 2
            self.stages.append(self.stage(block, width, depth, step, number > 0 and dilated[number - 1]))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(widths[-1] * block.growth, classes)
        self.start(quiet_start)

    def stage(self, block: type, width: int, depth: int, step: int, dilate: bool) -> nn.Sequential:
        before = self.spread
        if dilate:
            self.spread, step = self.spread * step, 1
        blocks = []
        for number in range(depth):
            first = number == 0
            spread = before if first else self.spread
            blocks.append(block(self.reach, width, step if first else 1, spread=spread, **self.shared))
            self.reach = width * block.growth
        return nn.Sequential(*blocks)

    def start(self, quiet: bool) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
        if quiet:
            for module in self.modules():
                if isinstance(module, Narrow):
                    nn.init.zeros_(module.norm_c.weight)
                elif isinstance(module, Plain):
                    nn.init.zeros_(module.norm_b.weight)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        return self.classifier(torch.flatten(self.pool(x), 1))


def resnet50(**options: Any) -> Network:
    return Network(Narrow, (3, 4, 6, 3), **options)
