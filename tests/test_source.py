"""Reading YAML: what is read as it was written, and every trap with its whole message."""

from __future__ import annotations

import gc
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncalc.core.problem import Problem, Source, SpecError
from cnncalc.read.chain import read_chain
from cnncalc.read.yaml.source import Value, read_yaml
from cnncalc.read.yaml.text_file import decode, read_text


def tree(text: str) -> Value:
    """The tree of a text in which nothing is wrong."""
    value, problems = read_yaml(Source("net.yaml", text))
    assert problems == []
    return value


def problems_of(text: str) -> list[Problem]:
    try:
        return read_yaml(Source("net.yaml", text))[1]
    except SpecError as error:
        return error.problems


def told(text: str) -> list[str]:
    """Every problem of a text, in full."""
    return [
        f"{p.line}:{p.column} [{p.code}] {p.message} | {' / '.join(p.help)}" if p.help else f"{p.line}:{p.column} {p}"
        for p in problems_of(text)
    ]


# --- what is read ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("12", 12),
        ("-3", -3),
        ("+5", 5),
        ("1_000_000", 1000000),
        ("0x10", 16),
        ("0b11", 3),
        ("0", 0),
        ("0.5", 0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e-5", 0.00001),
        ("1E5", 100000.0),
        ("10.250", 10.25),
        (".inf", float("inf")),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("None", "None"),
        ("y", "y"),
        ("3x64x64", "3x64x64"),
        ("3@64x64", "3@64x64"),
        ("11,642", "11,642"),
        ("25.6M", "25.6M"),
        ("1.74%", "1.74%"),
        ("0,5", "0,5"),
        ("-x + 1", "-x + 1"),
        ("-inf", "-inf"),
        ("1:90", "1:90"),
        ("2026-11-20", "2026-11-20"),
        ("(3, 3)", "(3, 3)"),
        ("3, 16, 3", "3, 16, 3"),
        ("net#2", "net#2"),
        ("h[t-1] + b", "h[t-1] + b"),
        ("'012'", "012"),
        ('"no"', "no"),
        ("?", "?"),
        ("? # to be found", "?"),
        ("'\\tanh(W)'", "\\tanh(W)"),
        ('"\\\\tanh"', "\\tanh"),
        ("5  # five", 5),
        ("|\n  a [\n  b", "a [\nb"),
    ],
)
def test_scalars(written: str, meant: object) -> None:
    value = tree(f"key: {written}").plain()["key"]  # type: ignore[index]
    assert value == meant
    assert type(value) is type(meant)


def test_keys_are_text_always() -> None:
    assert tree("0: a\nno: b\non: c\ntrue: d\n1e3: e\nnull: f\n012: g").plain() == {
        "0": "a",
        "no": "b",
        "on": "c",
        "true": "d",
        "1e3": "e",
        "null": "f",
        "012": "g",
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("[Conv2d(3, 16, 3), ReLU]", ["Conv2d(3, 16, 3)", "ReLU"]),
        ("{conv1: Conv2d(3, 16, 3)}", {"conv1": "Conv2d(3, 16, 3)"}),
        ("{kernel_size: (3, 3), padding: (1, 1)}", {"kernel_size": "(3, 3)", "padding": "(1, 1)"}),
        ("{layer: Embedding(10000, 256), input: caption}", {"layer": "Embedding(10000, 256)", "input": "caption"}),
        ("[?, 28, 28]", ["?", 28, 28]),
        ("{in_features: ?, bias: true}", {"in_features": "?", "bias": True}),
        ("[_, 28, 28]", ["_", 28, 28]),
        ("[None, 28, 28]", ["None", 28, 28]),
        ("[3 64 64]", ["3 64 64"]),
        ("[[3, 4], [(1, 2), f(x, [a, {b: c}])]]", [[3, 4], ["(1, 2)", "f(x, [a, {b: c}])"]]),
        ("{block(width, stride=1): [ReLU, g(a, b)]}", {"block(width, stride=1)": ["ReLU", "g(a, b)"]}),
        ("{h: c * h[t-1] + (1 - c) * (W @ x[t, 0])}", {"h": "c * h[t-1] + (1 - c) * (W @ x[t, 0])"}),
        ("{x[0]: 1}", {"x[0]": 1}),
        ("{a: f(x, mode=\"s, t\", n='u)')}", {"a": "f(x, mode=\"s, t\", n='u)')"}),
        ("[f(a, b),\n  g(c,\n  d)]", ["f(a, b)", "g(c, d)"]),
        ("['f(x', \"g(\", h(1, 2)]", ["f(x", "g(", "h(1, 2)"]),
        ("[x] # [y(", ["x"]),
        ("{params: 11,642, macs: 1,124,864}", {"params": "11,642", "macs": "1,124,864"}),
        ("[11,642]", [11, 642]),
        ('{"a":[1,2],"b":null}', {"a": [1, 2], "b": None}),
    ],
)
def test_calls_and_tuples_inside_brackets_stay_whole(written: str, meant: object) -> None:
    assert tree(f"- {written}\n- after(1, 2)").plain() == [meant, "after(1, 2)"]
    assert tree(f"key: {written}").plain() == {"key": meant}


