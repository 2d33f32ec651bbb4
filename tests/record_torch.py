"""Record PyTorch's answers again: `python tests/record_torch.py OUT.jsonl [FAMILY...]`, where torch is installed.

Each call of `tests/data/torch_cases.jsonl.gz` is made anew on the CPU and its answer written to OUT in the same form;
answers that differ from the recorded ones are told. Calls with masks or states are left as they were recorded.
Whether an unpool is refused can depend on the numbers that were drawn.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import torch  # type: ignore[import-not-found,unused-ignore]
from torch.nn.attention import SDPBackend, sdpa_kernel  # type: ignore[import-not-found,unused-ignore]
from torch.utils.flop_counter import FlopCounterMode  # type: ignore[import-not-found,unused-ignore]
from torch_cases import Case, cases

# What a call may have beside its inputs and still be made here.
SIMPLE = {"output_size"}
LISTS = {"cat", "stack"}


def build(kind: str, options: dict[str, Any]) -> Any:
    """The module, or the function, of that name."""
    if kind == "Sequential":
        return torch.nn.Sequential(*(build(name, given) for name, given in options["layers"]))
    options = {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
    if hasattr(torch.nn, kind):
        return getattr(torch.nn, kind)(**options)
    home = next(home for home in (torch, torch.nn.functional, torch.Tensor) if hasattr(home, kind))
    function = getattr(home, kind)
    if kind == "einsum":
        return lambda *xs: function(options["equation"], *xs)
    if home is torch.Tensor:  # a method names its arguments otherwise
        return lambda x: function(x, *options.values())
    return lambda *xs: function(list(xs), **options) if kind in LISTS else function(*xs, **options)


def inputs(case: Case, batch: int | None) -> list[Any]:
    """Random inputs, with a batch axis where the call has one."""
    made = []
    for given in case["inputs"]:
        shape = list(given["shape"])
        if batch is not None:
            shape.insert(case["batch_axis"], batch)
        whole = given.get("dtype") == "int64"
        made.append(torch.randint(0, given["high"], shape) if whole else torch.randn(shape, dtype=torch.float64))
    if "pre" in case:  # an unpool takes what its pool gives
        pool = case["pre"]
        made[0] = torch.randn([*made[0].shape[: 1 + (batch is not None)], *pool["input"][1:]], dtype=torch.float64)
        made = list(build(pool["layer"], pool["kwargs"])(*made))
    return made


def shapes(case: Case, batch: int | None) -> list[list[int]]:
    """The shapes of the outputs."""
    made = build(case["layer"], case["kwargs"])
    made = made.double().train(case["mode"] == "train") if isinstance(made, torch.nn.Module) else made
    given = made(*inputs(case, batch), **(case.get("call") or {}))
    return [list(output.shape) for output in flat(given)]


def flat(given: Any) -> list[Any]:
    """The arrays of an answer in order: an LSTM's is (output, (h, c))."""
    return [array for part in given for array in flat(part)] if isinstance(given, (tuple, list)) else [given]


def record(case: Case) -> Case:
    """The case with PyTorch's answer of today."""
    kept = ("id", "family", "layer", "kwargs", "inputs", "batch", "batch_axis", "mode", "call", "pre")
    told = {name: case[name] for name in kept if name in case}
    batch, phase = case["batch"], "construct"
    try:
        made = build(case["layer"], case["kwargs"])
        phase = "forward"
        with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
            found = shapes(case, batch)
        # The batch axis is the one that is as long as the batch; one that the batch was merged into is none.
        grown = shapes(case, 2 * batch) if batch is not None else found
    except Exception as refusal:
        return {**told, "ok": False, "phase": phase, "error": type(refusal).__name__, "message": str(refusal)}
    doubled = (batch, 2 * (batch or 0))
    places = [
        next((axis for axis, sizes in enumerate(zip(*pair, strict=True)) if sizes == doubled), None)
        for pair in zip(found, grown, strict=True)
    ]
    told["ok"] = True
    told["outputs"] = [{"shape": shape, "batch_axis": at} for shape, at in zip(found, places, strict=True)]
    told["output"] = [size for axis, size in enumerate(found[0]) if axis != places[0]]
    if isinstance(made, torch.nn.Module):
        told["params"] = {name: list(array.shape) for name, array in made.named_parameters()}
        told["n_params"] = sum(array.numel() for array in made.parameters())
        buffers = {name: list(array.shape) for name, array in made.named_buffers()}
        told.update({"buffers": buffers} if buffers else {})
    # The counter does not see products with vectors, nor all of what is fused; such counts stay as they are.
    counted = counter.get_total_flops() // 2
    return {**told, "macs": counted if counted and case.get("macs") is not None else case.get("macs")}


def main(out: str, families: list[str]) -> None:
    """Write every case, recorded anew where that can be done here, and name those whose answer changed."""
    torch.manual_seed(0)
    changed = 0
    with open(out, "w", encoding="utf-8") as lines:
        for family, known in cases().items():
            for case in known if not families or family in families else ():
                again = record(case) if set(case.get("call") or {}) <= SIMPLE else case
                if any(again.get(name) != case.get(name) for name in ("ok", "output", "params", "macs")):
                    changed += 1
                    print(f"{case['id']}: {again.get('output')} {again.get('macs')}, was {case.get('output')}")
                lines.write(json.dumps(again) + "\n")
    print(f"{changed} answers changed")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
