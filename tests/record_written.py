"""Record what PyTorch says of the models in data/written: `python record_written.py`, where torch and einops are.

Each case is a file, what is made of it, and the shapes of its inputs without the batch axis; "i" marks whole numbers,
"()" one number a sample.
The outputs are recorded without the batch axis, which is what differs between a batch of two and one of five.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import torch

FOLDER = Path(__file__).parent / "data" / "written"
CASES = [line.split(maxsplit=2) for line in (FOLDER / "cases.txt").read_text().splitlines()]


def module(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    made = importlib.util.module_from_spec(spec)
    sys.modules[name] = made
    spec.loader.exec_module(made)
    return made


def tensors(text: str, batch: int) -> list[torch.Tensor]:
    given = []
    for word in text.split():
        sizes = [int(size) for size in word.lstrip("i").strip("()").split("x") if size]
        made = torch.randint(0, 10, (batch, *sizes)) if word[0] == "i" else torch.randn(batch, *sizes)
        given.append(made)
    return given


def shapes(value: Any) -> list[list[int]]:
    if isinstance(value, torch.Tensor):
        return [list(value.shape)]
    parts = value.values() if isinstance(value, dict) else value
    return [shape for part in parts if part is not None for shape in shapes(part)]


def without_batch(two: list[int], five: list[int]) -> list[int]:
    found = []
    for small, large in zip(two, five, strict=True):
        if small == large:
            found.append(small)
        elif small != 2:
            found.append(small // 2)
    return found


def main() -> None:
    sys.argv = sys.argv[:1]
    torch.manual_seed(0)
    found = []
    for file, made, given in CASES:
        names = vars(module(file))
        model = eval(made if "(" in made or not isinstance(names[made], type) else f"{made}()", names)
        model = model if isinstance(model, torch.nn.Module) else model()
        model.eval()
        with torch.no_grad():
            two, five = (shapes(model(*tensors(given, batch))) for batch in (2, 5))
        found.append(
            {
                "net": f"{file}.py:{made}",
                "inputs": [word.lstrip("i") for word in given.split()],
                "params": sum(p.numel() for p in model.parameters()),
                "trainable": sum(p.numel() for p in model.parameters() if p.requires_grad),
                "outputs": [without_batch(*pair) for pair in zip(two, five, strict=True)],
            }
        )
    text = ",\n".join(json.dumps(case) for case in found)
    (FOLDER / "answers.json").write_text(f"[\n{text}\n]\n")


if __name__ == "__main__":
    main()
