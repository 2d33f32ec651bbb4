"""What a shell is told when Tab is pressed: layer types, layers of the network that was named, codes, bundled names."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys

import pytest

from cnncalc.cli import by_typer, completion

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


def both_ways(shell: str, words: str) -> list[tuple[int, list[str]]] | None:
    """Status and words of the answer, ours and typer's; None where ours leaves the line to typer."""
    environment = {"_CNNCALC_COMPLETE": f"complete_{shell}", "COMP_WORDS": words, "_TYPER_COMPLETE_ARGS": words}
    environment |= {"COMP_CWORD": str(len(words.split(" ")) - 1), "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    answers = []
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        for answer in (completion.run, lambda: by_typer.run([])):
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                try:
                    status = answer()
                except SystemExit as end:  # typer's way to finish
                    status = end.code if isinstance(end.code, int) else 0
            if status is None:
                return None
            answers.append((status, sorted(said.getvalue().split())))
    return answers


def test_lines_are_completed_as_typer_completes_them() -> None:
    """Words alone for bash; elsewhere also the help of options (that of commands is the one line of the list)."""
    plain = 0
    lines = ["cnncalc ", "cnncalc s", "cnncalc sha", "cnncalc xyz", "cnncalc xyz "]
    for name in ("shapes", "draw", "layers", "why", "export"):
        begin = f"cnncalc {name} "
        lines += [begin, begin + "le", begin + "-", begin + "--f", begin + "lenet5 ", begin + "lenet5 con"]
        lines += [begin + "--format ", begin + "lenet5 --format j", begin + "--full lenet5 --f", begin + "lenet5 -o "]
    for line in lines:
        for shell in ("bash", "zsh", "fish") if line.endswith(" -") else ("bash",):
            answers = both_ways(shell, line)
            if answers is not None:
                plain += 1
                assert answers[0] == answers[1], (shell, line)
    assert plain >= len(lines)


@pytest.mark.parametrize(
    ("shell", "answer"),
    [
        ("bash", "shapes\n"),
        ("zsh", '_arguments \'*: :(("shapes":"The output shape of every layer."))\'\n'),
        ("fish", "shapes\tThe output shape of every layer.\n"),
    ],
)
def test_commands_are_completed_with_what_they_do(shell: str, answer: str) -> None:
    assert completed(shell, "cnncalc sha") == answer
