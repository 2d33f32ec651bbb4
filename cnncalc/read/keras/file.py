"""The bytes of a Keras file -> its configuration: JSON, or the one JSON file of a `.keras` archive, within bounds."""

from __future__ import annotations

import io
import json
from typing import TypeGuard

from cnncalc.core.problem import Fault
from cnncalc.read.keras.config import Described, is_layer

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
