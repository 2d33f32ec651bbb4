"""Record the arrays again: `python tests/record_arrays.py OUT.npz.xz`, where torch is installed.

For every recorded case without further call arguments the module is made anew with the recorded weights and buffers,
run on the recorded inputs, and its outputs and gradients take the place of the recorded ones; what moved is told. The
other cases keep the arrays that they have.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch  # type: ignore[import-not-found,unused-ignore]
from array_data import Arrays, pack, recorded
from record_torch import build
from torch_cases import Case, cases

# How the names of parameters and buffers begin.
KINDS = ("param:", "buffer")


def record(case: Case, arrays: Arrays) -> Arrays:
    """The case's arrays with outputs and gradients computed anew."""
    made = build(case["layer"], case["kwargs"])
    if isinstance(made, torch.nn.Module):
        made = made.double()
        made.train(case["mode"] == "train")
        held = {
            name.partition(":")[2]: torch.from_numpy(array.copy())
            for name, array in arrays.items()
            if name[:6] in KINDS
        }
        state = {name: held[name] for name in made.state_dict() if name in held}
        made.load_state_dict(state, strict=False)
    inputs = [torch.from_numpy(arrays[f"input_{at}"].copy()) for at in range(len(case["inputs"]))]
    if "indices" in arrays:
        inputs.append(torch.from_numpy(arrays["indices"].copy()))
    for x in inputs:
        x.requires_grad_(x.is_floating_point())
    given: Any = made(*inputs)
    outputs = list(_flat(given))
    found = dict(arrays)
    found.update({f"output_{at}": output.detach().numpy() for at, output in enumerate(outputs)})
    if "gradout" in arrays:
        outputs[0].backward(torch.from_numpy(arrays["gradout"].copy()))
        grads = {f"gradin_{at}": x.grad for at, x in enumerate(inputs)}
        if isinstance(made, torch.nn.Module):
            grads |= {f"grad:{name}": parameter.grad for name, parameter in made.named_parameters()}
        found.update(
            {name: grad.to_dense().numpy() for name, grad in grads.items() if grad is not None and name in arrays}
        )
    return found


def _flat(given: Any) -> Any:
    if isinstance(given, (tuple, list)):
        for part in given:
            yield from _flat(part)
    elif given is not None:
        yield given


def main(out: str) -> int:
    """Write the archive; the number of cases whose arrays moved is the status."""
    packed: dict[str, Arrays] = {}
    moved = 0
    for family in cases().values():
        for case in family:
            arrays = recorded().get(case["id"])
            if arrays is None:
                continue
            packed[case["id"]] = arrays
            if case.get("call") or case["kwargs"].get("max_norm"):
                continue  # max_norm has changed the recorded weights
            packed[case["id"]] = record(case, arrays)
            names = [
                name
                for name, array in packed[case["id"]].items()
                if not np.allclose(array, arrays[name], rtol=1e-10, atol=1e-10, equal_nan=True)
            ]
            moved += bool(names)
            if names:
                print(f"{case['id']}: {', '.join(names)} moved")
    Path(out).write_bytes(pack(packed))
    return min(moved, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
