"""Record what PyTorch makes of exported code: `python -m tests.record_export [NAME...]`, where torch is installed.

`python -m tests.record_export --changed` records the cases whose code is another one than that which was recorded.

For every case of `export_cases.py` the code is run in another process. Recorded are a hash of the code, the number of
parameters (an array that two share counts once) and the output's shape as PyTorch has them, on which device it ran
("meta": shapes without numbers, for networks that are too large), and, for networks that are small enough, how far the
outputs are from those of `--execute` in float64 with the same weights. More than 1e-9 of the largest number is told and
recorded as such.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from export_cases import RECORDED, networks
from onnx_networks import keras_networks

import cnncalc
from cnncalc.execute.run import execute
from cnncalc.export.pytorch.writer import Exported, export

# Parameters and multiply-accumulates up to which a network is run on the CPU, and with given numbers.
LARGE = SMALL = (3e7, 4e8)
NEAR = 1e-9
# Layers that draw numbers of their own.
RANDOM = ("FractionalMaxPool2d", "FractionalMaxPool3d")

CHILD = """
import json, runpy, sys
import numpy as np
import torch


def stored(model):
    # The numbers that the parameters hold; an array that two of them share counts once.
    held = {}
    for parameter in model.parameters():
        meta = parameter.device.type == "meta"  # no memory behind it, but still one storage an array
        held[parameter.untyped_storage()._cdata if meta else parameter.data_ptr()] = parameter.numel()
    return sum(held.values())


torch.set_num_threads(2)
for line in sys.stdin:
    job = json.loads(line)
    try:
        if job["meta"]:
            with torch.device("meta"):
                made = runpy.run_path(job["code"], run_name="exported")
                model = made[job["name"]]().eval()
                count = stored(model)
                inputs = [torch.zeros(shape, dtype=torch.long if whole else None) for shape, whole in job["inputs"]]
                try:
                    with torch.no_grad():
                        shape = list(model(*inputs).shape)
                except NotImplementedError:  # what depends on numbers cannot run without them
                    shape = None
            print(json.dumps({"device": "meta", "params": count, "output": shape}), flush=True)
            continue
        made = runpy.run_path(job["code"], run_name="__main__")
        said = {"device": "cpu", "params": stored(made["model"]), "output": list(made["shape"])}
        if job["arrays"]:
            held = np.load(job["arrays"])
            model = made["model"].double()
            state = model.state_dict()
            left = set(state)
            with torch.no_grad():
                for name, end in job["weights"]:
                    state[end].copy_(torch.from_numpy(np.array(held[f"w:{name}"])))
                    left.discard(end)
                torch.set_default_dtype(torch.float64)
                inputs = [torch.from_numpy(held[f"x:{number}"]) for number in range(len(job["inputs"]))]
                output = model(*inputs).numpy()
                torch.set_default_dtype(torch.float32)
            wanted = held["output"]
            if output.dtype == bool:
                output, wanted = output.astype(int), wanted.astype(int)
            apart = float("inf")
            if output.shape == wanted.shape:
                alike = (output == wanted) | (np.isnan(output) & np.isnan(wanted))
                with np.errstate(all="ignore"):
                    apart = np.where(alike, 0, np.nan_to_num(np.abs(output - wanted), nan=np.inf)).max(initial=0)
            said["apart"] = float(apart / max(1.0, np.abs(wanted[np.isfinite(wanted)]).max(initial=0)))
            said["unset"] = sorted(left)
        print(json.dumps(said), flush=True)
    except Exception as error:
        torch.set_default_dtype(torch.float32)
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
"""


class Torch:
    """A process that runs exported code; one after another, so that PyTorch is loaded once."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.running = self._start()

    def _start(self) -> subprocess.Popen[str]:
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """What PyTorch made of a job."""
        assert self.running.stdin is not None and self.running.stdout is not None
        self.running.stdin.write(json.dumps(job) + "\n")
        self.running.stdin.flush()
        while line := self.running.stdout.readline():
            if line.startswith("{"):
                found: dict[str, Any] = json.loads(line)
                return found
        self.running = self._start()
        return {"error": "the process ended"}


