"""Imports of files beside the one that was named: followed like it, within bounds, never outside its folder,
its package, or a folder that it lies in below the one where the command runs."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from typing import Any

from cnncalc.core.problem import Source
from cnncalc.read.python.parse import tree_of
from cnncalc.read.python.values import MISSING, File, Refused, Unknown

FILES = 60
FOREIGN = frozenset(("torch", "torchvision", "timm", "einops", "numpy", "lightning", *sys.stdlib_module_names))
BYTES = 2_000_000
ABOVE = 6  # folders above the file that an import may name


class Importer:
    """Finds and follows files in the folder of the file that was named."""

    def __init__(self, interpreter: Any, path: str) -> None:
        self.interpreter = interpreter
        self.root = os.path.dirname(os.path.abspath(path))
        self.files: dict[str, File | None] = {}
        self.stamps: dict[str, tuple[int, int]] = {}
        self.package = _package(self.root)
        self.top = self.root  # the outermost folder of the package that the file belongs to
        for _ in self.package.split(".")[1:]:
            self.top = os.path.dirname(self.top)

    def module(self, name: str, file: File, level: int, node: Any) -> Any:
        found = self._file(name, file, level, node)
        return None if found is None else namespace(found)

    def member(self, module: str, name: str, file: File, level: int, node: Any) -> Any:
        found = self._file(module, file, level, node)
        if found is not None:
            if name in found.scope.names:
                return found.scope.names[name]
            below = self._file(f"{module}.{name}" if module else name, file, level, node)
            if below is not None:
                return namespace(below)
            if not found.done:
                return Unknown(f"{name} of {module} is imported in a circle", node, file, True)
            return Unknown(f"{module} has no {name}", node, file, True)
        if level and not module:
            below = self._file(name, file, level, node)
            if below is not None:
                return namespace(below)
        return MISSING

    def everything(self, module: str, scope: Any, level: int, node: Any) -> bool:
        found = self._file(module, scope.file, level, node)
        if found is None:
            return False
        scope.file.open |= found.open or not found.done
        scope.names.update({name: value for name, value in found.scope.names.items() if not name.startswith("_")})
        return True

    def _file(self, module: str, file: File, level: int, node: Any) -> File | None:
        parts = [part for part in module.split(".") if part]
        if not all(part.isidentifier() for part in parts):
            return None
        if not level and parts and self.package and parts[0] in FOREIGN:
            return None  # in a package, `import torch` is not the torch.py beside it
        for folder, top in self._folders(parts, file, level):
            base = os.path.abspath(os.path.join(folder, *parts))
            if os.path.commonpath([top, base]) != top:
                continue
            for path in ([base + ".py"] if parts else []) + [os.path.join(base, "__init__.py")]:
                if path in self.files:
                    return self.files[path]
                if _plain(path, top):
                    return self._follow(path, module)
        return None

    def changed(self) -> bool:
        """Whether a file that was followed is another one by now."""
        try:
            return any(_stamp(path) != stamp for path, stamp in self.stamps.items())
        except OSError:
            return True

    def _folders(self, parts: list[str], file: File, level: int) -> Iterator[tuple[str, str]]:
        """Where an import is looked up, each with the folder that it does not leave."""
        if level:
            folder = os.path.dirname(file.path) if file.path else self.root
            for _ in range(level - 1):
                folder = os.path.dirname(folder)
            yield folder, self.top
            return
        yield self.root, self.root
        above, here = self.root, os.path.join(os.getcwd(), "")
        for _ in range(ABOVE):  # a folder that the file lies in, by its name
            if not (above.startswith((here, os.path.join(self.top, ""))) or above == self.top):
                return
            if parts and os.path.basename(above) == parts[0]:
                yield os.path.dirname(above), above
            above = os.path.dirname(above)

    def _follow(self, path: str, module: str) -> File | None:
        if len(self.files) >= FILES:
            raise Refused("python-too-long", f"more than {FILES} files are imported")
        self.files[path] = None
        try:
            self.stamps[path] = _stamp(path)
            with open(path, encoding="utf-8") as stream:
                text = stream.read(BYTES)
            tree = tree_of(text)
        except (OSError, UnicodeDecodeError, SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        shown = os.path.relpath(path)
        file = File(Source(shown if not shown.startswith("..") else path, text), tree, path, module)
        self.files[path] = file
        from cnncalc.read.python.follow import follow

        follow(self.interpreter, file)
        return file


def _stamp(path: str) -> tuple[int, int]:
    """What is another one where a file was written anew; raises `OSError`."""
    found = os.stat(path)
    return found.st_mtime_ns, found.st_size


def _plain(path: str, top: str) -> bool:
    """Whether it is a regular file, with no link on the way from the folder that it lies in."""
    at = path
    while len(at) > len(top):
        try:
            mode = os.lstat(at).st_mode
        except OSError:
            return False
        if stat.S_ISLNK(mode) or (at == path and not stat.S_ISREG(mode)):
            return False
        at = os.path.dirname(at)
    return os.path.getsize(path) <= BYTES


def _package(folder: str) -> str:
    """The dotted name of the package that a folder is; empty for a folder that is none."""
    parts: list[str] = []
    while len(parts) < 8 and os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        parts.insert(0, name)
    return ".".join(parts)


def namespace(file: File) -> Any:
    """A module of the file's own, as a value: its names are attributes."""
    from cnncalc.read.python.values import Class, External, Object

    made = Object(Class("module", [External("object")], None, file))
    made.attrs = file.scope.names
    return made
