"""A wrong call as a problem: what the parser of the command line found, in the words of all other mistakes."""

from __future__ import annotations

from typing import Any

from cnncalc.core.problem import Problem, did_you_mean

# What people write for an option that has another name.
OTHER = {
    "--output": "--format",
    **dict.fromkeys(("--batch-size", "--bs"), "--batch"),
    **dict.fromkeys(("--precision", "--quant", "--quantization", "--bits"), "--dtype"),
    **dict.fromkeys(("--checkpointing", "--gradient-checkpointing", "--activation-checkpointing"), "--recompute"),
    **dict.fromkeys(("--flash-attention", "--sdpa"), "--flash"),
    **dict.fromkeys(("--seq-len", "--seqlen", "--seq-length", "--sequence-length", "--length"), "--input"),
    **dict.fromkeys(("--tensor-parallel", "--tensor-parallel-size"), "--tp"),
    **dict.fromkeys(("--zero-stage", "--fsdp"), "--zero"),
}
# What people ask of the costs that needs no option, or stands in the spec.
SHOWN = {
    **dict.fromkeys(
        ("--training", "--train"),
        "cnncalc cost shows what training takes: gradients, optimizer, saved activations; "
        "--optimizer, --mixed and --recompute change it",
    ),
    **dict.fromkeys(
        ("--inference", "--memory", "--kv", "--kv-cache", "--peak"),
        "cnncalc cost shows it: weights, KV cache, peak activations and their sum; --decode is one new token",
    ),
    **dict.fromkeys(
        ("--gpus", "--gpu", "--num-gpus", "--devices"),
        "cnncalc cost takes --tp, --pp, --dp and --zero, by which devices share a network",
    ),
    "--lora": "the spec says it: lora: {r: 16, on: [q_proj, v_proj]}",
}
# What people write to see the work that leads to a number.
WORK = ("--explain", "--steps", "--show-work", "--verbose", "-v")


def problem(error: Any) -> Problem:
    """The parser's exception as a problem."""
    context = getattr(error, "ctx", None)
    command = context.command if context is not None else None
    name = f"cnncalc {command.name}" if command is not None and command.name not in (None, "cnncalc") else "cnncalc"
    kind = type(error).__name__
    if kind == "NoSuchOption":
        return _no_option(error.option_name, command, name)
    if kind == "MissingParameter":
        return _missing(error, name)
    message = error.format_message().replace(" (env var: 'None')", "").rstrip(".")  # what click 8.2 adds
    message = message[:1].lower() + message[1:]
    code = {"BadOptionUsage": "option-value", "BadParameter": "option-value"}.get(kind, "wrong-call")
    if message.startswith("got unexpected extra argument"):
        message = message.replace("argument(s)", "arguments")
        words = message.partition(" (")[2].removesuffix(")")
        return Problem(
            "wrong-call",
            f"{name} has no use for {words}",
            help=['a chain of layers needs quotes: "3x64x64 -> Flatten"'] if "(" in words else [_see(name)],
        )
    return Problem(code, message, help=[_see(name)])


def _no_option(option: str, command: object, name: str) -> Problem:
    known = [flag for param in getattr(command, "params", ()) for flag in getattr(param, "opts", ()) if flag[0] == "-"]
    near = OTHER.get(option) or did_you_mean(option, [flag for flag in known if flag.startswith("--")], cutoff=0.5)
    help = [f"did you mean {near}?"] if near in known else [_see(name)]
    if option in SHOWN:
        help = [SHOWN[option]]
    if option in WORK:
        help = ["cnncalc explain NET shows how each number comes about"]
    return Problem("unknown-flag", f"{name} has no option {option}", help=help)


def _missing(error: Any, name: str) -> Problem:
    what = getattr(error.param, "metavar", None) or getattr(error.param, "name", "") or "an argument"
    what = what.strip("[].")
    return Problem("missing-argument", f"{name} needs {what}", help=[_see(name)])


def _see(name: str) -> str:
    return f"{name} --help lists what it takes"
