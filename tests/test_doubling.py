"""What is short and stands for very much is counted before it is made, and what is wrong is not repeated.

Work is counted here, never time.
"""

from __future__ import annotations

import json

import pytest

import cnncalc
from cnncalc.core.problem import SpecError
from cnncalc.expression import environment
from cnncalc.network import work
from cnncalc.network.expansion.expand import MOST_BROKEN, Expander


@pytest.fixture
def entries(monkeypatch):
    """The names of the entries that are expanded."""
    seen = []
    entry = Expander.entry

    def counted(self, one, frame):
        seen.append(one.type)
        entry(self, one, frame)

    monkeypatch.setattr(Expander, "entry", counted)
    return seen


@pytest.fixture
def evaluations(monkeypatch):
    """The values that are worked out."""
    seen = []
    evaluate = environment.evaluate

    def counted(written, env, words=()):
        seen.append(written)
        return evaluate(written, env, words)

    monkeypatch.setattr(environment, "evaluate", counted)
    return seen


def problems(text: str) -> list[tuple[str, str, int]]:
    with pytest.raises(SpecError) as caught:
        cnncalc.loads(text).report()
    return [(problem.code, problem.message, problem.line or 0) for problem in caught.value.problems]


def blocks(body: str, last: str, count: int = 30) -> str:
    """Blocks that each use the next one, as `body` says."""
    lines = [f"  b{at}: {body.format(f'b{at + 1}')}" for at in range(count)]
    return "\n".join(["input: [4]", "define:", *lines, f"  b{count}: {last}", "layers: [b0]", ""])


LAYERS = ("too-many-layers", "the network would have more than 50,000 layers")
STEPS = ("too-many-steps", "repeats, blocks and branches would make more than 150,000 entries")
DOUBLED = {
    "twice": (blocks("[{0}, {0}]", "[ReLU]"), LAYERS, 17),
    "branches": (blocks("[{{parallel: [[{0}], [{0}]], merge: add}}]", "[ReLU]"), LAYERS, 18),
    "shortcuts": (blocks("[{{residual: [{0}], shortcut: [{0}]}}]", "[ReLU]"), LAYERS, 18),
    "groups": (blocks("[{{sequential: [{0}]}}, {0}]", "[ReLU]"), LAYERS, 17),
    "nothing": (blocks("[{0}, {0}]", "[]"), STEPS, 16),
    "left out": (blocks("[{0}, {0}]", "[{{a: ReLU, when: false}}]"), STEPS, 17),
    "copies": (
        "input: [4]\nlayers:\n- sequential:\n  - sequential:\n    - a: ReLU\n      repeat: 1000\n    repeat: 1000\n"
        "  repeat: 1000\n",
        LAYERS,
        7,
    ),
    "copies of one": ("input: [4]\nlayers:\n- a: ReLU\n  repeat: 510000\n", LAYERS, 4),
    "copies of two": ("input: [4]\nlayers:\n- sequential: [ReLU, ReLU]\n  repeat: 25001\n", LAYERS, 4),
    "copies of nothing": ("input: [4]\nlayers:\n- sequential: []\n  repeat: 150000\n", STEPS, 4),
    "copies of branches of nothing": (
        f"input: [4]\nlayers:\n- parallel: [{', '.join(['[]'] * 90)}]\n  repeat: 40000\n",
        STEPS,
        4,
    ),
}


@pytest.mark.parametrize("case", DOUBLED)
def test_layers_are_counted_before_they_are_made(case, entries):
    text, said, line = DOUBLED[case]
    text = text.replace("{{", "{").replace("}}", "}")
    assert problems(text) == [(*said, line)]
    assert entries == []


def test_what_is_not_known_before_is_counted_on_the_way(entries, monkeypatch):
    monkeypatch.setattr(work, "MAX_LAYERS", 100)
    text = "input: [4]\ndefine:\n  b(n):\n  - a: ReLU\n    repeat: n\nlayers:\n- b(60)\n- c: b(30 + 11)\n"
    assert problems(text) == [("too-many-layers", "the network would have more than 100 layers", 5)]
    assert len(entries) == 4
    text = "input: [4]\nlet: {yes: 1}\nlayers:\n- a: {sequential: [{b: ReLU, when: yes > 1}]}\n  repeat: 150\n"
    assert problems(text)[0][0] == "too-many-steps"


