"""The options that say how memory and FLOPs are counted, and the convention they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from cnncalc.cli.declared import Option
from cnncalc.cli.unused_options import Given
from cnncalc.core.problem import or_fail

if TYPE_CHECKING:
    from cnncalc.cost.convention import Convention

BatchSize = Annotated[int, Option("--batch", "-b", metavar="N", min=1, help="Batch size, for the memory.")]
Types = Annotated[
    str,
    Option("--dtype", metavar="TYPE", help="Number type: float32, bfloat16, ...; weights=int4,activations=bfloat16."),
]
Optimizer = Annotated[
    str, Option("--optimizer", metavar="NAME", help="Optimizer: none, sgd, momentum, adam, adamw, adafactor, lion, ...")
]
Mixed = Annotated[
    str | None,
    Option("--mixed", metavar="TYPE", help="Mixed precision: bf16 or fp16, with float32 weights and moments."),
]
Flash = Annotated[bool, Option("--flash", help="Flash attention: scores are not saved for the backward pass.")]
Recompute = Annotated[
    str,
    Option("--recompute", metavar="WHAT", help="Recomputed for backward: none, block (each repeated copy) or all."),
]
Tensor = Annotated[int, Option("--tp", metavar="N", min=1, help="Tensor parallelism: devices that share each matrix.")]
Stages = Annotated[int, Option("--pp", metavar="N", min=1, help="Pipeline parallelism: stages.")]
Replicas = Annotated[int, Option("--dp", metavar="N", min=1, help="Data parallelism: replicas, a batch for each.")]
Zero = Annotated[
    int,
    Option(
        "--zero",
        metavar="0..3",
        min=0,
        max=3,
        help="ZeRO: share optimizer state (1), gradients (2), weights (3).",
    ),
]
Experts = Annotated[int, Option("--ep", metavar="N", min=1, help="Expert parallelism: devices that share the experts.")]
Accumulate = Annotated[
    int,
    Option("--accumulate", metavar="N", min=1, help="Gradient accumulation: passes of --batch per step."),
]


class Counting(NamedTuple):
    """How memory and FLOPs are counted."""

    batch: BatchSize = 1
    dtype: Types = "float32"
    optimizer: Optimizer = "adam"
    mixed: Mixed = None
    flash: Flash = False
    recompute: Recompute = "none"
    tp: Tensor = 1
    pp: Stages = 1
    dp: Replicas = 1
    zero: Zero = 0
    ep: Experts = 1
    accumulate: Accumulate = 1


USUAL = Counting()


def convention(given: Given, how: Counting, **more: object) -> Convention:
    """How to count, as the options say; raises `SpecError` for a word that is none of theirs."""
    from cnncalc.cost.convention import Convention

    return or_fail(Convention, **how._asdict(), **more)


def say_unused(given: Given, names: Any, asked: list[str]) -> None:
    """Say which of these options made no difference to what was asked."""
    listed = ", ".join(asked) if len(asked) <= 3 else f"{', '.join(asked[:2])} and {len(asked) - 2} more"
    given.idle(" ".join(names.unused()), f"in {listed}" if asked else "here")