def test_brackets_in_other_places_change_nothing() -> None:
    text = "a: |\n  [f(\n  {g: (\n# [h(\nb: it's [not (a list\nc: 'quoted [ ('\nd: [f(1, 2)]"
    assert tree(text).plain() == {
        "a": "[f(\n{g: (\n",
        "b": "it's [not (a list",
        "c": "quoted [ (",
        "d": ["f(1, 2)"],
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("- Conv2d(3, 16,\n    kernel_size=3)", ["Conv2d(3, 16, kernel_size=3)"]),
        ("a: x +\n  y", {"a": "x + y"}),
        ("layers: Conv2d(3, 16, 3)\n  -> ReLU\n  -> Flatten", {"layers": "Conv2d(3, 16, 3) -> ReLU -> Flatten"}),
        (
            "layers: nn.Sequential(\n  nn.ReLU(),\n  nn.Flatten())",
            {"layers": "nn.Sequential( nn.ReLU(), nn.Flatten())"},
        ),
    ],
)
def test_a_call_or_expression_may_go_on_in_the_next_line(written: str, meant: object) -> None:
    assert tree(written).plain() == meant


def test_what_word_processors_put_in() -> None:
    text = "\ufeffname: “my net”\r\nmode: ‘same’\r\nlet:\r\n\u00a0\u00a0don’t: [“a”,\u00a0b]\r\n"
    assert tree(text).plain() == {"name": "my net", "mode": "same", "let": {"don’t": ["a", "b"]}}


def test_places_count_from_one_and_cover_the_text() -> None:
    text = "é: 1\nlayers:\n  - conv1: Conv2d(3, 16, 3)  # first\n  - {pool: (2, 2), bias: 'x'}\n  - |\n    a\n"
    root = tree(text)
    (_, one), (layers_key, layers) = root.data
    first, second, third = layers.data
    (name, call), (pool, pair), (_, bias) = first.data[0], second.data[0], second.data[1]
    assert one.span() == (1, 4, 1)
    assert layers_key.span() == (2, 1, 6)
    assert first.span() == (3, 5, 23)
    assert name.span() == (3, 5, 5)
    assert call.span() == (3, 12, 16)
    assert second.span() == (4, 5, 25)
    assert pool.span() == (4, 6, 4)
    assert pair.span() == (4, 12, 6)
    assert bias.span() == (4, 26, 3)
    assert third.span() == (5, 5, 1)
    assert (first.kind, layers.kind, call.kind) == ("map", "list", "scalar")
    assert (layers.style, second.style, bias.style, third.style) == ("block", "flow", "'", "|")
    assert bias.quoted and not call.quoted


def test_the_text_of_a_number_is_kept() -> None:
    value = tree("a: 1_000.50").data[0][1]
    assert (value.data, value.text) == (1000.5, "1_000.50")


def test_aliases_and_merge_keys() -> None:
    text = "base: &b {x: 1, y: 2}\nc:\n  <<: *b\n  y: 3\nd: {<<: [*b, {z: 4}]}\ne: [*b, *b]\nf: &n 5\ng: *n"
    root = tree(text)
    assert root.plain() == {
        "base": {"x": 1, "y": 2},
        "c": {"x": 1, "y": 3},
        "d": {"x": 1, "y": 2, "z": 4},
        "e": [{"x": 1, "y": 2}, {"x": 1, "y": 2}],
        "f": 5,
        "g": 5,
    }
    assert root.data[-1][1].span() == (8, 4, 2)


