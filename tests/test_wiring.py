"""Entries become nodes: shares of blocks, conditions, names; and what goes wrong outside of any entry is said too."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

import cnncalc
from cnncalc.cli.app import main
from cnncalc.core.problem import SpecError
from cnncalc.network import build

# ALBERT's idea: every copy has the weights of the first, 4·4 + 4 and 2·4 numbers.
SHARED = """\
input: [4]
define:
  block: [{fc: "Linear(4, 4)"}, {norm: LayerNorm}]
layers:
  - first: block
  - again: block
    share: first
    repeat: 3
"""


def problems(text):
    with pytest.raises(SpecError) as caught:
        cnncalc.loads(text).report()
    return [(problem.code, problem.message) for problem in caught.value.problems]


def test_a_block_shares_the_weights_of_another():
    report = cnncalc.loads(SHARED).report()
    assert report.totals.params == 28
    assert report["first.fc"].params == 20
    assert [row.node.shares for row in report.rows] == [None, None, 0, 1, 0, 1, 0, 1]
    run = cnncalc.loads(SHARED).run()
    assert run["again.2.fc.weight"] is run["first.fc.weight"]


def test_a_block_of_another_length_cannot_share():
    text = SHARED.replace("  - again: block\n", "  - again: Linear(4, 4)\n").replace("    repeat: 3\n", "")
    assert problems(text) == [("share-shapes-differ", "first has 2 layers, this has 1")]


def test_shares_may_be_named_by_a_constant():
    text = "input: [4]\nlet: {owner: a}\nlayers:\n  - a: Linear(4, 4)\n  - b: Linear(4, 4)\n    share: owner\n"
    assert cnncalc.loads(text).report().totals.params == 20


def test_conditions():
    def types(condition, more=""):
        text = f"input: [4]\n{more}layers:\n  - a: ReLU\n    when: {condition}\n  - b: Tanh\n"
        return [row.type for row in cnncalc.loads(text).report().rows]

    assert types("1 > 2") == ["Tanh"]
    assert types("1 < 2") == ["ReLU", "Tanh"]
    assert types("deep", "let: {deep: false}\n") == ["Tanh"]
    text = "input: [4]\nlayers:\n  - a: ReLU\n    when: {}\n"
    assert problems(text.format("deep"))[0][0] == "unknown-name"
    assert problems(text.format("1 / 0"))[0][0] == "expression-value"
    said = "when takes true, false or a condition, not"
    assert problems(text.format("")) == [("option-value", f"{said} nothing")]
    assert problems(text.format("[1, 2]")) == [("option-value", f"{said} [1, 2]")]
    assert problems(text.format("{}")) == [("option-value", f"{said} {{}}")]


def test_a_layer_that_takes_its_own_output():
    text = "input: [4]\nlayers:\n  - a: ReLU\n    from: a\n"
    assert problems(text) == [("cycle", '"a" takes its own output')]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RecursionError(), "error[too-deep]: the network is nested too deeply\n"),
        (
            MemoryError(),
            "error[too-much-memory]: this machine has not enough memory for it\nhelp: try a smaller network\n",
        ),
    ],
)
def test_what_the_machine_has_not(error, said, monkeypatch, capsys):
    from cnncalc.cli import shapes

    def broken(*_, **__):
        raise error

    monkeypatch.setattr(shapes, "load", broken)
    assert main(["shapes", "lenet5"]) == 2
    assert capsys.readouterr() == ("", said)


def made(text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], Any]:
    """The types of the layers that are made, and the report."""
    seen: list[str] = []
    bind = build.GraphBuilder._bind

    def counted(self: Any, kind: Any, *more: Any) -> Any:
        seen.append(kind.__name__)
        return bind(self, kind, *more)

    monkeypatch.setattr(build.GraphBuilder, "_bind", counted)
    return seen, cnncalc.loads(text).report()


def test_copies_in_which_names_mean_the_same_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "input: [9, 8]\nlet: {d: 8, h: 2}\ndefine:\n  part(n): [{a: Linear(d, n)}, {b: 'Linear(n, d)'}]\n  layer():\n"
        "  - attn: {attention: {embed_dim: d, num_heads: h}}\n  - mlp: part(16)\n  - k: Linear(d, d)\n"
        "layers:\n- {l: layer(), repeat: 50}\n- {i: Linear(8, 8 + index - index), repeat: 3}\n"
    )
    seen, report = made(text, monkeypatch)
    assert Counter(seen) == {"Attention": 1, "Linear": 3 + 3}
    assert report.totals.params == 50 * (3 * 64 + 8 * 16 + 16 + 16 * 8 + 8 + 72) + 3 * 72


def test_a_name_that_means_another_number_in_each_copy_makes_another_layer() -> None:
    text = "input: [4]\nlet: {k: 2}\ndefine:\n  b(n): [{x: 'Linear(out_features=n * k)'}]\n"
    text += "layers:\n- {c: b(index + 1), repeat: 3}\n"
    report = cnncalc.loads(text).report()
    assert [row.output_shape for row in report.rows] == [(2,), (4,), (6,)]
    text = "input: [4]\nlayers:\n- {c: {linear: {out_features: index + 1}}, repeat: 3}\n"
    assert [row.output_shape for row in cnncalc.loads(text).report().rows] == [(1,), (2,), (3,)]


@pytest.mark.parametrize(
    "group",
    ["[{conv: 'Conv2d(3, 4, 3)'}, ReLU]", "[conv: Conv2d(3, 4, 3), ReLU]", "[ReLU, {conv: {conv2d: [3, 4, 3]}}]"],
)
def test_a_name_with_a_list_of_named_layers_is_a_group(group: str) -> None:
    report = cnncalc.loads(f"input: [3, 8, 8]\nlayers:\n- block0: {group}\n").report()
    assert report["block0.conv"].params == 3 * 4 * 9 + 4
    assert report.output_shape == (4, 6, 6)


def test_what_is_wrong_in_such_a_group_is_said_at_its_place() -> None:
    text = "input: [3, 8, 8]\nlayers:\n- block0: [{conv: Conv2dd(3, 4, 3)}, ReLU]\n"
    assert problems(text) == [("unknown-layer", 'there is no layer "Conv2dd"')]


def test_fields_that_say_the_same_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = "conv2d: {out_channels: w, kernel_size: 3, padding: same}"
    text = f"input: [4, 8, 8]\nlet: {{w: 4}}\nlayers:\n- {fields}\n- {fields}\n- a: {{{fields}}}\n"
    text += "- relu: {}\n- relu: {}\n"
    seen, report = made(text, monkeypatch)
    assert Counter(seen) == {"Conv2d": 1, "ReLU": 1}
    assert report.totals.params == 3 * (4 * 4 * 9 + 4)
