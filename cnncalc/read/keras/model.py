"""A Keras model as a network: layers in the order of its graph, nested models as blocks, shared layers counted once."""

from __future__ import annotations

import io
import json
import os
from typing import TYPE_CHECKING, TypeGuard

from cnncalc.core.problem import Fault, Problem, Source, Span, SpecError
from cnncalc.network.graph import Graph
from cnncalc.read.keras.build import Builder
from cnncalc.read.keras.config import MODELS, Described, _inputs, is_layer

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
                read = configuration(self._data, self.source.name)
                if not is_keras(read) or read["class_name"] not in MODELS:
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


UNPACKED = 64 * 1024**2  # of config.json
DEPTH = 200


def is_keras(mapping: object) -> TypeGuard[Described]:
    """Whether a JSON value is a Keras model."""
    return is_layer(mapping) and isinstance(mapping.get("config"), (dict, list))


def configuration(data: bytes, name: str) -> object:
    """The configuration that a file holds. Raises `Fault`."""
    if name.endswith(".keras"):
        data = _unpacked(data)
    return parsed(data)


def parsed(data: bytes) -> object:
    """JSON, not nested too deeply."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Fault("keras-broken", "the file is not UTF-8 text") from None
    if _depth(text) > DEPTH:
        raise Fault("keras-broken", f"the JSON is nested more than {DEPTH} deep")
    try:
        return json.loads(text)
    except ValueError as error:
        place = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise Fault("keras-broken", f"this is no JSON{place}: {str(error)[:80]}") from None


def _depth(text: str) -> int:
    """How deep brackets stand in one another, strings left out."""
    most = depth = 0
    inside = False
    escaped = False
    for sign in text:
        if inside:
            if escaped:
                escaped = False
            elif sign == "\\":
                escaped = True
            elif sign == '"':
                inside = False
        elif sign == '"':
            inside = True
        elif sign in "[{":
            depth += 1
            most = max(most, depth)
            if most > DEPTH:
                return most
        elif sign in "]}":
            depth -= 1
    return most


def _unpacked(data: bytes) -> bytes:
    """config.json of the archive; no other file of it is read, and nothing is written anywhere."""
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            try:
                info = archive.getinfo("config.json")
            except KeyError:
                raise Fault("keras-broken", "the archive has no config.json, so it is no .keras file") from None
            if info.file_size > UNPACKED or (info.compress_size * 200 < info.file_size and info.file_size > 2**22):
                raise Fault("keras-broken", f"config.json would have {info.file_size:,} bytes unpacked")
            with archive.open(info) as stream:
                text = stream.read(UNPACKED + 1)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        raise Fault("keras-broken", f"this is no .keras file: {str(error)[:80]}") from None
    if len(text) > UNPACKED:
        raise Fault("keras-broken", f"config.json has more than {UNPACKED >> 20} MB unpacked")
    return text
