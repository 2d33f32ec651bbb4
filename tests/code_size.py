"""How large the package is, and how much of it the type checker cannot see: `python -m tests.code_size` prints both."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "cnncalc"
WORDS = {"Any": r"\bAny\b", "hasattr": r"\bhasattr\(", "object.__new__": r"object\.__new__\("}


def modules(root: Path = ROOT) -> dict[str, str]:
    """The text of each module by its path below the package."""
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in sorted(root.rglob("*.py"))}


def lines(texts: dict[str, str]) -> dict[str, int]:
    """Lines of each module."""
    return {path: text.count("\n") for path, text in texts.items()}


def files(texts: dict[str, str]) -> dict[str, int]:
    """Modules of each folder, without `__init__`."""
    found: dict[str, int] = {}
    for path in texts:
        folder, _, name = path.rpartition("/")
        found[folder] = found.get(folder, 0) + (name != "__init__.py")
    return found


def words(texts: dict[str, str], word: str) -> dict[str, int]:
    """How often a word of `WORDS` stands in each folder directly below the package (a lone module counts as one)."""
    found: dict[str, int] = {}
    for path, text in texts.items():
        folder = path.split("/")[0]
        found[folder] = found.get(folder, 0) + len(re.findall(WORDS[word], text))
    return {folder: count for folder, count in found.items() if count}


def above(counts: dict[str, int], most: int, excepted: dict[str, int]) -> list[str]:
    """What is more than it may be: `name: count, at most ...`."""
    return [
        f"{name}: {count}, at most {excepted.get(name, most)}"
        for name, count in counts.items()
        if count > excepted.get(name, most)
    ]


if __name__ == "__main__":
    texts = modules()
    print(f"{len(texts)} modules, {sum(lines(texts).values()):,} lines")
    print("longest:", sorted(lines(texts).items(), key=lambda one: -one[1])[:8])
    print("fullest:", sorted(files(texts).items(), key=lambda one: -one[1])[:8])
    for word in WORDS:
        print(f"{word}:", words(texts, word))
