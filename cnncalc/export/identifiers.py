"""Names of a spec as identifiers of Python: whatever was written, what comes out is one plain word."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

# What generated code uses itself.
WORDS = "torch nn F self model math range print sum tuple list len super causal sinusoidal rotary alibi delayed scanned"
# What torch.nn.Module has already under these names.
TAKEN = (
    "T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double "
    "dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu "
    "load_state_dict modules mtia named_buffers named_children named_modules named_parameters parameters "
    "register_backward_hook register_buffer register_forward_hook register_forward_pre_hook "
    "register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook "
    "register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook "
    "register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to "
    "to_empty train training type xpu zero_grad"
)
RESERVED = frozenset((*WORDS.split(), *TAKEN.split()))


def identifier(text: str) -> str:
    """A lower-case-or-not word of ASCII letters, digits and underscores that is no keyword and begins with a letter."""
    word = re.sub(r"[^A-Za-z0-9_]", "_", text).strip("_") or "layer"
    if not word[0].isalpha():
        word = f"n{word}"
    return f"{word}_" if keyword.iskeyword(word) or word in RESERVED else word


def class_name(text: str) -> str:
    """`residual_block.0` as `ResidualBlock0`."""
    parts = re.split(r"[^A-Za-z0-9]+", text)
    word = ""
    for part in parts:
        between = "_" if word[-1:].isdigit() and part[:1].isdigit() else ""
        word += between + part[:1].upper() + part[1:]
    word = word or "Network"
    return word if word[0].isalpha() and not keyword.iskeyword(word) and word != "F" else f"Net{word}"


def unique(word: str, taken: Iterable[str]) -> str:
    """The word, or the word with a number where it is taken."""
    known = taken if isinstance(taken, (set, dict)) else set(taken)
    if word not in known:
        return word
    number = 2
    while f"{word}_{number}" in known:
        number += 1
    return f"{word}_{number}"


def comment(text: str) -> str:
    """A text that can stand in a comment: one line, nothing that ends it."""
    return "".join(letter if letter.isprintable() else "?" for letter in " ".join(text.split()))