# --- what is reported -----------------------------------------------------------------------------------------------

TRAPS = {
    # YAML 1.1 surprises: what is read is what the author sees
    "a: no": ["1:4 [yaml-surprise] YAML reads no as false, not as the word | "
              'write false for the truth value, "no" in quotes for the word'],
    "[yes, Off]": ["1:2 [yaml-surprise] YAML reads yes as true, not as the word | "
                   'write true for the truth value, "yes" in quotes for the word',
                   "1:7 [yaml-surprise] YAML reads Off as false, not as the word | "
                   'write false for the truth value, "Off" in quotes for the word'],
    "a: 012": ["1:4 [yaml-surprise] YAML reads 012 as 10: a leading 0 means octal | "
               'write 12 for the number, "012" in quotes for the text'],
    "a: 08": ["1:4 [yaml-surprise] YAML reads 08 as text: a leading 0 means octal, which has no 8 and no 9 | "
              'write 8 for the number, "08" in quotes for the text'],
    "a: 1:30": ["1:4 [yaml-surprise] YAML reads 1:30 as 90: a number to the base 60 | "
                'write 90 for the number, "1:30" in quotes for the text'],
    "a: 1:2": ["1:4 [yaml-surprise] YAML reads 1:2 as 62: a number to the base 60 | "
               'write 62 for the number, "1:2" in quotes for the text'],
    "a: 1e999": ["1:4 [yaml-surprise] 1e999 is larger than a number can be | write .inf for infinity"],
    "a: " + "9" * 500: ["1:4 [yaml-surprise] a number of 500 digits is too long | a number has at most 400 digits"],
    # keys
    "layers:\n  relu: ReLU\n  fc: Linear(3)\n  relu: ReLU": [
        '4:3 [duplicate-key] the key "relu" appears twice, in lines 2 and 4; YAML would keep the last one only | '
        'start each layer with "- ": - relu: ...'],
    "expect:\n  a: 1\nexpect:\n  b: 2": [
        '3:1 [duplicate-key] the key "expect" appears twice, in lines 1 and 3; YAML would keep the last one only | '
        'put what stands under them together, under one "expect:"'],
    "name: x\nname: y\n\"name\": z": [
        '2:1 [duplicate-key] the key "name" appears 3 times, in lines 1, 2 and 3; YAML would keep the last one only | '
        "keep one of them"],
    "{a: 1, a: 2}": [
        '1:8 [duplicate-key] the key "a" appears twice, in line 1; YAML would keep the last one only | '
        "keep one of them"],
    "{{F}}": ["1:2 [yaml-key] a mapping stands where a key is expected | "
              "braces open a mapping; a name stands without them: F"],
    "? [a, b]\n: c": ['1:3 [yaml-key] a list stands where a key is expected | put it in quotes: "[a, b]"'],
    "{kernel_size: 3, 3}": ['1:18 [yaml-cut] inside { } YAML cuts "3, 3" at the comma | write [3, 3] for a pair'],
    # indents, dashes, glued lines
    "layers:\n  - Conv2d(3, 16, 3)\n   - ReLU\n  - Flatten": [
        '3:4 [yaml-glued] "Conv2d(3, 16, 3) - ReLU" is two entries in one: the "-" of line 3 is indented deeper than '
        "that of line 2 | give both the same indent"],
    "a: x\n  - y": [
        '2:3 [yaml-glued] "x - y" is two entries in one: line 1 has a value already, and line 2 goes on with it | '
        'a list starts in a line of its own: begin each entry with "- " under line 1'],
    "layers:\n  nn.Conv2d(3, 16, 3),\n  nn.ReLU(),\n  nn.Flatten()": [
        '2:3 [yaml-glued] lines 2 to 4 are read as one text, "nn.Conv2d(3, 16, 3), nn.ReLU(), nn.Flatten()" | '
        'start each line with "- ": - nn.Conv2d(3, 16, 3)'],
    "expect:\n  conv1.shape = [16, 64, 64]\n  conv1.params = 448": [
        '2:3 [yaml-glued] lines 2 and 3 are read as one text, "conv1.shape = [16, 64, 64] conv1.params = 448" | '
        "write each line as a key and a value: conv1.shape: [16, 64, 64]"],
    "[Conv2d(3, 16, 3)\n ReLU]": [
        '2:2 [yaml-glued] lines 1 and 2 are read as one text, "Conv2d(3, 16, 3) ReLU" | '
        "a comma is missing at the end of line 1"],
    "layers:\n  -Conv2d(3, 16, 3)\n  -ReLU": [
        '2:3 [yaml-dash] there is no space after the dash of "-Conv2d(3, 16, 3)" | write - Conv2d(3, 16, 3)'],
    "layers:\n  -ReLU": ['2:3 [yaml-dash] there is no space after the dash of "-ReLU" | write - ReLU'],
    "layers:\n  - Flatten\n  -ReLU\n  - Flatten\n  -fc: Linear(3)": [
        '3:3 [yaml-dash] there is no space after the dash of "-ReLU" | write - ReLU',
        '5:3 [yaml-dash] there is no space after the dash of "-fc: Linear(3)" | write - fc: Linear(3)'],
    "- conv1: A\n - B": [
        '2:2 [yaml-indent] this "-" is indented by 1 space, the one above it by 0 spaces | '
        "give all entries of a list the same indent"],
    "layers:\n   - A\n  - B": [
        '3:3 [yaml-indent] this "-" is indented by 2 spaces, the one above it by 3 spaces | '
        "give all entries of a list the same indent"],
    "a: b\n- c": [
        '2:1 [yaml-indent] a "- " entry cannot stand here, among lines of the form "key: value" | '
        "write the key of the list above it: layers:"],
    "- b\na: c": [
        '2:1 [yaml-indent] "a: c" is no entry of the list above, whose entries start with "-" | '
        "write - a: c, or give it another indent"],
    "- conv1: Conv2d(3, 16, 3)\n    name: x": [
        '2:5 [yaml-indent] "name: x" is indented deeper than the line above, which has a value already | '
        'give "name" the indent of the key it belongs beside'],
    "a:\n   b: 1\n  c: 2": [
        "3:3 [yaml-indent] the indent of this line, 2 spaces, fits no line above it | "
        "lines of one mapping or list have the same indent"],
    "a:\n\tb: 1\n\tc: 2\nd:\n\t- e": [
        "2:1 [yaml-tab] lines 2 and 3 have tabs in their indent, where YAML takes spaces only | "
        "write two spaces for each tab",
        "5:1 [yaml-tab] line 5 has a tab in its indent, where YAML takes spaces only | write two spaces for each tab"],
    "- A\n\t- B": [
        "2:1 [yaml-tab] line 2 has a tab in its indent, where YAML takes spaces only | write two spaces for each tab"],
    "layers: nn.Sequential(\n  nn.ReLU(), # first\n  nn.Flatten())": [
        '3:3 [yaml-glued] the comment above ends a text, so "nn.Flatten())" stands alone | '
        'start each layer with "- " / or write layers: |'],
    # colons and comments
    "- conv1:Conv2d(3, 16, 3)": [
        '1:3 [yaml-colon] there is no space after the colon of "conv1:" | write conv1: Conv2d(3, 16, 3)'],
    "{conv1:Conv2d(3, 16, 3)}": [
        '1:2 [yaml-colon] there is no space after the colon of "conv1:" | write conv1: Conv2d(3, 16, 3)'],
    "a: 1\nkernel:3\nb: 2\nstride:4": [
        '2:1 [yaml-colon] there is no space after the colon of "kernel:" | write kernel: 3',
        '4:1 [yaml-colon] there is no space after the colon of "stride:" | write stride: 4'],
    "- cat1: concat: [a, b]": [
        "1:15 [yaml-colon] there are two colons on one line | put the inner one in braces: cat1: {concat: [a, b]}"],
    "input: image: [3, 4]": [
        "1:13 [yaml-colon] there are two colons on one line | put the inner one in braces: input: {image: [3, 4]}"],
    "Lambda: lambda x: x + 1": [
        '1:17 [yaml-colon] there are two colons on one line | put the text in quotes: Lambda: "lambda x: x + 1"'],
    "{a: b: c}": [
        "1:6 [yaml-colon] there are two colons in one entry | put the inner one in braces: a: {b: c}"],
    "- Conv2d(3, 16, 3)#c": [
        '1:3 [yaml-comment] a comment needs a space before "#"; without it the "#" is part of the text | '
        "write Conv2d(3, 16, 3)  #c"],
    # characters that mean something to YAML
    "[*, 3]": ['1:2 [yaml-sign] a lone "*" needs quotes: in YAML a * starts an alias | write "*"'],
    "a: > 1M": ['1:4 [yaml-sign] "> 1M" needs quotes: in YAML a > starts a folded text | write "> 1M"'],
    "a: >= 1M  # big": ['1:4 [yaml-sign] ">= 1M" needs quotes: in YAML a > starts a folded text | write ">= 1M"'],
    "{a: > 3, b: 4}": ['1:5 [yaml-sign] "> 3" needs quotes: in YAML a > starts a folded text | write "> 3"'],
    "a: |h|": ['1:4 [yaml-sign] "|h|" needs quotes: in YAML a | starts a block of text | write "|h|"'],
    "a: @x": ['1:4 [yaml-sign] "@x" needs quotes: in YAML no value starts with @ | write "@x"'],
    "a: %x": ['1:4 [yaml-sign] "%x" needs quotes: in YAML a % starts a directive | write "%x"'],
    "a: `x`": ['1:4 [yaml-sign] "`x`" needs quotes: in YAML no value starts with ` | write "`x`"'],
    "a: ? b": ['1:4 [yaml-sign] "? b" needs quotes: in YAML a ? starts a key | write "? b"'],
    "a: & b": ['1:4 [yaml-sign] "& b" needs quotes: in YAML a & starts an anchor | write "& b"'],
    "- [block] * 3": ['1:11 [yaml-sign] YAML cannot multiply: "[block] * 3" | '
                      'to have a block several times, write "repeat: N" beside it'],
    # quotes and escapes
    'a: "\\tanh(W)"': ['1:4 [yaml-escape] YAML reads "\\t" in double quotes as a tab | '
                       "use single quotes: '\\tanh(W)'"],
    'a: "\\nu"': ['1:4 [yaml-escape] YAML reads "\\n" in double quotes as a line break | use single quotes: \'\\nu\''],
    'a: "\\sigma(x)"': ['1:5 [yaml-escape] "\\s" means nothing to YAML in double quotes | '
                        "use single quotes: '\\sigma(x)'"],
    "a: 'b\nc: d": ["1:4 [yaml-quote] the quote that opens here is never closed | close it with '"],
    'a: "x" y': ['1:8 [yaml-quote] "y" stands after the closing quote | put the quotes around the whole value'],
    "a: 'it's'": ['1:8 [yaml-quote] "s\'" stands after the closing quote | put the quotes around the whole value / '
                  "a ' inside single quotes is written twice: ''"],
    # brackets
    "input: [3, 64, 64\nlayers:\n  - a": [
        '1:8 [yaml-bracket] the "[" that opens here is never closed | put a "]" where the list ends'],
    "a: {b: 1": ['1:4 [yaml-bracket] the "{" that opens here is never closed | put a "}" where the mapping ends'],
    "a: [1, 2]]": ['1:10 [yaml-bracket] this "]" closes nothing | leave it out, or put a "[" where it opens'],
    "a: [b, , c]": ['1:8 [yaml-bracket] there is no value before the "," | leave the comma out, or write the value'],
    "a: [- b]": ['1:5 [yaml-bracket] a "-" starts no entry inside brackets | '
                 'separate the entries by commas, without "-"'],
    "[Conv2d(3, 16, 3, ReLU]": [
        '1:8 [yaml-bracket] the "(" of "Conv2d(3, 16, 3, ReLU" is not closed before "]" | put a ")" where it ends'],
    "{kernel_size: (3, 3}": [
        '1:15 [yaml-bracket] the "(" of "(3, 3" is not closed before "}" | put a ")" where it ends'],
    "[f(x, # why\n y)]": [
        '1:3 [yaml-bracket] the "(" of "f(x," is not closed before the comment | write the comment behind the call'],
    "a: [1, 2] x": ['1:11 [yaml-syntax] "x" stands after the value, which ends with "]" | '
                    "put the whole value in quotes"],
    # what a spec has no use for
    "a: 1\n---\nb: 2": [
        '2:1 [yaml-documents] a second document starts here with "---", and a spec is one document | '
        "leave the line out, or write a file for each network"],
    "a: 1\n...\nb: 2": [
        '3:1 [yaml-documents] a second document starts here, after "...", and a spec is one document | '
        'leave out the line "..."'],
    "a: !!python/object:os.system {}": [
        '1:4 [yaml-tag] the tag "!!python/object:os.system" is not read: a spec has no tags | '
        "leave it out; text that starts with ! goes in quotes"],
    "a: *x": ['1:4 [yaml-anchor] there is no anchor "&x" before "*x" | put it in quotes if the text is meant: "*x"'],
    "a: &a [*a]": ['1:8 [yaml-anchor] "*a" stands inside its own anchor "&a" | '
                   "an alias repeats a value that is complete above it"],
    "a: {<<: 3}": ['1:5 [yaml-anchor] "<<" takes a mapping, or a list of them | '
                   "write <<: *NAME, where &NAME marks a mapping"],
    "a: \x07": ["1:4 [yaml-character] U+0007 is a control character and cannot stand in a spec | delete it"],
    "a: \ud83d": ["1:4 [yaml-character] U+D83D is half a character and cannot stand in a spec | delete it"],
    "a: " + "[" * 200: ["1:103 [yaml-depth] lists and mappings are nested deeper than 100 | "
                        "define a block, and use it by its name"],
    # text of another kind
    "Net(\n  (conv1): Conv2d(3, 6, 5)\n  (fc): Linear(3, 4)\n)": [
        "1:1 [pasted-model] this is what print(model) shows, and not a spec | "
        'write "layers:" and under it a line for each layer: - conv1: Conv2d(3, 6, 5) / '
        "print(model) lists the layers as they were made, not as forward() calls them: put them in that order"],
    "import torch\n\nclass Net(nn.Module):\n    def forward(self, x):\n        return x": [
        "1:1 [pasted-python] this is Python, which is not run | "
        'write the layers in the order forward() calls them, each as "- NAME: Conv2d(3, 16, 3)" under "layers:"'],
    "class Net(nn.Module):\n    pass": [
        "1:1 [pasted-python] this is Python, which is not run | "
        'write the layers in the order forward() calls them, each as "- NAME: Conv2d(3, 16, 3)" under "layers:"'],
}  # fmt: skip


