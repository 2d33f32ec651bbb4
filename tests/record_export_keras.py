"""Record what Keras makes of exported code: `KERAS_BACKEND=torch python -m tests.record_export_keras [--changed]`.

To be run where keras and torch are installed. For every case of `export_cases.py` that is small enough the code is run,
given the weights of an execution, and compared with it; then Keras' own `to_json` of the model is read by cnncalc.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import sys
import tempfile
import types
import warnings
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")
sys.path.insert(0, str(Path(__file__).parent))
warnings.simplefilter("ignore")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from export_cases import networks  # noqa: E402

import cnncalc  # noqa: E402
from cnncalc.execute.run import execute  # noqa: E402
from cnncalc.export.keras import file as keras_file  # noqa: E402
from cnncalc.export.targets import Request  # noqa: E402

RECORDED = Path(__file__).parent / "data" / "export_keras.json.xz"
# Parameters and multiply-accumulates up to which the numbers are compared. Larger models are made on PyTorch's "meta"
# device, without numbers; the masks of attention have some there, which takes minutes for 8,192 positions. What was not
# made yet has a hash alone, and `--changed` goes on with it.
SMALL = (5e6, 1.5e8)


def told(name: str, report: Any) -> dict[str, Any]:
    """What Keras says of a case."""
    totals = report.totals
    if totals.params > SMALL[0] or totals.macs > SMALL[1]:
        text = str(keras_file.write(report, None, Request()).content)
        said = {"large": True, "sha256": hashlib.sha256(text.encode()).hexdigest()}
        module = types.ModuleType("exported")
        exec(compile(text, name, "exec"), module.__dict__)
        keras.backend.clear_session()
        with keras.device("meta"):
            model = module.build()
        return {**said, "params": model.count_params(), "read": read_again(model)}
    run = execute(report, dtype="float32", batch=2, keep="all")
    product = keras_file.write(report, None, Request(run.weights))
    module = types.ModuleType("exported")
    text = str(product.content)
    keras.backend.clear_session()
    exec(compile(text, name, "exec"), module.__dict__)
    model = module.build()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.npz"
        path.write_bytes(product.weights or b"")
        module.load(model, path)
        feeds = [run.value(at) for at in range(len(report.graph.inputs))]
        made = model(feeds[0] if len(feeds) == 1 else feeds, training=False)
        output = np.asarray(keras.ops.convert_to_numpy(made[0] if isinstance(made, list) else made))
        wanted = run.value(report.graph.output)
        finite = np.isfinite(wanted)
        with np.errstate(invalid="ignore"):
            equal = (output == wanted) | (np.isnan(output) & np.isnan(wanted))
            away = np.where(equal, 0, np.abs(output - wanted)).max(initial=0)
        apart = float(away / max(1.0, np.abs(wanted[finite]).max(initial=0)))
    return {
        "sha256": hashlib.sha256(text.encode()).hexdigest(), "params": model.count_params(),
        "shape": list(output.shape[1:]), "apart": apart,
        "read": read_again(model),
    }  # fmt: skip


def read_again(model: Any) -> Any:
    """Parameters, multiply-accumulates and output shape of what Keras writes of the model; or what is refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.json"
        path.write_text(model.to_json(), encoding="utf-8")
        try:
            again = cnncalc.load(str(path)).report()
        except cnncalc.SpecError as error:
            return error.problems[0].message
        return [again.totals.params, again.totals.macs, list(again.output_shape)]


def as_recorded(report: Any, said: dict[str, Any]) -> bool:
    """Whether the code is the one that was recorded."""
    try:
        text = str(keras_file.write(report, None, Request()).content)
    except cnncalc.SpecError as error:
        return said.get("refused") == [problem.message for problem in error.problems][:3]
    totals = report.totals
    statistics = sum(
        held.shape[0] for row in report.rows for held in row.facts.buffers if held.name.startswith("running_")
    )
    mine = [totals.params + statistics, totals.macs, list(report.output_shape)]
    known = said.get("read") == mine  # what is read otherwise is read once more
    known = known and said.get("apart", 0) <= 1e-5
    return known and hashlib.sha256(text.encode()).hexdigest() == said.get("sha256")


def save(found: dict[str, Any]) -> None:
    """Write what is known so far."""
    RECORDED.write_bytes(lzma.compress(json.dumps(found, sort_keys=True, indent=0).encode("ascii")))


def main() -> None:
    """Record all, those whose code changed (--changed), or print the cases that are named."""
    changed = sys.argv[1:] == ["--changed"]
    found: dict[str, Any] = json.loads(lzma.decompress(RECORDED.read_bytes())) if changed else {}
    for number, (name, network) in enumerate(networks()):
        if sys.argv[1:] and not changed and not any(word in name for word in sys.argv[1:]):
            continue
        if changed and as_recorded(network.report(), found.get(name, {})):
            continue
        if number % 20 == 0 and changed:
            save(found)
        try:
            report = network.report()
            found[name] = told(name, report)
        except cnncalc.SpecError as error:
            found[name] = {"refused": [problem.message for problem in error.problems][:3]}
            continue
        except Exception as error:
            found[name] = {"error": f"{type(error).__name__}: {error}"[:300]}
        said = found[name]
        if "error" in said or said.get("apart", 0) > 1e-5 or isinstance(said.get("read"), str):
            print(name, said, flush=True)
    print(len(found), sum("apart" in said for said in found.values()), "run")
    if changed or not sys.argv[1:]:
        save(found)


if __name__ == "__main__":
    main()
