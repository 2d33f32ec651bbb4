"""Sizes of inputs as they are written, and what forward takes."""

from __future__ import annotations

from cnncalc.core.problem import Fault, Problem, SpecError


def takes(needed: list[str], optional: list[str]) -> str:
    text = f"forward takes {', '.join(needed) or 'nothing'}"
    return f"{text}, and if given {', '.join(optional)}" if optional else text


def sizes_of(written: str, name: str) -> tuple[int, ...]:
    from cnncalc.expression.environment import Environment
    from cnncalc.expression.shape_text import shape_of

    if not written.strip():
        help_ = f"-i {name}=3x32x32 without the batch axis, -i '{name}=()' where a sample is one number"
        raise SpecError([Problem("shape-text", f"{name}: an empty shape", help=help_)])
    try:
        sizes, _ = shape_of(written, Environment({}))
    except Fault as fault:
        raise SpecError([Problem(fault.code, f"{name}: {fault.message}", help=fault.help)]) from None
    if not all(isinstance(size, int) for size in sizes):
        raise SpecError(
            [
                Problem(
                    "python-input", f"{name}: {written} has free sizes; PyTorch source needs numbers", help="-i 3x32x32"
                )
            ]
        )
    return tuple(sizes)
