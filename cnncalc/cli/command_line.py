"""What was typed, put right before it is parsed.

Other names of commands, a missing command, a shape in several words, a chain that the shell cut.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress

from cnncalc.core.problem import SpecError, did_you_mean, fail

# Commands by what they are wanted for, each with the one line that stands in the list of them. Each is a module of this
# package with a function `run`. A line with the longest name beside it has 80 columns.
GROUPS: dict[str, dict[str, str]] = {
    "Look": {
        "shapes": "The output shape of every layer.",
        "params": "Parameters: weights, biases and sums.",
        "explain": "How each number comes about: symbols = numbers = value.",
        "ask": "The value of an expression, such as conv1.params.",
        "compare": "Two networks side by side.",
        "run": "Arrays: run the network on given or random numbers.",
    },
    "Size": {
        "cost": "Multiply-accumulates, FLOPs and memory.",
        "solve": "Which values give the shape, count or cost you want.",
    },
    "Check": {
        "check": "Compare answers with the computed values, name the mistakes.",
        "worksheet": "A problem sheet from a key or a network.",
        "quiz": "Multiple choice whose wrong answers are common mistakes.",
    },
    "Draw": {
        "draw": "A diagram: of the network, or the inside of one layer.",
        "report": "One HTML file that answers by clicking.",
        "serve": "A live page that follows what you type, on this machine only.",
    },
    "Convert": {
        "import": "PyTorch, ONNX, Keras, config.json, printed models: to a spec.",
        "export": "The network as PyTorch or Keras code, or as an ONNX file.",
    },
    "Look up": {
        "layers": "The reference of layer types.",
        "specs": "The networks that ship with the package.",
        "why": "What a problem, a mistake or a pasted error means.",
        "schema": "The JSON Schema of specs: editors complete and check with it.",
        "lsp": "A language server: shapes beside the lines, in an editor.",
    },
}
COMMANDS: dict[str, str] = {name: line for group in GROUPS.values() for name, line in group.items()}
# Other names that people type for a command.
ALIASES: dict[str, str] = {
    "shape": "shapes",
    "summary": "shapes",
    "show": "shapes",
    "table": "shapes",
    "param": "params",
    "parameter": "params",
    "parameters": "params",
    "count": "params",
    "explanation": "explain",
    "steps": "explain",
    "derive": "explain",
    "checks": "check",
    "verify": "check",
    "sheet": "worksheet",
    "exercise": "worksheet",
    "exercises": "worksheet",
    "quizzes": "quiz",
    "eval": "ask",
    "costs": "cost",
    "memory": "cost",
    "diff": "compare",
    "versus": "compare",
    "inverse": "solve",
    "search": "solve",
    "plot": "draw",
    "diagram": "draw",
    "graph": "draw",
    "picture": "draw",
    "visualize": "draw",
    "visualise": "draw",
    "execute": "run",
    "forward": "run",
    "pytorch": "export",
    "convert": "export",
    "code": "export",
    "layer": "layers",
    "reference": "layers",
    "spec": "specs",
    "networks": "specs",
    "jsonschema": "schema",
    "json-schema": "schema",
}
# Names that people type for what is reached in another way.
ELSEWHERE: dict[str, str] = {
    "flops": "cnncalc cost NET lists MACs and FLOPs; cnncalc ask NET total.macs gives a sum (one MAC is two FLOPs)",
    "macs": "cnncalc cost NET lists them; cnncalc ask NET total.macs gives their sum",
    "grad": 'cnncalc ask NET "gradient(conv1.weight)" gives a gradient',
    "gradient": 'cnncalc ask NET "gradient(conv1.weight)" gives a gradient',
    "rf": "cnncalc shapes NET --receptive lists receptive fields",
}
INPUT = ("--input", "-i", "--input-size", "--input-shape")
DRAWN = ("text", "mermaid", "dot", "svg", "tikz", "pdf", "png", "explorer", "sixel", "kitty")  # further ones of `draw`
ARROWS = frozenset({"→", "=>"})
GROUP = frozenset({"--help", "-h", "--version", "-V", "--install-completion", "--show-completion"})

_SHAPE = r"[\[(]?\w+([x×,@*]\w+)*[\])]?"


def normalize(words: Iterable[str]) -> list[str]:
    """The words as the parser should get them; raises `SpecError` for a cut chain and for no such command."""
    argv = [part for word in words for part in _format(word)]
    if not argv or argv[0] in GROUP:
        return argv
    if ALIASES.get(argv[0], argv[0]) == "draw":
        argv = [part for word in argv for part in _format(word, DRAWN)]
        argv = _inside_alone(argv)
    argv = _joined_shapes(argv)
    argv = _joined_arrows(argv)
    given = argv[0]
    command = ALIASES.get(given, given)
    if command in COMMANDS:
        argv[0] = command
    elif (given.startswith("-") and len(given) > 1) or looks_like_net(given) or _cut_chain(["shapes", *argv]):
        argv.insert(0, "shapes")
    else:
        _no_command(given)
    if cut := _cut_chain(argv):
        _say_cut(argv[0], cut)
    argv = _with_net(argv)
    if argv[0] == "ask":  # a negative number is no option
        argv = [f" {word}" if re.match(r"-[\d.(\s]", word) else word for word in argv]
    return _without_idle(argv)


def _inside_alone(argv: list[str]) -> list[str]:
    """The words with an empty name after `--inside` where none follows: the only layer that has one is meant."""
    following = [*argv[1:], "-"]
    return [
        f"{word}=" if word == "--inside" and after.startswith("-") else word
        for word, after in zip(argv, following, strict=True)
    ]


def _without_idle(argv: list[str]) -> list[str]:
    """The words without common options that the command has no use for, which is said."""
    if not any(word.startswith("-") for word in argv):
        return argv
    from cnncalc.cli import known

    idle = {word: flag for flag in known.idle(argv[0]) for word in flag.written}
    taking = known.taking(argv[0])
    kept: list[str] = []
    dropped: list[str] = []
    words = iter(argv)
    for word in words:
        if word == "--":  # what follows are no options
            kept.extend([word, *words])
            break
        name, equals, _ = word.partition("=")
        if name not in idle and len(word) > 2 and word[:2] in idle:  # -b4
            name, equals = word[:2], "="
        if name in idle:
            dropped.append(idle[name].written[0])
            if name in taking and not equals:
                next(words, "")
        else:
            kept.append(word)
            if word in taking:
                kept.extend([value for value in [next(words, None)] if value is not None])
    if dropped:
        from cnncalc.cli.unused_options import say

        say(dropped, f"in cnncalc {argv[0]}")
    return kept


def _with_net(argv: list[str]) -> list[str]:
    """The words with what stands for NET where the first word of its own cannot be it."""
    if argv[0] not in ("ask", "solve", "compare") or not {"--help", "-h"}.isdisjoint(argv):
        return argv
    from cnncalc.cli import known, left_out

    alone = _alone(argv, known.taking(argv[0]))
    if argv[0] == "compare":
        out = len(alone) < 2
    elif argv[0] == "solve":
        out = not alone or re.match(r"\w+=", alone[0]) is not None
    else:
        out = not alone or len(alone) == 1 or re.search(r"[^\w-]", alone[0]) is not None
    if not out or (alone and argv[0] != "compare" and left_out.names_net(alone[0])):
        return argv
    try:
        return [argv[0], left_out.net(), *argv[1:]]
    except left_out.Missing as error:
        if argv[0] == "ask" and len(alone) == 1:  # a network without an expression, or the other way round
            return argv
        raise SpecError([left_out.problem(f"cnncalc {argv[0]}", error)]) from None


def _alone(argv: list[str], taking: frozenset[str]) -> list[str]:
    """The words after the command that are no options and no values of them."""
    alone: list[str] = []
    words = iter(argv[1:])
    for word in words:
        if word == "--":
            return [*alone, *words]
        if word in taking:
            next(words, "")
        elif word == "-" or not word.startswith("-"):
            alone.append(word)
    return alone


def decoded(words: Iterable[str]) -> list[str]:
    """The words as UTF-8, also where the locale (LANG=C) knows nothing of it; names of files stay as they are."""
    result = []
    for word in words:
        if not word.isascii() and not os.path.exists(word):
            with suppress(UnicodeError):
                word = os.fsencode(word).decode("utf-8")
        result.append(word)
    return result


def looks_like_net(word: str) -> bool:
    """Whether a word is a network rather than a command: a chain, a file, standard input, a bundled name."""
    if word == "-" or "->" in word or "→" in word or "=>" in word or "(" in word:
        return True
    if word.endswith((".yaml", ".yml")) or os.path.exists(word):
        return True
    from cnncalc.bundled import bundled

    return word in bundled()


def _format(word: str, formats: tuple[str, ...] = ()) -> list[str]:
    """`--json` is short for `--format json`, and so on."""
    from cnncalc.render.formats import FORMATS

    formats = formats or FORMATS
    return ["--format", word[2:]] if word.startswith("--") and word[2:] in formats else [word]


def _joined_shapes(argv: list[str]) -> list[str]:
    """`--input 3 64 64` in one piece."""
    result: list[str] = []
    at = 0
    while at < len(argv):
        result.append(argv[at])
        at += 1
        if result[-1] not in INPUT:
            continue
        stop = at
        while stop < len(argv) and re.fullmatch(r"[\[(]?\d+[\])]?,?", argv[stop]):
            stop += 1
        if stop - at > 1:
            result.append(", ".join(word.strip(",") for word in argv[at:stop]))
            at = stop
    return result


def _joined_arrows(argv: list[str]) -> list[str]:
    """`3x64x64 → Flatten` without quotes in one piece: the shell leaves this arrow alone."""
    found = [at for at, word in enumerate(argv) if word in ARROWS]
    if not found or found[0] == 0 or found[-1] == len(argv) - 1:
        return argv
    start, stop = found[0] - 1, found[-1] + 2
    return [*argv[:start], " ".join(argv[start:stop]), *argv[stop:]]


def _cut_chain(argv: list[str]) -> str:
    """The words of a chain that lost its tail to the shell's `>`: a shape or a layer and then "-"."""
    if "-" not in argv[2:]:
        return ""
    from cnncalc.cli.known import taking

    alone = _alone(argv, taking(argv[0]))
    if len(alone) < 2 or "-" not in alone[1:] or alone[0] == "-" or "->" in alone[0]:
        return ""
    shape = re.fullmatch(_SHAPE, alone[0]) or "(" in alone[0]
    return " ".join(alone) if shape and not os.path.exists(alone[0]) else ""


def _say_cut(command: str, words: str) -> None:
    help = [f'put the chain in quotes: cnncalc {command} "{words.replace(" -", "").split(" ")[0]} -> ..."']
    made = _stdout_file()
    if made:
        help.append(f'the file "{made}" was made by the shell and holds nothing')
    fail("chain-not-quoted", f'only "{words}" arrived: the shell took ">" as "write to a file"', help=help)


def _stdout_file() -> str:
    """The name of the file that standard output goes to, where the system tells."""
    try:
        path = os.readlink("/proc/self/fd/1")
    except OSError:
        return ""
    return os.path.basename(path) if os.path.isfile(path) else ""


def _no_command(word: str) -> None:
    from cnncalc.bundled import nearest

    help = []
    if word.lower() in ELSEWHERE:
        help.append(ELSEWHERE[word.lower()])
    elif near := did_you_mean(word, [*COMMANDS, *ALIASES]):
        help.append(f"did you mean {ALIASES.get(near, near)}?")
    elif near := nearest(word):
        help.append(f"did you mean the network {near}? cnncalc shapes {near}")
    help.append(f"the commands are {', '.join(COMMANDS)}")
    fail("unknown-command", f'there is no command "{word}"', help=help)
