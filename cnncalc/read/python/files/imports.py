"""Imports of files beside the one that was named: followed like it, within bounds, never outside its folder,
its package, or a folder that it lies in below the one where the command runs."""

from __future__ import annotations

import ast
import os
import stat
import sys
from collections.abc import Iterator
from typing import Any

from cnncalc.core.problem import Source
from cnncalc.read.python.files.parse import tree_of
from cnncalc.read.python.interpreter.syntax import bound_names
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
        handed = self._handed_on(module, name, file, level)
        for _ in range(ABOVE):  # a package that only hands names on is not followed for one of them
            if handed is None:
                break
            module, name, file, level = handed
            handed = self._handed_on(*handed)
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

    def _own(self, parts: list[str]) -> bool:
        """Whether a module is named from the top of the package that the file belongs to."""
        return bool(parts) and parts[0] == self.package.split(".")[0]

    def _handed_on(self, module: str, name: str, file: File, level: int) -> tuple[str, str, File, int] | None:
        """What a package imports a name from: module, name, and the file and level of the import; None for others."""
        path = self._path(module, file, level)
        if path is None or path in self.files or os.path.basename(path) != "__init__.py":
            return None
        tree = _tree(path)
        if tree is None:
            return None
        here = File(Source(path, ""), tree, path, module)
        given = [part for part in tree.body if name in bound_names(part)]
        if not given:  # of `from .constants import *`, the file that has it
            stars = [part for part in tree.body if isinstance(part, ast.ImportFrom) and part.names[0].name == "*"]
            for part in stars:
                there = self._path(part.module or "", here, part.level)
                inside = _tree(there) if there is not None else None
                if inside is not None and any(name in bound_names(one) for one in inside.body):
                    return part.module or "", name, here, part.level
        if len(given) != 1 or not isinstance(given[0], ast.ImportFrom) or not given[0].module:
            return None
        there = next(alias.name for alias in given[0].names if (alias.asname or alias.name) == name)
        return given[0].module, there, here, given[0].level

    def _file(self, module: str, file: File, level: int, node: Any) -> File | None:
        path = self._path(module, file, level)
        if path is None:
            return None
        return self.files[path] if path in self.files else self._follow(path, module)

    def _path(self, module: str, file: File, level: int) -> str | None:
        """The file of a module, where it is one that may be followed."""
        parts = [part for part in module.split(".") if part]
        if not all(part.isidentifier() for part in parts):
            return None
        if not level and parts and self.package and parts[0] in FOREIGN and not self._own(parts):
            return None  # in a package, `import torch` is not the torch.py beside it
        for folder, top in self._folders(parts, file, level):
            base = os.path.abspath(os.path.join(folder, *parts))
            if os.path.commonpath([top, base]) != top:
                continue
            for path in ([base + ".py"] if parts else []) + [os.path.join(base, "__init__.py")]:
                if path in self.files or _plain(path, top):
                    return path
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
        if self._own(parts):
            yield os.path.dirname(self.top), self.top
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
        text, tree = _text(path), _tree(path)
        if text is None or tree is None:
            return None
        self.stamps[path] = _stamp(path)
        shown = os.path.relpath(path)
        file = File(Source(shown if not shown.startswith("..") else path, text), tree, path, module)
        self.files[path] = file
        from cnncalc.read.python.files.follow import follow

        follow(self.interpreter, file)
        return file


def _text(path: str) -> str | None:
    """What a file says, as far as it is looked at."""
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read(BYTES)
    except (OSError, UnicodeDecodeError):
        return None


def _tree(path: str) -> ast.Module | None:
    text = _text(path)
    try:
        return None if text is None else tree_of(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


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
