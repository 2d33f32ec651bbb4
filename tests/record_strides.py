"""Record where PyTorch puts what operations give: `python record_strides.py`, where torch is.

Each line of data/strides.txt is an expression on x, 4x6x8 a sample, in a forward of its own. x is made of inputs of
several sizes, so that it lies in memory as LAYOUTS has it. What is recorded are the strides of every tensor that comes
out, for a batch of 101: "8N" is eight times the batch. Strides of axes of size 1 say nothing and are null.
"""

from __future__ import annotations

import json
import lzma
import warnings
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
BATCH = 101  # no stride but the batch's multiples has it as a factor
LAYOUTS = {
    "plain": ((4, 6, 8), "x"),
    "transposed": ((8, 6, 4), "x.transpose(1, 3)"),
    "channels last": ((6, 8, 4), "x.permute(0, 3, 1, 2)"),
    "permuted": ((6, 4, 8), "x.transpose(1, 2)"),
    "expanded": ((4, 1, 8), "x.expand(-1, -1, 6, -1)"),
    "sliced": ((4, 6, 10), "x[..., 1:9]"),
    "stepped": ((4, 12, 8), "x[:, :, ::2]"),
}
NET = """import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(8, 8))
        self.p = nn.Parameter(torch.ones(4))
        self.k = nn.Parameter(torch.randn(5, 4, 3, 3))
        self.k1 = nn.Parameter(torch.randn(5, 4, 3))
        self.register_buffer("idx", torch.tensor([0, 2, 3]))

    def forward(self, x):
        x = LAYOUT
        return EXPRESSION
"""

Shown = list[int | str | None]


def expressions() -> list[str]:
    return (DATA / "strides.txt").read_text().splitlines()


def shown(sizes: list[int], strides: list[int], batch: int) -> Shown:
    """Strides with multiples of the batch as text."""
    return [
        None if size == 1 else f"{step // batch}N" if step and step % batch == 0 else step
        for size, step in zip(sizes, strides, strict=True)
    ]


def tensors(value: Any) -> list[Any]:
    import torch

    if isinstance(value, torch.Tensor):
        return [value]
    return [one for part in value if part is not None for one in tensors(part)]


def answer(expression: str, layout: str) -> list[Shown] | None:
    import torch

    sizes, made = LAYOUTS[layout]
    names: dict[str, Any] = {}
    exec(NET.replace("LAYOUT", made).replace("EXPRESSION", expression), names)
    torch.manual_seed(0)
    try:
        with torch.no_grad():
            found = tensors(names["Net"]().eval()(torch.randn(BATCH, *sizes)))
    except Exception:
        return None
    return [shown(list(one.shape), list(one.stride()), BATCH) for one in found]


def main() -> None:
    warnings.simplefilter("ignore")
    lines = [json.dumps([line, *(answer(line, layout) for layout in LAYOUTS)]) for line in expressions()]
    (DATA / "strides.json.xz").write_bytes(lzma.compress(("[\n" + ",\n".join(lines) + "\n]\n").encode()))


if __name__ == "__main__":
    main()
