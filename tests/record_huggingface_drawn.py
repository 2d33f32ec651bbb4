"""Records what transformers counts of configs with options drawn at random, for every class of every family.

    python tests/record_huggingface_drawn.py [SEED [COUNT]] > tests/data/huggingface_drawn.jsonl

needs torch and transformers 5. Each option of a config class is changed alone once, and several together COUNT times.
One line a config that transformers builds: the text of it, parameters, trainable and active ones, and what is tied.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import random
import re
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from huggingface_cases import FAMILIES
from record_huggingface import counts

# Fields that say nothing of weights, and sizes that other fields have to know.
LEFT_OUT = re.compile(
    r"_|transformers_version|architectures|output_|return_dict|dtype|chunk_size|label2id|id2label|problem_type|"
    r"initializer|use_cache|.*token_id|.*_dropout.*|.*_pdrop|vocab_size|is_encoder_decoder|use_mamba_kernels|"
    r"rope_parameters|layer_types|.*loss.*|.*jitter.*|mask_.*"
)


def choices(name: str, kind: str, value: Any) -> list[Any]:
    """Other values of a field."""
    if isinstance(value, bool):
        return [not value]
    if "act" in name and isinstance(value, str):
        return ["relu", "gelu_new"]
    if isinstance(value, int):
        if "layers" in name:
            found: list[Any] = [1, 2, 4]
        elif "head" in name and "dim" not in name:
            found = [number for number in (1, 2, 4, 8) if number != value]
        elif name == "num_channels":
            found = [1, 4]
        else:
            found = [2 * value, value + 1, max(0, value // 2)]
        return [*found, None] if "None" in kind else found
    if isinstance(value, float):
        return [value / 2 or 0.5, 1.0]
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], int):
        return [[2 * one for one in value]]
    if isinstance(value, str):
        return [word for word in re.findall(r"'([^']*)'", kind) if word != value]
    if value is None:
        return [2, 8, 12] if "int" in kind else [True] if "bool" in kind else []
    return []


def drawn(kind: str, seed: str, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Classes with values: every class as usual, each field alone, then several fields together."""
    import transformers

    prefix, words, usual, _, _ = FAMILIES[kind]
    rng = random.Random(f"{seed} {kind}")
    classes = [prefix + word for word in words.split()]
    config = type(transformers.AutoConfig.for_model(kind))
    fields: dict[str, list[Any]] = {}
    for field in dataclasses.fields(config):
        value = usual.get(field.name, None if field.default is dataclasses.MISSING else field.default)
        found = [] if LEFT_OUT.fullmatch(field.name) else choices(field.name, str(field.type), value)
        if found:
            fields[field.name] = found
    for name in fields:
        yield rng.choice(classes), {**usual, name: rng.choice(fields[name])}
    for _ in range(count):
        names = rng.sample(list(fields), min(len(fields), rng.randint(2, 6)))
        values = {**usual, **{name: rng.choice(fields[name]) for name in names}}
        if rng.random() < 0.3:
            values["id2label"] = {str(number): f"c{number}" for number in range(rng.randint(1, 9))}
        yield rng.choice(classes), values


def main(seed: str = "1", count: str = "12") -> None:
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    for kind in FAMILIES:
        for name, values in drawn(kind, seed, int(count)):
            text = {"architectures": [name], "model_type": kind, **values}
            try:
                config = transformers.AutoConfig.for_model(kind, **copy.deepcopy(values))
                with torch.device("meta"):
                    model = getattr(transformers, name)(config)
                print(json.dumps({"config": text, **counts(model, config)}))
            except Exception as error:  # transformers refuses it, each class in its own way
                print(f"{name} {values}: {str(error)[:80]}", file=sys.stderr)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main(*sys.argv[1:])
