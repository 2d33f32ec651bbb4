"""A Keras model as a network: layers in the order of its graph, nested models as blocks, shared layers counted once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cnncalc.core.problem import Fault, Problem, Source, Span, SpecError
from cnncalc.network.graph import Graph
from cnncalc.read.keras import file as files
from cnncalc.read.keras.build import Builder
from cnncalc.read.keras.config import MODELS, _inputs

if TYPE_CHECKING:
    from cnncalc.read.keras.config import Described


class KerasModel:
    """The network of a Keras file."""

    format = "keras"

    def __init__(self, source: Source, data: bytes) -> None:
        self.source = source
        self.notes: list[Problem] = []
        self._data = data
        self._config: Described | None = None

    def config(self) -> Described:
        """The model's configuration. Raises `SpecError`."""
        found = self._config
        if found is None:
            try:
                read = files.configuration(self._data, self.source.name)
                if not files.is_keras(read) or read["class_name"] not in MODELS:
                    raise Fault("keras-broken", "this is no Keras model: it has no class_name Sequential or Functional")
            except Fault as fault:
                raise self.fail(fault) from None
            found = self._config = read
            if str(found.get("keras_version", "")).startswith(("1.", "2.")):
                _completed(found)
        return found

    def fail(self, fault: Fault) -> SpecError:
        """A fault, at the line of the layer's name where it names one."""
        name = fault.option
        span = self._place(name) if name else None
        source = self.source if span is not None else Source(self.source.name, "")
        return SpecError([Problem(fault.code, fault.message, source=source, span=span, help=fault.help)])

    def _place(self, name: str) -> Span | None:
        """The line that names a layer in the text."""
        at = self.source.text.find(f'"name": "{name}"')
        if at < 0:
            return None
        line = self.source.text.count("\n", 0, at) + 1
        start = self.source.text.rfind("\n", 0, at) + 1
        return Span(line, at - start + 1, len(name) + 10)

    @property
    def name(self) -> str:
        """The model's name."""
        inner = self.config()["config"]
        named = inner.get("name") if isinstance(inner, dict) else None
        return named if isinstance(named, str) else os.path.splitext(os.path.basename(self.source.name))[0]

    def symbols(self, texts: list[str]) -> list[str]:
        """The names of sizes that the file leaves open and that were not given."""
        if texts:
            return []
        found: list[str] = []
        for _, shape in _inputs(self.config()):
            if shape is not None:
                found += [f"L{at}" if at > 1 else "L" for at, size in enumerate(shape[1:], 1) if size is None]
        return list(dict.fromkeys(found))

    def graph(self, texts: list[str]) -> tuple[Graph, list[Problem]]:
        """The network for inputs of these shapes, as they are written or as the file has them."""
        self.notes = []
        try:
            return Builder(self.config(), self.name, self.source, self.notes, self._place, texts).read(), []
        except Fault as fault:
            raise self.fail(fault) from None
        except RecursionError:
            raise self.fail(Fault("keras-broken", "models are nested too deeply")) from None

    def counts(self) -> Graph:
        """A Keras layer has weights once it knows its input: without one there is nothing to count."""
        return self.graph([])[0]


def _completed(value: object) -> None:
    """What a file of Keras 2 leaves out has the value of those days: a GRU resets before it multiplies."""
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            if one.get("class_name") in ("GRU", "GRUCell") and isinstance(one.get("config"), dict):
                one["config"].setdefault("reset_after", False)
            todo.extend(one.values())
        elif isinstance(one, list):
            todo.extend(one)