def record(network: Any, torch: Torch) -> dict[str, Any]:
    """What is recorded of one network."""
    report = network.report()
    try:
        made = export(report, network.spec, network)
    except cnncalc.SpecError as error:
        return {"refused": [problem.message for problem in error.problems]}
    folder = torch.folder
    code = os.path.join(folder, "exported.py")
    Path(code).write_text(made.text, encoding="utf-8")
    totals = report.totals
    small = totals.params <= SMALL[0] and totals.macs <= SMALL[1]
    meta = totals.params > LARGE[0] or totals.macs > LARGE[1]
    job = {
        "code": code,
        "name": made.name,
        "meta": meta,
        "inputs": [[[1, *given.shape], whole] for given, whole in zip(report.graph.inputs, made.whole, strict=True)],
        "weights": [],
        "arrays": "",
    }
    if small and not any(row.type in RANDOM for row in report.rows):
        job |= numbers(network, report, made, folder)
    said = torch.ask(job)
    return {"sha256": hashlib.sha256(made.text.encode()).hexdigest(), **said}


def numbers(network: Any, report: Any, made: Exported, folder: str) -> dict[str, Any]:
    """The weights, the inputs and the output of an execution in float64, in a file."""
    labels = [given.name for given in report.graph.inputs]
    run = execute(report, values=network.given(), seed=1, batch=2, dtype="float64", keep=labels)
    weights = run.weights
    arrays = {
        f"w:{name}": made.turns[name](weights[name]) if name in made.turns else weights[name]
        for name in made.parameters
        if name in weights
    }
    for number, _ in enumerate(labels):
        arrays[f"x:{number}"] = run.value(number)
    arrays["output"] = run.value(report.graph.output)
    path = os.path.join(folder, "arrays.npz")
    np.savez(path, **arrays)
    return {"arrays": path, "weights": [[name, end] for name, end in made.parameters.items() if name in weights]}


def as_recorded(network: Any, said: dict[str, Any] | None) -> bool:
    """Whether the code, or the refusal, is the one that was recorded."""
    report = network.report()
    try:
        text = export(report, network.spec, network).text
    except cnncalc.SpecError as error:
        return said is not None and said.get("refused") == [problem.message for problem in error.problems]
    return said is not None and hashlib.sha256(text.encode()).hexdigest() == said.get("sha256")


def save(found: dict[str, Any]) -> None:
    """Write what is known so far: a run that was ended is taken up by --changed."""
    with lzma.open(RECORDED, "wt", encoding="utf-8") as file:
        json.dump(dict(sorted(found.items())), file, indent=0)


def main(names: list[str]) -> None:
    """Record all cases, or those whose names are given, and tell what is not as it should be."""
    found: dict[str, Any] = {}
    changed = names == ["--changed"]
    if names and RECORDED.exists():
        with lzma.open(RECORDED, "rt", encoding="utf-8") as file:
            found = json.load(file)
    with tempfile.TemporaryDirectory() as folder:
        torch = Torch(folder)
        cases = (*networks(), *keras_networks())
        found = {name: found[name] for name, _ in cases if name in found}
        for number, (name, network) in enumerate(cases):
            if names and not changed and not any(name.startswith(word) for word in names):
                continue
            if changed and as_recorded(network, found.get(name)):
                continue
            try:
                said = found[name] = record(network, torch)
            except (cnncalc.SpecError, cnncalc.core.problem.Fault, MemoryError) as error:
                found[name] = said = {"error": str(error)}
            print(name, file=sys.stderr, flush=True)
            if "error" in said or said.get("unset") or said.get("apart", 0) > NEAR:
                print(f"{name}: { ({k: v for k, v in said.items() if k != 'sha256'}) }", flush=True)
            if number % 20 == 0:
                save(found)
    save(found)
    checked = sum("apart" in said for said in found.values())
    print(f"{len(found)} cases, {sum('refused' in said for said in found.values())} refused, numbers of {checked}")


if __name__ == "__main__":
    main(sys.argv[1:])
