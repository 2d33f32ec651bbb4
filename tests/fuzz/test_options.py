"""Options with values that they should not have: some of them here, all by hand (see options.py)."""

from __future__ import annotations

from cnncalc import layers
from cnncalc.layers import keras
from tests.fuzz.bounded import limits
from tests.fuzz.options import findings, given, inputs


def test_values_that_options_should_not_have(tmp_path):
    with limits():
        assert list(findings(tmp_path, every=23)) == []


def test_every_option_of_every_layer_is_tried():
    tried = {(name, option) for name, option, _ in inputs()}
    kinds = {name for name, _ in tried}
    assert len({*layers.names(), *keras.names()} - kinds) < 30  # those without options, and what is no call
    for name in kinds & set(layers.names()):
        options = {option.rstrip("_") for option in layers.find(name).options}
        assert options <= {option for kind, option in tried if kind == name}, name


def test_an_option_is_put_in_place():
    assert given("Conv2d(3, 8, (3, 3), stride=2)", "stride", "[]") == "Conv2d(3, 8, (3, 3), stride=[])"
    assert given("Flatten", "start_dim", "None") == "Flatten(start_dim=None)"


def test_a_finding_is_found(tmp_path, monkeypatch):
    from cnncalc.cli import shapes

    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(shapes, "load", broken)
    finding, _ = next(findings(tmp_path))
    assert finding.startswith("ZeroDivisionError: cnncalc")