@pytest.mark.parametrize("text", TRAPS, ids=lambda text: text[:40])
def test_traps(text: str) -> None:
    assert told(text) == TRAPS[text]


def test_a_help_shows_what_can_be_read() -> None:
    """What a help sentence shows after `write`, or after a colon, is a text without a problem."""
    shown = 0
    for text in TRAPS:
        for problem in problems_of(text):
            for help in problem.help:
                _, _, form = help.partition("write ") if help.startswith("write ") else help.partition(": ")
                if problem.code in ("yaml-sign", "yaml-dash", "yaml-colon", "yaml-comment", "yaml-escape") and form:
                    tree(form)
                    shown += 1
    assert shown > 20


def test_every_mistake_of_a_file_at_once() -> None:
    text = """\
name: x
layers:
  - conv1: Conv2d(3, 16, 3)
      name: y
  - c: d: e
  - [*, 3]
  - goal: > 3
  - ReLU#c
  - bias: no
  - {a: 1, a: 2}
"""
    assert [(p.line, p.code) for p in problems_of(text)] == [
        (4, "yaml-indent"),
        (5, "yaml-colon"),
        (6, "yaml-sign"),
        (7, "yaml-sign"),
        (8, "yaml-comment"),
        (9, "yaml-surprise"),
        (10, "duplicate-key"),
    ]


