"""Record what PyTorch's autograd keeps of each layer for the backward pass, for `tests/test_saved.py`.

    python -m tests.record_saved OUT      (with PyTorch; the file is tests/data/saved.json)

The example of every layer type that can be written for PyTorch is run in training mode. For each, with its parameters
trained and frozen: whether the inputs are kept, whether the output is, and how many bytes of what else.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import cnncalc
from cnncalc import layers
from cnncalc.export.pytorch.writer import Exported, export
from cnncalc.pages.layers import example, example_row


def main(out: str) -> None:
    """Write what PyTorch says of every type."""
    warnings.simplefilter("ignore")
    found: dict[str, Any] = {}
    for name in layers.names():
        text = example(name, "pytorch")
        network = cnncalc.loads(text, name) if "\n" in text else cnncalc.load(text)
        row = example_row(name, text)
        if any(isinstance(ref, tuple) for ref in row.node.inputs):
            continue  # an unpool has another layer before it
        try:
            source = export(network.report(), network.spec)
        except cnncalc.SpecError:
            continue
        found[name] = {said: kept(source, network, trained) for said, trained in (("trained", True), ("frozen", False))}
        print(name, found[name])
    Path(out).write_text(json.dumps(found, indent=0, sort_keys=True) + "\n", encoding="utf-8")


def kept(source: Exported, network: Any, trained: bool) -> dict[str, Any]:
    """Whether inputs and output are among what is kept, and the bytes of the rest; of one sample."""
    import torch

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "written.py"
        path.write_text(source.text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location("written", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    torch.manual_seed(0)
    made = getattr(module, source.name)().train()
    for parameter in made.parameters():
        parameter.requires_grad_(trained)
    inputs: list[Any] = []
    for given in network.report().graph.inputs:
        whole = given.dtype == "int"
        x = torch.randint(0, 3, (1, *given.shape)) if whole else torch.rand(1, *given.shape, requires_grad=True)
        inputs.append(x)
    held: dict[int, int] = {}

    def pack(tensor: Any) -> Any:
        held[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = made(*inputs)
    output = output[0] if isinstance(output, tuple) else output
    own = {tensor.untyped_storage().data_ptr() for tensor in (*made.parameters(), *made.buffers())}
    given_here = {x.untyped_storage().data_ptr() for x in inputs}
    out = output.untyped_storage().data_ptr()
    rest = sum(size for at, size in held.items() if at not in own | given_here | {out})
    return {"input": bool(given_here & held.keys()), "output": out in held and out not in given_here, "rest": rest}


if __name__ == "__main__":
    main(sys.argv[1])
