"""Record what PyTorch makes of single expressions: `python record_operations.py`, where torch is.

Each line of data/operations.txt is an expression on x, 4x6x8 a sample, in a forward of its own. What is recorded are
the shapes without the batch axis, which is what differs between a batch of two and one of five; null where it fails.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

SHAPE = (4, 6, 8)
DATA = Path(__file__).parent / "data"
NET = """import math
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.utils.checkpoint


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(8, 8))
        self.p = nn.Parameter(torch.ones(4))
        self.k = nn.Parameter(torch.randn(5, 4, 3, 3))
        self.k1 = nn.Parameter(torch.randn(5, 4, 3))
        self.k2 = nn.Parameter(torch.randn(4, 5, 2, 2))
        self.register_buffer("idx", torch.tensor([0, 2, 3]))

    def forward(self, x):
        return EXPRESSION
"""


def expressions() -> list[str]:
    return [line for line in (DATA / "operations.txt").read_text().splitlines() if line]


def shapes(value: Any) -> list[list[int]]:
    import torch

    if isinstance(value, torch.Tensor):
        return [list(value.shape)]
    if value is None or isinstance(value, (bool, int, float)):
        return []
    return [shape for part in (value.values() if isinstance(value, dict) else value) for shape in shapes(part)]


def without_batch(two: list[int], five: list[int]) -> list[int]:
    pairs = zip(two, five, strict=True)
    return [small if small == large else small // 2 for small, large in pairs if small == large or small != 2]


def answer(expression: str) -> list[list[int]] | None:
    import torch

    names: dict[str, Any] = {}
    exec(NET.replace("EXPRESSION", expression), names)
    net = names["Net"]().eval()
    try:
        with torch.no_grad():
            two, five = (shapes(net(torch.randn(batch, *SHAPE))) for batch in (2, 5))
    except Exception:
        return None
    return [without_batch(*pair) for pair in zip(two, five, strict=True)]


def main() -> None:
    warnings.simplefilter("ignore")
    lines = [json.dumps([expression, answer(expression)]) for expression in expressions()]
    (DATA / "operations.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
