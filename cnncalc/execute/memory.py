"""How much memory an execution takes, before it takes it."""

from __future__ import annotations

import os
from typing import Any

from cnncalc.core.layer_result import count
from cnncalc.core.number import Shape, as_ints, is_free, prod
from cnncalc.core.problem import fail
from cnncalc.network.report import Report

# VGG-16, ViT-B/16 and GPT-2 fit in double precision; on a laptop with 8 GB something is left.
DEFAULT_LIMIT = 4 << 30
# Some minutes. ViT-H/14 takes 1.7e11 multiply-accumulates, VGG-16 1.5e10.
DEFAULT_WORK = 5e12
# What a kernel holds beside its inputs and output: copied windows, products, temporaries of the output's size.
BLOCKS = 16 << 20


def estimate(report: Report, batch: int = 1, dtype: str = "float32", keep: object = None) -> int:
    """Bytes: all weights, the largest sum of activations that live at once, and what that layer's kernel needs.

    With `keep="all"` every activation lives until the end.
    """
    width = 8 if dtype == "float64" else 4
    graph = report.graph
    weights = 0
    for row in report.rows:
        weights += int(count((*row.own, *row.facts.buffers)))
    last = last_readers(report)
    sizes = [_size((batch, *given.shape)) for given in graph.inputs]
    live = sum(sizes)
    peak = live
    for index, row in enumerate(report.rows):
        made = _size((batch, *row.facts.shape[1:]))
        made += sum(_size((batch, *port[1:])) for port in row.facts.ports.values())
        sizes.append(made)
        live += made
        peak = max(peak, live + _scratch(row, batch, made))
        if keep != "all":
            done = {ref if isinstance(ref, int) else ref[0] for ref in row.node.inputs}
            live -= sum(sizes[number] for number in done if last[number] == index)
            if last[len(graph.inputs) + index] < 0:
                live -= made
    return int(width * (weights + peak)) + BLOCKS


def last_readers(report: Report) -> list[int]:
    """For each value the index of the last node that takes it; -1 for none, beyond all for the output."""
    graph = report.graph
    last = [-1] * (len(graph.inputs) + len(report.rows))
    for index, row in enumerate(report.rows):
        for ref in row.node.inputs:
            last[ref if isinstance(ref, int) else ref[0]] = index
    output = graph.output if isinstance(graph.output, int) else graph.output[0]
    last[output] = len(report.rows)
    return last


def _size(shape: Shape) -> int:
    # An array of nothing may come out of what is as large as its other sizes.
    return prod(max(part, 1) for part in as_ints(shape))


def _scratch(row: Any, batch: int, made: int) -> int:
    """Numbers that a kernel holds beside inputs and outputs."""
    layer, kind = row.layer, row.layer.scratch
    last = layer.kernel_name() != layer.type()  # Keras has channels last, and the kernel moves them
    padded = batch * prod(row.facts.inputs[0][1:]) if row.facts.inputs else 0
    if kind == "columns":
        channels = row.facts.shape[-1 if last else 1]
        return int(padded * prod(layer.kernel_size) * channels // getattr(layer, "groups", 1) + made)
    if kind == "padded":
        # Where filters are transformed, 6 x 6 numbers stand for 3 x 3.
        return int(padded + 4 * count(row.facts.weights)) + (made if last else 0)
    if kind == "scores":
        query, memory = row.facts.inputs[0], row.facts.inputs[min(1, len(row.facts.inputs) - 1)]
        heads = getattr(row.layer, "num_heads", None) or getattr(row.layer, "nhead", None) or 1
        wide = 4 * (getattr(row.layer, "dim_feedforward", None) or query[-1])
        return int(batch * (3 * heads * query[-2] * memory[-2] + query[-2] * wide))
    return made


def allow(
    report: Report, *, batch: int = 1, dtype: str = "float32", limit: int | None = None, keep: object = None
) -> int:
    """The estimate in bytes; raises `SpecError` "too-much-memory" where it is more than `limit` (default 4 GiB)."""
    if free_sizes(report):
        return 0  # the execution says which
    affordable(report, batch)
    needed = estimate(report, batch, dtype, keep)
    limit = DEFAULT_LIMIT if limit is None else limit
    if needed > limit:
        narrower = needed if dtype == "float32" else estimate(report, batch, "float32", keep)
        helps = [f"--memory-limit {_text(needed, up=True)} allows it"]
        if narrower < needed and keep != "all":  # what expressions ask for is computed in double precision
            helps.append(f"--dtype float32 takes {_text(narrower)}")
        if batch > 1:
            helps.append(f"--batch 1 takes {_text(estimate(report, 1, dtype, keep))}")
        fail(
            "too-much-memory",
            f"executing {report.name} takes about {_text(needed)} of memory, more than the limit of {_text(limit)}",
            help=helps,
        )
    return needed


def allow_more(name: str, numbers: int, dtype: str, limit: int | None) -> None:
    """Raise `SpecError` "too-much-memory" where an array beside what was estimated takes more than `limit`."""
    needed = (8 if dtype == "float64" else 4) * numbers
    if limit is not None and needed > limit:
        fail(
            "too-much-memory",
            f"{name} takes about {_text(needed)} of memory, more than the limit of {_text(limit)}",
            help=f"--memory-limit {_text(needed, up=True)} allows it",
        )


def free_sizes(report: Report) -> list[str]:
    """The names in sizes of inputs, outputs and weights that have no value yet."""
    shapes = [given.shape for given in report.graph.inputs]
    for row in report.rows:
        shapes += [row.facts.shape, *(held.shape for held in (*row.facts.weights, *row.facts.buffers))]
    free: list[Any] = [size for shape in shapes for size in shape if is_free(size)]
    return sorted({name for size in free for name in size.names()})


def work(report: Report, batch: int = 1) -> int:
    """About how many multiply-accumulates an execution takes, in time: steps and windows have their price."""
    total = 0
    for row in report.rows:
        total += int(row.macs)
        kernel = getattr(row.layer, "kernel_size", None) or getattr(row.layer, "pool_size", None)
        if isinstance(kernel, tuple) and not row.facts.weights:
            total += int(prod(row.facts.shape[1:]) * prod(kernel))
        if row.layer.step_work and row.facts.inputs:
            total += int(row.facts.inputs[0][1]) * getattr(row.layer, "num_layers", 1) * row.layer.step_work
    return total * batch


def affordable(report: Report, batch: int = 1) -> None:
    """Refuse, with `SpecError` "too-much-work", what would take hours; CNNCALC_WORK_LIMIT sets another bound."""
    written = os.environ.get("CNNCALC_WORK_LIMIT", "")
    try:
        limit = float(written) if written else DEFAULT_WORK
    except ValueError:
        fail("option-value", f'CNNCALC_WORK_LIMIT must be a number, not "{written}"', help="for example 1e14")
    needed = work(report, batch)
    if needed > limit:
        fail(
            "too-much-work",
            f"executing {report.name} takes the time of about {_power(needed)} multiply-accumulates, more than "
            f"the limit of {_power(limit)}",
            help=f"in the environment, CNNCALC_WORK_LIMIT={_power(needed * 1.05)} allows it",
        )


def _power(number: float) -> str:
    return f"{number:.2g}".replace("e+0", "e").replace("e+", "e") if number < 1e300 else "1e300"


def installed() -> int | None:
    """Bytes of memory that the machine has, where it says so."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _text(size: int, up: bool = False) -> str:
    """A number of bytes as people say it: 1.6 GB, 512 MB; `up` rounds up, without a space, as an option takes it."""
    for unit, name in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            if up:
                return f"{-(-size // unit)}{name}"
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"
