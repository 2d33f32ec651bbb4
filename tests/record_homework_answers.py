"""Compare the right arrays of `homework_answers` with PyTorch: needs torch; prints how many, fails where they differ.

python -m tests.record_homework_answers
"""

from __future__ import annotations

import ast
import re
from typing import Any

import torch
import yaml
from torch import nn

from tests.homework_answers import Case, cases, same


def tensor(value: Any) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64)


def right(case: Case) -> Any:
    """What PyTorch gives; None for what this does not know."""
    data = yaml.safe_load(re.sub(r"- (\w+): (\w+\(.*\))", r'- {\1: "\2"}', case.spec))
    values = data.get("values")
    if values is None:
        return None
    name, line = next(iter(data["layers"][0].items()))
    kind = re.match(r"\w+", line)
    if kind is None or kind[0] == "from":
        return None
    if kind[0] == "MSELoss":
        return loss(case, values)
    if kind[0] == "Attention":
        return attention(case, values)
    x = tensor(values["input"]).requires_grad_()
    call: Any = ast.parse(line, mode="eval").body
    options = {word.arg: ast.literal_eval(word.value) for word in getattr(call, "keywords", ())}
    layer = getattr(nn, kind[0])(*map(ast.literal_eval, getattr(call, "args", ())), **options).double()
    for weight in ("weight", "bias"):
        if f"{name}.{weight}" in values:
            with torch.no_grad():
                given = tensor(values[f"{name}.{weight}"])
                getattr(layer, weight).copy_(given.reshape(getattr(layer, weight).shape))
    image = kind[0].endswith("2d")
    y = layer(x[None, None] if image else x[None] if x.ndim == 1 else x.unsqueeze(0))
    y = y[0, 0] if image else y[0]
    if case.ask.startswith("gradient"):
        (y * tensor(values.get("output.grad", torch.ones_like(y).tolist()))).sum().backward()
        asked = case.ask[9:-1]
        found = x.grad if asked == "input" else getattr(layer, asked.split(".")[1]).grad
        return found.squeeze().numpy() if image else found.numpy()
    return None if case.ask != f"{name}.output" else y.detach().numpy()


def loss(case: Case, values: Any) -> Any:
    x, y = tensor(values["x"]).requires_grad_(), tensor(values["y"])
    made = nn.MSELoss()(x, y)
    if case.ask == "loss.output":
        return made.item()
    made.backward()
    return x.grad.numpy()


def attention(case: Case, values: Any) -> Any:
    x = tensor(values["input"])
    q, k, v = (x @ tensor(values[f"h.W_{part}"]) for part in "qkv")
    scores = q @ k.T / q.shape[-1] ** 0.5
    made = {"query": q, "scores": scores, "attention": scores.softmax(-1)}
    made["output"] = nn.functional.scaled_dot_product_attention(q[None], k[None], v[None])[0]
    return made[case.ask.split(".")[1]].numpy()


if __name__ == "__main__":
    compared = 0
    for case in cases(4, 1):
        found = right(case)
        if found is not None:
            assert same(case.right, found), (case, found)
            compared += 1
    print(f"{compared} right values compared with torch {torch.__version__}")
