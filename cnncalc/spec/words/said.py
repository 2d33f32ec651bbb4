"""What is said beside a network, `--layout` and `--convention`, and the words for it."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.core.problem import did_you_mean, fail

CONVENTIONS = ("pytorch", "keras", "textbook")
LAYOUTS = ("channels_first", "channels_last")
# What people call them.
SPOKEN = {
    **dict.fromkeys(("chw", "nchw", "first", "cxhxw"), "channels_first"),
    **dict.fromkeys(("hwc", "nhwc", "last", "hxwxc"), "channels_last"),
    "torch": "pytorch",
    "tensorflow": "keras",
    "tf": "keras",
    "book": "textbook",
}


class Said(NamedTuple):
    """What was said beside the network, `--layout` and `--convention`: it goes before what the network says."""

    layout: str | None = None
    convention: str | None = None


UNSAID = Said()


def said(layout: str | None, convention: str | None) -> Said:
    """What was said beside a network; raises `SpecError` for a word that is none."""
    for option, word, known in (("layout", layout, LAYOUTS), ("convention", convention, CONVENTIONS)):
        if word is not None and word.lower() not in known:
            near = SPOKEN.get(word.lower()) or did_you_mean(word, known)
            fail(
                "option-value",
                f"{option} must be {', '.join(known[:-1])} or {known[-1]}, not {word}",
                help=f"did you mean {near}?" if near else (),
            )
    return Said(layout and layout.lower(), convention and convention.lower())
