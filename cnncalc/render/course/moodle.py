"""Moodle XML: multiple choice with feedback on every answer, as Moodle's question bank imports it."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.document import ChosenAbout, Quiz
from cnncalc.render.html import escape


def render(quiz: Quiz) -> str:
    """The quiz as a file for Import, Moodle XML format."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"]
    lines += ['  <question type="category">', "    <category>"]
    lines += [f"      <text>$course$/top/{escape(quiz['name'].replace('/', '//'))}</text>", "    </category>"]
    lines.append("  </question>")
    for number, one in enumerate(quiz["questions"], 1):
        lines.extend(_question(quiz, number, one))
    return "\n".join([*lines, "</quiz>"]) + "\n"


def _question(quiz: Quiz, number: int, one: ChosenAbout) -> Iterator[str]:
    network = "\n".join(escape(line) for line in one.get("about", quiz["network"]))
    name = f"{quiz['name']} {number:02}: {one['ask']}"
    question = f"<pre>{network}</pre><p>{escape(one['text'])}</p>"
    yield '  <question type="multichoice">'
    yield f"    <name><text>{escape(name)}</text></name>"
    yield f"    {_html('questiontext', question)}"
    yield f"    {_html('generalfeedback', '')}"
    yield "    <defaultgrade>1</defaultgrade>"
    yield "    <penalty>0.3333333</penalty>"
    yield "    <hidden>0</hidden>"
    yield "    <single>true</single>"
    yield "    <shuffleanswers>true</shuffleanswers>"
    yield "    <answernumbering>abc</answernumbering>"
    for choice in one["choices"]:
        yield f'    <answer fraction="{100 if choice["right"] else 0}" format="html">'
        text, said = escape(choice["text"]), escape(choice["feedback"])
        yield f"      <text>{escape_markup(f'<p>{text}</p>')}</text>"
        yield f"      {_html('feedback', f'<p>{said}</p>')}"
        yield "    </answer>"
    yield "  </question>"


def _html(tag: str, text: str) -> str:
    """HTML inside XML, its markup escaped."""
    return f'<{tag} format="html"><text>{escape_markup(text)}</text></{tag}>'


def escape_markup(text: str) -> str:
    """Markup as text of XML. Line ends are references: Moodle puts a space behind each line of the file."""
    return "&#10;".join(escape(line) for line in text.split("\n"))
