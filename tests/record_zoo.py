"""Record torchvision's part of tests/data/zoo.json again: `python -m tests.record_zoo [OUT.json]`.

It needs torch and torchvision. Every network whose witness is `torchvision.models.get_model(...)` is built anew on the
meta device, and its published count (`..._Weights....meta`) is read anew; what differs from the file is told, and with
OUT the file is written with the new figures. Figures from other witnesses are left as they are.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import torch  # type: ignore[import-not-found,unused-ignore]
from torch.nn.attention import SDPBackend, sdpa_kernel  # type: ignore[import-not-found,unused-ignore]
from torch.utils.flop_counter import FlopCounterMode  # type: ignore[import-not-found,unused-ignore]

from benchmarks.peer_torchinfo import torchvision as imported

torchvision = imported()
DATA = Path(__file__).parent / "data" / "zoo.json"
SIDES = {"inception_v3": 299, "fcn_resnet50": 520, "fcn_resnet101": 520}
# The auxiliary classifiers of these are of the training only: their parameters are left out.
TRAINING_ONLY = ("aux1.", "aux2.", "AuxLogits.")


def side(name: str) -> int:
    """The side of the picture that the published weights take."""
    if name in SIDES:
        return SIDES[name]
    try:
        weights = torchvision.models.get_model_weights(name).DEFAULT
        return int(weights.transforms().crop_size[0])
    except (ValueError, AttributeError):
        return 224


def measure(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Parameters, multiply-accumulates and the shapes of the recorded stages of one network."""
    options: dict[str, Any] = {"weights": None}
    if name.startswith("fcn"):
        options.update(weights_backbone=None, num_classes=21, aux_loss=True)
    model = torchvision.models.get_model(name, **options).to("meta").eval()
    seen: dict[str, list[int]] = {}

    def keep(stage: str) -> Any:
        def note(module: Any, given: Any, output: Any) -> None:  # what a hook gives back would be the output
            seen.setdefault(stage, list(output.shape[1:]))

        return note

    stages = entry.get("stages", {})
    for stage in stages.values():
        model.get_submodule(stage).register_forward_hook(keep(stage))
    video = re.search(r"3d_18|mc3_18|2plus1d", name)
    shape = (1, 3, 16, 112, 112) if video else (1, 3, side(name), side(name))
    torch.backends.mha.set_fastpath_enabled(False)  # the counter does not see the fused layers
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter, sdpa_kernel(SDPBackend.MATH):
        model(torch.empty(shape, device="meta"))
    params = sum(
        value.numel() for key, value in model.named_parameters() if not key.startswith(TRAINING_ONLY) or "fcn" in name
    )
    found: dict[str, Any] = {"params": params, "macs": counter.get_total_flops() // 2}
    if stages:
        found["shapes"] = {ours: seen[stage] for ours, stage in stages.items()}
    return found


def published(witness: str) -> dict[str, Any] | None:
    """What the weights' own description says: `torchvision.models.X_Weights.NAME.meta (...)`."""
    match = re.match(r"torchvision\.models\.(?:video\.|segmentation\.)?(\w+)\.(\w+)\.meta", witness)
    if match is None:
        return None
    meta = torchvision.models.get_weight(f"{match[1]}.{match[2]}").meta
    return {"params": meta["num_params"], "gmacs": str(meta["_ops"])}


def main() -> int:
    """Record again; 1 where a figure differs from the file."""
    zoo = json.loads(DATA.read_text(encoding="utf-8"))
    changed = False
    for name, entry in zoo.items():
        if name == "_about":
            continue
        built = re.search(r"torchvision\.models\.get_model\('(\w+)'", entry["witness"])
        found = measure(built[1], entry) if built else published(entry["witness"])
        for key, value in (found or {}).items():
            if entry.get(key) != value:
                print(f"{name}.{key}: {entry.get(key)} recorded, {value} found")
                entry[key] = value
                changed = True
    if len(sys.argv) > 1:
        lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(entry)}" for name, entry in zoo.items())
        Path(sys.argv[1]).write_text("{\n" + lines + "\n}\n", encoding="utf-8")
    return int(changed)


if __name__ == "__main__":
    sys.exit(main())
