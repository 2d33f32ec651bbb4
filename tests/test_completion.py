"""What a shell is told when Tab is pressed: layer types, layers of the network that was named, codes, bundled names."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

MAIN = "from cnncalc.cli.app import main; main()"


def completed(shell: str, words: str) -> str:
    """What the command answers to that shell's question."""
    environment = {"_CNNCALC_COMPLETE": f"complete_{shell}", "COMP_WORDS": words, "_TYPER_COMPLETE_ARGS": words}
    environment |= {"COMP_CWORD": str(len(words.split()) - 1), "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    done = subprocess.run(
        [sys.executable, "-c", MAIN],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("words", "some", "others"),
    [
        ("cnncalc shapes lenet5 con", ["conv1", "conv2"], "pool1"),
        ("cnncalc explain gpt2 h.1.residual_1.a", ["h.1.residual_1.attn"], "wte"),
        ("cnncalc layers convt", ["convtranspose2d"], "linear"),
        ("cnncalc layers ConvT", ["ConvTranspose2d"], "Linear"),
        ("cnncalc why padding-o", ["padding-one-side"], "padding-found"),
        ("cnncalc specs bert_t", ["bert_tiny"], "lenet5"),
        ("cnncalc shapes resnet1", ["resnet18"], "lenet5"),
    ],
)
def test_completions(shell: str, words: str, some: list[str], others: str) -> None:
    answer = completed(shell, words)
    assert [word for word in some if word not in answer] == []
    assert others not in answer


def test_a_network_that_cannot_be_read_completes_nothing() -> None:
    assert completed("bash", "cnncalc params no/such.yaml c").strip() == ""
