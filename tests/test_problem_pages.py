"""Every problem code has a page, and every page's wrong spec gives exactly the message that stands in it.

CNNCALC_REWRITE=1 writes the messages that come now into the pages; the difference is then for a reader to judge.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
from functools import cache
from pathlib import Path

import pytest

import cnncalc
from cnncalc.cli import command_line
from cnncalc.cli.app import main
from cnncalc.problems import codes, read

PACKAGE = Path(cnncalc.__file__).parent
CODE = re.compile(r"[a-z]+(-[a-z]+)+")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# Strings of that form that are no codes.
OTHER = {"kernel-only"}
# The file that a block of a page is, by the block's language.
FILES = {"yaml": "net.yaml", "python": "model.py", "text": "model.txt", "json": "config.json"}
# What no page can show by a small spec: it says why in words and has no console block.
TOLD = {
    "expression-too-long",
    "file-encoding",
    "file-too-large",
    "file-unreadable",
    "free-count",
    "free-dimensions",
    "internal",
    "keras-broken",
    "keras-input",
    "keras-layer",
    "keras-unread",
    "lsp-missing",
    "no-kernel",
    "not-as-expected",
    "onnx-broken",
    "onnx-input",
    "missing-extra",
    "onnx-missing",
    "onnx-operator",
    "onnx-shapes",
    "no-questions",
    "not-confirmed",
    "search-stopped",
    "sheet-skipped",
    "stride-with-dilation",
    "system-refused",
    "too-deep",
    "values-too-large",
    "too-many-files",
    "too-many-layers",
    "too-many-sheets",
    "yaml-depth",
    "yaml-size",
}


SAID_BY = "Fault|Problem|problem|fail|fault|note|remark|_stop|_report|[rR]efuse|Exhausted|_odd|_one|__init__"


@cache
def used() -> frozenset[str]:
    """The codes that the package's calls name."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if not re.search(
                "Fault|Problem|problem|fail|fault|note|remark|_stop|_report|[rR]efuse|Exhausted|_odd|_one|__init__",
                name,
            ):
                continue
            for argument in node.args[:4]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    found.add(argument.value)
    return frozenset(text for text in found if CODE.fullmatch(text) or text == "internal") - OTHER


def test_there_are_codes_and_pages():
    assert len(used()) > 50
    assert len(codes()) > 50


def test_every_code_has_a_page():
    assert sorted(used() - set(codes())) == []


def test_every_page_has_a_code():
    assert sorted(set(codes()) - used()) == []


def blocks(code: str) -> list[tuple[str, str]]:
    return BLOCK.findall(read(code))


@pytest.mark.parametrize("code", codes())
def test_form(code):
    lines = read(code).splitlines()
    assert lines[0] == f"# {code}"
    assert lines[1] == "" and lines[2] and not lines[2].startswith("```")
    assert max(map(len, lines)) <= 300
    if code in TOLD:
        assert not any(kind == "console" for kind, _ in blocks(code))


@pytest.mark.parametrize("code", [code for code in codes() if code not in TOLD])
def test_page(code, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command_line, "_stdout_file", lambda: "")
    shown = [text for kind, text in blocks(code) if kind == "console"]
    assert shown, "the page shows no command"
    for kind, text in reversed(blocks(code)):
        if kind in FILES:
            Path(FILES[kind]).write_text(text, encoding="utf-8")
    first, _, expected = shown[0].partition("\n")
    status, err = run(first, capsys)
    kind = "error" if status == 2 else "warning|note"
    assert status in (0, 2)
    assert re.search(rf"^(?:{kind})\[{code}\]: ", err, re.MULTILINE), err
    if os.environ.get("CNNCALC_REWRITE"):
        page = PACKAGE / "problems" / f"{code}.md"
        page.write_text(read(code).replace(shown[0], f"{first}\n{err}", 1), encoding="utf-8")
    else:
        assert err == expected

    assert "Right:" in read(code), "the page shows no fix"
    for kind, text in BLOCK.findall(read(code).split("Right:", 1)[1]):
        command = text.strip() if text.startswith("$ ") else first
        if not text.startswith("$ "):
            Path(FILES[kind]).write_text(text, encoding="utf-8")
        capsys.readouterr()
        status, err = run(command, capsys)
        assert status in (0, 1), err
        assert f"[{code}]" not in err


def run(command: str, capsys) -> tuple[int, str]:
    """A command line as the shell would run it; its status and what it wrote to standard error."""
    assert command.startswith("$ cnncalc "), command
    argv = shlex.split(command[2:])[1:]
    status = main(argv)
    return status, capsys.readouterr().err.replace(os.getcwd() + os.sep, "")
