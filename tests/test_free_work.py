"""Networks in free dimensions: the steps that commands take with their formulas, and that the formulas are right."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from cnncalc.cli.app import main
from cnncalc.core.number import is_free
from cnncalc.core.steps import STEPS
from cnncalc.editor.text import analyse
from cnncalc.loading import load
from cnncalc.symbolic.algebra.kinds import Symbol
from cnncalc.symbolic.values import holds, value
from cnncalc.web.live import reply


def chain(times: int, *layers: str, shape: str = "3xHxW") -> str:
    return " -> ".join([shape, *layers * times])


def conv(kernel: str, *options: str) -> str:
    return f"Conv2d({', '.join(['out_channels=8', f'kernel_size={kernel}', *options])})"


GENERAL = conv("K", "stride=S", "padding=P", "dilation=D")
HALF = conv("K", "padding=(K - 1) // 2")
UP = "MaxPool2d(2, ceil_mode=true)"
# A command, and about three times the steps that it takes; a second of processor time is some 400,000.
WORK = [
    (["explain", chain(6, conv("K", "stride=S", "padding=P"))], 200_000),
    (["explain", chain(10, GENERAL)], 700_000),
    (["shapes", chain(5, conv("3"), UP)], 55_000),
    (["shapes", chain(5, conv("K", "padding=P"), "MaxPool2d(K, stride=S, ceil_mode=true)")], 700_000),
    (["shapes", chain(5, HALF, "MaxPool2d(2)")], 250_000),
    (["shapes", chain(5, HALF, UP)], 350_000),
    (["explain", chain(5, HALF, "MaxPool2d(2)")], 320_000),
    (["shapes", chain(12, conv("K", "dilation=D"))], 60_000),
    (["shapes", chain(12, GENERAL)], 750_000),
    (["cost", chain(5, GENERAL), "--growth"], 135_000),
    (["cost", chain(10, conv("3", "stride=2", "padding=1"), "ReLU"), "--growth"], 110_000),
    (
        ["cost", chain(6, "MultiheadAttention(D, num_heads=4)", "Linear(out_features=D)", shape="LxD"), "--growth"],
        60_000,
    ),
    (["shapes", "unet", "-i", "3xHxW"], 170_000),
    (["cost", "densenet121", "-i", "3xHxW"], 1_080_000),
    (
        [
            "shapes",
            chain(
                6,
                "Conv2d(out_channels=C, kernel_size=K, groups=C, stride=S)",
                "Conv2d(out_channels=F, kernel_size=1)",
                "AvgPool2d(2, ceil_mode=true, padding=1, stride=2)",
                shape="CxHxW",
            ),
        ],
        900_000,
    ),
]


@pytest.mark.parametrize(("argv", "most"), WORK, ids=[" ".join(argv)[:60] for argv, _ in WORK])
def test_steps_with_formulas(argv: list[str], most: int, capsys: Any) -> None:
    assert main(argv) == 0
    assert 0 < STEPS.spent < most
    assert capsys.readouterr().err == ""


CHAINS = [
    chain(4, GENERAL),
    chain(3, HALF, UP),
    chain(4, conv("K", "dilation=D")),
    chain(3, conv("3", "padding=P"), "MaxPool2d(K, stride=S, ceil_mode=true)"),
    chain(3, conv("3"), "MaxPool2d(3, stride=2, padding=1, ceil_mode=true)"),
    chain(2, conv("3", "stride=2", "padding=1"), "ConvTranspose2d(out_channels=8, kernel_size=K, stride=S, padding=P)"),
    chain(2, conv("K", "padding=K // 2", "groups=G"), "AvgPool2d(2, ceil_mode=true)", shape="CxHxW"),
    chain(2, conv("K", "stride=2"), "Upsample(scale_factor=3)") + " -> Flatten -> Linear(out_features=10)",
    chain(
        4,
        "ConvTranspose2d(out_channels=8, kernel_size=D)",
        "Upsample(scale_factor=2)",
        "Conv2d(out_channels=2*F, kernel_size=2*S, stride=4)",
    ),
]
SIZES = {"H": (8, 300), "W": (8, 300), "K": (1, 6), "S": (1, 4), "P": (0, 3), "D": (1, 4), "F": (1, 5), "C": (1, 8)}


@pytest.mark.parametrize("text", CHAINS, ids=[text[:60] for text in CHAINS])
def test_formulas_are_right(text: str) -> None:
    """A network in free dimensions, with sizes put into its formulas, against the network of these sizes."""
    random = Random(text)
    network = load(text)
    free = network.report()
    tried = 0
    for _ in range(400):
        sizes = {name: random.randint(*SIZES.get(name, (1, 4))) for name in network.symbols}
        values: Any = {Symbol(name): size for name, size in sizes.items()}
        if not holds(free.assumptions, values):
            continue
        known = load(text).report(**sizes)
        for row, other in zip(free.rows, known.rows, strict=True):
            found = [_of(size, values) for size in (*row.output_shape, row.params, row.macs)]
            assert found == [*other.output_shape, other.params, other.macs], (sizes, row.name)
        tried += 1
        if tried == 15:
            break
    assert tried > 5


def _of(number: Any, values: Any) -> int:
    return int(value(number.expr, values)) if is_free(number) else int(number)


def test_each_text_of_a_long_process_has_its_own_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor or a browser asks for one text after another while one command runs."""
    text = "symbols: [H, K]\ninput: [3, H, H]\nlayers:\n" + "- Conv2d(out_channels=8, kernel_size=K)\n" * 3
    monkeypatch.setattr(STEPS, "held", True)
    for ask in (lambda: analyse(text, "net.yaml", "yaml"), lambda: reply({"text": text}, "net.yaml")):
        spent = []
        for _ in range(3):
            ask()
            spent.append(STEPS.spent)
        assert spent[0] > 0 and spent[1] == spent[2] <= spent[0]


@pytest.mark.parametrize("asked", ["output", "fc.output", "fc.weight", "output[0]", "sum(output)"])
def test_numbers_of_free_dimensions_are_refused_with_their_reason(asked, capsys):
    assert main(["ask", "CxHxW -> Flatten -> fc: Linear(out_features=F)", asked]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error[free-dimensions]: a network with symbolic dimensions cannot be executed: C, F, H, W")
