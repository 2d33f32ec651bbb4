"""One trunk, several heads in a ModuleDict; outputs in a dict."""

from typing import Dict

import torch
from torch import Tensor, nn

TASKS = {"colour": 7, "shape": 4, "count": 1}


class MultiTask(nn.Module):
    def __init__(self, tasks: Dict[str, int] = TASKS, widths=(32, 64, 128)):
        super().__init__()
        stages = []
        c_in = 3
        for i, c_out in enumerate(widths):
            stages += [
                nn.Conv2d(c_in, c_out, 3, stride=2 if i else 1, padding="same" if not i else 1, bias=False),
                nn.BatchNorm2d(c_out),
                nn.SiLU(),
            ]
            c_in = c_out
        self.trunk = nn.Sequential(*stages)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.heads = nn.ModuleDict({name: nn.Linear(c_in, n) for name, n in tasks.items()})
        self.temperature = nn.ParameterDict({name: nn.Parameter(torch.ones(1)) for name in tasks})

    def forward(self, x: Tensor) -> Dict[str, Tensor]:
        z = self.pool(self.trunk(x)).flatten(1)
        return {name: head(z) / self.temperature[name] for name, head in self.heads.items()}
