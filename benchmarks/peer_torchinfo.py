"""torchinfo's summary of a network in a process of its own: `python -m benchmarks.peer_torchinfo NET [torchvision]`."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def torchvision() -> Any:
    """The module, which PyPI has with operators compiled for CUDA alone.

    Where torch is a build without CUDA they do not load, and the module ends with an error; its networks need none of
    them. Their names are then declared without what they do.
    """
    import torch

    found = find_spec("torchvision")
    if found is None:
        raise ImportError("torchvision is not installed")
    if not torch.cuda.is_available():
        text = (Path(str((found.submodule_search_locations or [""])[0])) / "_meta_registrations.py").read_text("utf-8")
        library = torch.library.Library("torchvision", "DEF")
        for name in set(re.findall(r'register_(?:meta|fake)\("(?:torchvision::)?(\w+)"', text)):
            library.define(f"{name}(Tensor x) -> Tensor")
    import torchvision as module  # type: ignore[import-not-found,unused-ignore]

    return module


def lenet5() -> Any:
    """LeNet-5 as `specs/lenet5.yaml` has it."""
    from torch import nn

    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2, 2)),
        *(nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2, 2), nn.Flatten()),
        *(nn.Linear(400, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10)),
    )


def main() -> None:
    """Print the summary, with PyTorch's networks from torchvision or from the report."""
    name = sys.argv[1]
    import torchinfo

    if "torchvision" in sys.argv:
        module = torchvision()
        network = lenet5() if name == "lenet5" else module.models.get_model(name)
        shape = (1, 1, 28, 28) if name == "lenet5" else (1, 3, 224, 224)
    else:
        import cnncalc
        from benchmarks.peer_torch import Network

        report = cnncalc.load(name).report()
        network, shape = Network(report), (1, *report.graph.inputs[0].shape)
    print(torchinfo.summary(network, shape, device="cpu", verbose=0))


if __name__ == "__main__":
    main()