def test_the_bound_is_of_layers_alone(monkeypatch):
    monkeypatch.setattr(work, "MAX_LAYERS", 10)
    for fits, more in (
        ("- a: ReLU\n  repeat: 10\n", "- a: ReLU\n  repeat: 11\n"),
        ("- sequential: [ReLU, ReLU]\n  repeat: 5\n", "- sequential: [ReLU, ReLU]\n  repeat: 6\n"),
        ("- residual: [ReLU]\n  repeat: 5\n", "- residual: [ReLU]\n  repeat: 6\n"),
        ("- ReLU\n" * 10, "- ReLU\n" * 11),
    ):
        assert len(cnncalc.loads(f"input: [4]\nlayers:\n{fits}").report().rows) == 10
        assert problems(f"input: [4]\nlayers:\n{more}")[0][:2] == (
            "too-many-layers",
            "the network would have more than 10 layers",
        )


def test_a_longer_file_may_have_more_layers(monkeypatch):
    monkeypatch.setattr(work, "MAX_LAYERS", 10)
    text = "input: [4]\nlayers:\n" + "- ReLU  # written out, one a line\n" * 20
    assert len(cnncalc.loads(text).report().rows) == 20


def test_letters_of_names(monkeypatch):
    monkeypatch.setattr(work, "MOST_LETTERS", 1_000)
    text = "input: [4]\nlayers:\n- some_name: {sequential: [a_name: ReLU]}\n  repeat: 100\n"
    said = "the names of the layers would have more than 1,000 letters together"
    assert problems(text.replace("a_name: ReLU", "{a_name: ReLU}"))[0][:2] == ("too-many-layers", said)


@pytest.mark.parametrize(
    "form",
    ["[@, @]", "{x: @, y: @}", "[[@], [@]]", "'[@, @]'", "{x: [@, @]}"],
)
def test_lists_that_hold_each_other_twice(form, evaluations):
    lines = "".join(f"  a{at + 1}: {form.replace('@', f'a{at}')}\n" for at in range(40))
    found = problems(f"input: [4]\nlet:\n  a0: [1, 2, 3]\n{lines}layers: [ReLU]\n")
    assert len(found) == 1  # what holds it is no other mistake
    assert found[0][0] in ("too-many-steps", "list-too-large")
    assert len(evaluations) < 300


def test_arguments_of_blocks_that_double(evaluations):
    lines = "".join(f"  b{at}(p):\n  - b{at + 1}:\n      p: [p, p]\n" for at in range(60))
    text = f"input: [4]\ndefine:\n{lines}  b60(p): [ReLU]\nlayers:\n- b0: {{p: [1, 2]}}\n"
    assert problems(text) == [
        (
            "too-many-steps",
            "the expressions and options of this network take more than 5,000,000 steps to be worked out",
            61,
        )
    ]
    assert len(evaluations) < 200


def test_expressions_are_counted_together(monkeypatch):
    """Each of them is short: it is the copies that are many."""
    from cnncalc.expression import evaluation as frame

    monkeypatch.setattr(frame, "MAX_STEPS", 1_000)
    said = "the expressions and options of this network take more than 1,000 steps to be worked out"
    for call in ("Linear(out_features=index - index + 4)", "{linear: {out_features: index - index + 4}}"):
        text = f"input: [4]\nlayers:\n- {{a: {call}, repeat: 49}}\n"
        assert cnncalc.loads(text.replace("49", "40")).report().output_shape == (4,)
        assert problems(text.replace("49", "60"))[0][:2] == ("too-many-steps", said)
    text = "input: [4]\nlet: {x: 10**1500, y: x * x}\nlayers:\n"
    text += "- {a: Linear(out_features=4 + 0 * index * (x * x - y)), repeat: 9}\n"
    assert problems(text)[0][:2] == ("too-many-steps", said)


