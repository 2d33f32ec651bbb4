"""Bars: which layers have the parameters and the operations, and what memory is needed for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnncalc.network.report import Report
from cnncalc.render.html import escape
from cnncalc.render.text import cell

SHOWN = 10
MEMORY = (
    ("weight_bytes", "weights"),
    ("buffer_bytes", "buffers"),
    ("peak_activation_bytes", "peak activation memory"),
    ("kv_cache_bytes", "KV cache"),
    ("inference_bytes", "inference: all of these"),
    ("gradient_bytes", "gradients"),
    ("optimizer_bytes", "Adam's moments"),
    ("saved_activation_bytes", "saved activations"),
    ("training_bytes", "training: weights, gradients, moments, activations"),
)


def charts(report: Report, totals: dict[str, object]) -> Iterator[str]:
    """The sections of bars; those of which nothing is a number are left out."""
    yield from _layers(report, "params", "Parameters")
    yield from _layers(report, "macs", "Multiply-accumulates")
    memory = [(title, totals.get(name)) for name, title in MEMORY]
    numbers = [(title, value) for title, value in memory if type(value) is int and value > 0]
    if numbers:
        yield from _bars("Memory in float32, batch 1", [(title, value, _bytes(value)) for title, value in numbers])


def _layers(report: Report, what: str, title: str) -> Iterator[str]:
    values = [(row.name, getattr(row, what)) for row in report.rows]
    numbers = sorted((pair for pair in values if type(pair[1]) is int and pair[1] > 0), key=lambda pair: -pair[1])
    if len(numbers) < 2:
        return
    total = sum(value for _, value in numbers)
    shown = numbers[:SHOWN]
    rest = total - sum(value for _, value in shown)
    bars = [(name, value, f"{value:,} ({value / total:.1%})") for name, value in shown]
    if rest:
        bars.append((f"{len(numbers) - SHOWN:,} more", rest, f"{rest:,} ({rest / total:.1%})"))
    yield from _bars(title, bars)


def _bars(title: str, bars: Sequence[tuple[str, int, str]]) -> Iterator[str]:
    most = max(value for _, value, _ in bars)
    yield f'<section class="chart"><h3>{escape(title)}</h3><table class="bars"><tbody>'
    for name, value, text in bars:
        share = 100 * value / most
        yield (
            f'<tr><th scope="row">{escape(name)}</th><td class="bar"><span style="width:{share:.2f}%"></span></td>'
            f"<td>{escape(text)}</td></tr>"
        )
    yield "</tbody></table></section>"


def _bytes(value: int) -> str:
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if value >= size:
            return f"{value / size:,.2f} {unit}"
    return f"{cell(value, 'number')} B"
