"""Which files are sheets: regular ones below what was named, each once; everything else is said."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cnncalc.core.problem import fail

TABLES = (".csv", ".tsv")
ENDINGS = (".yaml", ".yml", ".json", *TABLES, ".txt", ".md")
ABOUT = "readme"  # how a file begins that tells of a folder and holds no answers
ONLY_ENDINGS = f"files of answers end in {', '.join(ENDINGS)}"  # in a folder, where other things lie, too
WILD = "*?["
DEEPEST = 20  # folders inside each other
MOST_FILES = 100_000


class Skipped(NamedTuple):
    """A file that is no sheet, and why; `whole` is false for a part of one that is."""

    file: str
    reason: str
    whole: bool = True


class Files:
    """The sheets of some places, in the order of their names below each place."""

    def __init__(self, key_file: str = "") -> None:
        self.found: list[str] = []
        self.skipped: list[Skipped] = []
        self._seen: dict[str, str] = {}
        self._key = os.path.realpath(key_file) if key_file and os.path.exists(key_file) else ""

    def place(self, place: str) -> None:
        """Take a file, the files below a folder, or those that a pattern matches; raises `SpecError` for none."""
        if os.path.isdir(place):
            self._folder(place)
        elif any(sign in place for sign in WILD) and not os.path.lexists(place):
            from glob import glob  # a shell has already done it, but on Windows

            matching = sorted(glob(place))
            if not matching:
                fail("file-not-found", f'"{place}" matches no file', help="name the files of answers, or their folder")
            for found in matching:
                if os.path.isdir(found) and not os.path.islink(found):
                    self._folder(found)
                else:
                    self._file(found)
        else:
            self._file(place)

    def _folder(self, place: str) -> None:
        before, others = len(self.found) + len(self.skipped), 0
        for path in self._below(place, 0):
            name = os.path.basename(path)
            if name.startswith("."):
                self.skipped.append(Skipped(path, "a hidden file"))
            elif name.lower().startswith(ABOUT):
                self.skipped.append(Skipped(path, "a file about the folder"))
            elif not name.lower().endswith(ENDINGS) and not os.path.islink(path):
                self.skipped.append(Skipped(path, ONLY_ENDINGS))
            else:
                self._file(path)
                continue
            others += 1
        if len(self.found) + len(self.skipped) - others == before:
            fail(
                "file-not-found",
                f'the folder "{place}" has no file of answers',
                help=ONLY_ENDINGS,
            )

    def _below(self, place: str, depth: int) -> Iterator[str]:
        """The files below a folder in the order of their names; links are not followed."""
        try:
            entries = sorted(os.scandir(place), key=lambda entry: entry.name)
        except OSError as error:
            fail("file-unreadable", f'"{place}" cannot be read: {error.strerror}')
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if depth >= DEEPEST:
                    self.skipped.append(Skipped(entry.path, f"folders are read {DEEPEST} deep"))
                elif not entry.name.startswith("."):
                    yield from self._below(entry.path, depth + 1)
            else:
                yield entry.path

    def _file(self, path: str) -> None:
        """Take one file, unless it is a link, was taken before or is the key."""
        if len(self.found) >= MOST_FILES:
            fail(
                "too-many-sheets", f"there are more than {MOST_FILES:,} submissions", help="check them in several calls"
            )
        if os.path.islink(path) or _behind_link(path):
            self.skipped.append(Skipped(path, "a symbolic link, not a file of its own"))
            return
        real = os.path.realpath(path)
        if real == self._key:
            self.skipped.append(Skipped(path, "the key itself"))
        elif real in self._seen:
            self.skipped.append(Skipped(path, f"taken already as {self._seen[real]}"))
        elif os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode) and not os.path.isdir(path):
            self.skipped.append(Skipped(path, "no regular file"))
        else:
            self._seen[real] = path
            self.found.append(path)


def _behind_link(path: str) -> bool:
    """Whether a folder inside the first one of a relative path is a link: a pattern may have followed it."""
    if os.path.isabs(path):
        return False
    parts = os.path.normpath(path).split(os.sep)[:-1]
    return any(os.path.islink(os.path.join(*parts[:end])) for end in range(2, len(parts) + 1) if parts[0] != "..")


def find(places: Iterable[str], key_file: str = "") -> Files:
    """The sheets of all places; raises `SpecError` where a place has none."""
    files = Files(key_file)
    for place in places:
        files.place(place)
    return files


def same_files(paths: Iterable[str]) -> dict[str, str]:
    """Files that are the same one under several names (hard links), each with another of its names."""
    names: dict[tuple[int, int], list[str]] = {}
    for path in paths:
        try:
            found = os.stat(path, follow_symlinks=False)
        except OSError:
            continue
        if found.st_nlink > 1:
            names.setdefault((found.st_dev, found.st_ino), []).append(path)
    return {
        path: next(other for other in group if other != path)
        for group in names.values()
        if len(group) > 1
        for path in group
    }
