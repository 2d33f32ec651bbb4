"""What README and docs show is what the program prints."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from cnncalc import layers
from cnncalc.layers import keras
from tests.docs import REFERENCE, ROOT, WRITTEN, blocks, folder, pages, replayed, run

BLOCKS = [(page, block) for page in pages() for block in blocks(page)]


def test_there_are_console_blocks() -> None:
    assert len(BLOCKS) >= 5
    assert sum(page.name == "README.md" for page, _ in BLOCKS) >= 3


@pytest.mark.parametrize(
    ("page", "block"), BLOCKS, ids=[f"{page.stem}:{block.splitlines()[0][2:60]}" for page, block in BLOCKS]
)
def test_console_block(page, block) -> None:  # type: ignore[no-untyped-def]
    with folder(page) as where:
        assert replayed(block, where, process=page.name == "README.md") == block


@pytest.mark.parametrize("reader", ["student", "instructor", "engineer"])
def test_a_start_needs_nothing_but_its_page(reader) -> None:
    """The commands run in a folder with the files that the page asks for, and name nothing else of the project."""
    page = ROOT / "docs" / f"start-{reader}.md"
    with folder(page) as where:
        assert where != ROOT
    text = page.read_text(encoding="utf-8")
    assert "docs/" not in text and "specs/" not in text


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_written_page(page) -> None:  # type: ignore[no-untyped-def]
    assert page.read_text(encoding="utf-8") == run(shlex.join(["cnncalc", *WRITTEN[page]]), errors=False)


@pytest.mark.parametrize("page", REFERENCE, ids=lambda page: page.name)
def test_the_reference_has_every_layer(page) -> None:  # type: ignore[no-untyped-def]
    text = run(shlex.join(["cnncalc", *REFERENCE[page]]))
    titles = set(re.findall(r"^## (\w+)$", text, re.MULTILINE))
    types = keras.FAMILIES.values() if "keras" in page.name else layers.FAMILIES.values()
    assert titles == {name for names in types for name in names.split()} and len(titles) > 80
    assert text.count("\nsource: ") == len(titles)


def test_questions_of_public_threads_name_pages_that_are_there() -> None:
    """`.ci/search.py` asks the built site; here, that the pages exist and have the command that answers."""
    asked = json.loads((ROOT / "tests" / "data" / "threads.json").read_text(encoding="utf-8"))
    assert len(asked) == len({one["thread"] for one in asked}) == 50
    for one in asked:
        texts = [(ROOT / "docs" / name).with_suffix(".md").read_text(encoding="utf-8") for name in one["pages"]]
        assert any(f"cnncalc {one['command']} " in text for text in texts), one["question"]


def test_generated_pages_are_not_kept() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {f"{page.parent.relative_to(ROOT)}/" for page in REFERENCE} == {"docs/reference/"} <= {*ignored}


def test_the_two_commands_stand_at_the_top_of_the_readme() -> None:
    top = (ROOT / "README.md").read_text(encoding="utf-8")[:1200]
    assert re.search(r"<!-- main-job -->\n```sh\n.*cnncalc shapes.*\n```", top)
    assert re.search(r"<!-- tests -->\n```sh\n.*pytest -n auto\n```", top)
