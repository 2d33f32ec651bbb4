"""Record the parameters of torchvision's models: `python record_torchvision.py`, where torchvision is."""

from __future__ import annotations

import json
from pathlib import Path

import torchvision

from cnncalc.read.python.packages.torchvision.models import NAMES


def main() -> None:
    found = {}
    for name in sorted(NAMES):
        if name[0].islower():
            model = getattr(torchvision.models, name)()
            found[name] = [[key, list(value.shape)] for key, value in model.named_parameters()]
    path = Path(__file__).parent / "data" / "torchvision.json"
    sums = {}
    for name, params in found.items():
        count = 0
        for _, shape in params:
            size = 1
            for side in shape:
                size *= side
            count += size
        sums[name] = [count, len(params), params[-2][0]]
    path.write_text(json.dumps(sums, indent=0) + "\n")


if __name__ == "__main__":
    main()
