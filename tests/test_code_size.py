"""The package stays in small files and small folders, and in sight of the type checker: the ceilings only fall.

`python -m tests.code_size` prints what is counted. A ceiling that is far above its count is lowered by hand.
"""

from __future__ import annotations

from pathlib import Path

from tests.code_size import WORDS, above, files, lines, modules, words

MOST_LINES = 350
# Longer ones, which may not grow.
LONG: dict[str, int] = {}

MOST_FILES = 20
# One file for each family of layers, each command, each form of Python source.
FULL = {"layers": 46, "cli": 46, "read/python": 30}

# How often `Any` may stand in each folder: what comes from YAML, JSON and foreign libraries has no other type.
ANY = {
    "answers": 36,
    "cli": 50,
    "core": 80,
    "cost": 19,
    "diagram": 19,
    "execute": 94,
    "explain": 28,
    "export": 15,
    "expression": 65,
    "grading": 96,
    "layers": 35,
    "network": 61,
    "pages": 23,
    "query": 30,
    "read": 57,
    "receptive": 14,
    "render": 12,
    "solve": 61,
    "spec": 35,
    "symbolic": 35,
}
LONE_MODULE = 10
HASATTR = 14
OBJECT_NEW = 1


def test_modules_are_short() -> None:
    found = lines(modules())
    assert len(found) > 500, "no modules found"
    assert above(found, MOST_LINES, LONG) == [], "split a module by its ideas"
    assert [path for path in LONG if found.get(path, 0) <= MOST_LINES] == [], "short now: leave it out of LONG"


def test_folders_are_small() -> None:
    assert above(files(modules()), MOST_FILES, FULL) == [], "a folder of its own for what belongs together"


def test_what_the_type_checker_cannot_see_becomes_less() -> None:
    texts = modules()
    assert above(words(texts, "Any"), LONE_MODULE, ANY) == [], "say the type: a class, a protocol, a union, a TypedDict"
    assert sum(words(texts, "hasattr").values()) <= HASATTR, "ask isinstance, of a class or of a protocol"
    assert sum(words(texts, "object.__new__").values()) <= OBJECT_NEW, "Layer.replaced makes the copies"


def test_what_is_planted_is_seen(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("x = 1\n" * 351, "utf-8")
    (tmp_path / "full").mkdir()
    for number in range(21):
        (tmp_path / "full" / f"m{number}.py").write_text("def f(x: Any) -> Any: ...\n", "utf-8")
    (tmp_path / "full" / "__init__.py").write_text("found = hasattr(object.__new__(int), 'x')\n", "utf-8")
    texts = modules(tmp_path)
    assert above(lines(texts), MOST_LINES, LONG) == ["long.py: 351, at most 350"]
    assert above(files(texts), MOST_FILES, FULL) == ["full: 21, at most 20"]
    assert above(words(texts, "Any"), LONE_MODULE, ANY) == ["full: 42, at most 10"]
    assert {word: sum(words(texts, word).values()) for word in WORDS} == {
        "Any": 42,
        "hasattr": 1,
        "object.__new__": 1,
    }
