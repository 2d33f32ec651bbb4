"""`--execute`: the network run with NumPy, after a look at the memory it would take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.core.problem import Problem, fail

if TYPE_CHECKING:
    from cnncalc.cli.options import Executing
    from cnncalc.execute.execution import Execution
    from cnncalc.network.network import Network
    from cnncalc.network.report import Report

UNITS = {"": 1, "b": 1, "k": 10**3, "kb": 10**3, "kib": 1 << 10, "m": 10**6, "mb": 10**6, "mib": 1 << 20}
UNITS |= {"g": 10**9, "gb": 10**9, "gib": 1 << 30, "t": 10**12, "tb": 10**12, "tib": 1 << 40}
LONGEST = 30  # digits of a size
DTYPES = ("float32", "float64")


def size(text: str) -> int:
    """A number of bytes as people write it: `2GB`, `512 MiB`; raises `SpecError`."""
    import re

    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", text.lower())
    if found is None or found[2] not in UNITS or len(found[1]) > LONGEST:
        fail("option-value", f'--memory-limit takes a size, not "{text[:60]}"', help="for example --memory-limit 2GB")
    return int(float(found[1]) * UNITS[found[2]])


def limit(text: str | None) -> int | None:
    """What `--memory-limit` says, if it was given."""
    return size(text) if text is not None else None


def check_dtype(dtype: str) -> None:
    """Refuse numbers that there are no kernels for."""
    if dtype not in DTYPES:
        fail("option-value", f'--dtype takes float32 or float64, not "{dtype}"')


def execute(
    network: Network,
    report: Report,
    *,
    seed: int,
    batch: int | None,
    dtype: str,
    memory_limit: str | None,
    **more: object,
) -> Execution:
    """The execution, whose shapes stand in the report's rows; raises `SpecError` where it would be too large."""
    check_dtype(dtype)
    from cnncalc.execute import memory, run
    from cnncalc.render.progress import progress

    most = limit(memory_limit)
    memory.allow(report, batch=batch or 1, dtype=dtype, limit=most)
    options: dict[str, Any] = {"values": network.given(), "seed": seed, "batch": batch, "dtype": dtype, **more}
    with progress() as show:
        return run.execute(report, **options, memory_limit=most, progress=show)


def executed(network: Network, report: Report, batch: int | None, how: Executing) -> Execution | None:
    """The execution that the options of a command ask for; None where they ask for none."""
    if not how.execute:
        return None
    return execute(network, report, seed=how.seed, batch=batch, dtype=how.dtype, memory_limit=how.memory_limit)


def confirmed(
    network: Network,
    report: Report,
    seed: int,
    batch: int | None,
    memory_limit: str | None = None,
    dtype: str = "float32",
) -> bool:
    """Whether the arrays have the predicted shapes; standard error says that they have, or how they differ."""
    run = execute(network, report, seed=seed, batch=batch, dtype=dtype, memory_limit=memory_limit)
    say(run)
    return bool(run.confirmed)


def say(run: Execution) -> None:
    """What an execution found, on standard error."""
    from cnncalc.cli.output import print_problems
    from cnncalc.pages.notes import verdict

    print_problems([Problem("not-confirmed", text) for text in run.differences])
    if run.confirmed:
        print_problems(
            [Problem("as-predicted", note.text.removeprefix("confirmed: "), severity="note") for note in verdict(run)]
        )
