"""Record Keras' answers again: `python tests/record_keras.py OUT.jsonl [LAYER...]`, where Keras and JAX are installed.

Each call of `tests/data/keras_cases.jsonl.gz` is made anew and its answer written to OUT in the same form; answers
that differ from the recorded ones are told. Calls that the backends cannot run are left as they were recorded. The
recorded averages with padding "same" come from JAX: Keras' PyTorch backend repeats the edge there.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras  # type: ignore[import-not-found,unused-ignore]
import numpy as np
from keras_cases import Case, cases

SEED = 0
KEPT = ("id", "family", "layer", "kwargs", "inputs", "batch", "call", "inputs_as_list", "symbolic")


def build(kind: str, options: dict[str, Any]) -> Any:
    """The layer; an argument ["Dense", {...}] is a layer itself."""
    values: dict[str, Any] = {}
    for name, value in options.items():
        inner = isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], dict)
        values[name] = build(*value) if inner else tuple(value) if isinstance(value, list) else value
    return getattr(keras.layers, kind)(**values)


def inputs(case: Case) -> list[Any]:
    """Random inputs with a batch axis."""
    source = np.random.default_rng(SEED)
    made = []
    for given in case["inputs"]:
        shape = (case["batch"], *given["shape"])
        whole = given.get("dtype") == "int"
        made.append(source.integers(0, given["high"], shape) if whole else source.normal(size=shape).astype("float32"))
    return made


def record(case: Case) -> Case:
    """The case with Keras' answer of today."""
    told = {name: case[name] for name in KEPT if name in case}
    phase = "construct"
    try:
        layer = build(case["layer"], case["kwargs"])
        phase = "call"
        xs = inputs(case)
        given = layer(xs, **case.get("call", {})) if case.get("inputs_as_list") else layer(*xs, **case.get("call", {}))
    except Exception as refusal:
        return {**told, "ok": False, "phase": phase, "error": type(refusal).__name__, "message": str(refusal)}
    outputs = given if isinstance(given, (list, tuple)) else [given]
    trained = {id(weight) for weight in layer.trainable_weights}
    told["ok"] = True
    told["outputs"] = [list(output.shape) for output in outputs]
    told["output"] = list(outputs[0].shape)[1:]
    kept = [weight for weight in layer.weights if "seed_generator" not in weight.path]
    told["weights"] = [[weight.path.split("/", 1)[-1], list(weight.shape), id(weight) in trained] for weight in kept]
    told["n_params"] = sum(int(np.prod(weight.shape)) for weight in kept)
    told["n_trainable"] = sum(int(np.prod(weight.shape)) for weight in kept if id(weight) in trained)
    return told


def main(out: str, kinds: list[str]) -> None:
    """Write every case, recorded anew, and name those whose answer changed."""
    keras.utils.set_random_seed(SEED)
    changed = 0
    with open(out, "w", encoding="utf-8") as lines:
        for kind, known in cases().items():
            for case in known if not kinds or kind in kinds else ():
                again = case if "backend_fault" in case else record(case)
                if any(again.get(name) != case.get(name) for name in ("ok", "output", "n_params", "n_trainable")):
                    changed += 1
                    print(f"{case['id']}: {again.get('output')} {again.get('n_params')}, was {case.get('output')}")
                lines.write(json.dumps(again) + "\n")
    print(f"{changed} answers changed")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