def test_where_the_meaning_is_plain_the_tree_has_it() -> None:
    """So that one mistake is not reported a second time by what reads the tree."""
    text = "- conv1:Conv2d(3, 16, 3)\n- ReLU#c\n- {a: 1, a: 2}\n- 012\n- no\n- '\\tanh'\n- \"\\tanh\""
    root, problems = read_yaml(Source("net.yaml", text))
    assert len(problems) == 6
    assert root.plain() == [{"conv1": "Conv2d(3, 16, 3)"}, "ReLU", {"a": 1}, 12, False, "\\tanh", "\\tanh"]


def test_a_bomb_of_aliases_is_refused_before_it_is_built() -> None:
    names = "abcdefghij"
    text = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    for below, name in pairwise(names):
        text += f"{name}: &{name} [{', '.join([f'*{below}'] * 10)}]\n"
    assert told(text) == [
        "5:36 [yaml-anchor] the aliases of this spec stand for more than 100,000 values | "
        "use define and repeat for a block that occurs often"
    ]


class ReadsAhead:
    """A parser with a bound of its own, which it meets before it hands out what stands before it."""

    def __init__(self, text: str) -> None:
        self.events = yaml.SafeLoader(text[: text.index("[")] + "x")
        self.text = text

    def get_event(self) -> yaml.Event:
        event = self.events.get_event()
        if isinstance(event, yaml.ScalarEvent) and event.value == "x":
            at = self.text.rindex("[")
            line = self.text.count("\n", 0, at)
            mark = yaml.Mark("", at, line, at - self.text.rfind("\n", 0, at) - 1, None, None)
            problem = "exceeded maximum nesting depth"
            raise yaml.scanner.ScannerError("while increasing flow level", mark, problem, mark)
        return event

    def dispose(self) -> None:
        self.events.dispose()


