"""Record what transformers computes: `python -m tests.record_transformers`, where torch and transformers are installed.

For every case of `transformers_cases.py`: the configuration as transformers writes it, the shapes of the arrays, and
the outputs with the case's numbers. transformers works out norms, softmax and angles in float32 whatever the weights
are; here float32 is float64, so that what is left of a difference is a difference of the networks.
"""

from __future__ import annotations

import json
import lzma
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
torch.float32 = torch.float = torch.float64
torch.Tensor.float = torch.Tensor.double

import transformers  # noqa: E402 - it takes the names above as they are

sys.path.insert(0, str(Path(__file__).parent))
from transformers_cases import CASES, IDS, RECORDED, TYPES, Case, numbers  # noqa: E402

# Keys of a configuration that only say where and with what it was made.
OWN = ("_name_or_path", "transformers_version", "dtype", "id2label", "label2id")


def record(case: Case) -> dict[str, Any]:
    """What transformers makes of one case."""
    config = getattr(transformers, f"{case.kind}Config")(**case.options)
    auto = transformers.AutoModel if case.kind == "Bert" else transformers.AutoModelForCausalLM
    model = auto.from_config(config, attn_implementation="eager")
    model.eval()
    if hasattr(config, "num_local_experts"):  # the quick products of experts have no float64
        model.set_experts_implementation("eager")
    shapes = {}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            assert parameter.dtype == torch.float64, name
            shapes[name] = list(parameter.shape)
            parameter.copy_(torch.from_numpy(numbers(name, tuple(parameter.shape))))
        ids = torch.tensor([IDS])
        more = {"token_type_ids": torch.tensor([TYPES])} if case.kind == "Bert" else {}
        made = model(input_ids=ids, use_cache=False, **more)
        output = made.pooler_output if case.kind == "Bert" else made.logits
    assert output.dtype == torch.float64
    written = {key: value for key, value in config.to_dict().items() if key not in OWN}
    return {"config": written, "shapes": shapes, "output": np.asarray(output[0]).tolist()}


def main() -> None:
    """Record every case."""
    found = {name: record(case) for name, case in CASES.items()}
    text = json.dumps({"transformers": transformers.__version__, "cases": found}, indent=0)
    with lzma.open(RECORDED, "wt", encoding="utf-8") as file:
        file.write(text)
    print(f"{len(found)} cases")


if __name__ == "__main__":
    main()
