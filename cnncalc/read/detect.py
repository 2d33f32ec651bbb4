"""Which format a file or text has, by its content first and its name second; its reader is loaded when needed."""

from __future__ import annotations

import os
import re
from importlib import import_module
from typing import TYPE_CHECKING

from cnncalc.core.problem import Source, fail
from cnncalc.read.formats import FILES

if TYPE_CHECKING:
    from cnncalc.spec.model import Spec

_NAMED = re.compile(r"(?P<file>.+\.[pP][yY]):(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?\s*(?:\(.*\))?)$", re.DOTALL)
# What a text must have to be Python source: an import of torch, or a class of modules.
_SOURCE = re.compile(
    r"^\s*(import torch\b|from torch\b|import torch\.nn|import pytorch_lightning|import lightning\b|"
    r"class\s+\w+\s*\(.*\bModule\s*\)\s*:)",
    re.MULTILINE,
)
# Keys of a spec at the margin, with a value as only YAML has it: code that was pasted into one.
_SPEC = re.compile(r"^(?:layers|define)\s*:[ \t]*[|>]?[+-]?[ \t]*(?:#.*)?$", re.MULTILINE)


def named_file(net: str) -> tuple[str, str] | None:
    """`FILE.py:Class(...)` as file and name; None for everything else."""
    found = _NAMED.match(net)
    if found is None or "->" in net:
        return None
    if not os.path.exists(found["file"]):
        fail("unknown-net", f'there is no file "{found["file"]}"')
    return found["file"], found["name"].strip()


def is_source(text: str) -> bool:
    """Whether a text is PyTorch source."""
    return _SOURCE.search(text) is not None


def read_named(net: str) -> Spec | None:
    """The network of a file that is no spec, by its name alone; None where the name says nothing."""
    pair = named_file(net)
    if pair is not None:
        return python(_text(pair[0]), pair[0], pair[1])
    if net.lower().endswith(".py") and os.path.exists(net):
        return python(_text(net), net, "")
    format = FILES.get(net[net.rfind(".") :].lower()) if os.path.isfile(net) else None
    if format is None:
        return None
    source = Source(net, "")
    model = getattr(import_module(format.module), format.reader)
    return wrapped(source, model(source, _bytes(net, format.most, format.said)))


def _bytes(path: str, most: int, said: str) -> bytes:
    """A file's contents, which are at most so many bytes."""
    try:
        with open(path, "rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        fail("file-unreadable", f'"{path}" cannot be read: {error.strerror}')
    if len(data) > most:
        fail("file-too-large", f'"{path}" has more than {said}')
    return data


def json_text(source: Source) -> Spec | None:
    """A JSON text that is no spec, by its keys; None where it looks like a spec."""
    head = source.text.lstrip()[:1]
    if head == "{" and '"class_name"' in source.text and '"config"' in source.text:
        from cnncalc.read.keras.model import KerasModel

        return wrapped(source, KerasModel(source, source.text.encode("utf-8")))
    return None


def read_text(source: Source, path: str = "") -> Spec | None:
    """The network of a text that is no spec, by what it says; None where it looks like a spec."""
    if _SPEC.search(source.text) is not None:
        return None
    if "Layer (type" in source.text:
        found = summary(source)
        if found is not None:
            return found
    if is_source(source.text):
        return python(source, path, "")
    found = json_text(source)
    if found is not None:
        return found
    from cnncalc.read.printed.parse import is_printed

    if is_printed(source.text):
        from cnncalc.read.printed.model import PrintedModel

        return wrapped(source, PrintedModel(source))
    return None


def summary(source: Source) -> Spec | None:
    """The table of a summary; None where the text is something else that only quotes one."""
    from cnncalc.read.printed.table import is_table

    if not is_table(source.text):
        return None
    if is_source(source.text):
        from cnncalc.core.problem import SpecError
        from cnncalc.read.python.files.parse import parse

        try:
            parse(source)
        except SpecError:  # a notebook's cell and what it printed
            pass
        else:
            return None
    from cnncalc.read.printed.summary import SummaryModel

    return wrapped(source, SummaryModel(source))


def python(source: Source, path: str, name: str) -> Spec:
    """A Python file, or a text of one."""
    from cnncalc.read.python.reader import PythonModel

    return wrapped(source, PythonModel(source, path, name))


def wrapped(source: Source, model: object) -> Spec:
    """A spec that only says who makes the graph."""
    from cnncalc.spec.model import Spec

    spec = Spec(source)
    spec.foreign = model
    return spec


def _text(path: str) -> Source:
    from cnncalc.read.yaml.text_file import read_text as read

    if os.path.isdir(path):
        fail("file-unreadable", f'"{path}" is a folder', help="name a file in it")
    return read(path)