@pytest.mark.parametrize("before", ["", "input: {a: [4]}\n", "let: {a: {b: 1}}\n"])
def test_a_parser_that_reads_ahead_and_gives_up(before: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML 6.0.4 has a bound of 1,000; ours stands at the same place with every version."""
    text = f"{before}layers: [[1], {'[' * 1_100}"
    expected = told(text)
    assert len(expected) == 1 and "[yaml-depth] lists and mappings are nested deeper than 100" in expected[0]
    monkeypatch.setattr(yaml, "CSafeLoader", ReadsAhead, raising=False)
    assert told(text) == expected
    monkeypatch.setattr(yaml, "CSafeLoader", yaml.SafeLoader)
    assert told(text) == expected


def test_an_empty_spec() -> None:
    for text in ("", "\n\n", "# only a comment\n"):
        (problem,) = problems_of(text)
        assert (problem.code, problem.message) == ("empty-spec", "there is nothing in this spec")
        assert problem.help == ('a spec has at least "input: [3, 64, 64]" and "layers:"',)


def test_the_other_parser_of_pyyaml_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyYAML is built without its C library, its Python parser serves."""
    texts = [text for text in TRAPS if "\t" not in text]
    assert len(texts) > 50
    before = [told(text) for text in texts]
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert [told(text) for text in texts] == before


def test_the_collector_is_left_as_it_was() -> None:
    assert gc.isenabled()
    tree("a: 1")
    problems_of("a: [")
    assert gc.isenabled()
    gc.disable()
    try:
        tree("a: 1")
        assert not gc.isenabled()
    finally:
        gc.enable()


# --- files ----------------------------------------------------------------------------------------------------------


def refusal(path: Path | str) -> tuple[str, str, tuple[str, ...]]:
    with pytest.raises(SpecError) as caught:
        read_text(str(path))
    (problem,) = caught.value.problems
    return problem.code, problem.message, problem.help


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: caf\xc3\xa9\r\ninput:\xc2\xa0[3, 4]\r\n")
    source = read_text(str(path))
    assert source == Source(str(path), "name: café\ninput: [3, 4]\n")
    assert decode(b"a: 1", "standard input") == Source("standard input", "a: 1")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "resnet.yaml").write_text("a: 1")
    missing = tmp_path / "resnt.yaml"
    assert refusal(missing) == (
        "file-not-found",
        f'there is no file "{missing}"',
        (f"did you mean {tmp_path / 'resnet.yaml'}?",),
    )
    elsewhere = tmp_path / "no" / "net.yaml"
    assert refusal(elsewhere) == (
        "file-not-found",
        f'there is no file "{elsewhere}"',
        (f'there is no folder "{tmp_path / "no"}" either',),
    )
    assert refusal(tmp_path) == ("file-unreadable", f'"{tmp_path}" is a folder', ("name a file in it",))
    assert refusal("a\0b")[:2] == ("file-unreadable", '"a\0b" cannot be read: no name has a null character in it')


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le", "utf-32"])
def test_other_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes("name: x".encode(encoding))
    code, message, help = refusal(path)
    named = "UTF-32" if encoding == "utf-32" else "UTF-16"
    assert (code, message) == ("file-encoding", f'"{path}" is {named} text, and a spec is UTF-8')
    assert help[0].startswith("save it as UTF-8")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes(b"a: 1\nname: caf\xe9\n")
    assert refusal(path) == (
        "file-encoding",
        f'"{path}" is not UTF-8: line 2 has the byte 0xE9',
        ("save it as UTF-8",),
    )
    path.write_bytes(b"PK\x03\x04\x00\x00\x08\x08")
    assert refusal(path) == ("file-encoding", f'"{path}" is no text file', ("a spec is YAML text",))


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnncalc.read.yaml.text_file.LARGEST_FILE", 2 << 20)
    path = tmp_path / "net.yaml"
    path.write_bytes(b"a" * ((2 << 20) + 1))
    assert refusal(path) == ("file-too-large", f'"{path}" has more than 2 MB, the most a spec may have', ())


