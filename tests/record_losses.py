"""Record losses: `python tests/record_losses.py OUT.json`, where torch is installed.

A batch of predictions and targets, the loss of the batch, each sample's own, and the gradient of the batch's loss.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import torch  # type: ignore[import-not-found,unused-ignore]
from torch import nn  # type: ignore[import-not-found,unused-ignore]

torch.set_default_dtype(torch.float64)


def case(call: str, loss: Any, x: Any, target: Any, single: bool = True) -> dict[str, Any]:
    """One call; `single` says that samples may be computed apart."""
    x = x.clone().requires_grad_(True)
    made = loss(x, target)
    made.sum().backward()
    own = [loss(x[at : at + 1], target[at : at + 1]) for at in range(len(x))] if single else []
    return {
        "loss": call,
        "x": x.tolist(),
        "target": target.tolist(),
        "whole": not target.is_floating_point(),
        "value": made.tolist(),
        "each": [one.tolist() for one in own],
        "gradient": x.grad.tolist(),
    }


def cases() -> list[dict[str, Any]]:
    """All of them."""
    torch.manual_seed(17)
    x, t = torch.randn(3, 4), torch.randn(3, 4)
    p, q = torch.rand(3, 4), torch.rand(3, 4)
    found = []
    for name in ("MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"):
        for reduction in ("mean", "sum", "none"):
            found.append(case(f"{name}(reduction={reduction})", getattr(nn, name)(reduction=reduction), x, t))
    found.append(case("SmoothL1Loss(beta=0.3)", nn.SmoothL1Loss(beta=0.3), x, t))
    found.append(case("SmoothL1Loss(beta=0)", nn.SmoothL1Loss(beta=0), x, t))
    found.append(case("HuberLoss(delta=0.4)", nn.HuberLoss(delta=0.4), x, t))
    found.append(case("HuberLoss('sum', 2)", nn.HuberLoss("sum", 2), x, t))
    for reduction in ("mean", "sum", "none"):
        found.append(case(f"BCELoss(reduction={reduction})", nn.BCELoss(reduction=reduction), p, q))
        found.append(case(f"BCEWithLogitsLoss(reduction={reduction})", nn.BCEWithLogitsLoss(reduction=reduction), x, q))
    found.append(case("BCEWithLogitsLoss()", nn.BCEWithLogitsLoss(), x * 0, q))
    probabilities, other = torch.randn(3, 4).softmax(1), torch.randn(3, 4).softmax(1)
    for reduction in ("mean", "sum", "none", "batchmean"):
        loss = nn.KLDivLoss(reduction=reduction)
        found.append(case(f"KLDivLoss(reduction={reduction})", loss, probabilities.log(), other))
    found.append(case("KLDivLoss(log_target=true)", nn.KLDivLoss(log_target=True), probabilities.log(), other.log()))
    zeros = torch.tensor([[0.5, 0, 0.5, 0], [0, 1, 0, 0], [0.25, 0.25, 0.25, 0.25]])
    found.append(case("KLDivLoss()", nn.KLDivLoss(), probabilities.log(), zeros))
    classes = torch.tensor([2, 0, 3])
    places, many = torch.randn(2, 4, 3), torch.tensor([[0, 3, 1], [2, 2, 0]])
    for reduction in ("mean", "sum", "none"):
        log = x.log_softmax(1)
        found.append(case(f"NLLLoss(reduction={reduction})", nn.NLLLoss(reduction=reduction), log, classes))
        loss = nn.CrossEntropyLoss(reduction=reduction)
        found.append(case(f"CrossEntropyLoss(reduction={reduction})", loss, x, classes))
        found.append(case(f"CrossEntropyLoss(reduction={reduction})", loss, places, many))
        found.append(case(f"CrossEntropyLoss(reduction={reduction})", loss, x, other))
    found.append(case("NLLLoss()", nn.NLLLoss(), places, many))
    smoothed = nn.CrossEntropyLoss(label_smoothing=0.2)
    found.append(case("CrossEntropyLoss(label_smoothing=0.2)", smoothed, x, classes))
    found.append(case("CrossEntropyLoss(label_smoothing=0.2)", smoothed, x, other))
    return found


def main(out: str) -> None:
    """Write all cases."""
    with open(out, "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(one) for one in cases()) + "\n]\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