def test_sizes_of_all_arrays_are_counted(monkeypatch):
    """Four arrays with seven axes, the batch among them: what comes in and goes out, weight and bias."""
    from cnncalc.network import propagate

    monkeypatch.setattr(propagate, "MOST_SIZES", 11 * 10)
    text = "input: [4]\nlayers:\n- a: Linear(4, 4)\n  repeat: 10\n"
    assert len(cnncalc.loads(text).report().rows) == 10
    said = "the arrays of this network, inputs, outputs and weights, have more than 110 sizes together"
    assert problems(text.replace("10", "11")) == [("too-many-sizes", said, 3)]


# --- what is wrong once is wrong in every copy ---------------------------------------------------------------------


def test_a_broken_copy_is_the_last(entries):
    text = (
        "input: [4]\nlayers:\n- sequential:\n  - sequential:\n    - sequential:\n      - Linear(4, q)\n"
        "      - bb: Linear(4, 4)\n        from: zz\n      repeat: 20\n    repeat: 20\n  repeat: 20\n"
    )
    assert [code for code, _, _ in problems(text)] == ["option-value", "unknown-name"]
    assert len(entries) == 5


def test_no_mistake_follows_from_copies_that_were_not_made():
    text = (
        "input: [4]\nlayers:\n- a: Linear(4, q)\n  repeat: 9\n- b: ReLU\n  from: a.7\n- c: ReLU\n  from: a.7.output\n"
    )
    assert [(code, line) for code, _, line in problems(text)] == [("option-value", 3)]
    text = text.replace("q", "4").replace("a.7", "a.9", 1)
    assert [(code, line) for code, _, line in problems(text)] == [("unknown-port", 5)]


def test_a_broken_block_is_not_expanded_for_ever(entries):
    lines = "".join(f"  b{at}: [b{at + 1}, b{at + 1}]\n" for at in range(12))
    text = f"input: [4]\ndefine:\n{lines}  b12:\n  - a: Linear(4, q)\nlayers:\n- b0\n"
    text += "- c: ReLU\n  from: b0_1.b1_2.b2_2.b3_1\n"
    assert [(code, line) for code, _, line in problems(text)] == [("option-value", 16)]
    assert len(entries) < 12 * 4 * MOST_BROKEN


def test_what_does_not_fit_is_said_once():
    text = "input: [4]\nlayers:\n- sequential: [Linear(5, 4), ReLU]\n  repeat: 1000\n"
    assert [code for code, _, _ in problems(text)] == ["input-contradicts"]


# --- messages ------------------------------------------------------------------------------------------------------


def test_a_long_value_is_cut_in_a_message():
    lines = "".join(f"  a{at + 1}: [a{at}, a{at}]\n" for at in range(12))
    for layer in ("Linear(4, a12)", "{a: ReLU, repeat: a12}", "Conv1d(4, 4, a12)", "{linear: {out_features: a12}}"):
        ((code, message, _),) = problems(f"input: [4, 9]\nlet:\n  a0: [1, 2, 3]\n{lines}layers:\n- {layer}\n")
        assert code == "option-value"
        assert len(message) < 250 and "[[[1, 2, 3], [1, 2, 3]]" in message and message.endswith("...")


def test_a_shape_of_very_many_axes():
    for shape in ("[" + "1, " * 40_000 + "1]", "x".join(["1"] * 40_001)):
        ((code, message, _),) = problems(f"input: {shape}\nlayers: [ReLU]\n")
        assert (code, message) == ("shape-text", "input: a shape of 40001 axes; at most 64 are read")


# --- formulas ------------------------------------------------------------------------------------------------------


FORMULAS = [
    ([], "MOST_FORMULAS", "worked out"),
    (["--format", "json"], "MOST_LINES", "listed"),
    (["--format", "csv"], "MOST_LINES", "listed"),
]