def test_too_many_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnncalc.read.yaml.parse.MOST_VALUES", 5)
    assert told("[1, 2, 3, 4, 5, 6]") == [
        "1:14 [yaml-size] the spec has more than 5 values | a large array can stand in an .npz file: values: arrays.npz"
    ]


# --- PyYAML as the witness ------------------------------------------------------------------------------------------

WORDS = st.from_regex(r"[A-Za-z_][A-Za-z_ ]{0,8}", fullmatch=True)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | WORDS
    | st.text("ab ',[]{}:#?é", max_size=9)
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(TREES, st.sampled_from([True, False, None]))
def test_what_pyyaml_writes_is_read_back(value: object, flow: bool | None) -> None:
    text = yaml.safe_dump({"root": value}, default_flow_style=flow, allow_unicode=True, width=10**6)
    read, problems = read_yaml(Source("x", text))
    if problems:
        assert {problem.code for problem in problems} <= {"yaml-colon", "yaml-comment"}
    else:
        assert read.plain() == {"root": value}


def test_the_shipped_specs_are_read_as_pyyaml_reads_them() -> None:
    paths = sorted((Path(__file__).parent.parent / "specs").glob("*.yaml"))
    assert paths, "no specs found"

    def named(value: object) -> object:
        if isinstance(value, dict):
            return {str(key): named(item) for key, item in value.items()}
        return [named(item) for item in value] if isinstance(value, list) else value

    for path in paths:
        source = read_text(str(path))
        if "(" in "".join(line for line in source.text.splitlines() if "[" in line or "{" in line):
            continue  # a call inside brackets, which PyYAML would cut
        assert tree(source.text).plain() == named(yaml.safe_load(source.text)), path.name


def test_places_in_a_chain_of_many_parts_and_lines() -> None:
    """Each part is looked at once: a chain is read in line time."""

    class Counted(str):
        looked = 0

        def count(self, sub: str, start: Any = 0, end: Any = None) -> int:  # type: ignore[override]
            Counted.looked += (len(self) if end is None else end) - start
            return super().count(sub, start, len(self) if end is None else end)

    text = Counted("3x8x8" + " -> ReLU" * 50 + "\n -> Tanh -> ReLU\n\n-> SiLU" + " -> ReLU" * 50)
    spec = read_chain(text)
    place = {entry.type: (entry.span.line, entry.span.column) for entry in spec.layers if entry.type != "ReLU"}
    assert place == {"Tanh": (2, 5), "SiLU": (4, 4)}
    assert Counted.looked <= 2 * len(text)
