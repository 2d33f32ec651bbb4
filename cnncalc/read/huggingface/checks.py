"""What a value of a config must be, judged by the default that the family's spec has."""

from __future__ import annotations

import re

from cnncalc.read.yaml.value import Value

LARGEST = 10**9
# Sizes that may be 0: how often something is there.
MAYBE_ZERO = re.compile(
    r"conv_kernel_size|layer|depth|type_vocab_size|shared|first_k|first_dense|interval|token_id|size_per_head"
)


def as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def wrong(key: str, value: object, default: object, worked_out: bool) -> str:
    """What a value must be, where it is something else; empty where it is right."""
    known = default.data if isinstance(default, Value) else default
    if isinstance(default, Value) and default.kind == "list":
        good = isinstance(value, list) and len(value) <= 10_000 and all(is_size(one, 0) for one in value)
        if good or (key == "mlp_only_layers" and value == []):
            return ""
        return "a list of whole numbers"
    if isinstance(known, bool):
        return "" if isinstance(value, bool) else "true or false"
    if isinstance(known, float):
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15
        return "" if number else "a number"
    if isinstance(known, str) and not worked_out:
        return "" if isinstance(value, str) else "a word"
    least = -1 if known == -1 else 0 if MAYBE_ZERO.search(key) else 1
    if known is None and isinstance(value, (bool, str, list)):
        return ""
    return "" if is_size(value, least) else "a whole number" if least == 0 else "a whole number above 0"


def is_size(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= LARGEST