@pytest.mark.parametrize(("words", "bound", "said"), FORMULAS)
def test_formulas_are_counted(words, bound, said, monkeypatch, call, spec):
    """A linear layer has three: parameters, operations and fully connected equivalent, beside its output's size."""
    from cnncalc.pages import explain

    net = spec("input: [4]\nlayers:\n- {a: Linear(out_features=index + 5), repeat: 5}\n")
    count = sum(len(row["lines"]) for row in json.loads(call("explain", net, "--format", "json").out)["layers"])
    monkeypatch.setattr(explain, bound, count)
    assert call("explain", net, *words).status == 0
    monkeypatch.setattr(explain, bound, count - 1)
    found = call("explain", net, *words)
    text = f"error[too-many-formulas]: more than {count - 1} formulas would be {said}\n"
    assert (found.status, found.out) == (2, "") and found.err.startswith(text)


def test_formulas_of_inner_layers_are_worked_out_once(monkeypatch, call):
    from cnncalc.explain import explain

    seen = []
    ordered = explain.ordered
    monkeypatch.setattr(explain, "ordered", lambda part: seen.append(part) or ordered(part))
    found = call("explain", "5x4 -> LSTM(4, 4, num_layers=500)")
    assert found.status == 0 and "of the same size = " in found.out
    assert len(seen) < 50


# --- wrong answers -------------------------------------------------------------------------------------------------


def test_all_wrong_answers_share_what_is_looked_at(monkeypatch, call, spec):
    from cnncalc.grading import diagnose, work

    wrong = "".join(f"  total.params + {at}: 7{at}\n" for at in range(50))
    net = spec(f"input: [4]\nlayers:\n- {{a: Linear(4, 4), repeat: 30}}\nexpect:\n{wrong}")
    spent = []
    search = diagnose.search

    def counted(*args):
        found = search(*args)
        spent.append(found[1])
        return found

    monkeypatch.setattr(diagnose, "search", counted)
    monkeypatch.setattr(work, "MOST", 20_000)
    assert call("check", net).status == 1
    assert 0 < len(spent) < 50 and sum(spent) < 2 * 20_000
    monkeypatch.setattr(diagnose, "MOST_ROWS", 29)
    spent.clear()
    assert call("check", net).status == 1
    assert sum(spent) == 0


# --- very many outputs and inputs ----------------------------------------------------------------------------------


@pytest.fixture
def ports(spec):
    """A layer of thousands of outputs, and one that takes them all."""
    names = ", ".join(f"s.{at}" for at in range(3000))
    text = f"input: [3000]\nlayers:\n- s: Split(1, dim=1)\n- c: Concat(dim=1)\n  from: [{names}]\n"
    return spec(text)


def test_a_line_names_some_of_very_many_inputs(ports, call):
    for words in ([], ["--format", "markdown"], ["--format", "csv"], ["--depth", "1"]):
        out = call("shapes", ports, *words).out
        assert "s.48 and 2,951 more" in out
        assert max(map(len, out.splitlines())) < 1_000


def test_what_follows_from_outputs_is_worked_out_once(ports, monkeypatch, call):
    """Each of them asked for all others once."""
    from cnncalc.network.row import Row

    seen = []
    given = Row.ports
    monkeypatch.setattr(Row, "ports", property(lambda row: seen.append(row) or given.fget(row)))
    found = call("shapes", ports, "--receptive")
    assert found.status == 0 and "s.2999" in found.out
    assert len(seen) < 10


def test_variables_of_exported_code_stay_apart(ports, call):
    out = call("export", ports).out
    names = [line.split(" = ")[0].strip() for line in out.splitlines() if " = s_parts[" in line]
    assert len(names) == len(set(names)) == 3000


def test_one_long_cell_does_not_widen_every_line(call, spec):
    net = spec(f"input: [4]\nlayers:\n- x: ReLU\n  name: {'a' * 9_000}\n" + "- ReLU\n" * 50)
    for format in ("plain", "markdown"):
        out = call("shapes", net, "--format", format).out
        assert "a" * 9_000 in out
        assert len(out) < 200_000
