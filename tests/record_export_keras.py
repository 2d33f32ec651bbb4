"""Record what Keras makes of exported code: `KERAS_BACKEND=torch python -m tests.record_export_keras`.

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
LARGE = (5e6, 1.5e8)  # parameters and multiply-accumulates up to which the numbers are compared


def told(name: str, report: Any) -> dict[str, Any]:
    """What Keras says of a case."""
    small = report.totals.params <= LARGE[0] and report.totals.macs <= LARGE[1]
    if not small:
        return {
            "large": True,
            "sha256": hashlib.sha256(keras_file.write(report, None, Request()).content.encode()).hexdigest(),
        }  # type: ignore[union-attr]
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
        output = np.asarray(keras.ops.convert_to_numpy(model(feeds[0] if len(feeds) == 1 else feeds, training=False)))
        wanted = run.value(report.graph.output)
        apart = float(np.abs(output - wanted).max(initial=0) / max(1.0, np.abs(wanted).max(initial=0)))
        path = Path(folder) / "net.json"
        path.write_text(model.to_json(), encoding="utf-8")
        try:
            again = cnncalc.load(str(path)).report()
            read: Any = [again.totals.params, again.totals.macs, list(again.output_shape)]
        except cnncalc.SpecError as error:
            read = error.problems[0].message
    return {
        "sha256": hashlib.sha256(text.encode()).hexdigest(), "params": model.count_params(),
        "shape": list(output.shape[1:]), "apart": apart, "read": read,
    }  # fmt: skip


def main() -> None:
    """Record all, or print the cases that are named."""
    found: dict[str, Any] = {}
    for name, network in networks():
        if sys.argv[1:] and not any(word in name for word in sys.argv[1:]):
            continue
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
    if not sys.argv[1:]:
        data = json.dumps(found, sort_keys=True, indent=0).encode("ascii")
        RECORDED.write_bytes(lzma.compress(data))


if __name__ == "__main__":
    main()
