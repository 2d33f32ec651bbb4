"""Imports of files beside the one that was named: followed like it, within bounds, never outside its folder,
its package, or a folder that it lies in below the one where the command runs."""

from __future__ import annotations

import ast
import os
import stat
import sys
from collections.abc import Iterator
from functools import cached_property

from cnncalc.core.problem import Source
from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.files.parse import tree_of
from cnncalc.read.python.interpreter.syntax import bound_names
from cnncalc.read.python.values import MISSING, File, Refused, Scope, Unknown

FILES = 250  # that are followed
LOOKED_AT = 500  # for what they hand on
FOREIGN = frozenset(("torch", "torchvision", "timm", "einops", "numpy", "lightning", *sys.stdlib_module_names))
BYTES = 2_000_000
ABOVE = 6  # folders above the file that an import may name


class Importer:
    """Finds and follows files in the folder of the file that was named."""

    def __init__(self, interpreter: InterpreterBase, path: str) -> None:
        self.interpreter = interpreter
        self.root = os.path.dirname(os.path.abspath(path))
        self.files: dict[str, File | None] = {}
        self.texts: dict[str, _Text] = {}  # of files that were looked at, followed or not
        self.stamps: dict[str, tuple[int, int]] = {}
        self.package = _package(self.root)
        self.top = self.root  # the outermost folder of the package that the file belongs to
        for _ in self.package.split(".")[1:]:
            self.top = os.path.dirname(self.top)

    def module(self, name: str, file: File, level: int, node: ast.AST) -> object:
        """The module that an import names, as a value; None where it is no file that may be followed."""
        found = self._file(name, file, level, node)
        return None if found is None else namespace(found)

    def member(self, module: str, name: str, file: File, level: int, node: ast.AST) -> object:
        """What `from module import name` gives; MISSING where the module is no such file."""
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

    def everything(self, module: str, scope: Scope, level: int, node: ast.AST) -> bool:
        """Follow `from module import *`; False where the module is no such file."""
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
        text = self._text(path)
        if text.tree is None:
            return None
        here = File(Source(path, ""), text.tree, path, module)
        given = text.bound.get(name, [])
        if not given:  # of `from .constants import *`, the file that has it
            if text.stars is None:
                paths = [(part.module or "", part.level) for part in text.everything()]
                found = [(there, level, self._path(there, here, level)) for there, level in dict.fromkeys(paths)]
                text.stars = [(there, level, self._text(at)) for there, level, at in found if at is not None]
            for there, level, inside in text.stars:
                if name in inside.bound:
                    return there, name, here, level
        if len(given) != 1 or not isinstance(given[0], ast.ImportFrom) or not given[0].module:
            return None
        first = next(alias.name for alias in given[0].names if (alias.asname or alias.name) == name)
        return given[0].module, first, here, given[0].level

    def _text(self, path: str) -> _Text:
        """What a file says; each is read once."""
        if path not in self.texts:
            if len(self.texts) >= LOOKED_AT:
                raise Refused("python-too-long", f"more than {LOOKED_AT} files are looked at for imports")
            self.texts[path] = _Text(path)
        return self.texts[path]

    def _file(self, module: str, file: File, level: int, node: ast.AST) -> File | None:
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
        text = self._text(path)
        if text.tree is None:
            return None
        self.stamps[path] = _stamp(path)
        shown = os.path.relpath(path)
        file = File(Source(shown if not shown.startswith("..") else path, text.text), text.tree, path, module)
        self.files[path] = file
        from cnncalc.read.python.files.follow import follow

        follow(self.interpreter, file)
        return file


class _Text:
    """What a file says, as far as it is looked at; `tree` is None for what cannot be read."""

    def __init__(self, path: str) -> None:
        self.text = ""
        self.tree: ast.Module | None = None
        self.stars: list[tuple[str, int, _Text]] | None = None  # what it takes all names from, once that is asked
        try:
            with open(path, encoding="utf-8") as stream:
                self.text = stream.read(BYTES)
            self.tree = tree_of(self.text)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            pass

    @cached_property
    def bound(self) -> dict[str, list[ast.stmt]]:
        """The statements that bind each name."""
        found: dict[str, list[ast.stmt]] = {}
        for part in self.tree.body if self.tree is not None else ():
            for name in set(bound_names(part)):
                found.setdefault(name, []).append(part)
        return found

    def everything(self) -> list[ast.ImportFrom]:
        """The imports of all that a module has."""
        body = self.tree.body if self.tree is not None else []
        return [part for part in body if isinstance(part, ast.ImportFrom) and part.names[0].name == "*"]


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


def namespace(file: File) -> object:
    """A module of the file's own, as a value: its names are attributes."""
    from cnncalc.read.python.values import Class, External, Object

    made = Object(Class("module", [External("object")], None, file))
    made.attrs = file.scope.names
    return made
