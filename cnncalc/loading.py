"""The Python entry points: a network by what names it, by its text, or by a mapping.

The module is not called `load`: a submodule of that name would hide `cnncalc.load`, the function.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cnncalc.core.gc_paused import gc_paused
from cnncalc.core.problem import Fault, Source
from cnncalc.network.network import Network
from cnncalc.network.report import Report
from cnncalc.read.resolve import read_any, read_loose, resolve, set_file
from cnncalc.spec.words.said import said


def _execute(report: Report, **options: object) -> object:
    """Run every layer's kernel: the options are those of `cnncalc.execute.run.execute`."""
    from cnncalc.execute.run import execute  # NumPy is loaded where a network is run

    run: Callable[..., object] = execute
    return run(report, **options)


# A network knows nothing of what is built on it: how it is run is handed over here.
Network.execute = staticmethod(_execute)


def load(
    net: str,
    settings: Mapping[str, object] | None = None,
    set_files: Iterable[str] | None = None,
    input_shapes: Iterable[str] | None = None,
    *,
    layout: str | None = None,
    convention: str | None = None,
) -> Network:
    """The network that NET names: a chain, `-`, a file, or a bundled spec. Raises `SpecError`.

    `layout` and `convention` go before what the network says itself.
    """
    network = Network(resolve(str(net), said(layout, convention)))
    overrides: dict[str, Any] = {}
    for path in set_files or ():
        overrides.update(set_file(path, network.spec))
    if settings:
        from cnncalc.spec.config import unread

        network.spec.notes.extend(unread(settings, network.spec))
    network.notes = list(network.spec.notes)
    overrides.update(parse_settings(settings or {}))
    network.settings = overrides
    network.input_shapes = list(input_shapes or ())
    return _filled(network)


def _filled(network: Network) -> Network:
    """The network with every open padding found, `padding=?`."""
    import re

    text = network.spec.source.text
    if "?" in text or re.search(r"padding[\"']?\s*[=:]\s*[\"']?(_|None|null|none|~)\b", text):
        from cnncalc.solve.padding import fill

        fill(network)
    return network


def loads(text: str, name: str = "spec", input_shapes: Iterable[str] | None = None) -> Network:
    """The network of a text: a spec, PyTorch source, a printed model, a `model.to_json()`."""
    network = Network(read_any(Source(f"<{name}>", text), name))
    network.input_shapes = list(input_shapes or ())
    return _filled(network)


@gc_paused()
def from_dict(mapping: Mapping[str, object], name: str = "spec") -> Network:
    """The network of a spec given as a mapping (what YAML or JSON would hold)."""
    from cnncalc.read.yaml.mapping import tree_of

    made = tree_of(mapping, "<dict>")
    if made is not None:
        return _filled(Network(read_loose(made[0], name, tree=made[1])))
    import json

    return _filled(Network(read_loose(Source("<dict>", json.dumps(mapping, indent=1, ensure_ascii=False)), name)))


def parse_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """`--set` values: text is read as an expression, or stays text."""
    from cnncalc.expression.environment import Environment
    from cnncalc.expression.evaluate import value_of
    from cnncalc.expression.syntax import parse

    values: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, str):
            with contextlib.suppress(Fault):
                value = value_of(parse(value), Environment({}), words=True)
        values[name] = value
    return values
